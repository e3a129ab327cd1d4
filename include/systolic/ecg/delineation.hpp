#pragma once
// Where the waves of a beat begin and end, seen by all leads together. docs/intervals.md explains and measures it.

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/median_beat.hpp"

namespace systolic {

/// Samples (500 Hz) from the R peak, negative before it.
struct WaveBounds {
  Index onset = 0, peak = 0, offset = 0;
};

/// A wave that cannot be told from the baseline is absent.
struct Delineation {
  std::optional<WaveBounds> p, qrs, t;
};

namespace delineation {

inline constexpr double qrs_onset_share = 0.02;   ///< of the largest speed of the QRS complex, and ...
inline constexpr double qrs_onset_noise = 4;      ///< ... times the speed of the noise before it, ...
inline constexpr double qrs_largest_share = 0.1;  ///< ... no more than this in all
inline constexpr double qrs_offset_share = 0.07;
inline constexpr double qrs_offset_noise = 2;
inline constexpr Index quiet_samples = 6;            ///< 12 ms: how long the speed must stay below
inline constexpr Index spike_samples = 4;            ///< 8 ms: a pacemaker's pulse and the recorder's answer to it
inline constexpr Index largest_spike_distance = 70;  ///< samples from a spike to the R peak of the beat it starts
inline constexpr double p_onset_share = 0.35;        ///< of the largest speed of the P wave
inline constexpr double p_offset_share = 0.45;
inline constexpr double smallest_p = 0.04;    ///< mV over all leads, and ...
inline constexpr double p_noise_ratio = 3.0;  ///< ... times the noise of the median beat
inline constexpr double latest_t = 0.45;      ///< s from the onset of QRS to the top of T in a cycle of 1 s (Bazett)
inline constexpr Index t_fall = 85;  ///< samples from the top of T to its end at most; then comes a U or a P wave
inline constexpr double smallest_t = 0.05;  ///< mV over all leads
inline constexpr double t_noise_ratio = 3.0;
inline constexpr double t_foot = 1.25;  ///< the tangent cuts the rounded foot off: a bell ends at 2.5, not 2 deviations

/// The leads that are measured against electrodes of their own: III and the augmented leads would count I and II twice.
inline constexpr std::array<Index, 8> independent_leads = {0, 1, 6, 7, 8, 9, 10, 11};

/// [time] length of the vector of independent leads of x [time][12] minus `origin` [12].
template <class = void>
inline std::vector<double> magnitude(const Tensor<double>& x, const std::array<double, 12>& origin) {
  std::vector<double> result(static_cast<std::size_t>(x.shape()[0]));
  for (Index t = 0; t < x.shape()[0]; ++t) {
    double sum = 0;
    for (const Index lead : independent_leads) {
      const double d = x(t, lead) - origin[static_cast<std::size_t>(lead)];
      sum += d * d;
    }
    result[static_cast<std::size_t>(t)] = std::sqrt(sum);
  }
  return result;
}

/// [time] speed of the heart's vector, mV a sample, over 2 `reach` samples of x averaged over `width`.
template <class = void>
inline std::vector<double> speed(const Tensor<double>& x, Index reach, Index width) {
  const Index length = x.shape()[0];
  std::vector<double> result(static_cast<std::size_t>(length));
  Tensor<double> smooth(x.shape());
  for (const Index lead : independent_leads)
    for (Index t = 0; t < length; ++t) {
      double sum = 0;
      for (Index k = -(width / 2); k <= width / 2; ++k) sum += x(std::clamp<Index>(t + k, 0, length - 1), lead);
      smooth(t, lead) = sum / static_cast<double>(2 * (width / 2) + 1);
    }
  for (Index t = 0; t < length; ++t) {
    double sum = 0;
    for (const Index lead : independent_leads) {
      const double d = smooth(std::min(length - 1, t + reach), lead) - smooth(std::max<Index>(0, t - reach), lead);
      sum += d * d;
    }
    result[static_cast<std::size_t>(t)] = std::sqrt(sum) / static_cast<double>(2 * reach);
  }
  return result;
}

/// From `start` in steps of +-1 to `limit`: the last sample before `values` stays below `threshold` for `quiet`
/// samples.
template <class = void>
inline Index walk_out(const std::vector<double>& values, Index start, Index limit, double threshold, Index quiet) {
  const Index step = limit >= start ? 1 : -1;
  Index below = 0;
  for (Index t = start; t != limit; t += step) {
    below = values[static_cast<std::size_t>(t)] < threshold ? below + 1 : 0;
    if (below == quiet) return t - step * (quiet - 1);
  }
  return limit;
}

inline Index argmax(const std::vector<double>& x, Index from, Index to) {
  return std::max_element(x.begin() + from, x.begin() + to) - x.begin();
}
inline double minimum(const std::vector<double>& x, Index from, Index to) {
  return *std::min_element(x.begin() + from, x.begin() + to);
}

/// Root of the mean square length of the noise vector over [from, to), not empty: where the neighbouring beats come at
/// uneven times only what lies near tells of the wave in question.
template <class = void>
inline double noise_size(const MedianBeat& beat, Index from, Index to) {
  const std::vector<double> lengths = magnitude(beat.noise, {});
  double sum = 0;
  for (Index t = from; t < to; ++t) sum += lengths[static_cast<std::size_t>(t)] * lengths[static_cast<std::size_t>(t)];
  return std::sqrt(sum / static_cast<double>(to - from));
}

/// Mean over [from, to), not empty.
inline double mean(const std::vector<double>& x, Index from, Index to) {
  return std::accumulate(x.begin() + from, x.begin() + to, 0.0) / static_cast<double>(to - from);
}

/// What the speed `v` of a QRS complex with its maximum at `top` must fall below at its ends: `quietest`, the noise
/// before the complex, and a share of the maximum; a beat whose neighbours differ from it has no more than so much
/// noise.
template <class = void>
inline double qrs_threshold(const std::vector<double>& v, const std::vector<double>& noise, Index top, double quietest,
                            double noise_ratio, double share) {
  const double size = v[static_cast<std::size_t>(top)] - quietest;
  return quietest + std::min(noise_ratio * mean(noise, top - 70, top - 30) + share * size, qrs_largest_share * size);
}

/// The QRS complex of the median beat. It begins where the speed leaves the quietest moment before it by a small share
/// of its maximum and more than the noise, behind a pacemaker's spike, which is none of the heart's doing; its end
/// likewise.
template <class = void>
inline WaveBounds find_qrs(const MedianBeat& beat, std::optional<Index> spike) {
  const std::vector<double> v = speed(beat.samples, 2, 3), noise = speed(beat.noise, 2, 3);
  const Index first = spike ? *spike + spike_samples : 0;
  const Index top = argmax(v, std::max(median_before - 40, first), median_before + 45);
  const double before = minimum(v, top - 70, top), behind = minimum(v, top, top + 90);
  const double rise = qrs_threshold(v, noise, top, before, qrs_onset_noise, qrs_onset_share);
  const double fall = qrs_threshold(v, noise, top, behind, qrs_offset_noise, qrs_offset_share);
  const Index onset = walk_out(v, top, top - 75, rise, quiet_samples);
  return {std::max(onset, first), median_before, walk_out(v, top, top + 90, fall, quiet_samples)};
}

/// The T wave: the largest deflection behind the ST segment; it ends where the tangent at its steepest descent meets
/// the level behind it (Lepeschkin and Surawicz, Circulation 6, 1952).
template <class = void>
inline std::optional<WaveBounds> find_t(const MedianBeat& beat, const std::vector<double>& d, const WaveBounds& qrs,
                                        Index cycle) {
  // The next P wave, or the next QRS complex, ends the search; T is at its top well before, also where QT is long.
  const Index end = std::min(median_length - 1, median_before + cycle - std::min<Index>(70, cycle / 4));
  const double seconds = static_cast<double>(cycle) / 500;
  const Index latest = std::min(end - 10, qrs.onset + static_cast<Index>(500 * latest_t * std::sqrt(seconds)));
  Index from = qrs.offset + 30;
  if (latest - from < 20) return std::nullopt;
  const double noise = noise_size(beat, from, latest);
  // A raised ST segment that is still falling is no T wave.
  while (from + 20 < latest && d[static_cast<std::size_t>(from + 1)] < d[static_cast<std::size_t>(from)]) ++from;
  const Index peak = argmax(d, from, latest);
  const double height = d[static_cast<std::size_t>(peak)], base = minimum(d, peak, std::min(end, peak + t_fall));
  if (height - base < std::max(smallest_t, t_noise_ratio * noise)) return std::nullopt;
  const std::vector<double> v = speed(beat.samples, 4, 9);
  Index steepest = peak;
  double slope = 0;
  for (Index t = peak; t + 5 < std::min(end, peak + t_fall); ++t)
    if (const double s = (d[static_cast<std::size_t>(t - 5)] - d[static_cast<std::size_t>(t + 5)]) / 10; s > slope) {
      slope = s;
      steepest = t;
    }
  if (!(slope > 0)) return std::nullopt;
  const double way = t_foot * (d[static_cast<std::size_t>(steepest)] - base) / slope;
  const Index offset = std::min(end - 1, steepest + static_cast<Index>(std::lround(way)));
  // It begins where the speed is least between the QRS complex and its steepest ascent.
  const Index rise = peak - from > 2 ? argmax(v, from, peak) : from;
  const Index onset = std::min_element(v.begin() + qrs.offset, v.begin() + std::max(rise, qrs.offset + 1)) - v.begin();
  return WaveBounds{onset, peak, offset};
}

/// The P wave in [begin, end), in front of the QRS complex: the largest deflection from the level at `end`.
template <class = void>
inline std::optional<WaveBounds> find_p(const MedianBeat& beat, Index begin, Index end) {
  if (end - begin < 30) return std::nullopt;
  const double noise = noise_size(beat, begin, end);
  const std::vector<double> v = speed(beat.samples, 4, 9);
  // Deflection from the level just before the QRS complex.
  std::array<double, 12> origin{};
  for (Index lead = 0; lead < 12; ++lead)
    for (Index t = end - 6; t < end; ++t) origin[static_cast<std::size_t>(lead)] += beat.samples(t, lead) / 6;
  const std::vector<double> d = magnitude(beat.samples, origin);
  const Index peak = argmax(d, begin + 8, end - 5);
  const double height = d[static_cast<std::size_t>(peak)];
  const double foot = minimum(d, begin, peak + 1);
  if (height - foot < std::max(smallest_p, p_noise_ratio * noise)) return std::nullopt;
  const Index up = argmax(v, std::max(begin, peak - 35), peak + 1), down = argmax(v, peak, std::min(end, peak + 35));
  const double calm_before = minimum(v, begin, up + 1), calm_behind = minimum(v, down, end);
  const double rising = v[static_cast<std::size_t>(up)], falling = v[static_cast<std::size_t>(down)];
  const Index onset = walk_out(v, up, begin, calm_before + p_onset_share * (rising - calm_before), quiet_samples);
  const Index offset = walk_out(v, down, end, calm_behind + p_offset_share * (falling - calm_behind), quiet_samples);
  if (offset - onset < 15 || offset - onset > 110) return std::nullopt;
  return WaveBounds{onset, peak, offset};
}

}  // namespace delineation

/// The waves of a median beat of 12 standard leads (mV, 500 Hz); `cycle` is the usual RR interval in samples, `spike`
/// where a pacemaker fires for this beat (-70 .. -1). Samples count from the R peak. Empty for an empty beat.
template <class = void>
inline Delineation delineate(const MedianBeat& beat, Index cycle, std::optional<Index> spike = std::nullopt) {
  using namespace delineation;
  Delineation result;
  if (beat.samples.empty()) return result;
  if (spike) spike = median_before + std::clamp<Index>(*spike, -largest_spike_distance, -1);
  const WaveBounds qrs = find_qrs(beat, spike);
  // The filters spread a spike to both sides.
  const Index still = spike ? std::min(qrs.onset, *spike - 2 * spike_samples) : qrs.onset;
  std::array<double, 12> origin{};
  for (Index lead = 0; lead < 12; ++lead)
    for (Index t = still - 8; t < still; ++t)
      if (t >= 0) origin[static_cast<std::size_t>(lead)] += beat.samples(t, lead) / 8;
  const std::vector<double> d = magnitude(beat.samples, origin);
  std::optional<WaveBounds> t = find_t(beat, d, qrs, cycle);
  // The previous T wave begins the search for P.
  const Index previous_t = t ? t->offset - cycle : 0;
  const Index p_begin = std::clamp<Index>(previous_t + 5, qrs.onset - 150, qrs.onset);
  std::optional<WaveBounds> p = find_p(beat, std::max<Index>(0, p_begin), still - 3);
  for (std::optional<WaveBounds>* wave : {&p, &t})
    if (*wave)
      **wave = {(*wave)->onset - median_before, (*wave)->peak - median_before, (*wave)->offset - median_before};
  result.p = p;
  result.t = t;
  result.qrs = WaveBounds{qrs.onset - median_before, 0, qrs.offset - median_before};
  return result;
}

}  // namespace systolic
