// systolic evaluate: how well the score tells abnormal recordings from normal ones, over a labelled folder.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "diagnosis_verbs.hpp"
#include "folders.hpp"
#include "in_order.hpp"
#include "localization.hpp"
#include "once.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "ptbxl.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/file.hpp"
#include "systolic/metrics/bootstrap.hpp"
#include "systolic/metrics/roc.hpp"
#include "weights.hpp"

namespace program {
namespace {

namespace metrics = systolic::metrics;

/// What came of one record.
struct Scored {
  std::optional<double> score;  ///< absent: not analysable, or not read
  std::string reason;           ///< why not analysable
  std::string error;            ///< why not read
};

/// Scores and labels of the records that were scored.
struct Sample {
  std::vector<double> scores;
  std::vector<std::uint8_t> abnormal;

  void add(double score, bool is_abnormal) {
    scores.push_back(score);
    abnormal.push_back(is_abnormal ? 1 : 0);
  }
};

Json bounds(const std::optional<metrics::Interval>& interval) {
  return interval ? Json(std::vector<double>{interval->lower, interval->upper}) : Json();
}

/// The sensitivity where nine tenths of the normal records lie below the threshold, in a resample in which record i
/// counts times[i]-fold; nothing where a class was not drawn. `order`: records by falling score.
std::optional<double> sensitivity(const Sample& sample, const std::vector<std::size_t>& order,
                                  std::span<const std::uint32_t> times) {
  std::uint64_t normal = 0, abnormal = 0, passed = 0, found = 0;
  for (const std::size_t i : order) (sample.abnormal[i] ? abnormal : normal) += times[i];
  if (normal == 0 || abnormal == 0) return std::nullopt;
  for (std::size_t first = 0; first < order.size();) {
    std::uint64_t more_passed = passed, more_found = found;
    std::size_t end = first;
    for (; end < order.size() && sample.scores[order[end]] == sample.scores[order[first]]; ++end)
      (sample.abnormal[order[end]] ? more_found : more_passed) += times[order[end]];
    if (10 * more_passed > normal) break;
    passed = more_passed;
    found = more_found;
    first = end;
  }
  return static_cast<double>(found) / static_cast<double>(abnormal);
}

/// AUROC and sensitivity at 90 % specificity of a group of records, with their intervals.
Json group_figures(const Sample& sample, std::uint64_t seed) {
  const auto abnormal = std::count(sample.abnormal.begin(), sample.abnormal.end(), 1);
  const auto curve = metrics::roc_curve(sample.scores, sample.abnormal);
  const metrics::BootstrapOptions bootstrap{.seed = seed};
  std::vector<std::size_t> order(sample.scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sample.scores[a] > sample.scores[b]; });
  const auto interval = metrics::bootstrap_interval(
      order.size(), [&](std::span<const std::uint32_t> times) { return sensitivity(sample, order, times); }, bootstrap);
  return Json::object()
      .set("n", sample.scores.size())
      .set("abnormal", abnormal)
      .set("auroc", curve ? Json(metrics::auroc(*curve)) : Json())
      .set("auroc_ci95", bounds(metrics::bootstrap_auroc(sample.scores, sample.abnormal, bootstrap)))
      .set("sensitivity_at_90_specificity",
           curve ? Json(metrics::sensitivity_at_specificity(*curve, 0.9).value) : Json())
      .set("sensitivity_ci95", bounds(interval));
}

Scored score_record(const PtbxlRecord& record, const systolic::Detector& detector, const CommonOptions& options,
                    systolic::Workspace& workspace) {
  Scored result;
  const auto window = read_first_window(record, options.allow_missing);
  if (!window) {
    result.error = window.error().message;
    return result;
  }
  result.reason = window->reason;
  if (!result.reason.empty()) return result;
  systolic::DetectOptions settings;
  settings.normalization = options.normalization;
  settings.peaks = options.peaks;
  settings.score = options.score;
  settings.beats = options.beats;
  settings.map = false;
  settings.missing = window->missing;
  const systolic::Detection found = once::detect(detector, window->samples, settings, workspace);
  result.reason = found.reason;
  if (found.reason.empty()) result.score = found.score;
  return result;
}

/// Figures within parts of the records: a score that only tells the old from the young has none there. Each group has
/// the threshold of its own normal records; superclasses are compared with all normal records.
Json groups(const std::vector<PtbxlRecord>& records, const std::vector<Scored>& scored, std::uint64_t seed) {
  const auto within = [&](const auto& belongs) {
    Sample sample;
    for (std::size_t i = 0; i < records.size(); ++i)
      if (scored[i].score && belongs(records[i])) sample.add(*scored[i].score, records[i].abnormal);
    return group_figures(sample, seed);
  };
  Json superclass = Json::object(), sex = Json::object(), age = Json::object();
  for (const char* name : abnormal_superclasses)
    superclass.set(name, within([&](const PtbxlRecord& record) {
                     const auto& known = record.superclasses;
                     return !record.abnormal || std::find(known.begin(), known.end(), name) != known.end();
                   }));
  for (const char* name : {"male", "female"})
    sex.set(name, within([&](const PtbxlRecord& record) { return record.sex == name; }));
  age.set("<40", within([](const PtbxlRecord& r) { return r.age && *r.age < 40; }));
  age.set("40-65", within([](const PtbxlRecord& r) { return r.age && *r.age >= 40 && *r.age <= 65; }));
  age.set(">65", within([](const PtbxlRecord& r) { return r.age && *r.age > 65; }));
  return Json::object().set("superclass", std::move(superclass)).set("sex", std::move(sex)).set("age", std::move(age));
}

std::string scores_table(const std::vector<PtbxlRecord>& records, const std::vector<Scored>& scored) {
  std::string table = "ecg_id,label,score,status,reason,fold,superclasses,age,sex\n";
  for (std::size_t i = 0; i < records.size(); ++i) {
    const PtbxlRecord& record = records[i];
    const Scored& result = scored[i];
    std::string superclasses;
    for (const std::string& name : record.superclasses) superclasses += (superclasses.empty() ? "" : " ") + name;
    const char* status = result.score ? "ok" : result.error.empty() ? "not analysable" : "not read";
    const std::string cells[] = {record.id,
                                 record.abnormal ? "abnormal" : "normal",
                                 result.score ? systolic::number_to_text(*result.score) : "",
                                 status,
                                 result.error.empty() ? result.reason : result.error,
                                 std::to_string(record.fold),
                                 superclasses,
                                 record.age ? systolic::number_to_text(*record.age) : "",
                                 record.sex};
    for (std::size_t c = 0; c < std::size(cells); ++c) table += (c ? "," : "") + csv_cell(cells[c]);
    table += "\n";
  }
  return table;
}

/// Every figure in the order of the contract; `seconds` of work.
Json figures(const std::vector<PtbxlRecord>& records, const std::vector<Scored>& scored, std::uint64_t seed,
             double seconds) {
  Sample all;
  std::size_t not_analysable = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (scored[i].score) all.add(*scored[i].score, records[i].abnormal);
    if (!scored[i].score && scored[i].error.empty()) ++not_analysable;
  }
  const auto abnormal = static_cast<std::size_t>(std::count(all.abnormal.begin(), all.abnormal.end(), 1));
  Json result = Json::object();
  result.set("records", all.scores.size())
      .set("normal", all.scores.size() - abnormal)
      .set("abnormal", abnormal)
      .set("not_analysable", not_analysable);
  const auto curve = metrics::roc_curve(all.scores, all.abnormal);
  const auto interval = metrics::bootstrap_auroc(all.scores, all.abnormal, {.seed = seed});
  const auto figure = [&](const auto& of) { return curve ? Json(of(*curve)) : Json(); };
  result.set("auroc", figure([](const auto& c) { return metrics::auroc(c); }))
      .set("auroc_ci95", bounds(interval))
      .set("auprc", figure([](const auto& c) { return metrics::average_precision(c); }))
      .set("sensitivity_at_90_specificity",
           figure([](const auto& c) { return metrics::sensitivity_at_specificity(c, 0.9).value; }))
      .set("precision_at_90_recall", figure([](const auto& c) { return metrics::precision_at_recall(c, 0.9).value; }))
      .set("f1", figure([](const auto& c) { return metrics::best_f1(c).value; }))
      .set("seconds", seconds)
      .set("records_per_second", static_cast<double>(records.size()) / std::max(seconds, 1e-9))
      .set("groups", groups(records, scored, seed));
  return result;
}

int fail(const systolic::Error& error) {
  print_message(error.message);
  return exit_failed;
}

}  // namespace

int run_evaluate(const EvaluateOptions& options) {
  const CommonOptions& common = options.common;
  if (!options.localization.empty()) return evaluate_localization(common, options.localization);
  if (options.diagnose && !options.data.empty()) return evaluate_diagnosis(options);
  if (options.data.empty()) {
    print_message("name --data with --folds, or --localization; systolic evaluate --help tells more");
    return exit_usage;
  }
  if (!options.scores.empty())
    if (const auto status = check_writable(options.scores); !status) return fail(status.error());
  auto labelled = read_ptbxl(options.data, options.folds);
  if (!labelled) return fail(labelled.error());
  std::vector<PtbxlRecord> records = with_ids(std::move(*labelled), options.ids);
  if (options.limit > 0 && static_cast<std::size_t>(options.limit) < records.size())
    records.resize(static_cast<std::size_t>(options.limit));
  if (records.empty()) return fail(systolic::error_at(options.data, "", "these folds have no labelled record"));
  const auto detector = load_weights(common.weights, common.precision);
  if (!detector) return fail(detector.error());

  std::vector<systolic::Workspace> workspaces(static_cast<std::size_t>(common.threads));
  std::vector<Scored> scored;
  Printer printer(common.quiet);
  Progress progress(static_cast<Index>(records.size()), common.quiet, false);
  run_in_order(
      static_cast<Index>(records.size()), common.threads,
      [&](Index i, int worker) {
        return score_record(records[static_cast<std::size_t>(i)], *detector, common,
                            workspaces[static_cast<std::size_t>(worker)]);
      },
      [&](const Scored& result) {
        if (!result.error.empty()) {
          progress.clear();
          printer.print_error({result.error});
        }
        scored.push_back(result);
        progress.advance();
        return true;
      });
  const double seconds = progress.seconds();
  progress.clear();

  const Json result = figures(records, scored, common.seed, seconds);
  Outcome outcome;
  if (!options.scores.empty())
    if (const auto status = systolic::io::write_file_atomically(options.scores, scores_table(records, scored)); !status)
      outcome.fail(status.error());
  std::string text;
  result.for_each_leaf([&](const std::string& name, const Json& value) { text += figure_line(name, value); });
  outcome.add(common.format, result, text);
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
