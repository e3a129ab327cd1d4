#pragma once
// Spikes of a pacemaker: a millisecond or two high, nothing of the heart is so short; and a pacemaker is regular, which
// clicks of an electrode are not.

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/delineation.hpp"

namespace systolic {

namespace pacemaker {

inline constexpr double smallest_jump = 0.1;        ///< mV from one sample to the next, over all independent leads
inline constexpr double smallest_lead_jump = 0.03;  ///< mV in at least two of them
inline constexpr double jump_to_noise = 8;          ///< times the median jump within 0.2 s
inline constexpr double jump_to_neighbours = 3;     ///< times the largest jump of the samples around the spike
inline constexpr Index half_width = 3;              ///< samples to either side that belong to a spike and its ringing
inline constexpr Index quiet_before = 15;           ///< 30 ms; a QRS complex takes longer to reach its full slope
inline constexpr Index quiet_behind = 6;            ///< 12 ms: then the beat may begin
inline constexpr Index largest_distance = 175;  ///< samples from a spike to its R peak: atrial pacing, slow conduction
inline constexpr Index same_distance = 4;       ///< samples, +-
inline constexpr Index same_interval = 3;
inline constexpr Index smallest_interval = 150;  ///< 200 spikes a minute
inline constexpr std::size_t least_beats = 3;    ///< with a spike at the same distance
inline constexpr std::size_t least_chain = 4;    ///< spikes at the same interval

/// Samples of x [time][12] at which the signal jumps alone, ascending: more than the noise around it and than any
/// slope next to it. A QRS complex is steep for longer.
template <class = void>
inline std::vector<Index> jumps(TensorView<const double> x) {
  const Index length = x.shape()[0];
  std::vector<double> jump(static_cast<std::size_t>(length));
  const auto at = [&](Index t) { return jump[static_cast<std::size_t>(t)]; };
  const auto of_lead = [&](Index t, Index lead) { return std::abs(x(t, lead) - x(t - 1, lead)); };
  for (Index t = 1; t < length; ++t) {
    double sum = 0;
    for (const Index lead : delineation::independent_leads) sum += of_lead(t, lead) * of_lead(t, lead);
    jump[static_cast<std::size_t>(t)] = std::sqrt(sum);
  }
  std::vector<Index> result;
  for (Index t = quiet_before + 1; t + quiet_behind < length; ++t) {
    if (!(at(t) > smallest_jump)) continue;
    const auto leads = std::count_if(delineation::independent_leads.begin(), delineation::independent_leads.end(),
                                     [&](Index lead) { return of_lead(t, lead) > smallest_lead_jump; });
    if (leads < 2) continue;
    double beside = 0;
    for (Index k = half_width + 1; k <= quiet_before; ++k) beside = std::max(beside, at(t - k));
    for (Index k = half_width + 1; k <= quiet_behind; ++k) beside = std::max(beside, at(t + k));
    if (!(at(t) > jump_to_neighbours * beside)) continue;
    std::vector<double> near(jump.begin() + std::max<Index>(1, t - 100), jump.begin() + std::min(length, t + 100));
    const auto middle = near.begin() + static_cast<Index>(near.size() / 2);
    std::nth_element(near.begin(), middle, near.end());
    if (!(at(t) > jump_to_noise * *middle)) continue;
    // Up and down again are one spike, at the way up; so are its ringings.
    if (result.empty() || t - result.back() > quiet_before)
      result.push_back(t);
    else if (at(t) > (t - result.back() <= half_width ? 2 : 1) * at(result.back()))
      result.back() = t;
  }
  return result;
}

/// Samples from each of `spikes` to the next of `r_peaks` (both ascending); nothing where none is near.
template <class = void>
inline std::vector<std::optional<Index>> distances(const std::vector<Index>& spikes,
                                                   const std::vector<Index>& r_peaks) {
  std::vector<std::optional<Index>> result;
  for (const Index spike : spikes) {
    const auto r = std::upper_bound(r_peaks.begin(), r_peaks.end(), spike);
    result.push_back(r != r_peaks.end() && *r - spike <= largest_distance ? std::optional<Index>(*r - spike)
                                                                          : std::nullopt);
  }
  return result;
}

/// Marks in `regular` those of `spikes` that lie at one distance from their R peaks: the atrial and the ventricular
/// spikes of a pacemaker each have their own.
template <class = void>
inline void mark_constant_distance(const std::vector<Index>& spikes, const std::vector<Index>& r_peaks,
                                   std::vector<char>& regular) {
  const auto distance = distances(spikes, r_peaks);
  const std::size_t least = std::max(least_beats, (spikes.size() + 3) / 4);
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    if (!distance[i]) continue;
    const auto same = [&](const std::optional<Index>& d) { return d && std::abs(*d - *distance[i]) <= same_distance; };
    if (static_cast<std::size_t>(std::count_if(distance.begin(), distance.end(), same)) < least) continue;
    for (std::size_t j = 0; j < spikes.size(); ++j)
      if (same(distance[j])) regular[j] = 1;
  }
}

/// Marks in `regular` those of `spikes` that follow each other at one interval, also where the heart does not answer.
template <class = void>
inline void mark_constant_interval(const std::vector<Index>& spikes, std::vector<char>& regular) {
  const std::size_t least = std::max(least_chain, (spikes.size() + 1) / 2);
  for (std::size_t i = 0; i < spikes.size(); ++i)
    for (std::size_t j = i + 1; j < spikes.size(); ++j) {
      const Index interval = spikes[j] - spikes[i];
      if (interval < smallest_interval) continue;
      std::vector<std::size_t> chain = {i, j};
      for (std::size_t k = j + 1; k < spikes.size(); ++k)
        if (std::abs(spikes[k] - spikes[chain.back()] - interval) <= same_interval) chain.push_back(k);
      if (chain.size() < least) continue;
      for (const std::size_t k : chain) regular[k] = 1;
    }
}

/// How many samples before its R peak a pacemaker usually fires for the ventricle, for most of `beats` (R peaks that
/// have been moved to fit the median beat), as a negative number; nothing where they are not paced.
template <class = void>
inline std::optional<Index> ventricular_spike(const std::vector<Index>& spikes, const std::vector<Index>& beats) {
  std::vector<Index> found;
  for (const Index r : beats) {
    const auto behind = std::lower_bound(spikes.begin(), spikes.end(), r);
    if (behind != spikes.begin() && r - *(behind - 1) <= delineation::largest_spike_distance)
      found.push_back(*(behind - 1) - r);
  }
  if (found.empty() || 2 * found.size() < beats.size()) return std::nullopt;
  const auto middle = found.begin() + static_cast<Index>(found.size() / 2);
  std::nth_element(found.begin(), middle, found.end());
  return *middle;
}

}  // namespace pacemaker

/// Samples of a window x [time][12] (mV, 500 Hz or more, not filtered) at which a pacemaker has fired, ascending: what
/// jumps alone, either at one distance from `r_peaks` (ascending) in three beats or more, or at one interval four times
/// or more. A lone click is none.
template <class = void>
inline std::vector<Index> find_pacemaker_spikes(TensorView<const double> x, const std::vector<Index>& r_peaks = {}) {
  if (x.shape().rank() != 2 || x.shape()[1] != 12 || x.shape()[0] < 40) return {};
  const std::vector<Index> found = pacemaker::jumps(x);
  std::vector<char> regular(found.size());
  pacemaker::mark_constant_distance(found, r_peaks, regular);
  pacemaker::mark_constant_interval(found, regular);
  std::vector<Index> spikes;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (regular[i]) spikes.push_back(found[i]);
  return spikes;
}

}  // namespace systolic
