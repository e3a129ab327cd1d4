#pragma once
// Numbers that describe the usual beat for a score: amplitudes in each lead, their ratios, where the heart's vector
// points while it is depolarized and repolarized, and the shapes of QRS complex and T wave without their size.
// docs/method.md says why these.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "systolic/ecg/coarse_beat.hpp"

namespace systolic {

inline constexpr Index beat_measurement_count = 13 * 12 + 14 + 4 * 12;
inline constexpr Index t_shape_reach = 14;  ///< coarse samples to either side of the top of T
inline constexpr Index t_shape_count = (2 * t_shape_reach + 1) * 8;
inline constexpr Index qrs_shape_first = 35, qrs_shape_length = 25;  ///< coarse samples
inline constexpr Index qrs_shape_count = qrs_shape_length * 8;

namespace detail {

/// Vectorcardiogram X, Y, Z from I, II, V1..V6. Source: Kors et al., European Heart Journal 11, 1990.
inline constexpr std::array<std::array<double, 8>, 3> kors = {{
    {.38, -.07, -.13, .05, -.01, .14, .06, .54},
    {-.07, .93, .06, -.02, -.05, .06, -.17, .13},
    {.11, -.23, -.43, -.06, -.14, -.20, -.11, .31},
}};

using SpatialVector = std::array<double, 3>;

template <class = void>
inline SpatialVector heart_vector(const CoarseBeat& beat, Index t) {
  SpatialVector result{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t k = 0; k < 8; ++k)
      result[axis] += kors[axis][k] * beat.samples(t, delineation::independent_leads[k]);
  return result;
}
inline double norm(const SpatialVector& v) { return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

/// Samples [first, first + length) around the beat (its ends repeated) of the 8 independent leads, divided by their
/// root mean square plus `floor` mV: a shape without a size, where there is anything but noise.
template <class = void>
inline std::vector<double> unit_shape(const CoarseBeat& beat, Index first, Index length, double floor) {
  std::vector<double> shape;
  double squares = 0;
  for (Index k = 0; k < length; ++k)
    for (const Index lead : delineation::independent_leads) {
      shape.push_back(beat.samples(std::clamp<Index>(first + k, 0, coarse_length - 1), lead));
      squares += shape.back() * shape.back();
    }
  const double size = std::sqrt(squares / static_cast<double>(shape.size())) + floor;
  for (double& value : shape) value /= size;
  return shape;
}

}  // namespace detail

/// The 218 measurements: for R, S, Q, S after R, J, ST, T, T's highest and lowest, P's highest and lowest, mean of QRS
/// and of T, 12 leads each, in mV; the QRS-T angle, sizes and directions of both vectors; T, ST (to the QRS complex's
/// height), the logarithm of that height, Q to R, 12 leads each. All finite.
template <class = void>
inline std::vector<double> beat_measurements(const CoarseBeat& beat) {
  using Leads = std::array<double, 12>;
  const Index on = beat.qrs_onset, off = beat.qrs_offset, top = beat.t_peak;
  const auto over = [&](Index from, Index to, const auto& fold, double start, double scale) {
    Leads result;
    result.fill(start);
    to = std::max(to, from + 1);
    for (std::size_t lead = 0; lead < 12; ++lead) {
      for (Index t = from; t < to; ++t) result[lead] = fold(result[lead], beat.samples(t, static_cast<Index>(lead)));
      if (scale != 0) result[lead] /= static_cast<double>(to - from);
    }
    return result;
  };
  const auto highest = [&](Index from, Index to) {
    return over(
        from, to, [](double a, double b) { return std::max(a, b); }, -HUGE_VAL, 0);
  };
  const auto lowest = [&](Index from, Index to) {
    return over(
        from, to, [](double a, double b) { return std::min(a, b); }, HUGE_VAL, 0);
  };
  const auto mean = [&](Index from, Index to) {
    return over(
        from, to, [](double a, double b) { return a + b; }, 0, 1);
  };
  const Leads r = highest(on, off + 1), s = lowest(on, off + 1), q = lowest(on, coarse_r_peak);
  const Leads st = mean(off + 4, off + 8), t = mean(top - 2, top + 3);
  std::vector<double> result;
  for (const Leads& leads :
       {r, s, q, lowest(coarse_r_peak + 1, off + 1), mean(off, off + 2), st, t,
        highest(off + 8, std::min(top + 15, coarse_length - 1)), lowest(off + 8, std::min(top + 15, coarse_length - 1)),
        highest(std::max<Index>(on - 22, 0), on - 2), lowest(std::max<Index>(on - 22, 0), on - 2), mean(on, off + 1),
        mean(off + 6, std::min(top + 12, coarse_length - 1))})
    result.insert(result.end(), leads.begin(), leads.end());

  detail::SpatialVector qrs_vector{}, t_vector{};
  double largest = 0;
  for (Index i = on; i <= off; ++i) {
    const detail::SpatialVector v = detail::heart_vector(beat, i);
    largest = std::max(largest, detail::norm(v));
    for (std::size_t axis = 0; axis < 3; ++axis) qrs_vector[axis] += v[axis];
  }
  for (Index i = off + 6; i < std::min(top + 14, coarse_length); ++i)
    for (std::size_t axis = 0; axis < 3; ++axis) t_vector[axis] += detail::heart_vector(beat, i)[axis];
  const double qrs_size = detail::norm(qrs_vector), t_size = detail::norm(t_vector);
  double product = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) product += qrs_vector[axis] * t_vector[axis];
  constexpr double floor = 0.02;  // mV times 10 ms: below it is noise
  for (const double value :
       {std::acos(std::clamp(product / ((qrs_size + 1e-6) * (t_size + 1e-6)), -1.0, 1.0)), std::log(t_size + floor),
        std::log(qrs_size + floor), std::log(largest + 1e-3), std::log((t_size + floor) / (qrs_size + floor))})
    result.push_back(value);
  for (const double v : qrs_vector) result.push_back(v / (qrs_size + 1e-6));
  for (const double v : t_vector) result.push_back(v / (t_size + 0.05));
  for (const double v : t_vector) result.push_back(v);

  for (std::size_t k = 0; k < 12; ++k) result.push_back(t[k] / (r[k] - s[k] + 0.1));
  for (std::size_t k = 0; k < 12; ++k) result.push_back(std::log(r[k] - s[k] + 0.05));
  for (std::size_t k = 0; k < 12; ++k) result.push_back(st[k] / (r[k] - s[k] + 0.1));
  for (std::size_t k = 0; k < 12; ++k) result.push_back(q[k] / (std::max(0.0, r[k]) + 0.1));
  return result;
}

/// [29][8] flat: the T wave within 140 ms of its top.
template <class = void>
inline std::vector<double> t_shape(const CoarseBeat& beat) {
  return detail::unit_shape(beat, beat.t_peak - t_shape_reach, 2 * t_shape_reach + 1, 0.03);
}
/// [25][8] flat: 100 ms before to 150 ms behind the R peak.
template <class = void>
inline std::vector<double> qrs_shape(const CoarseBeat& beat) {
  return detail::unit_shape(beat, qrs_shape_first, qrs_shape_length, 0.001);
}

}  // namespace systolic
