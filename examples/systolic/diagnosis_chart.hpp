#pragma once
// How well each class is told, as a table and as a picture.

#include <optional>
#include <string>
#include <vector>

#include "systolic/ecg/diagnosis_classes.hpp"
#include "systolic/metrics/bootstrap.hpp"

namespace program {

/// How common a statement is: 0 in more than 500 training recordings, 1 in 50 to 500, 2 in fewer.
int tail_of(const systolic::DiagnosisClass& entry);
/// "common", "uncommon", "rare", or "superclass".
std::string tail_name(const systolic::DiagnosisClass& entry);

/// One class over some recordings; what cannot be computed is absent.
struct ClassFigures {
  systolic::DiagnosisClass entry;
  std::size_t positives;
  std::optional<double> auroc;
  std::optional<systolic::metrics::Interval> interval;
  std::optional<double> auprc, f1, sensitivity, specificity;
};

/// A line a class for a person, the most common first.
std::string class_table(std::vector<ClassFigures> classes);

/// AUROC of every class that has one with its interval, as SVG, the most common first, coloured by how common it is.
std::string diagnosis_chart(std::vector<ClassFigures> classes);

}  // namespace program
