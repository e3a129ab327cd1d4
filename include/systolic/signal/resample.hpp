#pragma once
// From one sampling rate to another through one low-pass filter: a sinc under a Kaiser window, read at the fractional
// positions that the outputs fall on.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic::signal {

/// A ratio of whole numbers.
struct Ratio {
  Index up = 0, down = 0;
};

namespace detail {

/// Zero crossings of the sinc on each side: scipy.signal.resample_poly's half length of 10 max(up, down).
inline constexpr double sinc_crossings = 10;

/// Largest up or down: its product with the index of any sample in memory stays below 2^63.
inline constexpr Index largest_factor = Index{1} << 30;

/// Modified Bessel function I0(2 sqrt(q)) = sum of q^k / (k!)^2, to double precision for 0 <= q <= 6.25.
constexpr double bessel_i0(double q) noexcept {
  constexpr auto reciprocals = [] {
    std::array<double, 20> values{1};
    for (std::size_t k = 1; k < values.size(); ++k) values[k] = values[k - 1] / static_cast<double>(k * k);
    return values;
  }();
  double sum = 0;
  for (std::size_t k = reciprocals.size(); k-- > 0;) sum = sum * q + reciprocals[k];
  return sum;
}

/// sinc(u) under the Kaiser window of beta 5 that ends at u = +-10; u counts samples of the lower of the two rates.
template <class = void>
inline double windowed_sinc(double u) noexcept {
  constexpr double quarter_beta_squared = 5.0 * 5.0 / 4;
  constexpr double peak = bessel_i0(quarter_beta_squared);
  const double edge = u / sinc_crossings, angle = std::numbers::pi * u;
  if (std::abs(edge) > 1) return 0;
  const double window = bessel_i0(quarter_beta_squared * (1 - edge * edge)) / peak;
  return angle == 0 ? window : window * std::sin(angle) / angle;
}

/// Sum of the taps windowed_sinc(n / steps) over all n, divided by steps: the mean gain at 0 Hz of the unscaled filter.
/// Above 1000 steps it no longer depends on their number (to 1e-9), so no more are made.
template <class = void>
inline double windowed_sinc_gain(Index steps) noexcept {
  steps = std::min<Index>(steps, 1000);
  double sum = 1;
  for (Index n = 1; n <= static_cast<Index>(sinc_crossings) * steps; ++n)
    sum += 2 * windowed_sinc(static_cast<double>(n) / static_cast<double>(steps));
  return sum / static_cast<double>(steps);
}

/// x [length][channels] with `before` and `after` more samples on the line through its first and last sample.
template <class = void>
inline Tensor<double> extend_by_line(const double* x, Index length, Index channels, Index before, Index after) {
  Tensor<double> extended(Shape{before + length + after, channels});
  for (Index c = 0; c < channels; ++c) {
    const double first = x[c], last = x[(length - 1) * channels + c];
    const double slope = length > 1 ? (last - first) / static_cast<double>(length - 1) : 0;
    for (Index t = 1; t <= before; ++t) extended(before - t, c) = first - slope * static_cast<double>(t);
    for (Index t = 1; t <= after; ++t) extended(before + length - 1 + t, c) = last + slope * static_cast<double>(t);
  }
  std::copy_n(x, length * channels, extended.data() + before * channels);
  return extended;
}

/// Output j lies at input position j down / up. Outputs r, r + up, r + 2 up ... lie at the same fraction of a sample
/// and so share their weights (one of the `up` phases of a polyphase filter), which are computed once. Requires up and
/// down in lowest terms and at most a factor of 1000 apart.
template <class = void>
inline Tensor<double> resample_phases(TensorView<const double> x, Ratio ratio, Index length_out) {
  const auto [up, down] = ratio;
  const Index length = x.shape()[0], channels = x.shape().rank() == 2 ? x.shape()[1] : 1;
  Shape shape{length_out};
  if (x.shape().rank() == 2) shape.push_back(channels);
  Tensor<double> result(shape);
  if (length == 0 || result.size() == 0) return result;

  // Going down the sinc is stretched, so that it passes only what the lower rate can hold.
  const double stretch = std::min(1.0, static_cast<double>(up) / static_cast<double>(down));
  const double gain = stretch / windowed_sinc_gain(std::max(up, down));
  const Index reach = static_cast<Index>(std::ceil(sinc_crossings / stretch));
  const Index last_place = (length_out - 1) * down / up;
  const Tensor<double> extended =
      extend_by_line(x.data(), length, channels, reach, std::max<Index>(0, last_place + reach + 1 - length));

  std::vector<double> weights(static_cast<std::size_t>(2 * reach + 1));
  for (Index phase = 0; phase < std::min(up, length_out); ++phase) {
    const double fraction = static_cast<double>(phase * down % up) / static_cast<double>(up);
    for (Index k = -reach; k <= reach; ++k)
      weights[static_cast<std::size_t>(k + reach)] =
          gain * windowed_sinc((fraction - static_cast<double>(k)) * stretch);
    for (Index j = phase; j < length_out; j += up) {
      const double* in = extended.data() + j * down / up * channels;
      double* const out = result.data() + j * channels;
      for (const double weight : weights) {
        for (Index c = 0; c < channels; ++c) out[c] += weight * in[c];
        in += channels;
      }
    }
  }
  return result;
}

/// Whether resample_phases can take x and this ratio.
template <class = void>
inline bool resamplable(TensorView<const double> x, Ratio ratio) noexcept {
  return (x.shape().rank() == 1 || x.shape().rank() == 2) && ratio.up > 0 && ratio.down > 0 &&
         ratio.up <= largest_factor && ratio.down <= largest_factor && ratio.up / 1000 <= ratio.down &&
         ratio.down / 1000 <= ratio.up;
}

}  // namespace detail

/// x [time][channel] (or [time]) at up / down times its rate: ceil(time up / down) samples, the first at the time of
/// x's first; beyond its ends x goes on as the line through its first and last sample. The filter's gain is one half at
/// half the lower rate; below 0.8 of that it is 1 within 0.005, above 1.2 it is below 0.005, which keeps what the lower
/// rate cannot hold from folding back.
/// Requires rank 1 or 2 and 0 < up, down <= 2^30, at most a factor of 1000 apart; otherwise the result is empty.
/// Equals scipy.signal.resample_poly(x, up, down, window=("kaiser", 5.0), padtype="line").
template <class = void>
inline Tensor<double> resample_polyphase(TensorView<const double> x, Index up, Index down) {
  if (!detail::resamplable(x, {up, down})) return {};
  const Index divisor = std::gcd(up, down);
  up /= divisor;
  down /= divisor;
  return detail::resample_phases(x, {up, down}, (x.shape()[0] * up + down - 1) / down);
}

/// The simplest up / down (a convergent of the continued fraction) within 1e-10 of `value`, relatively; where that
/// takes numbers above 2^30, the last one below (within 1e-9). 0 / 0 where value is not in [1e-6, 1e6].
template <class = void>
inline Ratio simplest_ratio(double value) noexcept {
  if (!(value >= 1e-6 && value <= 1e6)) return {};
  Ratio before{0, 1}, current{1, 0};
  for (double rest = value;;) {
    const double whole = std::floor(rest);
    if (!(whole < static_cast<double>(detail::largest_factor))) return current;
    const Index digit = static_cast<Index>(whole);
    const Ratio next{digit * current.up + before.up, digit * current.down + before.down};
    if (std::max(next.up, next.down) > detail::largest_factor) return current;
    before = current;
    current = next;
    const double reached = static_cast<double>(current.up) / static_cast<double>(current.down);
    if (std::abs(reached - value) <= 1e-10 * value) return current;
    rest = 1 / (rest - whole);
  }
}

/// x [time][channel] (or [time]) from `from_rate` to `to_rate` (samples a second, need not be whole), `length_out`
/// samples, by the filter of resample_polyphase: a sinusoid below 0.8 of half the lower rate is kept within 0.5 % of
/// its amplitude. The ratio of the rates is replaced by simplest_ratio, which moves the last of 5000 samples by less
/// than 1e-5 of a sample; the weights are exact for that ratio, also where every output has its own (257.3 Hz).
/// Requires rank 1 or 2 and positive rates at most a factor of 1000 apart; otherwise the result is empty.
template <class = void>
inline Tensor<double> resample(TensorView<const double> x, double from_rate, double to_rate, Index length_out) {
  if (!(from_rate > 0) || !(to_rate > 0) || length_out < 0) return {};
  const Ratio ratio = simplest_ratio(to_rate / from_rate);
  if (!detail::resamplable(x, ratio)) return {};
  return detail::resample_phases(x, ratio, length_out);
}

}  // namespace systolic::signal
