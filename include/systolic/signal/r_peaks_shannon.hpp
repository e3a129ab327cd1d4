#pragma once
// R peaks from the Shannon energy of the slope (Manikandan and Soman 2012), as Rare-ECG computes them: the QRS complex
// is where a band-passed signal is steep, its energy makes one hump a beat, and the Hilbert transform of a hump crosses
// zero upwards at its top. docs/signal/r_peaks.md explains each step and what goes wrong.

#include <algorithm>
#include <cmath>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/signal/analytic.hpp"
#include "systolic/signal/filter.hpp"

namespace systolic::signal {

namespace shannon {

inline constexpr double rate = 500;         ///< Hz; every constant below belongs to it
inline constexpr Index energy_window = 79;  ///< samples, the moving average of the energy
inline constexpr Index drift_window = 1250;
inline constexpr Index search_radius = 60;  ///< about an energy hump, for the R peak in the signal itself
inline constexpr Index end_margin = 10;
inline constexpr Index first_kept = 200;   ///< a beat needs room before ...
inline constexpr Index last_margin = 600;  ///< ... and behind: r < 4400 of 5000

/// Chebyshev I band-pass, order 4, 1 dB ripple, 6-18 Hz at 500 Hz.
template <class = void>
[[gnu::noinline]] inline TransferFunction band_pass() {
  constexpr double gain = 7.402822937955946e-06;
  return {{gain, 0, -4 * gain, 0, 6 * gain, 0, -4 * gain, 0, gain},
          {1, -7.767391399480876, 26.48261732037677, -51.76534463238661, 63.44943776779373, -49.93771010035344,
           24.645939718251842, -6.973740195053886, 0.8661915992918137}};
}

/// Mean of the last `width` samples; 0 where there are not yet so many.
template <class = void>
[[gnu::noinline]] inline std::vector<double> trailing_mean(const std::vector<double>& x, Index width) {
  const auto w = static_cast<std::size_t>(width);
  std::vector<double> means(x.size());
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += x[i] - (i >= w ? x[i - w] : 0.0);
    if (i + 1 >= w) means[i] = sum / static_cast<double>(width);
  }
  return means;
}

/// -d^2 log10 d^2 of the slope d of x, scaled to a largest |d| of 1. Empty where x has no slope.
template <class = void>
inline std::vector<double> slope_energy(const std::vector<double>& x) {
  std::vector<double> energy(x.size());
  double steepest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    energy[i] = (i + 1 < x.size() ? x[i + 1] : 0.0) - x[i];
    steepest = std::max(steepest, std::abs(energy[i]));
  }
  if (!(steepest > 0)) return {};
  for (double& value : energy) {
    const double square = (value / steepest) * (value / steepest);
    value = square > 0 ? -square * std::log10(square) : 0;  // 0 log 0: the published code gets NaN, and no peak at all
  }
  return energy;
}

inline int sign(double value) noexcept { return (value > 0) - (value < 0); }

}  // namespace shannon

/// Every peak that the detector finds, before the published cut: the places of the maximum of `x` within 60 samples of
/// an energy hump, in the order of the humps; a place that two humps share, or several equal maxima, stay. x [time],
/// denoised, at 500 Hz. Empty for a flat x and one of 27 samples or fewer. Requires finite x.
template <class = void>
inline std::vector<Index> shannon_candidates(TensorView<const double> x) {
  const Index length = x.size();
  if (length == 0) return {};
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  if (!(*low < *high)) return {};

  std::vector<double> filtered(x.begin(), x.end());
  if (!filtfilt(shannon::band_pass(), {filtered.data(), {length, 1}})) return {};
  const std::vector<double> energy = shannon::slope_energy(filtered);
  if (energy.empty()) return {};
  const std::vector<double> envelope = shannon::trailing_mean(energy, shannon::energy_window);
  std::vector<double> phase = hilbert_transform({envelope.data(), {length}});
  const std::vector<double> drift = shannon::trailing_mean(phase, shannon::drift_window);
  for (std::size_t i = 0; i < phase.size(); ++i) phase[i] -= drift[i];

  std::vector<Index> peaks;
  for (Index i = 0; i + shannon::search_radius <= length - shannon::end_margin; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (shannon::sign(phase[at + 1]) <= shannon::sign(phase[at])) continue;
    // The published code lets a window before the start wrap to the end; its cut then drops whatever that finds.
    const double* begin = x.data() + std::max<Index>(0, i - shannon::search_radius);
    const double* end = x.data() + i + shannon::search_radius + 1;
    const double maximum = *std::max_element(begin, end);
    for (const double* sample = begin; sample != end; ++sample)
      if (*sample == maximum) peaks.push_back(sample - x.data());
  }
  return peaks;
}

/// The published list: the candidates with 200 < r < length - 600 (4400 of 5000 samples).
/// x [time], denoised and min-max normalised, at 500 Hz. Empty at any other rate, for which the detector is not
/// defined.
template <class = void>
inline std::vector<Index> shannon_r_peaks(TensorView<const double> x, double rate) {
  if (rate != shannon::rate) return {};
  std::vector<Index> peaks = shannon_candidates(x);
  const Index end = x.size() - shannon::last_margin;
  std::erase_if(peaks, [end](Index r) { return r <= shannon::first_kept || r >= end; });
  return peaks;
}

}  // namespace systolic::signal
