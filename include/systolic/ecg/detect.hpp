#pragma once
// The main job: how abnormal is a window of ten seconds, and where. Parts of the recording and of each beat are hidden,
// the network restores them, and the error of the restoration is the anomaly: its place is the map, its mean the
// published score, and one part of the combined score.

#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "systolic/ecg/beat_measures.hpp"
#include "systolic/ecg/calibration.hpp"
#include "systolic/ecg/detection.hpp"
#include "systolic/ecg/findings.hpp"
#include "systolic/ecg/normality.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/ecg/restoration_features.hpp"
#include "systolic/ecg/restoration_pass.hpp"
#include "systolic/signal/gaussian.hpp"

namespace systolic {

inline constexpr double map_smoothing = 15;  ///< samples, sigma of the Gaussian

/// How many features each group has with a network of these options.
inline std::array<Index, feature_group_names.size()> feature_counts(const RestorationOptions& options) {
  return {measurement_count, t_shape_count, qrs_shape_count, restoration_feature_count, latent_feature_count(options)};
}

/// A trained network with its calibration. Immutable once made: any number of threads may call detect(), each with a
/// Workspace of its own.
class Detector {
 public:
  /// `name` and `checksum` say which weights these are; `preparation` counts where there is no calibration. Calls
  /// model.prepare(precision, false). Requires a normality model, if any, of the sizes that
  /// feature_counts(model.options) tells.
  template <class = void>
  Detector(Restoration<float> model, std::optional<Calibration> calibration, std::string name = {},
           std::string checksum = {}, std::optional<NormalityModel> normality = {},
           Precision precision = Precision::f32, std::optional<Preparation> preparation = {})
      : model_(std::move(model)),
        calibration_(std::move(calibration)),
        preparation_(calibration_ ? Preparation{calibration_->normalization, calibration_->peaks} : preparation),
        normality_(std::move(normality)),
        weights_name_(std::move(name)),
        weights_checksum_(std::move(checksum)) {
    model_.prepare(precision, false);
  }

  const Restoration<float>& model() const noexcept { return model_; }
  const std::optional<Calibration>& calibration() const noexcept { return calibration_; }
  /// What the weights ask for, if they do.
  const std::optional<Preparation>& preparation() const noexcept { return preparation_; }
  const std::optional<NormalityModel>& normality() const noexcept { return normality_; }
  const std::string& weights_name() const noexcept { return weights_name_; }
  const std::string& weights_checksum() const noexcept { return weights_checksum_; }

  Normalization normalization(const DetectOptions& options) const {
    return options.normalization.value_or(preparation_.value_or(Preparation{}).normalization);
  }
  signal::PeakMethod peaks(const DetectOptions& options) const {
    return options.peaks.value_or(preparation_.value_or(Preparation{}).peaks);
  }
  /// Which score detect() gives. A recording that lacks leads gets the published one: the combined score's features
  /// would be those of no heart.
  ScoreKind score_kind(const DetectOptions& options) const {
    const bool possible = normality_ && options.missing.empty();
    return possible && options.score != ScoreKind::published ? ScoreKind::combined : ScoreKind::published;
  }
  /// Whether the calibration speaks of scores made with these options in the network's precision: int8 scores lie
  /// elsewhere than those of f32 and bf16.
  template <class = void>
  bool calibrated(const DetectOptions& options) const {
    const bool int8 = model_.precision() == Precision::int8;
    return calibration_ && int8 == (calibration_->precision == Precision::int8) &&
           calibration_->score == score_kind_name(score_kind(options)) &&
           normalization(options) == calibration_->normalization && peaks(options) == calibration_->peaks;
  }

  /// Analyses a window [5000][12], mV at 500 Hz in canonical lead order (ecg/window.hpp cuts it from a Record).
  /// A window that cannot be analysed is a result with a reason. The workspace's threads share the beats; the result
  /// does not depend on how many there are.
  template <class = void>
  Detection detect(TensorView<const double> window, const DetectOptions& options, Workspace& workspace) const {
    const Preprocessed record = preprocess(window, peaks(options));
    const bool combined = score_kind(options) == ScoreKind::combined;
    if (!record.reason.empty() || !(combined || options.features)) return detect(record, options, workspace);
    std::optional<BeatMeasures> measured = measure_beats(window, record.r_peaks);
    if (!measured) return detect(record, options, workspace);
    ScoreFeatures features;
    const auto group = [&](FeatureGroup name) -> std::vector<float>& {
      return features[static_cast<std::size_t>(name)];
    };
    group(FeatureGroup::measurements) = std::move(measured->measurements);
    group(FeatureGroup::t_shape) = std::move(measured->t_shape);
    group(FeatureGroup::qrs_shape) = std::move(measured->qrs_shape);
    Detection result = analyse(record, &features, options, workspace);
    result.intervals = std::move(measured->intervals);
    if (options.features && result.reason.empty()) result.features = std::move(features);
    return result;
  }

  /// The published score of a window that was preprocessed with peaks(options). (The combined score measures the window
  /// as it was before.)
  template <class = void>
  Detection detect(const Preprocessed& record, const DetectOptions& options, Workspace& workspace) const {
    DetectOptions published = options;
    published.score = ScoreKind::published;
    return analyse(record, nullptr, published, workspace);
  }

 private:
  // `features`, where given, has the groups that do not need the network; the others are added.
  template <class = void>
  Detection analyse(const Preprocessed& record, ScoreFeatures* features, const DetectOptions& options,
                    Workspace& workspace) const {
    Detection result;
    result.reason = record.reason;
    result.r_peaks = record.r_peaks;
    if (!result.reason.empty()) return result;
    run_network(record, options, features, workspace, result);
    if (!std::isfinite(result.score)) {
      result = Detection{};
      result.reason = "the score is not finite: amplitudes are beyond what the network can take";
      return result;
    }
    result.kind = features != nullptr ? score_kind(options) : ScoreKind::published;
    if (result.kind == ScoreKind::combined) {
      const NormalityScore found = score_normality(*normality_, *features);
      result.score = found.score;
      for (std::size_t part = 0; part < found.parts.size(); ++part)
        result.parts.push_back({score_part_names[part], found.parts[part]});
      if (options.map && !normality_->map.mean.empty())
        result.map = deviation_map(record, normality_->map, options.missing, result.map);
    }
    if (calibrated(options)) {
      result.threshold = calibration_->threshold;
      result.percentile = percentile_among_normals(*calibration_, result.score);
      result.abnormal = result.score > calibration_->threshold;
      if (options.map) result.findings = find_stretches(result.map, calibration_->map_threshold);
    }
    return result;
  }

  template <class = void>
  void run_network(const Preprocessed& record, const DetectOptions& options, ScoreFeatures* features,
                   Workspace& workspace, Detection& result) const {
    const Index leads = model_.options.leads;
    const Normalization scale = normalization(options);
    const bool published = options.map || options.residual || features == nullptr ||
                           (score_kind(options) == ScoreKind::published && !options.features);
    const std::vector<BeatTask> tasks = plan_beats(record.beats, options.beats, published, features != nullptr);
    std::vector<float> lead_weight(static_cast<std::size_t>(leads), 1.0f);
    for (const int lead : options.missing) lead_weight[static_cast<std::size_t>(lead)] = 0.0f;
    std::vector<std::uint8_t> phases;
    if (features != nullptr) phases = global_phases(record.r_peaks);
    const Tensor<float> global = global_signal(record, scale), trend = trend_signal(record, scale);

    Tensor<double> scores(Shape{static_cast<Index>(tasks.size())});
    std::vector<float> latent(features != nullptr ? static_cast<std::size_t>(latent_feature_count(model_.options)) : 0);
    if (options.map) result.map = Tensor<float>({global_length, leads});
    if (options.residual) result.residual = Tensor<float>({global_length, leads});
    RestorationAnswer answer{
        scores, result.map, result.residual, {latent.data(), {static_cast<Index>(latent.size())}}, {}};
    const RestorationQuestion question{record, global, trend, tasks, lead_weight, phases};
    RestorationPass(model_, question).run(answer, workspace);

    for (std::size_t i = 0; i < tasks.size(); ++i)
      if (tasks[i].map) result.beats.push_back({tasks[i].r_peak, scores.data()[i]});
    for (const BeatScore& beat : result.beats) result.score += beat.score / static_cast<double>(result.beats.size());
    if (features != nullptr) {
      (*features)[static_cast<std::size_t>(FeatureGroup::restoration)] = restoration_features(answer.sums);
      (*features)[static_cast<std::size_t>(FeatureGroup::latent)] = std::move(latent);
      // Without the published score's beats, theirs tell whether the network could take the amplitudes.
      if (result.beats.empty())
        result.score = std::accumulate(answer.sums.scores.begin(), answer.sums.scores.end(), 0.0);
    }
    if (options.map) signal::gaussian_smooth(result.map.view(), map_smoothing, workspace);
    if (options.residual && scale == Normalization::record) to_millivolts(record, result.residual);
  }

  // Undoes the scaling of each lead to [-1, 1] for a difference of signals.
  template <class = void>
  static void to_millivolts(const Preprocessed& record, Tensor<float>& difference) {
    for (Index lead = 0; lead < standard_lead_count; ++lead) {
      double low = record.denoised(0, lead), high = low;
      for (Index t = 1; t < window_length; ++t) {
        low = std::min(low, record.denoised(t, lead));
        high = std::max(high, record.denoised(t, lead));
      }
      for (Index t = 0; t < global_length; ++t) difference(t, lead) *= static_cast<float>((high - low) / 2);
    }
  }

  Restoration<float> model_;
  std::optional<Calibration> calibration_;
  std::optional<Preparation> preparation_;
  std::optional<NormalityModel> normality_;
  std::string weights_name_;
  std::string weights_checksum_;
};

}  // namespace systolic
