#pragma once
// The figures that the quality of a lead is judged by: mains, bands of frequencies, saturation, noise.
// docs/quality.md gives the reason for each.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/signal/filter.hpp"

namespace systolic::detail {

/// One second of the sine and the cosine of a frequency, under a Hann window. Made once for all leads: the functions
/// cost more than everything that is done with them.
struct SineProbe {
  std::vector<double> hann, cosine, sine;  ///< [samples]; empty where the rate is too low for the frequency

  template <class = void>
  SineProbe(double frequency, double rate) {
    const auto length = static_cast<std::size_t>(rate);
    if (frequency >= 0.45 * rate) return;
    for (std::size_t t = 0; t < length; ++t) {
      const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(t) / rate;
      hann.push_back(
          0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(t) + 0.5) / static_cast<double>(length)));
      cosine.push_back(std::cos(angle));
      sine.push_back(std::sin(angle));
    }
  }

  /// Amplitude of the sine in x, its mean over stretches of one second (mains is steady, a beat is not): the least of
  /// them all.
  template <class = void>
  double amplitude(const std::vector<double>& x) const {
    const std::size_t length = hann.size();
    double least = -1;
    for (std::size_t from = 0; length > 0 && from + length <= x.size(); from += length) {
      double mean = 0, real = 0, imaginary = 0, total = 0;
      for (std::size_t t = 0; t < length; ++t) mean += x[from + t] / static_cast<double>(length);
      for (std::size_t t = 0; t < length; ++t) {
        real += hann[t] * (x[from + t] - mean) * cosine[t];
        imaginary += hann[t] * (x[from + t] - mean) * sine[t];
        total += hann[t];
      }
      const double amplitude = 2 * std::hypot(real, imaginary) / total;
      least = least < 0 ? amplitude : std::min(least, amplitude);
    }
    return std::max(0.0, least);
  }
};

/// What is looked for in every lead of a recording.
struct MainsProbes {
  SineProbe at_50, at_60;
  explicit MainsProbes(double rate) : at_50(50, rate), at_60(60, rate) {}
};

/// Share of x that stands still for 20 ms or more within 1 % of the largest or smallest value.
template <class = void>
inline double share_at_extremes(const std::vector<double>& x, double rate) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double margin = 0.01 * (*high - *low);
  const auto shortest = static_cast<std::size_t>(std::max(3.0, 0.02 * rate));
  std::size_t count = 0, start = 0;
  for (std::size_t t = 1; t <= x.size(); ++t) {
    if (t < x.size() && x[t] == x[start]) continue;
    const bool extreme = x[start] <= *low + margin || x[start] >= *high - margin;
    if (extreme && t - start >= shortest) count += t - start;
    start = t;
  }
  return x.empty() ? 0 : static_cast<double>(count) / static_cast<double>(x.size());
}

/// The bands of a lead that its figures are taken of.
struct LeadBands {
  std::vector<double> heart;  ///< 1 to 40 Hz
  std::vector<double> slow;   ///< below 0.7 Hz
  std::vector<double> above;  ///< above 40 Hz
};

/// The bands of every lead of x [time][lead]; a filter that the rate does not allow leaves all of x, or nothing of it.
/// Leads are filtered side by side, which takes a quarter of the time of one after the other.
template <class = void>
inline std::vector<LeadBands> bands_of(const Tensor<double>& x, double rate) {
  const Index leads = x.shape()[1], length = x.shape()[0];
  std::vector<LeadBands> bands(static_cast<std::size_t>(leads));
  const auto filter = [rate](Tensor<double>& y, double cutoff, bool high) {
    if (cutoff < 0.45 * rate)
      static_cast<void>(signal::filtfilt(
          high ? signal::butterworth_highpass(cutoff, rate) : signal::butterworth_lowpass(cutoff, rate), y));
    else if (high)
      std::fill(y.begin(), y.end(), 0.0);
  };
  const auto keep = [&](const Tensor<double>& y, std::vector<double> LeadBands::*band) {
    for (Index lead = 0; lead < leads; ++lead) {
      std::vector<double>& out = bands[static_cast<std::size_t>(lead)].*band;
      out.resize(static_cast<std::size_t>(length));
      for (Index t = 0; t < length; ++t) out[static_cast<std::size_t>(t)] = y.data()[t * leads + lead];
    }
  };
  Tensor<double> y = x;
  filter(y, 1, true);
  filter(y, 40, false);
  keep(y, &LeadBands::heart);
  y = x;
  filter(y, 0.7, false);
  keep(y, &LeadBands::slow);
  y = x;
  filter(y, 40, true);
  keep(y, &LeadBands::above);
  return bands;
}

inline double peak_to_peak(const std::vector<double>& x) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  return x.empty() ? 0 : *high - *low;
}

/// Standard deviation of Gaussian noise with the median |x| of x: beats, which are rare, do not count.
template <class = void>
inline double robust_deviation(std::vector<double> x) {
  if (x.empty()) return 0;
  for (double& value : x) value = std::abs(value);
  const auto middle = x.begin() + static_cast<Index>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return 1.4826 * *middle;
}

}  // namespace systolic::detail
