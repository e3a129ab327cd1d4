// systolic calibrate: how the scores and maps of normal recordings lie, written into a weights file's metadata.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "diagnosis_verbs.hpp"
#include "folders.hpp"
#include "in_order.hpp"
#include "once.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "ptbxl.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/diagnosis_weights.hpp"
#include "systolic/io/float16.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/weights.hpp"
#include "systolic/train/fit_normality.hpp"
#include "weights.hpp"

namespace program {
namespace {

constexpr Index map_step = 17;  // every 17th value of a map is enough for its 99th percentile; prime to the 12 leads
constexpr std::size_t most_maps = 100;  // a map takes ten times as long as the combined score; so many recordings do
constexpr int quantile_count = 201;

/// What came of one normal record.
struct Measured {
  bool analysable = false;
  double score = 0;
  std::vector<float> map;  ///< every 17th value
  std::string error;
};

systolic::DetectOptions settings_of(const CommonOptions& options) {
  systolic::DetectOptions settings;
  settings.normalization = options.normalization;
  settings.peaks = options.peaks;
  return settings;
}

/// The features of a normal record for the combined score; nothing where it cannot be analysed or read.
struct Featured {
  std::optional<systolic::train::NormalExample> example;
  std::optional<systolic::Preprocessed> window;  ///< of one in so many, for the map
  std::optional<double> map_mean;                ///< of fewer still
  std::string error;
};

constexpr Index window_each = 6, map_each_of_fit = 60;  // a map's tables need fewer recordings than the score

Featured measure_features(const PtbxlRecord& record, Index number, const systolic::Detector& detector,
                          const CommonOptions& options, systolic::Workspace& workspace) {
  Featured result;
  const auto window = read_first_window(record);
  if (!window) {
    result.error = window.error().message;
    return result;
  }
  if (!window->reason.empty()) return result;
  systolic::DetectOptions settings = settings_of(options);
  settings.map = number % map_each_of_fit == 0;
  settings.features = true;
  systolic::Detection found = once::detect(detector, window->samples, settings, workspace);
  if (!found.features) return result;
  result.example = {std::move(*found.features), record.age};
  if (number % window_each == 0) result.window = once::preprocess(window->samples, detector.peaks(settings));
  if (settings.map)
    result.map_mean = std::accumulate(found.map.begin(), found.map.end(), 0.0) / static_cast<double>(found.map.size());
  return result;
}

/// Fits the combined score and puts it among the tensors, rounded as the file will hold them.
systolic::Status fit_score(const CalibrateOptions& options, const std::string& weights, systolic::nn::StateDict& state,
                           Printer& printer) {
  const CommonOptions& common = options.common;
  auto labelled = read_ptbxl(options.data, options.fit_folds);
  if (!labelled) return labelled.error();
  std::erase_if(*labelled, [](const PtbxlRecord& record) { return record.abnormal; });
  std::vector<PtbxlRecord> normals;
  const std::size_t all = labelled->size();
  const std::size_t most = options.fit_limit > 0 ? std::min(all, static_cast<std::size_t>(options.fit_limit)) : all;
  for (std::size_t i = 0; i < most; ++i) normals.push_back((*labelled)[i * all / most]);
  std::erase_if(state.tensors, [](const auto& entry) { return entry.name.starts_with("score."); });
  const auto detector = once::make_detector(state, weights, common.precision);
  if (!detector) return detector.error();
  std::vector<systolic::Workspace> workspaces(static_cast<std::size_t>(common.threads));
  std::vector<systolic::train::NormalExample> examples;
  systolic::DeviationFit deviations;
  std::vector<double> map_means;
  Progress progress(static_cast<Index>(normals.size()), common.quiet, false);
  run_in_order(
      static_cast<Index>(normals.size()), common.threads,
      [&](Index i, int worker) {
        return measure_features(normals[static_cast<std::size_t>(i)], i, *detector, common,
                                workspaces[static_cast<std::size_t>(worker)]);
      },
      [&](Featured result) {
        if (result.window) deviations.add(*result.window);
        if (result.map_mean) map_means.push_back(*result.map_mean);
        if (!result.error.empty()) {
          progress.clear();
          printer.print_error({result.error});
        }
        if (result.example) examples.push_back(std::move(*result.example));
        progress.advance();
        return true;
      });
  progress.clear();
  auto model = systolic::train::fit_normality(examples);
  if (!model) return systolic::error_at(options.data, "", model.error().message);
  const double level = std::accumulate(map_means.begin(), map_means.end(), 0.0) / static_cast<double>(map_means.size());
  if (level > 0) model->map = deviations.tables(level);
  systolic::set_normality(state, *model);
  if (options.type == systolic::io::DataType::f16)
    for (systolic::nn::NamedTensor& entry : state.tensors)
      for (float& value : entry.tensor) value = systolic::io::float_from_half(systolic::io::half_from_float(value));
  std::string folds;
  for (const int fold : options.fit_folds) folds += (folds.empty() ? "" : ",") + std::to_string(fold);
  state.set_metadata("score.data", "normal recordings of folds " + folds);
  state.set_metadata("score.records", std::to_string(examples.size()));
  return {};
}

Measured measure(const PtbxlRecord& record, bool map, const systolic::Detector& detector, const CommonOptions& options,
                 systolic::Workspace& workspace) {
  Measured result;
  const auto window = read_first_window(record);
  if (!window) {
    result.error = window.error().message;
    return result;
  }
  if (!window->reason.empty()) return result;
  systolic::DetectOptions settings = settings_of(options);
  settings.map = map;
  const systolic::Detection found = once::detect(detector, window->samples, settings, workspace);
  if (!found.reason.empty()) return result;
  result.analysable = true;
  result.score = found.score;
  for (Index i = 0; i < found.map.size(); i += map_step) result.map.push_back(found.map.data()[i]);
  return result;
}

int fail(const systolic::Error& error) {
  print_message(error.message);
  return exit_failed;
}

}  // namespace

int run_calibrate(const CalibrateOptions& asked) {
  CalibrateOptions options = asked;
  const CommonOptions& common = options.common;
  if (const auto status = check_writable(options.out); !status) return fail(status.error());
  const auto place = find_weights(common.weights);
  if (!place) return fail(place.error());
  auto state = read_weights(place->path);
  if (!state) return fail(state.error());
  // The old calibration goes, but how it prepared recordings stays, unless something else is asked for.
  const auto before = systolic::find_calibration(*state, place->path);
  if (const auto own = systolic::find_preparation(*state, before ? *before : std::nullopt)) {
    options.common.peaks = common.peaks.value_or(own->peaks);
    options.common.normalization = common.normalization.value_or(own->normalization);
  }
  // The numbers are rounded first: what is calibrated is what the file will hold.
  if (options.type == systolic::io::DataType::f16)
    for (systolic::nn::NamedTensor& entry : state->tensors)
      for (float& value : entry.tensor) value = systolic::io::float_from_half(systolic::io::half_from_float(value));
  std::erase_if(state->tensors, [](const auto& entry) { return entry.name.ends_with(".num_batches_tracked"); });
  std::erase_if(state->metadata, [](const auto& entry) {
    return entry.first.starts_with("calibration.") || entry.first == "self_check" || entry.first == "sha256";
  });
  if (systolic::io::is_diagnosis(*state)) return calibrate_diagnosis(options, place->path, std::move(*state));
  auto labelled = read_ptbxl(options.data, options.folds);
  if (!labelled) return fail(labelled.error());
  std::vector<PtbxlRecord> normals;
  for (PtbxlRecord& record : with_ids(std::move(*labelled), options.ids))
    if (!record.abnormal) normals.push_back(std::move(record));
  if (normals.size() < 20)
    return fail(systolic::error_at(
        options.data, "",
        "has " + std::to_string(normals.size()) + " normal recordings in these folds; a calibration needs 20"));

  Printer printer(common.quiet);
  if (!options.fit_folds.empty())
    if (const auto status = fit_score(options, place->path, *state, printer); !status) return fail(status.error());
  const auto detector = once::make_detector(*state, place->path, common.precision);
  if (!detector) return fail(detector.error());

  std::vector<systolic::Workspace> workspaces(static_cast<std::size_t>(common.threads));
  std::vector<double> scores;
  std::vector<float> map_values;
  const std::size_t map_each = (normals.size() + most_maps - 1) / most_maps;
  Progress progress(static_cast<Index>(normals.size()), common.quiet, false);
  run_in_order(
      static_cast<Index>(normals.size()), common.threads,
      [&](Index i, int worker) {
        return measure(normals[static_cast<std::size_t>(i)], static_cast<std::size_t>(i) % map_each == 0, *detector,
                       common, workspaces[static_cast<std::size_t>(worker)]);
      },
      [&](const Measured& result) {
        if (!result.error.empty()) {
          progress.clear();
          printer.print_error({result.error});
        }
        if (result.analysable) {
          scores.push_back(result.score);
          map_values.insert(map_values.end(), result.map.begin(), result.map.end());
        }
        progress.advance();
        return true;
      });
  progress.clear();
  if (scores.empty() || map_values.empty())
    return fail(systolic::error_at(options.data, "", "no normal recording could be analysed"));

  std::sort(scores.begin(), scores.end());
  const auto percentile_99 = map_values.begin() + static_cast<Index>(0.99 * static_cast<double>(map_values.size() - 1));
  std::nth_element(map_values.begin(), percentile_99, map_values.end());
  systolic::Calibration calibration;
  calibration.normalization = detector->normalization(settings_of(common));
  calibration.peaks = detector->peaks(settings_of(common));
  calibration.precision = detector->model().precision();
  calibration.score = systolic::score_kind_name(detector->score_kind(settings_of(common)));
  for (int i = 0; i < quantile_count; ++i)
    calibration.quantiles.push_back(systolic::quantile_of_sorted(scores, i / (quantile_count - 1.0)));
  calibration.threshold = systolic::quantile_of_sorted(scores, 0.9);
  calibration.map_threshold = static_cast<double>(*percentile_99);
  calibration.data = options.description;
  calibration.records = static_cast<Index>(scores.size());
  systolic::set_calibration(*state, calibration);
  for (const auto& [key, text] : options.metadata) state->set_metadata(key, text);
  systolic::Workspace workspace(common.threads);
  systolic::set_self_check(*state, detector->model(), workspace);
  if (const auto status = systolic::io::write_safetensors(options.out, *state, options.type); !status)
    return fail(status.error());

  Outcome outcome;
  Json result = Json::object();
  result.set("records", scores.size())
      .set("not_analysable", normals.size() - scores.size())
      .set("normalization", systolic::normalization_name(calibration.normalization))
      .set("peaks", systolic::signal::peak_method_name(calibration.peaks))
      .set("score", calibration.score)
      .set("precision", systolic::precision_name(calibration.precision))
      .set("median", systolic::quantile_of_sorted(scores, 0.5))
      .set("threshold", calibration.threshold)
      .set("map_threshold", calibration.map_threshold)
      .set("out", options.out);
  std::string text = options.out + ": calibrated on " + std::to_string(scores.size()) + " normal recordings; above " +
                     systolic::number_to_text(calibration.threshold) + " a score is called abnormal\n";
  outcome.add(common.format, result, text);
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
