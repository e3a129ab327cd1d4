#pragma once
// Gaussian smoothing along time, all channels with the same taps: in time-major order that is one pass over the flat
// array, in which neighbours in time lie `channels` elements apart.

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/core/workspace.hpp"

namespace systolic::signal {

namespace detail {

/// How far the taps reach to either side.
inline Index gaussian_radius(double sigma) noexcept { return static_cast<Index>(4 * sigma + 0.5); }

/// gaussian_taps into `taps`, which has room for radius + 1.
template <class Taps>
void put_gaussian_taps(double sigma, Taps& taps) {
  double sum = 0;
  Index k = 0;
  for (double& tap : taps) {
    const double distance = static_cast<double>(k);
    tap = k == 0 ? 1 : std::exp(-distance * distance / (2 * sigma * sigma));
    sum += k++ == 0 ? 1 : 2 * tap;
  }
  for (double& tap : taps) tap /= sum;
}

}  // namespace detail

/// One half of the symmetric taps, [0] the middle one: exp(-k^2 / (2 sigma^2)) for k = 0..int(4 sigma + 0.5), scaled so
/// that all 2 radius + 1 taps sum to 1. Requires sigma >= 0; sigma 0 gives the single tap 1.
template <class = void>
inline std::vector<double> gaussian_taps(double sigma) {
  std::vector<double> taps(static_cast<std::size_t>(detail::gaussian_radius(sigma)) + 1);
  detail::put_gaussian_taps(sigma, taps);
  return taps;
}

/// The place in [0, length) that stands for place t beyond an edge: the signal is mirrored with its edge sample
/// repeated (d c b a | a b c d | d c b a), as often as needed. Requires length > 0.
template <class = void>
inline Index mirrored(Index t, Index length) noexcept {
  const Index period = 2 * length;
  t = (t % period + period) % period;
  return t < length ? t : period - 1 - t;
}

namespace detail {

/// out[i] = sum over k of taps[k] (x[i - k stride] + x[i + k stride]), the middle tap once, for i in [0, Width).
/// Width sums live in registers at once; it is a constant so that the loop becomes vector instructions.
template <Index Width, class T>
void symmetric_taps(const T* x, Index stride, const T* taps, Index radius, T* out) {
  T sum[Width];
  for (Index i = 0; i < Width; ++i) sum[i] = taps[0] * x[i];
  for (Index k = 1; k <= radius; ++k) {
    const T *before = x - k * stride, *after = x + k * stride;
    for (Index i = 0; i < Width; ++i) sum[i] += taps[k] * (before[i] + after[i]);
  }
  for (Index i = 0; i < Width; ++i) out[i] = sum[i];
}

}  // namespace detail

/// Smooths x [time][channel] (or [time]) in place along time by a Gaussian of `sigma` samples, cut at 4 sigma, edges
/// mirrored. T is double or float; sums are made in T. Scratch comes from `workspace`.
/// Requires sigma >= 0. Equals scipy.ndimage.gaussian_filter1d(x, sigma, axis=0).
template <class T>
void gaussian_smooth(TensorView<T> x, double sigma, Workspace& workspace) {
  static_assert(std::is_floating_point_v<T>);
  if (x.size() == 0 || !(sigma > 0)) return;
  const Workspace::Scope scope(workspace);
  const Index radius = detail::gaussian_radius(sigma), length = x.shape()[0], channels = x.size() / length;
  TensorView<double> exact = workspace.tensor<double>({radius + 1});
  detail::put_gaussian_taps(sigma, exact);
  T* const taps = workspace.allocate<T>(radius + 1);
  std::transform(exact.begin(), exact.end(), taps, [](double tap) { return static_cast<T>(tap); });

  T* const padded = workspace.allocate<T>((length + 2 * radius) * channels);
  for (Index t = -radius; t < length + radius; ++t)
    std::copy_n(x.data() + mirrored(t, length) * channels, channels, padded + (t + radius) * channels);

  constexpr Index width = 64 / static_cast<Index>(sizeof(T));
  const T* const middle = padded + radius * channels;
  const Index count = x.size();
  Index i = 0;
  for (; i + width <= count; i += width)
    detail::symmetric_taps<width>(middle + i, channels, taps, radius, x.data() + i);
  for (; i < count; ++i) detail::symmetric_taps<1>(middle + i, channels, taps, radius, x.data() + i);
}

/// The same with scratch of its own.
template <class T>
void gaussian_smooth(TensorView<T> x, double sigma) {
  Workspace workspace;
  gaussian_smooth(x, sigma, workspace);
}

}  // namespace systolic::signal
