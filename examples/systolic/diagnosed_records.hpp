#pragma once
// A labelled folder through a diagnosis network, for whatever measures or calibrates it.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "options.hpp"
#include "output.hpp"
#include "ptbxl.hpp"
#include "systolic/ecg/diagnoser.hpp"
#include "systolic/metrics/macro_auroc.hpp"

namespace program {

/// What a network says of one recording.
struct DiagnosedRecord {
  PtbxlRecord record;
  std::vector<double> logits, probabilities;  ///< [classes]
  std::array<double, systolic::attribute_names.size()> predicted{};
  std::array<double, systolic::attribute_names.size()> measured{};  ///< NaN: not known
};

/// All that could be analysed, in order.
struct DiagnosedRecords {
  std::vector<DiagnosedRecord> records;
  std::size_t not_analysable = 0;
  double seconds = 0;
};

/// Reads and classifies; recordings that cannot be read are printed as errors and left out.
DiagnosedRecords diagnose_records(const std::vector<PtbxlRecord>& records, const systolic::Diagnoser& diagnoser,
                                  const CommonOptions& options, Printer& printer);

/// Whether the record has the class: 1, 0, or -1 where nobody has looked (a superclass of a recording without one).
std::int8_t has_class(const PtbxlRecord& record, const systolic::DiagnosisClass& entry);

/// A class's probabilities over all records, with the truth.
systolic::metrics::ClassScores class_scores(const std::vector<DiagnosedRecord>& records,
                                            const systolic::DiagnosisClass& entry, std::size_t number);

}  // namespace program
