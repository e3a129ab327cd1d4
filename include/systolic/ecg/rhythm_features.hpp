#pragma once
// Numbers that describe rhythm and intervals for a score.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "systolic/ecg/intervals.hpp"

namespace systolic {

inline constexpr Index rhythm_feature_count = 19;

namespace detail {

/// Of a copy; requires values. The mean of the middle two where their number is even.
template <class = void>
inline double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

}  // namespace detail

/// The 19 numbers: rate, irregularity (six ways), beats that are not of the usual shape and those that are, early and
/// late beats; heart rate, P, PR, QRS, QT, QTc (Fridericia), axis from 45 degrees; whether P or T is absent.
/// NaN: not measurable. r_peaks: all, ascending, samples of a window at 500 Hz, with its `intervals`.
template <class = void>
inline std::vector<double> rhythm_features(const std::vector<Index>& r_peaks, const Intervals& intervals) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN(), small = 0.005;
  std::vector<double> result(10, unknown);
  std::vector<double> cycles;
  for (std::size_t i = 1; i < r_peaks.size(); ++i)
    cycles.push_back(static_cast<double>(r_peaks[i] - r_peaks[i - 1]) / analysis_rate);
  Index room = 0;
  for (const Index r : r_peaks)
    if (r - largest_shift >= median_before && r + largest_shift + median_length - median_before <= window_length)
      ++room;
  if (cycles.size() >= 2 && *std::min_element(cycles.begin(), cycles.end()) > 0) {
    const double n = static_cast<double>(cycles.size()), usual = detail::middle(cycles);
    double sum = 0, squares = 0, changes = 0, early = 0, late = 0;
    std::vector<double> distances;
    for (const double cycle : cycles) {
      sum += cycle;
      early += cycle < 0.85 * usual ? 1 / n : 0;
      late += cycle > 1.15 * usual ? 1 / n : 0;
      distances.push_back(std::abs(cycle - usual));
    }
    for (const double cycle : cycles) squares += (cycle - sum / n) * (cycle - sum / n);
    for (std::size_t i = 1; i < cycles.size(); ++i)
      changes += (cycles[i] - cycles[i - 1]) * (cycles[i] - cycles[i - 1]);
    const double fitting = static_cast<double>(intervals.beats.size());
    result = {std::log(sum / n),
              std::log(std::sqrt(squares / n) / usual + small),
              std::log(std::sqrt(changes / (n - 1)) / usual + small),
              std::log(*std::max_element(cycles.begin(), cycles.end()) / usual),
              std::log(*std::min_element(cycles.begin(), cycles.end()) / usual),
              1 - fitting / static_cast<double>(std::max<Index>(room, 1)),
              fitting,
              early,
              late,
              std::log(detail::middle(distances) / usual + small)};
  }
  const auto add = [&](const std::optional<double>& value) { result.push_back(value.value_or(unknown)); };
  result.push_back(intervals.heart_rate ? std::log(*intervals.heart_rate) : unknown);
  add(intervals.p);
  add(intervals.pr);
  add(intervals.qrs);
  add(intervals.qt);
  add(intervals.qtc_fridericia);
  // From the usual direction, so that the jump from 180 to -180 degrees lies where no heart points.
  result.push_back(intervals.axis ? std::remainder(*intervals.axis - 45, 360.0) : unknown);
  result.push_back(intervals.p ? 0 : 1);
  result.push_back(intervals.qtc_fridericia ? 0 : 1);
  return result;
}

}  // namespace systolic
