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
#include "systolic/signal/qrs_energy_beats.hpp"

namespace systolic::signal {

namespace qrs {

/// R peaks of one block: the largest deflection within 80 ms of the highest energy.
template <class = void>
inline std::vector<Index> find_in_block(const double* x, Index length, Index leads, double rate) {
  Block block(x, length, leads, rate);
  if (block.leads().empty()) return {};
  block.weigh_by_floor();
  std::vector<Index> beats = choose_beats(block);
  if (block.leads().size() > 1) {
    block.weigh_by_beats(beats);
    beats = choose_beats(block);
  }
  const Index radius = block.samples(0.08);
  for (Index& beat : beats) {
    const Index to = std::min(length, beat + radius + 1);
    double largest = -1;
    for (Index t = std::max<Index>(0, beat - radius); t < to; ++t)
      if (const double deflection = block.deflection(t); deflection > largest) {
        largest = deflection;
        beat = t;
      }
  }
  beats.erase(std::unique(beats.begin(), beats.end()), beats.end());
  return beats;
}

/// A long recording is looked at in blocks: samples [first, last), of which the peaks in [from, to) count.
struct BlockRange {
  Index first, last, from, to;
};

/// Blocks of 30 s that see 5 s of their neighbours; the last one is longer rather than followed by a short one.
template <class = void>
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
template <class = void>
inline std::vector<Index> systolic_r_peaks(TensorView<const double> x, double rate) {
  const int rank = x.shape().rank();
  if ((rank != 1 && rank != 2) || x.size() == 0) return {};
  const Index leads = rank == 2 ? x.shape()[1] : 1;
  return systolic_r_peaks(x.shape()[0], rate, 1, [&](Index first, Index count) {
    return TensorView<const double>(x.data() + first * leads, {count, leads});
  });
}

}  // namespace systolic::signal
