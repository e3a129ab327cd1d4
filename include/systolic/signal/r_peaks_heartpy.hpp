#pragma once
// R peaks as HeartPy (van Gent et al. 2019) finds them, versions 1.2.7 and 1.2.8, with their faults: the published
// networks were trained on these lists. docs/signal/r_peaks.md explains each step and what goes wrong.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic::signal {

/// The versions differ in the rolling mean near the two ends (about 3 % of the lists).
enum class HeartPyVersion { v1_2_7, v1_2_8 };

namespace heartpy {

/// Lifts that are tried, in percent of the mean of the rolling mean.
inline constexpr double lift_percents[] = {5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 150, 200, 300};

/// Adds |q| to all samples where the quantile q at probability 0.001 is negative. Requires x not empty and finite.
template <class = void>
inline void raise_above_zero(std::vector<double>& x) {
  const double position = 0.001 * static_cast<double>(x.size() - 1);
  const auto below = static_cast<Index>(position);
  std::vector<double> lowest(static_cast<std::size_t>(std::min(below + 2, static_cast<Index>(x.size()))));
  std::partial_sort_copy(x.begin(), x.end(), lowest.begin(), lowest.end());
  const double low = lowest[static_cast<std::size_t>(below)];
  const double quantile = low + (position - static_cast<double>(below)) * (lowest.back() - low);
  if (quantile >= 0) return;
  for (double& value : x) value -= quantile;
}

/// Means of all x.size() - width + 1 windows of `width` samples. Requires 1 <= width <= x.size().
template <class = void>
inline std::vector<double> window_means(const std::vector<double>& x, Index width) {
  const auto w = static_cast<std::size_t>(width);
  std::vector<double> means(x.size() - w + 1);
  double sum = 0;
  for (std::size_t i = 0; i < w; ++i) sum += x[i];
  means[0] = sum / static_cast<double>(width);
  for (std::size_t i = w; i < x.size(); ++i) {
    sum += x[i] - x[i - w];
    means[i - w + 1] = sum / static_cast<double>(width);
  }
  return means;
}

/// The rolling mean, as long as x. Requires 1 <= width <= x.size().
template <class = void>
inline std::vector<double> rolling_mean(const std::vector<double>& x, Index width, HeartPyVersion version) {
  const auto length = static_cast<Index>(x.size()), before = width / 2;
  if (version == HeartPyVersion::v1_2_8) {
    // Centred windows over edges that are mirrored with the edge sample repeated: c b a | a b c.
    std::vector<double> mirrored(x.size() + static_cast<std::size_t>(width - 1));
    for (Index i = 0; i < length + width - 1; ++i) {
      Index from = i - before;
      if (from < 0) from = -1 - from;
      if (from >= length) from = 2 * length - 1 - from;
      mirrored[static_cast<std::size_t>(i)] = x[static_cast<std::size_t>(from)];
    }
    return window_means(mirrored, width);
  }
  // Whole windows only; the first and the last mean stand for the ends. An even width leaves one sample over: 0.
  const std::vector<double> means = window_means(x, width);
  const Index whole = static_cast<Index>(means.size()), edge = (width - 1) / 2;
  std::vector<double> result(x.size());
  for (Index i = 0; i < whole + 2 * edge; ++i)
    result[static_cast<std::size_t>(i)] = means[static_cast<std::size_t>(std::clamp<Index>(i - edge, 0, whole - 1))];
  return result;
}

/// Takes from `above` the indices where x is not above mean + lift.
template <class = void>
inline void keep_above(const std::vector<double>& x, const std::vector<double>& mean, double lift,
                       std::vector<Index>& above) {
  std::size_t kept = 0;
  for (const Index i : above) {
    above[kept] = i;  // branch-free: where the signal crosses cannot be predicted
    kept += x[static_cast<std::size_t>(i)] > mean[static_cast<std::size_t>(i)] + lift ? 1 : 0;
  }
  above.resize(kept);
}

/// One peak a group of `above` (indices of samples above the threshold, ascending): the first maximum of x. A group
/// should be a run of neighbours, but HeartPy cuts *at* the last sample of a run, so every run lends it to the next
/// group.
template <class = void>
inline void group_peaks(const std::vector<double>& x, const std::vector<Index>& above, std::vector<Index>& peaks) {
  peaks.clear();
  const auto lower = [&x](Index a, Index b) { return x[static_cast<std::size_t>(a)] < x[static_cast<std::size_t>(b)]; };
  auto group = above.begin();
  const auto end_group = [&](std::vector<Index>::const_iterator cut) {
    if (group != cut) peaks.push_back(*std::max_element(group, cut, lower));
    group = cut;
  };
  for (auto at = above.begin(); at != above.end() && at + 1 != above.end(); ++at)
    if (at[1] - at[0] > 1) end_group(at);
  end_group(above.end());
}

/// Takes away the first peak if it lies within the first 150 ms, where the beat may have begun before the recording.
inline void drop_early_peak(std::vector<Index>& peaks, double rate) {
  if (!peaks.empty() && static_cast<double>(peaks.front()) <= 0.15 * rate) peaks.erase(peaks.begin());
}

/// Population standard deviation of the RR intervals in ms; infinite without an interval.
template <class = void>
inline double rr_deviation(const std::vector<Index>& peaks, double rate) {
  if (peaks.size() < 2) return std::numeric_limits<double>::infinity();
  const double count = static_cast<double>(peaks.size() - 1);
  const double mean = static_cast<double>(peaks.back() - peaks.front()) / rate * 1000 / count;
  double sum = 0;
  for (std::size_t i = 1; i < peaks.size(); ++i) {
    const double deviation = static_cast<double>(peaks[i] - peaks[i - 1]) / rate * 1000 - mean;
    sum += deviation * deviation;
  }
  return std::sqrt(sum / count);
}

}  // namespace heartpy

/// HeartPy's `process(x, rate)['peaklist']`: sample indices, ascending, with the peaks that HeartPy marks as rejected.
/// x [time], any units, denoised. Empty where HeartPy refuses (no lift gives 40-180 beats a minute with unequal RR
/// intervals), where x is shorter than 0.75 s or the rate is not a positive number. Requires finite x.
template <class = void>
inline std::vector<Index> heartpy_r_peaks(TensorView<const double> x, double rate, HeartPyVersion version) {
  const double width = std::floor(0.75 * rate);
  if (!(width >= 1) || width > static_cast<double>(x.size())) return {};
  std::vector<double> raised(x.begin(), x.end());
  heartpy::raise_above_zero(raised);
  const std::vector<double> mean = heartpy::rolling_mean(raised, static_cast<Index>(width), version);
  double percent = 0;
  for (const double value : mean) percent += value / 100;
  percent /= static_cast<double>(mean.size());

  std::vector<Index> all(raised.size()), above, peaks, best;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Index>(i);
  double smallest = std::numeric_limits<double>::infinity();
  bool found = false;
  const double minutes = static_cast<double>(x.size()) / rate / 60;
  for (const double lift_percent : heartpy::lift_percents) {
    if (above.empty() || percent < 0) above = all;  // lifts rise: what is above one was above those before it
    heartpy::keep_above(raised, mean, lift_percent * percent, above);
    heartpy::group_peaks(raised, above, peaks);
    heartpy::drop_early_peak(peaks, rate);
    const double deviation = heartpy::rr_deviation(peaks, rate);
    const double beats_per_minute = static_cast<double>(peaks.size()) / minutes;
    const bool valid = deviation > 0.1 && beats_per_minute >= 40 && beats_per_minute <= 180;
    if (!valid || (found && deviation >= smallest)) continue;
    found = true;
    smallest = deviation;
    best = peaks;
  }
  heartpy::drop_early_peak(best, rate);  // HeartPy computes the RR intervals twice, and drops a peak each time
  return best;
}

}  // namespace systolic::signal
