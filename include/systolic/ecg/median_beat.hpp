#pragma once
// The usual beat of a recording: the beats of the dominant shape, aligned with each other, and their median, in which
// noise and what does not belong to the beat have gone.

#include <algorithm>
#include <cmath>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic {

inline constexpr Index median_before = 225;  ///< samples in front of the R peak at 500 Hz, 0.45 s
inline constexpr Index median_length = 575;  ///< 0.45 + 0.7 s
inline constexpr double same_shape = 0.85;   ///< least correlation of a beat with the median over its QRS complex
inline constexpr Index largest_shift = 15;   ///< samples by which a beat may be moved to fit the median

struct MedianBeat {
  Tensor<double> samples;      ///< [575][lead], the R peak at 225; empty where no beat has room
  Tensor<double> noise;        ///< [575][lead] half the difference of the medians of odd and even beats
  std::vector<Index> r_peaks;  ///< of the beats that it is made of, moved so that they fit it, ascending
};

namespace detail {

/// Median over `beats` (R peaks with room) of x [time][lead], sample by sample.
template <class = void>
inline Tensor<double> median_of_beats(TensorView<const double> x, const std::vector<Index>& beats) {
  const Index leads = x.shape()[1];
  Tensor<double> result(Shape{median_length, leads});
  std::vector<double> values(beats.size());
  for (Index t = 0; t < median_length; ++t)
    for (Index lead = 0; lead < leads; ++lead) {
      for (std::size_t b = 0; b < beats.size(); ++b) values[b] = x(beats[b] - median_before + t, lead);
      const auto middle = values.begin() + static_cast<Index>(values.size() / 2);
      std::nth_element(values.begin(), middle, values.end());
      result(t, lead) = *middle;
    }
  return result;
}

/// Correlation over all leads of the QRS complex (R - 60 ms .. R + 80 ms) at `r_peak` with that of `median`.
template <class = void>
inline double correlation(TensorView<const double> x, Index r_peak, const Tensor<double>& median) {
  constexpr Index first = median_before - 30, last = median_before + 40;
  const Index leads = x.shape()[1];
  double xy = 0, xx = 0, yy = 0;
  for (Index lead = 0; lead < leads; ++lead) {
    double mean_x = 0, mean_y = 0;
    for (Index t = first; t < last; ++t) {
      mean_x += x(r_peak - median_before + t, lead) / static_cast<double>(last - first);
      mean_y += median(t, lead) / static_cast<double>(last - first);
    }
    for (Index t = first; t < last; ++t) {
      const double a = x(r_peak - median_before + t, lead) - mean_x, b = median(t, lead) - mean_y;
      xy += a * b;
      xx += a * a;
      yy += b * b;
    }
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace detail

/// The median beat of x [time][lead] (500 Hz, filtered, finite) over the R peaks with room before and behind. In three
/// rounds beats are moved by up to 30 ms to fit the median best, and those of another shape (a premature ventricular
/// beat) are left out, unless that would leave less than a third.
template <class = void>
inline MedianBeat median_beat(TensorView<const double> x, const std::vector<Index>& r_peaks) {
  MedianBeat result;
  std::vector<Index> all;
  for (const Index r : r_peaks)
    if (r - largest_shift >= median_before && r + largest_shift + median_length - median_before <= x.shape()[0])
      all.push_back(r);
  if (all.empty()) return result;
  result.r_peaks = all;
  for (int round = 0; round < 3; ++round) {
    const Tensor<double> median = detail::median_of_beats(x, result.r_peaks);
    std::vector<Index> fitting;
    for (const Index r : all) {
      Index best = r;
      double best_correlation = -1;
      for (Index shift = -largest_shift; shift <= largest_shift; ++shift)
        if (const double c = detail::correlation(x, r + shift, median); c > best_correlation) {
          best_correlation = c;
          best = r + shift;
        }
      if (best_correlation >= same_shape) fitting.push_back(best);
    }
    if (3 * fitting.size() < all.size() || fitting.empty()) break;
    result.r_peaks = fitting;
  }
  result.samples = detail::median_of_beats(x, result.r_peaks);
  result.noise = Tensor<double>(result.samples.shape());
  if (result.r_peaks.size() < 2) return result;
  std::vector<Index> odd, even;
  for (std::size_t b = 0; b < result.r_peaks.size(); ++b) (b % 2 ? odd : even).push_back(result.r_peaks[b]);
  const Tensor<double> a = detail::median_of_beats(x, odd), b = detail::median_of_beats(x, even);
  for (Index i = 0; i < result.noise.size(); ++i) result.noise.data()[i] = (a.data()[i] - b.data()[i]) / 2;
  return result;
}

}  // namespace systolic
