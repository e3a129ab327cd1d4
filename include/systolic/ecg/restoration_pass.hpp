#pragma once
// What the network says about a window. For each beat, recording and beat are hidden behind the masks in turn and
// restored; the errors become a score of the beat, its share of the map, and what the combined score takes from the
// network. What beats and masks have in common is computed once. All memory is the caller's or the workspace's: after
// the first call nothing is allocated.

#include <algorithm>
#include <numeric>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/ecg/detection.hpp"
#include "systolic/ecg/masks.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/ecg/restoration_error.hpp"
#include "systolic/ecg/restoration_features.hpp"

namespace systolic {

/// What one beat is computed for: the map and the published score, under all masks; the combined score, under one.
struct BeatTask {
  Index r_peak;
  bool map;
  Index score_mask;  ///< -1: none
};

/// Every beat that the map or the published score needs (at most `most`; 0: all), and the few that the combined score
/// looks at, in order.
template <class = void>
inline std::vector<BeatTask> plan_beats(const std::vector<Index>& beats, Index most, bool map, bool features) {
  std::vector<BeatTask> tasks;
  if (map)
    for (const Index r_peak : choose_beats(beats, most)) tasks.push_back({r_peak, true, -1});
  if (!features) return tasks;
  Index number = 0;
  for (const Index r_peak : choose_beats(beats, score_beats)) {
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

/// What the network is asked about a window.
struct RestorationQuestion {
  const Preprocessed& record;
  TensorView<const float> global, trend;    ///< [4800][leads]
  const std::vector<BeatTask>& tasks;       ///< plan_beats()
  const std::vector<float>& lead_weight;    ///< [leads] 1, or 0 for a lead that is left out of score and map
  const std::vector<std::uint8_t>& phases;  ///< global_phases(), where a task has a score_mask
};

/// What it answers, in memory of the caller's. Views may be empty: not asked for.
struct RestorationAnswer {
  TensorView<double> scores;        ///< [tasks] errors of the beats, 0 for those without a map
  TensorView<float> map, residual;  ///< [4800][leads]; the map not yet smoothed, the residual in the network's units
  TensorView<float> latent;         ///< [latent_feature_count(options)]
  RestorationSums sums;             ///< over the tasks with a score_mask
};

class RestorationPass {
 public:
  /// Requires a prepared model; everything that is given lives as long as this.
  template <class = void>
  RestorationPass(const Restoration<float>& model, const RestorationQuestion& question)
      : model_(model),
        question_(question),
        scored_leads_(std::accumulate(question.lead_weight.begin(), question.lead_weight.end(), 0.0)) {
    const auto scored =
        std::count_if(question.tasks.begin(), question.tasks.end(), [](const auto& t) { return t.map; });
    map_scale_ = 1.0f / static_cast<float>(std::max<std::ptrdiff_t>(1, scored) * detection_masks);
  }

  /// Fills `answer`. The workspace's threads share the beats; the answer does not depend on how many there are.
  template <class = void>
  void run(RestorationAnswer& answer, Workspace& workspace) const {
    const Index leads = model_.options.leads, count = static_cast<Index>(question_.tasks.size());
    Workspace::Scope scope(workspace);
    const SharedLatents shared = encode(workspace);
    const Index features = model_.options.hidden + static_cast<Index>(attribute_names.size());
    BeatResult* results = workspace.allocate<BeatResult>(count);
    const TensorView<double> latents = workspace.tensor<double>({count, features});
    std::fill(latents.begin(), latents.end(), 0.0);
    std::fill(answer.map.begin(), answer.map.end(), 0.0f);
    std::fill(answer.residual.begin(), answer.residual.end(), 0.0f);

    // A wave of beats at a time, each with a map of its own, added in the order of the beats: sums do not depend on
    // the number of threads.
    const Index wave = std::min<Index>(workspace.threads(), count);
    TensorView<float> maps, residuals;
    if (answer.map.size() > 0) maps = workspace.tensor<float>({wave, global_length, leads});
    if (answer.residual.size() > 0) residuals = workspace.tensor<float>({wave, global_length, leads});
    for (Index w = 0; w < wave; ++w) workspace.worker(static_cast<int>(w));
    for (Index first = 0; first < count; first += wave) {
      const Index size = std::min(wave, count - first);
      std::fill(maps.begin(), maps.end(), 0.0f);
      std::fill(residuals.begin(), residuals.end(), 0.0f);
      parallel_for(size, static_cast<int>(size), [&](Index number, int) {
        const Index place = first + number;
        const BeatTask& task = question_.tasks[static_cast<std::size_t>(place)];
        float* map = maps.size() > 0 && task.map ? &maps(number, 0, 0) : nullptr;
        float* residual = residuals.size() > 0 && task.map ? &residuals(number, 0, 0) : nullptr;
        // A workspace a beat, not a thread: which thread takes which beat is chance, and so would be who needs memory.
        Workspace& own = workspace.worker(static_cast<int>(number));
        results[place] = score_beat(shared, task, map, residual, &latents(place, 0), own);
      });
      add_parts(maps, size, answer.map);
      add_parts(residuals, size, answer.residual);
    }
    collect(results, latents, shared, answer);
  }

 private:
  using Signal = nn::Sequence<float>;

  // What all beats of a record share: the trend latent and the trend decoder's share of it, and one global latent a
  // mask.
  struct SharedLatents {
    Signal trend, trend_share, global;
  };
  struct BeatResult {
    double score = 0;
    RestorationSums sums;
  };

  static void keep(const Signal& x, Signal place) {
    for (Index b = 0; b < x.batch; ++b) std::copy_n(x.item(b), x.length * x.channels, place.item(b));
  }

  template <class = void>
  SharedLatents encode(Workspace& workspace) const {
    const Index positions = model_.options.positions(), hidden = model_.options.hidden;
    const nn::Block<float, nn::ConvTranspose1d<float>>& first = model_.trend_decoder.blocks.front();
    SharedLatents shared;
    shared.trend_share = nn::make_sequence<float>(workspace, 1, first.layer.output_length(positions),
                                                  first.layer.out_channels(), first.output_margin);
    shared.trend = nn::make_sequence<float>(workspace, 1, positions, hidden);
    shared.global = nn::make_sequence<float>(workspace, detection_masks, positions, hidden);
    {
      Workspace::Scope scope(workspace);
      const nn::Sequence<const float> x{question_.trend.data(), 1, global_length, model_.options.leads, 0};
      keep(apply(model_.trend_encoder, x, workspace), shared.trend);
      keep(model_.trend_share(shared.trend, workspace), shared.trend_share);
    }
    Workspace::Scope scope(workspace);
    const Signal masked = nn::make_sequence<float>(workspace, detection_masks, global_length, model_.options.leads);
    for (Index j = 0; j < detection_masks; ++j) {
      std::copy(question_.global.begin(), question_.global.end(), masked.item(j));
      mask_global(masked.item(j), masked.channels, j);
    }
    keep(apply(model_.global_encoder, masked, workspace), shared.global);
    return shared;
  }

  // Scores one beat under its masks at once; adds its share to `map` and `residual` [4800][leads] where they are not
  // nullptr, and puts the latent of the beat and the predicted attributes into `latent`.
  template <class = void>
  BeatResult score_beat(const SharedLatents& shared, const BeatTask& task, float* map, float* residual, double* latent,
                        Workspace& workspace) const {
    Workspace::Scope scope(workspace);
    const Index leads = model_.options.leads;
    const Index first_mask = task.map ? 0 : task.score_mask, masks = task.map ? detection_masks : 1;
    const Index item = task.score_mask - first_mask;  // of the mask that the combined score looks at
    TensorView<float> beat = workspace.tensor<float>({beat_length, leads});
    beat_signal(question_.record, task.r_peak, beat,
                model_.options.beats_in_millivolt ? Normalization::none : Normalization::record);
    const Signal masked = nn::make_sequence<float>(workspace, masks, beat_length, leads);
    for (Index j = 0; j < masks; ++j) {
      std::copy(beat.begin(), beat.end(), masked.item(j));
      mask_local(masked.item(j), leads, first_mask + j);
    }
    Signal global_latents = shared.global;
    global_latents.data = global_latents.item(first_mask);
    global_latents.batch = masks;
    const Signal local = apply(model_.local_encoder, masked, workspace);
    const auto latents = model_.cross_attend(global_latents, local, workspace);

    BeatResult result;
    const auto add_errors = [&](std::size_t branch, const Signal& restored, const float* target, float* place,
                                float scale, const auto& phase_of) {
      const double samples = scored_leads_ * static_cast<double>(restored.length);
      for (Index j = 0; j < masks; ++j) {
        const double error = add_restoration_error(restored.item(j), restored.channels, target, restored.length,
                                                   question_.lead_weight, place, scale, workspace) /
                             samples;
        result.score += error / static_cast<double>(masks);
        if (task.score_mask < 0 || j != item) continue;
        result.sums.scores[branch] = error;
        result.sums.add_errors(branch, restored.item(j), restored.channels, target, restored.length, phase_of);
      }
    };
    const float* global = question_.global.data();
    const auto global_phase = [&](Index t) { return question_.phases[static_cast<std::size_t>(t)]; };
    {
      Workspace::Scope decoding(workspace);
      const Signal restored = model_.decode(model_.global_decoder, latents.global, workspace);
      add_errors(0, restored, global, map, map_scale_, global_phase);
      for (Index j = 0; residual != nullptr && j < masks; ++j)
        for (Index t = 0; t < global_length; ++t)
          for (Index c = 0; c < leads; ++c)
            residual[t * leads + c] +=
                map_scale_ * (global[t * leads + c] - restored.item(j)[t * restored.channels + c]);
    }
    {
      Workspace::Scope decoding(workspace);
      add_errors(2, model_.decode_trend(latents.global, shared.trend_share, workspace), global, map, map_scale_,
                 global_phase);
    }
    if (task.score_mask >= 0) {
      result.sums.beats = 1;
      std::copy_n(local.item(item), local.channels, latent);
      if (model_.attribute_predictor) {
        Workspace::Scope predicting(workspace);
        Signal recording = latents.global;
        recording.data = recording.item(item);
        recording.batch = 1;
        const Signal found = apply(*model_.attribute_predictor, recording, shared.trend, workspace);
        std::copy_n(found.item(0), found.channels, latent + local.channels);
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

  static void add_parts(const TensorView<float>& parts, Index count, const TensorView<float>& sum) {
    for (Index part = 0; part < count; ++part)
      for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += parts.data()[part * sum.size() + i];
  }

  template <class = void>
  void collect(const BeatResult* results, const TensorView<double>& latents, const SharedLatents& shared,
               RestorationAnswer& answer) const {
    answer.sums = {};
    const Index count = static_cast<Index>(question_.tasks.size());
    const Index of_beats = latent_feature_count(model_.options) - 4 * model_.options.hidden;
    float* latent = answer.latent.size() > 0 ? answer.latent.data() : nullptr;
    if (latent != nullptr) {
      for (const Signal* x : {&shared.global, &shared.trend}) latent = put_moments(*x, latent);
      std::fill_n(latent, of_beats, 0.0f);
    }
    for (Index i = 0; i < count; ++i) {
      const BeatTask& task = question_.tasks[static_cast<std::size_t>(i)];
      if (answer.scores.size() > 0) answer.scores(i) = task.map ? results[i].score : 0;
      if (task.score_mask >= 0) answer.sums.add(results[i].sums);
    }
    for (Index k = 0; latent != nullptr && answer.sums.beats > 0 && k < of_beats; ++k) {
      double sum = 0;
      for (Index i = 0; i < count; ++i) sum += latents(i, k);
      latent[k] = static_cast<float>(sum / static_cast<double>(answer.sums.beats));
    }
  }

  const Restoration<float>& model_;
  const RestorationQuestion& question_;
  double scored_leads_;
  float map_scale_;
};

}  // namespace systolic
