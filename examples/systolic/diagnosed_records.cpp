#include "diagnosed_records.hpp"

#include <algorithm>
#include <utility>

#include "in_order.hpp"
#include "once.hpp"
#include "progress.hpp"

namespace program {
namespace {

struct Diagnosed {
  DiagnosedRecord found;
  bool analysed = false;
  std::string error;
};

Diagnosed diagnose(const PtbxlRecord& record, const systolic::Diagnoser& diagnoser, bool allow_missing,
                   systolic::Workspace& workspace) {
  Diagnosed result;
  const auto window = read_first_window(record, allow_missing);
  if (!window) {
    result.error = window.error().message;
    return result;
  }
  if (!window->reason.empty()) return result;
  const systolic::Classification found = once::classify(diagnoser, window->samples, workspace);
  if (!found.reason.empty()) return result;
  result.analysed = true;
  result.found.record = record;
  for (const systolic::ClassProbability& entry : found.classes) {
    result.found.logits.push_back(entry.logit);
    result.found.probabilities.push_back(entry.probability);
  }
  result.found.predicted = found.attributes;
  result.found.measured = known_attributes(record, found.intervals);
  return result;
}

}  // namespace

DiagnosedRecords diagnose_records(const std::vector<PtbxlRecord>& records, const systolic::Diagnoser& diagnoser,
                                  const CommonOptions& options, Printer& printer) {
  DiagnosedRecords result;
  std::vector<systolic::Workspace> workspaces(static_cast<std::size_t>(options.threads));
  Progress progress(static_cast<Index>(records.size()), options.quiet, false);
  run_in_order(
      static_cast<Index>(records.size()), options.threads,
      [&](Index i, int worker) {
        return diagnose(records[static_cast<std::size_t>(i)], diagnoser, options.allow_missing,
                        workspaces[static_cast<std::size_t>(worker)]);
      },
      [&](Diagnosed& found) {
        if (!found.error.empty()) {
          progress.clear();
          printer.print_error({found.error});
        } else if (found.analysed) {
          result.records.push_back(std::move(found.found));
        } else {
          ++result.not_analysable;
        }
        progress.advance();
        return true;
      });
  result.seconds = progress.seconds();
  progress.clear();
  return result;
}

std::int8_t has_class(const PtbxlRecord& record, const systolic::DiagnosisClass& entry) {
  const bool superclass = entry.kind == systolic::DiagnosisClass::Kind::superclass;
  if (superclass && record.superclasses.empty()) return -1;
  const auto& known = superclass ? record.superclasses : record.codes;
  return std::find(known.begin(), known.end(), entry.code) != known.end() ? 1 : 0;
}

systolic::metrics::ClassScores class_scores(const std::vector<DiagnosedRecord>& records,
                                            const systolic::DiagnosisClass& entry, std::size_t number) {
  std::vector<double> scores;
  std::vector<std::int8_t> truth;
  for (const DiagnosedRecord& record : records) {
    scores.push_back(record.logits[number]);
    truth.push_back(has_class(record.record, entry));
  }
  return {std::move(scores), std::move(truth)};
}

}  // namespace program
