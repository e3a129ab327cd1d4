#pragma once
// A 12-lead recording of a heart that does not exist, with the truth about it: rhythm -> beats -> waves -> dipole ->
// leads -> electrode noise.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/synthetic_anomaly.hpp"
#include "systolic/ecg/synthetic_anomaly_waves.hpp"
#include "systolic/ecg/synthetic_fibrillation.hpp"
#include "systolic/ecg/synthetic_leads.hpp"
#include "systolic/ecg/synthetic_rhythm.hpp"
#include "systolic/ecg/synthetic_truth.hpp"
#include "systolic/ecg/synthetic_waves.hpp"

namespace systolic {

struct SyntheticOptions {
  double seconds = 10;                              ///< up to an hour
  double rate = 500;                                ///< samples a second, 50 to 2000
  double heart_rate = 68;                           ///< beats a minute, 20 to 250
  double rr_deviation = 0.02;                       ///< standard deviation of the sinus cycle, s
  double noise = 0.006;                             ///< standard deviation of the muscle noise of each electrode, mV
  double baseline_wander = 0.04;                    ///< standard deviation of the slow drift of each electrode, mV
  std::vector<double> premature_ventricular_beats;  ///< their R peaks, s from the start, in any order
  AnomalyKind anomaly;                              ///< what else is not as it should be
  double severity = 1;                              ///< 0.1 to 3: how high, how wide or how often, by kind
  std::uint64_t seed = 1;
};

struct SyntheticRecord {
  Record record;                       ///< mV; I II III aVR aVL aVF V1..V6
  std::vector<synthetic::Beat> beats;  ///< in order of time, those with an R peak within the recording
  std::vector<Index> r_peaks;  ///< [beats] sample of the largest deflection of lead II in each QRS, without noise
  std::vector<SyntheticAnomaly> anomalies;  ///< the stretches of `abnormal`, in order of time
  Tensor<std::uint8_t> abnormal;            ///< [time][lead] 1 where the anomaly changed the recording: truth_mask
};

namespace synthetic {

/// The beats of a recording with its anomaly, and those of the same recording without.
struct Rhythms {
  std::vector<Beat> beats, reference;
};

/// How often something happens in `seconds`, where severity 1 is `per_ten_seconds` times in ten seconds; at least once.
inline Index event_count(double seconds, double severity, double per_ten_seconds) {
  return std::max<Index>(1, static_cast<Index>(std::lround(severity * per_ten_seconds * seconds / 10)));
}

/// The beats that the options ask for. No event where the recording is too short to hold one.
template <class = void>
inline Rhythms make_rhythms(const SyntheticOptions& options) {
  Rhythms result;
  result.reference = sinus_rhythm(options.seconds, options.heart_rate, options.rr_deviation, options.seed);
  result.beats = result.reference;
  std::vector<Beat>& beats = result.beats;
  Random random(options.seed, 5);
  // Events keep their distance from the ends, where half of them would be cut off.
  const auto inside = [&](const Beat& beat) { return beat.time > 1 && beat.time < options.seconds - 1; };
  const Index first = std::find_if(beats.begin(), beats.end(), inside) - beats.begin();
  const Index count = std::count_if(beats.begin(), beats.end(), inside);
  const auto beat = [&](Index i) -> Beat& { return beats[static_cast<std::size_t>(first + i)]; };
  std::vector<double> ventricular = options.premature_ventricular_beats;
  switch (options.anomaly.anomaly) {
    case Anomaly::premature_ventricular_beat:
      for (const Index i : choose_events(count, event_count(options.seconds, options.severity, 2), 3, random)) {
        const double rr = beat(i).rr;
        ventricular.push_back(beat(i - 1).time +
                              std::fmax(random.uniform(0.60, 0.70) * rr, 0.375 * std::sqrt(rr) + 0.09));
      }
      break;
    case Anomaly::premature_atrial_beat:
      for (const Index i : choose_events(count, event_count(options.seconds, options.severity, 2), 3, random))
        beat(i) = {beat(i - 1).time + random.uniform(0.68, 0.76) * beat(i).rr, beat(i).rr, BeatOrigin::atrium};
      break;
    case Anomaly::pause: {
      const Index missing = std::max<Index>(1, static_cast<Index>(std::lround(options.severity)));
      const std::vector<Index> places =
          choose_events(count - missing + 1, event_count(options.seconds, 1, 1), missing + 2, random);
      for (auto i = places.rbegin(); i != places.rend(); ++i)
        beats.erase(beats.begin() + first + *i, beats.begin() + first + *i + missing);
      break;
    }
    case Anomaly::atrial_fibrillation: {
      const double rr = beats.empty() ? 1 : beats.front().rr / (1 + 0.15 * options.severity);
      const double start = beats.empty() ? 0 : beats.front().time;
      beats.clear();
      for (const double time : irregular_times(start, options.seconds + 1, rr, 0.28 + 0.1 * rr, random))
        beats.push_back({time, rr});
      result.reference = beats;
      break;
    }
    case Anomaly::paced_rhythm:
      for (Beat& paced : beats) paced.origin = BeatOrigin::pacemaker;
      break;
    default:
      break;
  }
  add_ventricular_beats(beats, ventricular);
  return result;
}

/// The waves of a beat under the options.
template <class = void>
inline Morphology beat_waves(const Beat& beat, const SyntheticOptions& options) {
  const Morphology sinus = sinus_beat();
  const auto p_end = sinus.begin() + 2;  // the two waves of P come first
  const auto join = [](Morphology first, const Morphology& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  };
  if (beat.origin == BeatOrigin::ventricle)
    return options.anomaly.anomaly == Anomaly::premature_ventricular_beat && options.seed % 2 == 0
               ? left_ventricular_beat()
               : ventricular_beat();
  if (beat.origin == BeatOrigin::atrium) return join(ectopic_p_wave(), Morphology(p_end, sinus.end()));
  if (beat.origin == BeatOrigin::pacemaker) {
    Morphology paced = join(Morphology(sinus.begin(), p_end), paced_beat());
    // A spike is shorter than the time between two samples of many recordings: one sample has all of it.
    for (Wave& wave : paced)
      if (wave.time == pacing_spike)
        wave.time = std::round((beat.time + pacing_spike) * options.rate) / options.rate - beat.time;
    return paced;
  }
  switch (options.anomaly.anomaly) {
    case Anomaly::left_bundle_branch_block:
      return join(Morphology(sinus.begin(), p_end), left_block_beat());
    case Anomaly::atrial_fibrillation:
      return Morphology(p_end, sinus.end());
    default: {
      std::array<double, 8> t_wave{};
      for (std::size_t lead = 0; lead < t_wave.size(); ++lead)
        t_wave[lead] = project(sinus.back().dipole, independent_lead_vectors[lead]);
      return join(sinus, additional_waves(options.anomaly, options.severity, sinus_timing(beat.rr),
                                          along_territory(t_wave, options.anomaly.territory), 1));
    }
  }
}

/// What is left of the amplitude at a severity of low voltage.
inline double low_voltage_gain(double severity) noexcept { return std::fmax(0.1, 1 - 0.65 * severity); }

/// The chest moves the electrodes as it breathes.
inline double breathing_gain(double time) noexcept { return 1 + 0.03 * std::sin(2 * std::numbers::pi * 0.25 * time); }

}  // namespace synthetic

namespace detail {

template <class = void>
inline Status check(const SyntheticOptions& options) {
  const auto within = [](double value, double low, double high) { return value >= low && value <= high; };
  if (!within(options.seconds, 0.1, 3600)) return error_at("synthetic record", "seconds", "not in 0.1 to 3600");
  if (!within(options.rate, 50, 2000)) return error_at("synthetic record", "rate", "not in 50 to 2000");
  if (!within(options.heart_rate, 20, 250)) return error_at("synthetic record", "heart rate", "not in 20 to 250");
  if (!within(options.rr_deviation, 0, 1)) return error_at("synthetic record", "RR deviation", "not in 0 to 1 s");
  if (!within(options.noise, 0, 100)) return error_at("synthetic record", "noise", "not in 0 to 100 mV");
  if (!within(options.baseline_wander, 0, 100))
    return error_at("synthetic record", "baseline wander", "not in 0 to 100 mV");
  if (!within(options.severity, 0.1, 3)) return error_at("synthetic record", "severity", "not in 0.1 to 3");
  for (const double time : options.premature_ventricular_beats)
    if (!within(time, 0, options.seconds))
      return error_at("synthetic record", "premature ventricular beat", "not within the recording");
  return {};
}

/// The beats whose R peak lies in the recording, and where that is. heart [time]: the dipole without noise.
template <class = void>
inline void find_r_peaks(const std::vector<synthetic::Beat>& beats, const std::vector<synthetic::Dipole>& heart,
                         SyntheticRecord& result) {
  const double rate = result.record.rate;
  const Index last = static_cast<Index>(heart.size()) - 1;
  const auto sample_at = [&](double time) {
    return std::clamp<Index>(static_cast<Index>(std::llround(time * rate)), 0, last);
  };
  const auto lead_two = [&](Index t) {
    return std::abs(synthetic::project(heart[static_cast<std::size_t>(t)], synthetic::independent_lead_vectors[1]));
  };
  for (const synthetic::Beat& beat : beats) {
    if (beat.time < 0 || beat.time * rate > static_cast<double>(last)) continue;
    Index peak = sample_at(beat.time);
    for (Index t = sample_at(beat.time - 0.06); t <= sample_at(beat.time + 0.06); ++t)
      if (lead_two(t) > lead_two(peak)) peak = t;
    result.r_peaks.push_back(peak);
    result.beats.push_back(beat);
  }
}

}  // namespace detail

/// Makes a recording and says what is in it. Deterministic: the same options give the same samples on every machine,
/// but for the last bits of exp and sin. III, aVR, aVL and aVF follow from I and II to rounding, noise included.
/// The truth compares with the recording that the same options give without the anomaly; of atrial fibrillation, with
/// sinus beats at the same irregular moments (else every beat would differ by its place alone). An error where an
/// option lies outside its range, or where the anomaly finds no room.
template <class = void>
inline Result<SyntheticRecord> synthesize(const SyntheticOptions& options) {
  using namespace synthetic;
  if (const Status status = detail::check(options); !status) return status.error();
  const Rhythms rhythms = make_rhythms(options);
  std::vector<Dipole> heart(static_cast<std::size_t>(std::llround(options.seconds * options.rate)));
  const bool abnormal = options.anomaly.anomaly != Anomaly::none || !options.premature_ventricular_beats.empty();
  const double voltage = options.anomaly.anomaly == Anomaly::low_voltage ? low_voltage_gain(options.severity) : 1;
  for (const Beat& beat : rhythms.beats)
    add_beat(beat_waves(beat, options), beat, options.rate, voltage * breathing_gain(beat.time), heart);
  if (options.anomaly.anomaly == Anomaly::atrial_fibrillation)
    FibrillatoryWaves(0.08 * options.severity, options.seed).add_to(heart, options.rate);

  SyntheticRecord result;
  result.record.name = "synthetic";
  result.record.rate = options.rate;
  result.record.leads.assign(standard_leads.begin(), standard_leads.end());
  result.record.samples =
      twelve_leads(measured_leads(heart, options.rate, {options.noise, options.baseline_wander}, options.seed));
  detail::find_r_peaks(rhythms.beats, heart, result);
  if (!abnormal) {
    result.abnormal = Tensor<std::uint8_t>(result.record.samples.shape());
    return result;
  }
  std::vector<Dipole> change(heart.size());
  const Morphology sinus = sinus_beat();
  for (const Beat& beat : rhythms.reference) add_beat(sinus, beat, options.rate, breathing_gain(beat.time), change);
  for (std::size_t t = 0; t < heart.size(); ++t)
    change[t] = {heart[t].x - change[t].x, heart[t].y - change[t].y, heart[t].z - change[t].z};
  result.abnormal = truth_mask(twelve_leads(project_leads(change)), options.rate);
  const char* const name =
      options.anomaly.anomaly == Anomaly::none ? "premature ventricular beats" : options.anomaly.text;
  result.anomalies = list_stretches(result.abnormal, options.rate, name);
  if (result.anomalies.empty())
    return error_at("synthetic record", options.anomaly.name, "the recording is too short for it");
  return result;
}

}  // namespace systolic
