#pragma once
// The main job: how abnormal is a window of ten seconds, and where. Parts of the recording and of each beat are hidden,
// the network restores them, and the error of the restoration is the anomaly: its mean is the score, its place the map.

#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/ecg/calibration.hpp"
#include "systolic/ecg/findings.hpp"
#include "systolic/ecg/masks.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/ecg/restoration_error.hpp"
#include "systolic/signal/gaussian.hpp"

namespace systolic {

inline constexpr double map_smoothing = 15;  ///< samples, sigma of the Gaussian

struct BeatScore {
  Index r_peak;  ///< sample of the window
  double score;
};

/// What is known about a window after its analysis.
struct Detection {
  std::string reason;  ///< why it could not be analysed; empty: it was
  double score = 0;
  std::optional<double> percentile;  ///< share of normal records with a lower score, in percent
  std::optional<double> threshold;   ///< above it a score is called abnormal
  std::optional<bool> abnormal;
  std::vector<Index> r_peaks;     ///< all, samples of the window
  std::vector<BeatScore> beats;   ///< those that were scored
  std::vector<Finding> findings;  ///< most abnormal first
  Tensor<float> map;              ///< [4800][12], samples 100..4900 of the window; empty unless asked for
  Tensor<float> residual;         ///< [4800][12] mV, denoised minus restored signal; empty unless asked for
};

/// Every member has an initializer, so that {.beats = 4} compiles without a warning about the others.
struct DetectOptions {
  std::optional<Normalization> normalization = {};  ///< default: the calibration's
  std::optional<signal::PeakMethod> peaks = {};     ///< default: the calibration's
  Index beats = 0;                                  ///< score at most so many beats, evenly chosen; 0: all
  bool map = true;                                  ///< findings need it, too
  bool residual = false;                            ///< for drawings of the restored signal
  std::vector<int> missing = {};                    ///< leads (0..11) that hold no signal: left out of score and map
};

/// Which of n beats are scored where at most `most` are: number round(k (n - 1) / (most - 1)), k = 0..most-1.
inline std::vector<Index> choose_beats(const std::vector<Index>& beats, Index most) {
  const Index n = static_cast<Index>(beats.size());
  if (most <= 0 || n <= most) return beats;
  std::vector<Index> chosen;
  for (Index k = 0; k < most; ++k) {
    const double place = most == 1 ? 0.0 : static_cast<double>(k * (n - 1)) / static_cast<double>(most - 1);
    chosen.push_back(beats[static_cast<std::size_t>(std::lround(place))]);
  }
  return chosen;
}

/// A trained network with its calibration. Immutable once made: any number of threads may call detect(), each with a
/// Workspace of its own.
class Detector {
 public:
  /// `name` and `checksum` say which weights these are. Calls model.prepare().
  Detector(Restoration<float> model, std::optional<Calibration> calibration, std::string name = {},
           std::string checksum = {})
      : model_(std::move(model)),
        calibration_(std::move(calibration)),
        weights_name_(std::move(name)),
        weights_checksum_(std::move(checksum)) {
    model_.prepare();
  }

  const Restoration<float>& model() const noexcept { return model_; }
  const std::optional<Calibration>& calibration() const noexcept { return calibration_; }
  const std::string& weights_name() const noexcept { return weights_name_; }
  const std::string& weights_checksum() const noexcept { return weights_checksum_; }

  Normalization normalization(const DetectOptions& options) const {
    return options.normalization.value_or(calibration_ ? calibration_->normalization : Normalization::none);
  }
  signal::PeakMethod peaks(const DetectOptions& options) const {
    return options.peaks.value_or(calibration_ ? calibration_->peaks : signal::PeakMethod::heartpy);
  }
  /// Whether the calibration speaks of scores made with these options. The score of detect() is the published one.
  bool calibrated(const DetectOptions& options) const {
    return calibration_ && calibration_->score == "published" &&
           normalization(options) == calibration_->normalization && peaks(options) == calibration_->peaks;
  }

  /// Analyses a window [5000][12], mV at 500 Hz in canonical lead order (ecg/window.hpp cuts it from a Record).
  /// A window that cannot be analysed is a result with a reason. The workspace's threads share the beats; the result
  /// does not depend on how many there are.
  Detection detect(TensorView<const double> window, const DetectOptions& options, Workspace& workspace) const {
    return detect(preprocess(window, peaks(options)), options, workspace);
  }

  /// The same for a window that was preprocessed with peaks(options).
  Detection detect(const Preprocessed& record, const DetectOptions& options, Workspace& workspace) const {
    Detection result;
    result.reason = record.reason;
    result.r_peaks = record.r_peaks;
    if (!result.reason.empty()) return result;
    const Normalization scale = normalization(options);
    run_network(record, global_signal(record, scale), trend_signal(record, scale), options, workspace, result);
    if (!std::isfinite(result.score)) {
      result = Detection{};
      result.reason = "the score is not finite: amplitudes are beyond what the network can take";
      return result;
    }
    if (calibrated(options)) {
      result.threshold = calibration_->threshold;
      result.percentile = percentile_among_normals(*calibration_, result.score);
      result.abnormal = result.score > calibration_->threshold;
      if (options.map) result.findings = find_stretches(result.map, calibration_->map_threshold);
    }
    return result;
  }

 private:
  using Signal = nn::Sequence<float>;

  // What all beats of a record share: the trend decoder's share of the trend latent, and one global latent a mask.
  struct SharedLatents {
    Signal trend_share, global;
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
    shared.global = nn::make_sequence<float>(workspace, detection_masks, positions, hidden);
    {
      Workspace::Scope scope(workspace);
      const nn::Sequence<const float> x{trend.data(), 1, global_length, model_.options.leads, 0};
      const Signal latent = apply(model_.trend_encoder, x, workspace);
      keep(model_.trend_share(latent, workspace), shared.trend_share);
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

  // Scores one beat under all masks at once; adds its share to `map` and `residual` [4800][leads] where they are not
  // nullptr.
  double score_beat(const Preprocessed& record, Index r_peak, const Tensor<float>& global, const SharedLatents& shared,
                    const std::vector<float>& lead_weight, double scored_leads, float map_scale, float* map,
                    float* residual, Workspace& workspace) const {
    Workspace::Scope scope(workspace);
    const Index leads = model_.options.leads;
    TensorView<float> beat = workspace.tensor<float>({beat_length, leads});
    beat_signal(record, r_peak, beat, model_.options.beats_in_millivolt ? Normalization::none : Normalization::record);
    const Signal masked = nn::make_sequence<float>(workspace, detection_masks, beat_length, leads);
    for (Index j = 0; j < detection_masks; ++j) {
      std::copy(beat.begin(), beat.end(), masked.item(j));
      mask_local(masked.item(j), leads, j);
    }
    const Signal local = apply(model_.local_encoder, masked, workspace);
    const auto latents = model_.cross_attend(shared.global, local, workspace);

    double score = 0;
    const auto add_errors = [&](const Signal& restored, const float* target, float* place, float scale) {
      const double count = scored_leads * static_cast<double>(restored.length * detection_masks);
      for (Index j = 0; j < detection_masks; ++j)
        score += add_restoration_error(restored.item(j), restored.channels, target, restored.length, lead_weight, place,
                                       scale, workspace) /
                 count;
    };
    {
      Workspace::Scope decoding(workspace);
      const Signal restored = model_.decode(model_.global_decoder, latents.global, workspace);
      add_errors(restored, global.data(), map, map_scale);
      for (Index j = 0; residual != nullptr && j < detection_masks; ++j)
        for (Index t = 0; t < global_length; ++t)
          for (Index c = 0; c < leads; ++c)
            residual[t * leads + c] +=
                map_scale * (global.data()[t * leads + c] - restored.item(j)[t * restored.channels + c]);
    }
    {
      Workspace::Scope decoding(workspace);
      add_errors(model_.decode_trend(latents.global, shared.trend_share, workspace), global.data(), map, map_scale);
    }
    Workspace::Scope decoding(workspace);
    const Signal restored = model_.decode(model_.local_decoder, latents.local, workspace);
    if (map == nullptr) {
      add_errors(restored, beat.data(), nullptr, 0);
      return score;
    }
    // The beat's own errors go where the beat lies in the record, as far as the global signal reaches.
    TensorView<float> local_map = workspace.tensor<float>({beat_length, leads});
    std::fill(local_map.begin(), local_map.end(), 0.0f);
    add_errors(restored, beat.data(), local_map.data(), 1.0f / static_cast<float>(detection_masks));
    const Index start = r_peak - beat_before - global_first;
    for (Index t = std::max<Index>(0, -start); t < std::min(beat_length, global_length - start); ++t)
      for (Index c = 0; c < leads; ++c) map[(start + t) * leads + c] += local_map(t, c);
    return score;
  }

  void run_network(const Preprocessed& record, const Tensor<float>& global, const Tensor<float>& trend,
                   const DetectOptions& options, Workspace& workspace, Detection& result) const {
    const Index leads = model_.options.leads;
    std::vector<float> lead_weight(static_cast<std::size_t>(leads), 1.0f);
    for (const int lead : options.missing) lead_weight[static_cast<std::size_t>(lead)] = 0.0f;
    const double scored_leads = std::accumulate(lead_weight.begin(), lead_weight.end(), 0.0);
    const std::vector<Index> beats = choose_beats(record.beats, options.beats);
    const Index count = static_cast<Index>(beats.size());
    const float map_scale = 1.0f / static_cast<float>(count * detection_masks);

    Workspace::Scope scope(workspace);
    const SharedLatents shared = encode(global, trend, workspace);
    if (options.map) result.map = Tensor<float>({global_length, leads});
    result.beats.resize(beats.size());
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
      parallel_for(size, static_cast<int>(size), [&](Index task, int worker) {
        const auto i = static_cast<std::size_t>(first + task);
        float* map = options.map ? &maps(task, 0, 0) : nullptr;
        float* residual = options.residual ? &residuals(task, 0, 0) : nullptr;
        result.beats[i] = {beats[i], score_beat(record, beats[i], global, shared, lead_weight, scored_leads, map_scale,
                                                map, residual, workspace.worker(worker))};
      });
      if (options.map)
        for (Index task = 0; task < size; ++task)
          for (Index i = 0; i < result.map.size(); ++i) result.map.data()[i] += (&maps(task, 0, 0))[i];
      if (options.residual)
        for (Index task = 0; task < size; ++task)
          for (Index i = 0; i < result.residual.size(); ++i) result.residual.data()[i] += (&residuals(task, 0, 0))[i];
    }
    for (const BeatScore& beat : result.beats) result.score += beat.score / static_cast<double>(count);
    if (options.map) signal::gaussian_smooth(result.map.view(), map_smoothing, workspace);
    if (options.residual && normalization(options) == Normalization::record) to_millivolts(record, result.residual);
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
  std::string weights_name_;
  std::string weights_checksum_;
};

}  // namespace systolic
