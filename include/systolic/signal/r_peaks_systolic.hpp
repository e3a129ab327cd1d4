#pragma once
// The library's own R-peak detector: every lead, any rate and length, upright or inverted, regular or not.
// docs/signal/r_peaks_systolic.md explains each step and shows what it reaches.
//
// After J. Pan, W. Tompkins, "A real-time QRS detection algorithm", IEEE Trans. Biomed. Eng. 32(3), 1985 (slope energy,
// two thresholds, search-back), P. Hamilton, "Open source ECG analysis", Computers in Cardiology, 2002 (medians as
// levels of beats and noise) and M. Elgendi, "Fast QRS detection with an optimized knowledge-based method", PLoS ONE
// 8(9), 2013 (band and width of the average). Levels look both ways in time here, and the leads are weighed.

#include <algorithm>
#include <cmath>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/signal/qrs_energy.hpp"

namespace systolic::signal {

namespace qrs {

inline constexpr double shortest_distance = 0.16;  ///< s between two beats; 300 a minute are 0.2 s apart
inline constexpr double refractory = 0.2;          ///< s within which a second beat must be nearly as large
inline constexpr double refractory_share = 0.7;
inline constexpr double t_wave_end = 0.36;           ///< s after a beat
inline constexpr double t_wave_share = 0.5;          ///< of the beat; what is lower is its T wave
inline constexpr double t_wave_lowest_share = 0.35;  ///< the same for one that is ...
inline constexpr double t_wave_excess = 4;           ///< ... so many times as high as the level of noise
inline constexpr double threshold_share = 0.3;       ///< of the way from the level of noise to that of beats
inline constexpr double search_back_cycles = 1.6;
inline constexpr double search_back_share = 0.18;  ///< of the level of beats: above P waves
inline constexpr double search_back_noise = 1.5;   ///< times the level of noise
inline constexpr double level_reach = 5;           ///< s to either side over which levels are medians
inline constexpr double edge = 0.05;               ///< s at either end of a recording where half a beat looks like one

/// A local maximum of the energy.
struct Candidate {
  Index sample;
  double height;
  double beat_level = 0, noise_level = 0;  ///< median heights around it
  bool accepted = false;
};

/// The places where `energy` is the largest of all within 90 ms, in order.
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
inline void guess_levels(std::vector<Candidate>& candidates, const Block& block) {
  const double rate = block.rate();
  const Index seconds = static_cast<Index>(static_cast<double>(block.length()) / rate) + 1;
  std::vector<double> largest(static_cast<std::size_t>(seconds));
  for (const Candidate& c : candidates)
    for (Index s = 0; s < seconds; ++s)
      if (std::abs(static_cast<double>(c.sample) - static_cast<double>(s) * rate) <= longest_cycle / 2 * rate)
        largest[static_cast<std::size_t>(s)] = std::max(largest[static_cast<std::size_t>(s)], c.height);
  for (Candidate& c : candidates) {
    const auto centre = static_cast<Index>(static_cast<double>(c.sample) / rate + 0.5);
    const auto reach = static_cast<Index>(level_reach);
    std::vector<double> near(largest.begin() + std::max<Index>(0, centre - reach),
                             largest.begin() + std::min(seconds, centre + reach + 1));
    c.beat_level = quantile(near, 0.5);
  }
}

/// Levels are the medians of the beats, and of what is none, within 5 s.
inline void measure_levels(std::vector<Candidate>& candidates, const Block& block) {
  const Index reach = block.samples(level_reach);
  std::size_t first = 0;
  for (Candidate& c : candidates) {
    while (candidates[first].sample + reach <= c.sample) ++first;
    std::vector<double> beats, noise;
    for (std::size_t i = first; i < candidates.size() && candidates[i].sample < c.sample + reach; ++i)
      (candidates[i].accepted ? beats : noise).push_back(candidates[i].height);
    if (beats.size() >= 2) c.beat_level = quantile(beats, 0.5);
    c.noise_level = quantile(noise, 0.5);
  }
}

/// Whether `c`, soon after the beat `last`, is its T wave rather than an early beat: T waves are much lower, and they
/// resemble the other T waves, which dominate the level of noise. One of a ventricular beat need not, but is lower yet.
inline bool is_t_wave(const Candidate& c, const Candidate& last) noexcept {
  const bool unlike_others = c.noise_level > 0 && c.height > t_wave_excess * c.noise_level;
  return c.height < (unlike_others ? t_wave_lowest_share : t_wave_share) * last.height;
}

/// What rises above the threshold, without the second hump of a wide QRS complex and without T waves.
inline void apply_threshold(std::vector<Candidate>& candidates, const Block& block) {
  Candidate* last = nullptr;
  for (Candidate& c : candidates) {
    c.accepted = c.height > c.noise_level + threshold_share * std::max(0.0, c.beat_level - c.noise_level);
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
      } else if (distance < block.samples(t_wave_end) && is_t_wave(c, *last)) {
        c.accepted = false;
        continue;
      }
    }
    last = &c;
  }
}

/// In a gap much longer than the cycles around it the largest candidate is a beat, if it is no P or T wave.
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
      if (candidates[beats[gap + 1]].sample - c.sample < block.samples(0.25)) continue;
      if (c.height <= std::max(search_back_share * c.beat_level, search_back_noise * c.noise_level)) continue;
      if (best == nullptr || c.height > best->height) best = &c;
    }
    if (best != nullptr) best->accepted = true;
  }
}

/// The samples of the highest energy of each beat.
inline std::vector<Index> choose_beats(const std::vector<double>& energy, const Block& block) {
  std::vector<Candidate> candidates = find_candidates(energy, block);
  guess_levels(candidates, block);
  for (int round = 0; round < 4; ++round) {
    apply_threshold(candidates, block);
    search_back(candidates, block);
    measure_levels(candidates, block);
  }
  std::vector<Index> beats;
  for (const Candidate& c : candidates)
    if (c.accepted) beats.push_back(c.sample);
  return beats;
}

/// R peaks of one block: the largest deflection within 80 ms of the highest energy.
inline std::vector<Index> find_in_block(const double* x, Index length, Index leads, double rate) {
  Block block(x, length, leads, rate);
  if (block.leads().empty()) return {};
  block.weigh_by_floor();
  std::vector<Index> beats = choose_beats(block.combined(), block);
  if (block.leads().size() > 1) {
    block.weigh_by_beats(beats);
    beats = choose_beats(block.combined(), block);
  }
  const std::vector<double> deflection = block.deflection();
  const Index radius = block.samples(0.08);
  for (Index& beat : beats) {
    const auto from = deflection.begin() + std::max<Index>(0, beat - radius);
    const auto to = deflection.begin() + std::min(length, beat + radius + 1);
    beat = std::max_element(from, to) - deflection.begin();
  }
  beats.erase(std::unique(beats.begin(), beats.end()), beats.end());
  return beats;
}

/// A long recording is looked at in blocks: samples [first, last), of which the peaks in [from, to) count.
struct BlockRange {
  Index first, last, from, to;
};

/// Blocks of 30 s that see 5 s of their neighbours; the last one is longer rather than followed by a short one.
inline std::vector<BlockRange> block_ranges(Index length, double rate) {
  const Index core = static_cast<Index>(30 * rate), margin = static_cast<Index>(5 * rate);
  std::vector<BlockRange> ranges;
  for (Index from = 0; from < length;) {
    const Index to = length - from - core < 2 * margin ? length : from + core;
    ranges.push_back({std::max<Index>(0, from - margin), std::min(length, to + margin), from, to});
    from = to;
  }
  return ranges;
}

}  // namespace qrs

/// The R peaks of a recording of `length` samples that need not be held: read(first, count) gives those samples, a
/// Tensor<double> or TensorView<const double> [count][lead], or an empty one, whose block then has no peaks. Called
/// from up to `threads` threads at the same time; the result does not depend on their number. Otherwise as below.
template <class Read>
std::vector<Index> systolic_r_peaks(Index length, double rate, int threads, Read&& read) {
  if (!(rate >= 50 && rate <= 1e5) || static_cast<double>(length) < 0.5 * rate) return {};
  const std::vector<qrs::BlockRange> blocks = qrs::block_ranges(length, rate);
  std::vector<std::vector<Index>> found(blocks.size());
  parallel_for(static_cast<Index>(blocks.size()), threads, [&](Index number, int) {
    const qrs::BlockRange& block = blocks[static_cast<std::size_t>(number)];
    const auto samples = read(block.first, block.last - block.first);
    const Shape& shape = samples.shape();
    if (samples.size() == 0 || shape.rank() > 2 || shape[0] != block.last - block.first) return;
    auto& peaks = found[static_cast<std::size_t>(number)];
    for (const Index r : qrs::find_in_block(samples.data(), shape[0], shape.rank() == 2 ? shape[1] : 1, rate))
      if (const Index peak = block.first + r; peak >= block.from && peak < block.to) peaks.push_back(peak);
  });
  const Index nearest = static_cast<Index>(0.12 * rate);
  std::vector<Index> peaks;
  for (const std::vector<Index>& in_block : found)
    for (const Index peak : in_block)
      if (peaks.empty() || peak - peaks.back() > nearest) peaks.push_back(peak);
  return peaks;
}

/// Sample indices of the R peaks, or of the dominant deflection of QRS complexes that have none, ascending.
/// x [time][lead] (or [time]), any scale, any number of leads, need not be denoised; invalid samples (NaN, infinite,
/// above 1e9) and flat leads are left out. The result does not change with sign or scale. Beats of 25 to 300 a minute.
/// Works in blocks of 30 s that see 5 s of their neighbours, so time grows with the length, memory does not. Empty for
/// less than half a second, a rate outside 50 to 100000 Hz, and where no lead has a signal.
inline std::vector<Index> systolic_r_peaks(TensorView<const double> x, double rate) {
  const int rank = x.shape().rank();
  if ((rank != 1 && rank != 2) || x.size() == 0) return {};
  const Index leads = rank == 2 ? x.shape()[1] : 1;
  return systolic_r_peaks(x.shape()[0], rate, 1, [&](Index first, Index count) {
    return TensorView<const double>(x.data() + first * leads, {count, leads});
  });
}

}  // namespace systolic::signal
