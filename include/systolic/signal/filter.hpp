#pragma once
// Recursive filters, run forward and backward so that nothing is delayed. All channels of a recording go through
// the recursion side by side: it cannot be vectorized along time, across channels it can.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <type_traits>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"

namespace systolic::signal {

/// H(z) = (b[0] + b[1] z^-1 + ...) / (a[0] + a[1] z^-1 + ...).
struct TransferFunction {
  std::vector<double> b, a;
};

/// Butterworth low-pass of order 2 by the bilinear transform, -3 dB at `cutoff_hz`.
/// Requires 0 < cutoff_hz < rate / 2. Equals scipy.signal.butter(2, cutoff_hz, fs=rate).
template <class = void>
inline TransferFunction butterworth_lowpass(double cutoff_hz, double rate) {
  const double k = std::tan(std::numbers::pi * cutoff_hz / rate);
  const double n = 1 / (1 + std::numbers::sqrt2 * k + k * k);
  return {{k * k * n, 2 * k * k * n, k * k * n}, {1, 2 * (k * k - 1) * n, (1 - std::numbers::sqrt2 * k + k * k) * n}};
}

/// Butterworth high-pass of order 2 by the bilinear transform, -3 dB at `cutoff_hz`.
/// Requires 0 < cutoff_hz < rate / 2. Equals scipy.signal.butter(2, cutoff_hz, "highpass", fs=rate).
template <class = void>
inline TransferFunction butterworth_highpass(double cutoff_hz, double rate) {
  const double k = std::tan(std::numbers::pi * cutoff_hz / rate);
  const double n = 1 / (1 + std::numbers::sqrt2 * k + k * k);
  return {{n, -2 * n, n}, {1, 2 * (k * k - 1) * n, (1 - std::numbers::sqrt2 * k + k * k) * n}};
}

/// Notch of order 2 at `frequency` (Hz) that is frequency / quality Hz wide at -3 dB.
/// Requires 0 < frequency < rate / 2 and quality > 0. Equals scipy.signal.iirnotch(frequency, quality, fs=rate).
template <class = void>
inline TransferFunction iir_notch(double frequency, double quality, double rate) {
  const double w = 2 * frequency / rate;
  const double gain = 1 / (1 + std::tan(std::numbers::pi * w / quality / 2));
  const double middle = -2 * gain * std::cos(std::numbers::pi * w);
  return {{gain, middle, gain}, {1, middle, 2 * gain - 1}};
}

namespace detail {

/// Channels that go through the recursion together: one AVX register of doubles, two of SSE2 or NEON.
inline constexpr Index lanes = 4;

/// Largest order that filtfilt takes, so that the state needs no heap.
inline constexpr Index largest_order = 32;

/// One pass in direct form II transposed over x [length][lanes], in place; `step` is 1 forward, -1 backward (x then
/// points at the last row). `b`, `a` have order + 1 entries with a[0] = 1; `steady` is the state after an endless
/// input of ones, scaled here by the first row. Order is an integer or an std::integral_constant.
template <class Order>
void filter_lanes(Order order, const double* b, const double* a, const double* steady, double* x, Index length,
                  Index step) {
  double state[static_cast<std::size_t>(largest_order) + 1][lanes] = {};
  for (Index k = 0; k < order; ++k)
    for (Index lane = 0; lane < lanes; ++lane) state[k][lane] = steady[k] * x[lane];
  for (Index t = 0; t < length; ++t, x += step * lanes) {
    double in[lanes], out[lanes];
    for (Index lane = 0; lane < lanes; ++lane) in[lane] = x[lane];
    for (Index lane = 0; lane < lanes; ++lane) out[lane] = b[0] * in[lane] + state[0][lane];
    for (Index k = 0; k < order; ++k)
      for (Index lane = 0; lane < lanes; ++lane)
        state[k][lane] = b[k + 1] * in[lane] - a[k + 1] * out[lane] + state[k + 1][lane];
    for (Index lane = 0; lane < lanes; ++lane) x[lane] = out[lane];
  }
}

/// Why filtfilt cannot filter x; empty if it can.
template <class = void>
[[gnu::noinline]] inline std::string filtfilt_problem(const TransferFunction& filter, const Shape& shape) {
  if (shape.rank() != 1 && shape.rank() != 2) return "x is " + shape.text() + ", not [time, channel]";
  if (filter.a.empty() || filter.b.empty() || filter.a[0] == 0) return "the filter has no a[0] or no b";
  const Index order = static_cast<Index>(std::max(filter.a.size(), filter.b.size())) - 1;
  if (order > largest_order) return "the filter has an order above 32";
  const Index extension = 3 * (order + 1);
  if (shape[0] <= extension)
    return std::to_string(shape[0]) + " samples; more than " + std::to_string(extension) + " are needed";
  double sum_a = 0;
  for (const double a : filter.a) sum_a += a / filter.a[0];
  return sum_a == 0 ? "the filter has a pole at 0 Hz, so no steady state" : "";
}

/// Forward and backward over x [length][lanes].
template <class Order>
void filter_both_ways(Order order, const double* b, const double* a, const double* steady, double* x, Index length) {
  filter_lanes(order, b, a, steady, x, length, 1);
  filter_lanes(order, b, a, steady, x + (length - 1) * lanes, length, -1);
}

}  // namespace detail

/// Filters every channel of x [time][channel] (or [time]) in place, forward and then backward: zero phase, gain |H|^2.
/// Both ends are first extended by 3 max(len a, len b) samples mirrored through the end point (odd extension), and the
/// recursion starts in the steady state of the first sample, so that no transient enters the signal.
/// Errors: a signal no longer than the extension; a filter without a usable a[0], with a pole at 0 Hz, or of an order
/// above 32. Equals scipy.signal.filtfilt(b, a, x, axis=0); Gustafsson 1996 discusses the choice.
template <class = void>
inline Status filtfilt(const TransferFunction& filter, TensorView<double> x) {
  if (const std::string problem = detail::filtfilt_problem(filter, x.shape()); !problem.empty())
    return error_at("", "filtfilt", problem);
  const Index order = static_cast<Index>(std::max(filter.a.size(), filter.b.size())) - 1;
  const Index length = x.shape()[0], channels = x.shape().rank() == 2 ? x.shape()[1] : 1;
  const Index extension = 3 * (order + 1);

  double a[detail::largest_order + 1] = {}, b[detail::largest_order + 1] = {}, steady[detail::largest_order + 1] = {};
  double sum_a = 0, sum_b = 0;
  for (std::size_t k = 0; k < filter.a.size(); ++k) sum_a += a[k] = filter.a[k] / filter.a[0];
  for (std::size_t k = 0; k < filter.b.size(); ++k) sum_b += b[k] = filter.b[k] / filter.a[0];
  // An input of ones gives the output H(1) for ever, so state k is what the later coefficients still add to it.
  for (Index k = order - 1; k >= 0; --k) steady[k] = steady[k + 1] + b[k + 1] - a[k + 1] * (sum_b / sum_a);

  const Index extended = length + 2 * extension;
  AlignedVector<double> block(static_cast<std::size_t>(extended * detail::lanes));
  for (Index first = 0; first < channels; first += detail::lanes) {
    const Index width = std::min(detail::lanes, channels - first);
    const double* in = x.data() + first;
    double* const middle = block.data() + extension * detail::lanes;
    for (Index t = 0; t < length; ++t)
      for (Index lane = 0; lane < width; ++lane) middle[t * detail::lanes + lane] = in[t * channels + lane];
    for (Index k = 1; k <= extension; ++k)
      for (Index lane = 0; lane < width; ++lane) {
        const Index last = length - 1;
        middle[-k * detail::lanes + lane] = 2 * in[lane] - in[k * channels + lane];
        middle[(last + k) * detail::lanes + lane] = 2 * in[last * channels + lane] - in[(last - k) * channels + lane];
      }
    if (order == 2)  // known at compile time, the state stays in registers
      detail::filter_both_ways(std::integral_constant<Index, 2>{}, b, a, steady, block.data(), extended);
    else
      detail::filter_both_ways(order, b, a, steady, block.data(), extended);
    double* out = x.data() + first;
    for (Index t = 0; t < length; ++t)
      for (Index lane = 0; lane < width; ++lane) out[t * channels + lane] = middle[t * detail::lanes + lane];
  }
  return {};
}

/// The published denoising of x [time][channel], in place: Butterworth high-pass 1 Hz (breathing and electrode drift),
/// notch 35 Hz with Q 0.005, Butterworth low-pass 25 Hz (muscle and mains). At 500 Hz the notch changes nothing (its
/// design formula meets tan(14 pi)); it is kept because the published chain has it.
/// Requires finite samples. Errors: a rate not above 70 Hz (the notch must lie below half of it), and those of
/// filtfilt. Source: HeartPy's filter_signal as the multi-scale cross-restoration code (Jiang et al. 2023) calls it.
template <class = void>
inline Status denoise(TensorView<double> x, double rate) {
  if (!(rate > 70) || !std::isfinite(rate)) return error_at("", "denoise", "the rate must be above 70 Hz");
  for (const TransferFunction& filter :
       {butterworth_highpass(1, rate), iir_notch(35, 0.005, rate), butterworth_lowpass(25, rate)})
    if (Status status = filtfilt(filter, x); !status) return status;
  return {};
}

}  // namespace systolic::signal
