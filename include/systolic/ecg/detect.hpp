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

#include "systolic/core/parallel.hpp"
#include "systolic/ecg/beat_measures.hpp"
#include "systolic/ecg/calibration.hpp"
#include "systolic/ecg/detection.hpp"
#include "systolic/ecg/findings.hpp"
#include "systolic/ecg/masks.hpp"
#include "systolic/ecg/normality.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/ecg/restoration_error.hpp"
#include "systolic/ecg/restoration_features.hpp"
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
  /// `name` and `checksum` say which weights these are. Calls model.prepare().
  /// Requires a normality model, if any, of the sizes that feature_counts(model.options) tells.
  Detector(Restoration<float> model, std::optional<Calibration> calibration, std::string name = {},
           std::string checksum = {}, std::optional<NormalityModel> normality = {})
      : model_(std::move(model)),
        calibration_(std::move(calibration)),
        normality_(std::move(normality)),
        weights_name_(std::move(name)),
        weights_checksum_(std::move(checksum)) {
    model_.prepare();
  }

  const Restoration<float>& model() const noexcept { return model_; }
  const std::optional<Calibration>& calibration() const noexcept { return calibration_; }
  const std::optional<NormalityModel>& normality() const noexcept { return normality_; }
  const std::string& weights_name() const noexcept { return weights_name_; }
  const std::string& weights_checksum() const noexcept { return weights_checksum_; }

  Normalization normalization(const DetectOptions& options) const {
    return options.normalization.value_or(calibration_ ? calibration_->normalization : Normalization::none);
  }
  signal::PeakMethod peaks(const DetectOptions& options) const {
    return options.peaks.value_or(calibration_ ? calibration_->peaks : signal::PeakMethod::heartpy);
  }
  /// Which score detect() gives. A recording that lacks leads gets the published one: the combined score's features
  /// would be those of no heart.
  ScoreKind score_kind(const DetectOptions& options) const {
    const bool possible = normality_ && options.missing.empty();
    return possible && options.score != ScoreKind::published ? ScoreKind::combined : ScoreKind::published;
  }
  /// Whether the calibration speaks of scores made with these options.
  bool calibrated(const DetectOptions& options) const {
    return calibration_ && calibration_->score == score_kind_name(score_kind(options)) &&
           normalization(options) == calibration_->normalization && peaks(options) == calibration_->peaks;
  }

  /// Analyses a window [5000][12], mV at 500 Hz in canonical lead order (ecg/window.hpp cuts it from a Record).
  /// A window that cannot be analysed is a result with a reason. The workspace's threads share the beats; the result
  /// does not depend on how many there are.
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
  Detection detect(const Preprocessed& record, const DetectOptions& options, Workspace& workspace) const {
    DetectOptions published = options;
    published.score = ScoreKind::published;
    return analyse(record, nullptr, published, workspace);
  }

 private:
  // `features`, where given, has the groups that do not need the network; the others are added.
  Detection analyse(const Preprocessed& record, ScoreFeatures* features, const DetectOptions& options,
                    Workspace& workspace) const {
    Detection result;
    result.reason = record.reason;
    result.r_peaks = record.r_peaks;
    if (!result.reason.empty()) return result;
    const Normalization scale = normalization(options);
    run_network(record, global_signal(record, scale), trend_signal(record, scale), options, features, workspace,
                result);
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

  using Signal = nn::Sequence<float>;

  // What all beats of a record share: the trend latent and the trend decoder's share of it, and one global latent a
  // mask.
  struct SharedLatents {
    Signal trend, trend_share, global;
  };

  // What one beat is computed for: the map and the published score, under all masks; the combined score, under one.
  struct BeatTask {
    Index r_peak;
    bool map;
    Index score_mask;  // -1: none
  };
  struct BeatResult {
    double score = 0;
    RestorationSums sums;
  };

  static Signal keep(const Signal& x, Signal place) {
    for (Index b = 0; b < x.batch; ++b) std::copy_n(x.item(b), x.length * x.channels, place.item(b));
    return place;
  }

  SharedLatents encode(const Tensor<float>& global, const Tensor<float>& trend, Workspace& workspace) const {
    const Index positions = model_.options.positions(), hidden = model_.options.hidden;
    const nn::Block<float, nn::ConvTranspose1d<float>>& first = model_.trend_decoder.blocks.front();
    SharedLatents shared;
    shared.trend_share = nn::make_sequence<float>(workspace, 1, first.layer.output_length(positions),
                                                  first.layer.out_channels(), first.output_margin);
    shared.trend = nn::make_sequence<float>(workspace, 1, positions, hidden);
    shared.global = nn::make_sequence<float>(workspace, detection_masks, positions, hidden);
    {
      Workspace::Scope scope(workspace);
      const nn::Sequence<const float> x{trend.data(), 1, global_length, model_.options.leads, 0};
      keep(apply(model_.trend_encoder, x, workspace), shared.trend);
      keep(model_.trend_share(shared.trend, workspace), shared.trend_share);
    }
    Workspace::Scope scope(workspace);
    const Signal masked = nn::make_sequence<float>(workspace, detection_masks, global_length, model_.options.leads);
    for (Index j = 0; j < detection_masks; ++j) {
      std::copy(global.begin(), global.end(), masked.item(j));
      mask_global(masked.item(j), masked.channels, j);
    }
    keep(apply(model_.global_encoder, masked, workspace), shared.global);
    return shared;
  }

  // What a record's beats are computed with.
  struct Work {
    const Preprocessed& record;
    const Tensor<float>& global;
    const SharedLatents& shared;
    std::vector<float> lead_weight;
    double scored_leads;
    float map_scale;
    std::vector<std::uint8_t> phases;  // of the global signal's samples, for the combined score
  };

  // Scores one beat under its masks at once; adds its share to `map` and `residual` [4800][leads] where they are not
  // nullptr.
  BeatResult score_beat(const Work& work, const BeatTask& task, float* map, float* residual,
                        Workspace& workspace) const {
    Workspace::Scope scope(workspace);
    const Index leads = model_.options.leads;
    const Index first_mask = task.map ? 0 : task.score_mask, masks = task.map ? detection_masks : 1;
    const Index item = task.score_mask - first_mask;  // of the mask that the combined score looks at
    TensorView<float> beat = workspace.tensor<float>({beat_length, leads});
    beat_signal(work.record, task.r_peak, beat,
                model_.options.beats_in_millivolt ? Normalization::none : Normalization::record);
    const Signal masked = nn::make_sequence<float>(workspace, masks, beat_length, leads);
    for (Index j = 0; j < masks; ++j) {
      std::copy(beat.begin(), beat.end(), masked.item(j));
      mask_local(masked.item(j), leads, first_mask + j);
    }
    Signal global_latents = work.shared.global;
    global_latents.data = global_latents.item(first_mask);
    global_latents.batch = masks;
    const Signal local = apply(model_.local_encoder, masked, workspace);
    const auto latents = model_.cross_attend(global_latents, local, workspace);

    BeatResult result;
    const auto add_errors = [&](std::size_t branch, const Signal& restored, const float* target, float* place,
                                float scale, const auto& phase_of) {
      const double samples = work.scored_leads * static_cast<double>(restored.length);
      for (Index j = 0; j < masks; ++j) {
        const double error = add_restoration_error(restored.item(j), restored.channels, target, restored.length,
                                                   work.lead_weight, place, scale, workspace) /
                             samples;
        result.score += error / static_cast<double>(masks);
        if (task.score_mask < 0 || j != item) continue;
        result.sums.scores[branch] = error;
        result.sums.add_errors(branch, restored.item(j), restored.channels, target, restored.length, phase_of);
      }
    };
    const auto global_phase = [&](Index t) { return work.phases[static_cast<std::size_t>(t)]; };
    {
      Workspace::Scope decoding(workspace);
      const Signal restored = model_.decode(model_.global_decoder, latents.global, workspace);
      add_errors(0, restored, work.global.data(), map, work.map_scale, global_phase);
      for (Index j = 0; residual != nullptr && j < masks; ++j)
        for (Index t = 0; t < global_length; ++t)
          for (Index c = 0; c < leads; ++c)
            residual[t * leads + c] +=
                work.map_scale * (work.global.data()[t * leads + c] - restored.item(j)[t * restored.channels + c]);
    }
    {
      Workspace::Scope decoding(workspace);
      add_errors(2, model_.decode_trend(latents.global, work.shared.trend_share, workspace), work.global.data(), map,
                 work.map_scale, global_phase);
    }
    if (task.score_mask >= 0) {
      result.sums.beats = 1;
      result.sums.local.assign(local.item(item), local.item(item) + local.channels);
      if (model_.attribute_predictor) {
        Workspace::Scope predicting(workspace);
        Signal latent = latents.global;
        latent.data = latent.item(item);
        latent.batch = 1;
        const Signal found = apply(*model_.attribute_predictor, latent, work.shared.trend, workspace);
        result.sums.attributes.assign(found.item(0), found.item(0) + found.channels);
      }
    }
    Workspace::Scope decoding(workspace);
    const Signal restored = model_.decode(model_.local_decoder, latents.local, workspace);
    const auto local_phase = [](Index t) { return beat_phase(t - beat_before); };
    if (map == nullptr) {
      add_errors(1, restored, beat.data(), nullptr, 0, local_phase);
      return result;
    }
    // The beat's own errors go where the beat lies in the record, as far as the global signal reaches.
    TensorView<float> local_map = workspace.tensor<float>({beat_length, leads});
    std::fill(local_map.begin(), local_map.end(), 0.0f);
    add_errors(1, restored, beat.data(), local_map.data(), 1.0f / static_cast<float>(masks), local_phase);
    const Index start = task.r_peak - beat_before - global_first;
    for (Index t = std::max<Index>(0, -start); t < std::min(beat_length, global_length - start); ++t)
      for (Index c = 0; c < leads; ++c) map[(start + t) * leads + c] += local_map(t, c);
    return result;
  }

  // Every beat that the map or the published score needs, and the few that the combined score looks at, in order.
  static std::vector<BeatTask> plan(const Preprocessed& record, Index most, bool map, bool features) {
    std::vector<BeatTask> tasks;
    if (map)
      for (const Index r_peak : choose_beats(record.beats, most)) tasks.push_back({r_peak, true, -1});
    if (!features) return tasks;
    Index number = 0;
    for (const Index r_peak : choose_beats(record.beats, score_beats)) {
      const Index mask = number++ % detection_masks;
      auto place = tasks.begin();
      while (place != tasks.end() && place->r_peak < r_peak) ++place;
      if (place != tasks.end() && place->r_peak == r_peak)
        place->score_mask = mask;
      else
        tasks.insert(place, {r_peak, false, mask});
    }
    return tasks;
  }

  void run_network(const Preprocessed& record, const Tensor<float>& global, const Tensor<float>& trend,
                   const DetectOptions& options, ScoreFeatures* features, Workspace& workspace,
                   Detection& result) const {
    const Index leads = model_.options.leads;
    const bool published = options.map || options.residual || features == nullptr ||
                           (score_kind(options) == ScoreKind::published && !options.features);
    const std::vector<BeatTask> tasks = plan(record, options.beats, published, features != nullptr);
    const Index count = static_cast<Index>(tasks.size());
    const Index scored = std::count_if(tasks.begin(), tasks.end(), [](const BeatTask& task) { return task.map; });

    Workspace::Scope scope(workspace);
    const SharedLatents shared = encode(global, trend, workspace);
    Work work{record, global, shared, std::vector<float>(static_cast<std::size_t>(leads), 1.0f), 0, 0, {}};
    for (const int lead : options.missing) work.lead_weight[static_cast<std::size_t>(lead)] = 0.0f;
    work.scored_leads = std::accumulate(work.lead_weight.begin(), work.lead_weight.end(), 0.0);
    work.map_scale = 1.0f / static_cast<float>(std::max<Index>(1, scored) * detection_masks);
    if (features != nullptr) work.phases = global_phases(record.r_peaks);
    if (options.map) result.map = Tensor<float>({global_length, leads});
    std::vector<BeatResult> results(tasks.size());
    // A wave of beats at a time, each with a map of its own, added in the order of the beats: sums do not depend on
    // the number of threads.
    const Index wave = std::min<Index>(workspace.threads(), count);
    TensorView<float> maps, residuals;
    if (options.map) maps = workspace.tensor<float>({wave, global_length, leads});
    if (options.residual) {
      residuals = workspace.tensor<float>({wave, global_length, leads});
      result.residual = Tensor<float>({global_length, leads});
    }
    for (Index w = 0; w < wave; ++w) workspace.worker(static_cast<int>(w));
    for (Index first = 0; first < count; first += wave) {
      const Index size = std::min(wave, count - first);
      if (options.map) std::fill(maps.begin(), maps.end(), 0.0f);
      if (options.residual) std::fill(residuals.begin(), residuals.end(), 0.0f);
      parallel_for(size, static_cast<int>(size), [&](Index number, int worker) {
        const BeatTask& task = tasks[static_cast<std::size_t>(first + number)];
        float* map = options.map && task.map ? &maps(number, 0, 0) : nullptr;
        float* residual = options.residual && task.map ? &residuals(number, 0, 0) : nullptr;
        results[static_cast<std::size_t>(first + number)] =
            score_beat(work, task, map, residual, workspace.worker(worker));
      });
      const auto collect = [&](const TensorView<float>& parts, Tensor<float>& sum) {
        for (Index number = 0; number < size; ++number)
          for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += (&parts(number, 0, 0))[i];
      };
      if (options.map) collect(maps, result.map);
      if (options.residual) collect(residuals, result.residual);
    }
    RestorationSums sums;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].map) {
        result.beats.push_back({tasks[i].r_peak, results[i].score});
        result.score += results[i].score / static_cast<double>(scored);
      }
      if (tasks[i].score_mask >= 0) sums.add(results[i].sums);
    }
    if (features != nullptr) {
      add_network_features(sums, shared, *features);
      // Without the published score's beats, theirs tell whether the network could take the amplitudes.
      if (scored == 0) result.score = std::accumulate(sums.scores.begin(), sums.scores.end(), 0.0);
    }
    if (options.map) signal::gaussian_smooth(result.map.view(), map_smoothing, workspace);
    if (options.residual && normalization(options) == Normalization::record) to_millivolts(record, result.residual);
  }

  static void add_network_features(const RestorationSums& sums, const SharedLatents& shared, ScoreFeatures& features) {
    features[static_cast<std::size_t>(FeatureGroup::restoration)] = restoration_features(sums);
    std::vector<float>& latent = features[static_cast<std::size_t>(FeatureGroup::latent)];
    add_moments(shared.global, latent);
    add_moments(shared.trend, latent);
    for (const std::vector<double>& values : {sums.local, sums.attributes})
      for (const double value : values) latent.push_back(static_cast<float>(value / static_cast<double>(sums.beats)));
  }

  // Undoes the scaling of each lead to [-1, 1] for a difference of signals.
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
  std::optional<NormalityModel> normality_;
  std::string weights_name_;
  std::string weights_checksum_;
};

}  // namespace systolic
