// systolic calibrate, for a diagnosis network: from logits to probabilities, from probabilities to decisions.

#include <utility>
#include <vector>

#include "diagnosed_records.hpp"
#include "diagnosis_verbs.hpp"
#include "once.hpp"
#include "systolic/io/diagnosis_weights.hpp"
#include "systolic/train/fit_probability.hpp"

namespace program {

int calibrate_diagnosis(const CalibrateOptions& options, const std::string& path, systolic::nn::StateDict state) {
  const auto fail = [](const systolic::Error& error) {
    print_message(error.message);
    return exit_failed;
  };
  auto diagnoser = once::make_diagnoser(state, path);
  if (!diagnoser) return fail(diagnoser.error());
  auto labelled = read_ptbxl(options.data, options.folds, Labelled::any);
  if (!labelled) return fail(labelled.error());
  const std::vector<PtbxlRecord> records = with_ids(std::move(*labelled), options.ids);
  if (records.empty())
    return fail(systolic::error_at(options.data, "", "these folds have no recording with statements"));
  Printer printer(options.common.quiet);
  const DiagnosedRecords diagnosed = diagnose_records(records, *diagnoser, options.common, printer);
  if (printer.failed()) return printer.exit_status();  // not from a part of the recordings
  if (diagnosed.records.empty()) return fail(systolic::error_at(options.data, "", "no recording could be analysed"));

  systolic::DiagnosisScales scales = diagnoser->scales();
  for (std::size_t c = 0; c < scales.classes.size(); ++c) {
    systolic::DiagnosisClass& entry = scales.classes[c];
    const auto scores = class_scores(diagnosed.records, entry, c);
    const auto fit = systolic::train::fit_probability(scores.scores(), scores.truth());
    entry.slope = fit.slope;
    entry.intercept = fit.intercept;
    std::vector<double> probabilities;
    for (const double logit : scores.scores()) probabilities.push_back(entry.probability(logit));
    entry.threshold = systolic::train::choose_threshold(probabilities, scores.truth());
  }
  systolic::set_diagnosis_scales(state, scales);
  systolic::Workspace workspace;
  once::set_self_check(state, *diagnoser, workspace);
  const std::string description =
      options.description.empty() ? std::to_string(diagnosed.records.size()) + " recordings" : options.description;
  state.set_metadata("calibration.data", description);
  for (const auto& [key, text] : options.metadata) state.set_metadata(key, text);
  if (const auto status = systolic::io::write_safetensors(options.out, state, options.type); !status)
    return fail(status.error());
  Outcome outcome;
  outcome.add(options.common.format,
              Json::object()
                  .set("weights", options.out)
                  .set("records", diagnosed.records.size())
                  .set("not_analysable", diagnosed.not_analysable)
                  .set("classes", scales.classes.size()),
              options.out + ": probabilities and thresholds of " + std::to_string(scales.classes.size()) +
                  " classes from " + std::to_string(diagnosed.records.size()) + " recordings\n");
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
