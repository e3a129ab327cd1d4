#pragma once
// How steep one lead is at every moment, averaged over the length of a QRS complex, and how much it bends.
// docs/signal/r_peaks_systolic.md explains each step.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/signal/quantile.hpp"

namespace systolic::signal::qrs {

inline constexpr double average_seconds = 0.1;  ///< about one QRS complex
inline constexpr double longest_cycle = 2.5;    ///< s; at 25 beats a minute there is a beat in each

/// At least one.
template <class = void>
inline Index samples_of(double seconds, double rate) noexcept {
  return std::max<Index>(1, static_cast<Index>(std::llround(seconds * rate)));
}

/// Mean of the 2 half + 1 samples around `centre` of what `sums` [time + 1] are the running sums of; beyond the ends
/// lie zeros.
template <class = void>
inline double mean_around(const std::vector<double>& sums, Index centre, Index half) noexcept {
  const auto from = static_cast<std::size_t>(std::max<Index>(0, centre - half));
  const auto to = static_cast<std::size_t>(std::min(static_cast<Index>(sums.size()) - 1, centre + half + 1));
  return (sums[to] - sums[from]) / static_cast<double>(2 * half + 1);
}

/// One lead of a block.
struct LeadEnergy {
  Index lead = 0;                      ///< column of the block
  double scale = 0;                    ///< energy of its usual QRS complex; at most 1e-12: there is none
  std::vector<double> energy = {};     ///< [time] mean |slope|
  std::vector<double> bend_sums = {};  ///< [time + 1] running sums of |change of slope|, in units that make its mean
                                       ///< the energy of a wave of 10 Hz
  std::vector<double> root = {};       ///< [time] square root of energy / scale
  std::vector<double> weight = {};     ///< for Block: one every weight_step
  std::vector<char> absent = {};       ///< for Block: [time] whether there is no sample; empty: nowhere so
};

/// The energy of a column of `band` [time][lead], the band-passed leads.
template <class = void>
inline LeadEnergy lead_energy(const Tensor<double>& band, Index lead, double rate) {
  LeadEnergy result;
  result.lead = lead;
  const Index length = band.shape()[0], leads = band.shape()[1], reach = samples_of(0.004, rate);
  const auto size = static_cast<std::size_t>(length);
  // |x''| / |x'| is the angular frequency; the slope spans two `reach`.
  const double bend_unit = rate / (std::numbers::pi * 10 * static_cast<double>(reach));
  const double* const column = band.data() + lead;
  std::vector<double> slope_sums(size + 1);
  result.bend_sums.resize(size + 1);
  double slope = 0, bend = 0;
  for (Index t = 0; t < length; ++t) {
    const double before = column[std::max<Index>(0, t - reach) * leads];
    const double behind = column[std::min(length - 1, t + reach) * leads];
    const auto next = static_cast<std::size_t>(t) + 1;
    slope_sums[next] = slope += std::abs(behind - before);
    result.bend_sums[next] = bend += bend_unit * std::abs(behind + before - 2 * column[t * leads]);
  }
  result.energy.resize(size);
  const Index half = samples_of(average_seconds, rate) / 2;
  for (Index t = 0; t < length; ++t) result.energy[static_cast<std::size_t>(t)] = mean_around(slope_sums, t, half);

  std::vector<double> largest;
  const Index cycle = samples_of(longest_cycle, rate), step = std::max<Index>(1, cycle / 2);
  for (Index from = 0; from == 0 || from + step <= length; from += step) {
    const auto begin = result.energy.begin() + from, end = result.energy.begin() + std::min(length, from + cycle);
    largest.push_back(*std::max_element(begin, end));
    if (from + cycle >= length) break;
  }
  result.scale = quantile(largest, 0.4);
  if (!(result.scale > 1e-12)) return result;
  result.root.resize(size);
  for (std::size_t t = 0; t < size; ++t) result.root[t] = std::sqrt(result.energy[t] / result.scale);
  return result;
}

}  // namespace systolic::signal::qrs
