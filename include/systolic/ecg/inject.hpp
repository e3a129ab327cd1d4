#pragma once
// Puts an anomaly into a real recording of normal beats: the truth about it is exact, and the rest is real.
// docs/synthetic.md explains how.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/inject_beats.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/synthetic.hpp"

namespace systolic {

struct InjectOptions {
  AnomalyKind anomaly;
  double severity = 1;  ///< 0.1 to 3, as in SyntheticOptions
  std::uint64_t seed = 1;
};

namespace inject {

/// The change that is made to a recording, as it is put together.
class Edit {
 public:
  Edit(const BeatModel& model, Index length)
      : model_(model), change_({length, leads}), heart_(static_cast<std::size_t>(length)) {}

  /// Takes `share` of beat `b` out, from sample `from` after its R peak on, with a cross-fade of 16 ms in front of it.
  void remove(std::size_t b, Index from, double share = 1) { put(model_.r_peaks[b], from, -share * gain(b), share); }
  void remove(std::size_t b) { remove(b, everything); }

  /// Adds the usual beat, or its part from sample `from` on, with its R peak at `r_peak`, as strong as beat `b`.
  void add_usual(Index r_peak, std::size_t b, Index from = everything) { put(r_peak, from, gain(b), 0); }

  /// Adds waves of the generator.
  template <class = void>
  void add_waves(const synthetic::Morphology& waves, double time, double rr, double strength) {
    synthetic::add_beat(waves, {time, rr}, analysis_rate, strength, heart_);
  }
  template <class = void>
  void add_flicker(const synthetic::FibrillatoryWaves& waves) {
    waves.add_to(heart_, analysis_rate);
  }

  double gain(std::size_t b) const noexcept { return model_.gain[b]; }

  /// [time][12] mV, all that was put in and taken out.
  template <class = void>
  Tensor<double> twelve_leads() const {
    Tensor<double> sum = synthetic::project_leads(heart_);
    for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += change_.data()[i];
    return synthetic::twelve_leads(sum);
  }

  static constexpr Index everything = -median_before;

 private:
  // Adds strength times the usual beat and takes `excess` of what sticks out of the noise there.
  template <class = void>
  void put(Index r_peak, Index from, double strength, double excess) {
    constexpr Index fade = 8;
    for (Index k = std::max(model_.first, from - fade); k <= model_.last; ++k) {
      const Index t = r_peak + k;
      if (t < 0 || t >= change_.shape()[0]) continue;
      const double part = from == everything ? 1 : detail::ramp(k, from - fade, from);
      const double inside =
          detail::ramp(k, model_.first, model_.first + fade) * (1 - detail::ramp(k, model_.last - fade, model_.last));
      for (Index lead = 0; lead < leads; ++lead)
        change_(t, lead) += part * (strength * model_.shape(median_before + k, lead) -
                                    (excess > 0 ? excess * inside * model_.excess(t, lead) : 0));
    }
  }

  const BeatModel& model_;
  Tensor<double> change_;  // [time][8]
  std::vector<synthetic::Dipole> heart_;
};

/// Seconds of a sample.
inline double seconds(Index sample) noexcept { return static_cast<double>(sample) / analysis_rate; }

/// What the anomaly changes, and the beats afterwards.
struct Plan {
  Edit edit, reference;  ///< of the recording, and of the one that the truth compares with (unchanged but for `af`)
  std::vector<synthetic::Beat> beats;
};

/// Every usual beat gets waves on top of it, or another QRS complex and T wave.
template <class = void>
inline void change_every_beat(const BeatModel& model, const InjectOptions& options, Plan& plan) {
  using namespace synthetic;
  const double rr = seconds(model.cycle);
  const Morphology additional = additional_waves(options.anomaly, options.severity, model.timing,
                                                 along_territory(model.t_wave, options.anomaly.territory), model.size);
  for (std::size_t b = 0; b < model.r_peaks.size(); ++b) {
    const double time = seconds(model.r_peaks[b]);
    if (options.anomaly.anomaly == Anomaly::low_voltage) {
      plan.edit.remove(b, Edit::everything, 1 - low_voltage_gain(options.severity));
    } else if (options.anomaly.anomaly == Anomaly::left_bundle_branch_block) {
      plan.edit.remove(b, model.qrs_start);
      plan.edit.add_waves(left_block_beat(), time, rr, model.size * plan.edit.gain(b));
    } else if (options.anomaly.anomaly == Anomaly::paced_rhythm) {
      plan.edit.remove(b, model.qrs_start);
      plan.edit.add_waves(paced_beat(), time, rr, model.size * plan.edit.gain(b));
      plan.beats[b].origin = BeatOrigin::pacemaker;
    } else {
      plan.edit.add_waves(additional, time, rr, plan.edit.gain(b));
    }
  }
}

/// Single beats are taken out, and early ones put in their place.
template <class = void>
inline void change_single_beats(const BeatModel& model, const InjectOptions& options, Index length, Plan& plan) {
  using namespace synthetic;
  const double rr = seconds(model.cycle);
  Random random(options.seed, 5);
  // The beats with their neighbours inside the recording; only those that follow each other at the usual distance.
  std::vector<std::size_t> candidates;
  for (std::size_t b = 1; b + 1 < model.r_peaks.size(); ++b) {
    const Index before = model.r_peaks[b] - model.r_peaks[b - 1], behind = model.r_peaks[b + 1] - model.r_peaks[b];
    if (std::max(before, behind) * 2 < 3 * model.cycle && model.r_peaks[b] > 500 && model.r_peaks[b] + 500 < length)
      candidates.push_back(b);
  }
  const bool pause = options.anomaly.anomaly == Anomaly::pause;
  const bool ventricular = options.anomaly.anomaly == Anomaly::premature_ventricular_beat;
  const std::size_t missing =
      pause ? std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(options.severity))) : 1;
  const double duration = seconds(length);
  const Index number = pause ? event_count(duration, 1, 1) : event_count(duration, options.severity, 2);
  std::vector<bool> removed(model.r_peaks.size(), false);
  std::vector<Beat> early;
  const Morphology ectopic = options.seed % 2 == 0 ? left_ventricular_beat() : ventricular_beat();
  for (const Index i :
       choose_events(static_cast<Index>(candidates.size()), number, 2 + static_cast<Index>(missing), random)) {
    const std::size_t b = candidates[static_cast<std::size_t>(i)];
    for (std::size_t k = b; k < std::min(b + missing, model.r_peaks.size() - 1); ++k) {
      plan.edit.remove(k);
      removed[k] = true;
    }
    if (pause) continue;
    const double last = seconds(model.r_peaks[b - 1]), own = seconds(model.r_peaks[b]) - last;
    const double soonest =
        model.timing.t_offset + (ventricular ? 0.07 : 0.04) - (ventricular ? 0 : model.timing.qrs_onset);
    const double coupling = std::fmax(random.uniform(0.60, 0.70) * own + (ventricular ? 0 : 0.06 * own), soonest);
    const Index r_peak = static_cast<Index>(std::lround((last + coupling) * analysis_rate));
    if (ventricular) {
      plan.edit.add_waves(ectopic, seconds(r_peak), rr, model.size * plan.edit.gain(b));
    } else {
      plan.edit.add_usual(r_peak, b, model.qrs_start);
      plan.edit.add_waves(ectopic_p_wave(), seconds(r_peak), 1, 1);
    }
    early.push_back({seconds(r_peak), rr, ventricular ? BeatOrigin::ventricle : BeatOrigin::atrium});
  }
  std::vector<Beat> beats = early;
  for (std::size_t b = 0; b < model.r_peaks.size(); ++b)
    if (!removed[b]) beats.push_back(plan.beats[b]);
  std::sort(beats.begin(), beats.end(), [](const Beat& a, const Beat& b) { return a.time < b.time; });
  plan.beats = std::move(beats);
}

/// All beats come at irregular moments, without P, over a flickering line.
template <class = void>
inline void fibrillate(const BeatModel& model, const InjectOptions& options, Index length, Plan& plan) {
  using namespace synthetic;
  const double rr = seconds(model.cycle) / (1 + 0.15 * options.severity);
  Random random(options.seed, 5);
  plan.beats.clear();
  for (std::size_t b = 0; b < model.r_peaks.size(); ++b) {
    plan.edit.remove(b);
    plan.reference.remove(b);
  }
  std::size_t strength = 0;
  const double shortest = model.timing.t_offset + 0.08 - model.timing.qrs_onset;
  for (const double time : irregular_times(seconds(model.r_peaks.front()), seconds(length), rr, shortest, random)) {
    const Index r_peak = static_cast<Index>(std::lround(time * analysis_rate));
    if (r_peak + 30 >= length) break;
    plan.edit.add_usual(r_peak, strength, model.qrs_start);
    plan.reference.add_usual(r_peak, strength);
    plan.beats.push_back({time, rr});
    strength = (strength + 1) % model.r_peaks.size();
  }
  plan.edit.add_flicker(FibrillatoryWaves(0.08 * options.severity, options.seed));
}

}  // namespace inject

/// Puts an anomaly into `record`, a normal recording of 5 s to an hour with the twelve standard leads (those that
/// follow from I and II may be missing). The result has 12 leads at 500 Hz; `abnormal` says which samples differ by
/// more than truth_threshold from the recording as it was (for atrial fibrillation: from the recording with its whole
/// beats at the same irregular moments). Everywhere else it is the recording, resampled to 500 Hz. Deterministic by
/// seed. Errors name the record: leads missing, invalid samples, no regular beats of one shape, no P wave for what is
/// about P waves, no room.
template <class = void>
inline Result<SyntheticRecord> inject_anomaly(const Record& record, const InjectOptions& options) {
  using namespace inject;
  const auto refuse = [&](const char* cause) { return error_at(record.name, "", cause); };
  if (!(options.severity >= 0.1 && options.severity <= 3)) return refuse("the severity is not in 0.1 to 3");
  Result<Tensor<double>> prepared = prepare(record);
  if (!prepared) return prepared.error();
  const Index length = prepared->shape()[0];
  const Result<BeatModel> model = model_beats(*prepared, record.name);
  if (!model) return model.error();

  Plan plan{Edit(*model, length), Edit(*model, length), {}};
  for (const Index r : model->r_peaks) plan.beats.push_back({seconds(r), seconds(model->cycle)});
  switch (options.anomaly.anomaly) {
    case Anomaly::none:
      break;
    case Anomaly::premature_atrial_beat:
    case Anomaly::premature_ventricular_beat:
    case Anomaly::pause:
      change_single_beats(*model, options, length, plan);
      break;
    case Anomaly::atrial_fibrillation:
      if (!model->has_p) return refuse("has no P wave that atrial fibrillation could take away");
      fibrillate(*model, options, length, plan);
      break;
    default:
      change_every_beat(*model, options, plan);
  }

  SyntheticRecord result;
  result.record.name = record.name;
  result.record.rate = analysis_rate;
  result.record.leads.assign(standard_leads.begin(), standard_leads.end());
  result.record.samples = std::move(*prepared);
  result.beats = std::move(plan.beats);
  for (const synthetic::Beat& beat : result.beats)
    result.r_peaks.push_back(static_cast<Index>(std::lround(beat.time * analysis_rate)));
  Tensor<double> change = plan.edit.twelve_leads();
  for (Index i = 0; i < change.size(); ++i) result.record.samples.data()[i] += change.data()[i];
  const Tensor<double> reference = plan.reference.twelve_leads();
  for (Index i = 0; i < change.size(); ++i) change.data()[i] -= reference.data()[i];
  result.abnormal = synthetic::truth_mask(change, analysis_rate);
  result.anomalies = synthetic::list_stretches(result.abnormal, analysis_rate, options.anomaly.text);
  if (options.anomaly.anomaly != Anomaly::none && result.anomalies.empty())
    return refuse("has no room for the anomaly");
  return result;
}

}  // namespace systolic
