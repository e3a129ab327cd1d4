#pragma once
// Which humps of the energy are beats: local levels of beats and noise, and what a P or a T wave looks like.
// docs/signal/r_peaks_systolic.md explains each step.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/signal/qrs_energy.hpp"
#include "systolic/signal/quantile.hpp"

namespace systolic::signal::qrs {

inline constexpr double shortest_distance = 0.16;  ///< s between two beats; 300 a minute are 0.2 s apart
inline constexpr double refractory = 0.2;          ///< s within which a second beat must be nearly as large
inline constexpr double refractory_share = 0.7;
inline constexpr double t_wave_end = 0.36;           ///< s after a beat
inline constexpr double t_wave_share = 0.5;          ///< of the beat; what is lower is its T wave
inline constexpr double t_wave_lowest_share = 0.35;  ///< the same for one that is ...
inline constexpr double t_wave_excess = 4;           ///< ... so many times as high as the level of noise
inline constexpr double threshold_share = 0.3;       ///< of the way from the level of noise to that of beats
inline constexpr double blunt_end = 0.42;            ///< s after a beat within which a blunt wave is its T wave
inline constexpr double blunt = 0.8;                 ///< frequency of a T wave at most, in 10 Hz, and ...
inline constexpr double blunt_share = 0.7;           ///< ... by that of the beat
inline constexpr double p_wave_begin = 0.28;         ///< s before a beat within which ...
inline constexpr double p_wave_share = 0.3;          ///< ... what is so much lower than it is its P wave
inline constexpr double floor_reach = 1.5;           ///< s to either side over which the floor of the noise is measured
inline constexpr double floor_times = 2.2;           ///< highest humps of noise by its lower quartile, or ...
inline constexpr double floor_spread = 6;           ///< ... above its median, by the distance of that from the quartile
inline constexpr double floor_cap = 0.8;            ///< of the level of beats: such beats are found in any noise
inline constexpr double lowest_level = 0.5;         ///< of the block's level of beats, in pauses
inline constexpr double lower_kind_share = 0.2;     ///< of the level of beats, for beats of a second, lower kind
inline constexpr double lower_kind_likeness = 1.6;  ///< largest ratio of two of their heights
inline constexpr int lower_kind_count = 4;          ///< of them within 5 s to either side
inline constexpr double search_back_cycles = 1.6;
inline constexpr double search_back_share = 0.18;  ///< of the level of beats: above P waves
inline constexpr double search_back_noise = 1.5;   ///< times the level of noise
inline constexpr double search_back_floor = 0.8;   ///< times what noise reaches
inline constexpr double level_reach = 5;           ///< s to either side over which levels are medians
inline constexpr double edge = 0.05;               ///< s at either end of a recording where half a beat looks like one

/// A local maximum of the energy.
struct Candidate {
  Index sample;
  double height;
  double frequency = 0;                    ///< of the wave, in 10 Hz: about 0.7 in T waves, 0.9 to 1.9 in beats
  double lowest = 0;                       ///< beat level
  double beat_level = 0, noise_level = 0;  ///< median heights around it
  double floor = 0;                        ///< what the highest humps of mere noise reach
  bool accepted = false;
};

/// The places where `energy` is the largest of all within 90 ms, in order.
template <class = void>
inline std::vector<Candidate> find_candidates(const std::vector<double>& energy, const Block& block) {
  const Index length = block.length(), radius = block.samples(0.09), margin = block.samples(edge);
  std::vector<Candidate> result;
  std::vector<Index> falling;  // from `head` on: samples of the window that no later one exceeds
  std::size_t head = 0;
  const auto at = [&](Index t) { return energy[static_cast<std::size_t>(t)]; };
  for (Index t = 0; t < length + radius; ++t) {
    if (t < length) {
      while (falling.size() > head && at(falling.back()) < at(t)) falling.pop_back();
      falling.push_back(t);
    }
    const Index centre = t - radius;
    if (centre < 0) continue;
    while (falling[head] < centre - radius) ++head;
    if (falling[head] == centre && at(centre) > 0 && centre >= margin && centre < length - margin)
      result.push_back({centre, at(centre)});
  }
  return result;
}

/// The level of beats before any is known: every 2.5 s hold one, so the median of their maxima is a beat's height.
template <class = void>
inline void guess_levels(std::vector<Candidate>& candidates, const Block& block) {
  const double rate = block.rate();
  const Index seconds = static_cast<Index>(static_cast<double>(block.length()) / rate) + 1;
  std::vector<double> largest(static_cast<std::size_t>(seconds));
  for (const Candidate& c : candidates)
    for (Index s = 0; s < seconds; ++s)
      if (std::abs(static_cast<double>(c.sample) - static_cast<double>(s) * rate) <= longest_cycle / 2 * rate)
        largest[static_cast<std::size_t>(s)] = std::max(largest[static_cast<std::size_t>(s)], c.height);
  std::vector<double> all = largest;
  const double lowest = lowest_level * quantile(all, 0.6);
  for (Candidate& c : candidates) {
    const auto centre = static_cast<Index>(static_cast<double>(c.sample) / rate + 0.5);
    const auto reach = static_cast<Index>(level_reach);
    std::vector<double> near(largest.begin() + std::max<Index>(0, centre - reach),
                             largest.begin() + std::min(seconds, centre + reach + 1));
    c.lowest = lowest;
    c.beat_level = std::max(lowest, quantile(near, 0.5));
  }
}

/// How high noise reaches, from the lower half of the energies around, which beats and T waves do not belong to. Its
/// humps are narrower where many leads are averaged; where beats follow quickly their feet belong to it and widen it.
template <class = void>
inline void measure_floor(std::vector<Candidate>& candidates, const std::vector<double>& energy, const Block& block) {
  const Index reach = block.samples(floor_reach), step = block.samples(grain_seconds);
  std::vector<double> near;
  for (Candidate& c : candidates) {
    near.clear();
    for (Index t = std::max<Index>(0, c.sample - reach); t < std::min(block.length(), c.sample + reach); t += step)
      near.push_back(energy[static_cast<std::size_t>(t)]);
    const double middle = quantile(near, 0.5), low = quantile(near, 0.25);
    c.floor = std::min(floor_times * low, middle + floor_spread * (middle - low));
  }
}

/// Levels are the medians of the beats, and of what is none, within 5 s.
template <class = void>
inline void measure_levels(std::vector<Candidate>& candidates, const Block& block) {
  const Index reach = block.samples(level_reach);
  std::size_t first = 0;
  for (Candidate& c : candidates) {
    while (candidates[first].sample + reach <= c.sample) ++first;
    std::vector<double> beats, noise;
    for (std::size_t i = first; i < candidates.size() && candidates[i].sample < c.sample + reach; ++i)
      (candidates[i].accepted ? beats : noise).push_back(candidates[i].height);
    if (beats.size() >= 2) c.beat_level = std::max(c.lowest, quantile(beats, 0.5));
    c.noise_level = quantile(noise, 0.5);
  }
}

/// Whether `c`, soon after the beat `last`, is its T wave rather than an early beat: T waves are slower; most are much
/// lower, too, and they resemble the other T waves, which dominate the level of noise. One of a ventricular beat need
/// not, but is lower yet.
template <class = void>
inline bool is_t_wave(const Candidate& c, const Candidate& last, const Block& block) noexcept {
  const Index distance = c.sample - last.sample;
  if (distance < block.samples(blunt_end) && c.frequency < std::min(blunt, blunt_share * last.frequency)) return true;
  if (distance >= block.samples(t_wave_end)) return false;
  const bool unlike_others = c.noise_level > 0 && c.height > t_wave_excess * c.noise_level;
  return c.height < (unlike_others ? t_wave_lowest_share : t_wave_share) * last.height;
}

/// What mere noise reaches at `c`, but no beat of usual height.
inline double capped_floor(const Candidate& c) noexcept { return std::min(c.floor, floor_cap * c.beat_level); }

/// What rises above the threshold, without the second hump of a wide QRS complex, without P and T waves.
template <class = void>
inline void apply_threshold(std::vector<Candidate>& candidates, const Block& block) {
  Candidate* last = nullptr;
  for (Candidate& c : candidates) {
    const double threshold = c.noise_level + threshold_share * std::max(0.0, c.beat_level - c.noise_level);
    c.accepted = c.height > std::max(threshold, capped_floor(c));
    if (!c.accepted) continue;
    if (last != nullptr) {
      const Index distance = c.sample - last->sample;
      const auto [smaller, larger] = std::minmax(c.height, last->height);
      if (distance < block.samples(shortest_distance) ||
          (distance < block.samples(refractory) && smaller < refractory_share * larger)) {
        if (c.height <= last->height) {
          c.accepted = false;
          continue;
        }
        last->accepted = false;
      } else if (is_t_wave(c, *last, block)) {
        c.accepted = false;
        continue;
      } else if (distance < block.samples(p_wave_begin) && last->height < p_wave_share * c.height) {
        last->accepted = false;
      }
    }
    last = &c;
  }
}

/// Beats of a second, lower kind (the normal ones among tall ventricular beats) come several times and look alike; an
/// artefact does not.
template <class = void>
inline void accept_lower_kind(std::vector<Candidate>& candidates, const Block& block) {
  const Index reach = block.samples(level_reach), p_begin = block.samples(p_wave_begin);
  std::vector<std::size_t> low;
  const Candidate* last = nullptr;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& c = candidates[i];
    if (c.accepted) {
      last = &c;
    } else if (c.height > std::max(lower_kind_share * c.beat_level, c.floor)) {
      bool alone =
          last == nullptr || (c.sample - last->sample >= block.samples(t_wave_end) && !is_t_wave(c, *last, block));
      for (std::size_t k = i + 1; alone && k < candidates.size() && candidates[k].sample - c.sample < p_begin; ++k)
        alone = !candidates[k].accepted && candidates[k].height < c.height;
      if (alone) low.push_back(i);
    }
  }
  for (const std::size_t i : low) {
    Candidate& c = candidates[i];
    c.accepted = std::count_if(low.begin(), low.end(), [&](std::size_t k) {
                   const auto [lower, higher] = std::minmax(c.height, candidates[k].height);
                   return std::abs(candidates[k].sample - c.sample) < reach && higher < lower_kind_likeness * lower;
                 }) >= lower_kind_count;
  }
}

/// In a gap much longer than the cycles around it the largest candidate is a beat, if it is no P or T wave.
template <class = void>
inline void search_back(std::vector<Candidate>& candidates, const Block& block) {
  std::vector<std::size_t> beats;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (candidates[i].accepted) beats.push_back(i);
  std::vector<double> cycles;
  for (std::size_t k = 1; k < beats.size(); ++k)
    cycles.push_back(static_cast<double>(candidates[beats[k]].sample - candidates[beats[k - 1]].sample));
  for (std::size_t gap = 0; gap < cycles.size(); ++gap) {
    std::vector<double> around;
    for (std::size_t k = gap > 4 ? gap - 4 : 0; k < std::min(cycles.size(), gap + 5); ++k)
      if (k != gap) around.push_back(cycles[k]);
    const double usual = around.empty() ? 0.8 * block.rate() : quantile(around, 0.5);
    if (cycles[gap] <= search_back_cycles * usual) continue;
    Candidate* best = nullptr;
    for (std::size_t i = beats[gap] + 1; i < beats[gap + 1]; ++i) {
      Candidate& c = candidates[i];
      if (c.sample - candidates[beats[gap]].sample < block.samples(t_wave_end)) continue;
      if (is_t_wave(c, candidates[beats[gap]], block)) continue;
      if (candidates[beats[gap + 1]].sample - c.sample < block.samples(0.25)) continue;
      if (c.height <= std::max(search_back_share * c.beat_level, search_back_noise * c.noise_level)) continue;
      if (c.height <= search_back_floor * capped_floor(c)) continue;
      if (best == nullptr || c.height > best->height) best = &c;
    }
    if (best != nullptr) best->accepted = true;
  }
}

/// The samples of the highest energy of each beat.
template <class = void>
inline std::vector<Index> choose_beats(const Block& block) {
  const std::vector<double> energy = block.combined();
  std::vector<Candidate> candidates = find_candidates(energy, block);
  for (Candidate& c : candidates) c.frequency = block.combined_bend(c.sample) / c.height;
  guess_levels(candidates, block);
  measure_floor(candidates, energy, block);
  for (int round = 0; round < 4; ++round) {
    apply_threshold(candidates, block);
    accept_lower_kind(candidates, block);
    search_back(candidates, block);
    measure_levels(candidates, block);
  }
  std::vector<Index> beats;
  for (const Candidate& c : candidates)
    if (c.accepted) beats.push_back(c.sample);
  return beats;
}

}  // namespace systolic::signal::qrs
