#pragma once
// Recursive filters, run forward and backward so that nothing is delayed. The channels of a recording go through the
// recursion side by side (signal/recursion.hpp).

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/signal/recursion.hpp"

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

/// The filter as the recursion takes it. Requires that filtfilt_problem finds none.
template <class = void>
inline Recursion recursion_of(const TransferFunction& filter) {
  Recursion result;
  result.order = static_cast<Index>(std::max(filter.a.size(), filter.b.size())) - 1;
  double sum_a = 0, sum_b = 0;
  for (std::size_t k = 0; k < filter.a.size(); ++k) sum_a += result.a[k] = filter.a[k] / filter.a[0];
  for (std::size_t k = 0; k < filter.b.size(); ++k) sum_b += result.b[k] = filter.b[k] / filter.a[0];
  // An input of ones gives the output H(1) for ever, so state k is what the later coefficients still add to it.
  for (Index k = result.order - 1; k >= 0; --k)
    result.steady[k] = result.steady[k + 1] + result.b[k + 1] - result.a[k + 1] * (sum_b / sum_a);
  return result;
}

/// Mirrors x [length][width] through its end points (odd extension) into the `extension` rows in front and behind.
template <class = void>
inline void extend(double* x, Index length, Index width, Index extension) {
  double* const last = x + (length - 1) * width;
  for (Index k = width; k <= extension * width; k += width)
    for (Index lane = 0; lane < width; ++lane) {
      x[lane - k] = 2 * x[lane] - x[lane + k];
      last[lane + k] = 2 * last[lane] - last[lane - k];
    }
}

/// Copies `columns` columns of rows that lie `from_stride` apart to rows that lie `to_stride` apart.
template <class = void>
inline void copy_columns(const double* from, Index from_stride, double* to, Index to_stride, Index rows,
                         Index columns) {
  if (from_stride == columns && to_stride == columns) {
    std::copy_n(from, rows * columns, to);
    return;
  }
  for (Index t = 0; t < rows; ++t)
    for (Index lane = 0; lane < columns; ++lane) to[t * to_stride + lane] = from[t * from_stride + lane];
}

}  // namespace detail

/// Filters every channel of x [time][channel] (or [time]) in place, forward and then backward: zero phase, gain |H|^2;
/// with all filters, one after the other.
/// Both ends are first extended by 3 max(len a, len b) samples mirrored through the end point (odd extension), and the
/// recursion starts in the steady state of the first sample, so that no transient enters the signal.
/// Errors, before anything is filtered: a signal no longer than the extension; a filter without a usable a[0], with a
/// pole at 0 Hz, or of an order above 32. Equals scipy.signal.filtfilt(b, a, x, axis=0) for each; Gustafsson 1996
/// discusses the choice.
template <class = void>
inline Status filtfilt_in_turn(std::initializer_list<TransferFunction> filters, TensorView<double> x) {
  std::vector<detail::Recursion> recursions;
  Index order = 0;
  for (const TransferFunction& filter : filters) {
    if (const std::string problem = detail::filtfilt_problem(filter, x.shape()); !problem.empty())
      return error_at("", "filtfilt", problem);
    recursions.push_back(detail::recursion_of(filter));
    order = std::max(order, recursions.back().order);
  }
  const Index length = x.shape()[0], channels = x.shape().rank() == 2 ? x.shape()[1] : 1;
  // A few channels, and filters of a high order, go four at a time.
  const Index lanes = channels > detail::few_lanes && order <= 2 ? detail::lanes : detail::few_lanes;
  const Index longest = 3 * (order + 1);
  AlignedVector<double> block(static_cast<std::size_t>((length + 2 * longest) * lanes));
  double* const middle = block.data() + longest * lanes;
  for (Index first = 0; first < channels; first += lanes) {
    const Index width = std::min(lanes, channels - first);
    detail::copy_columns(x.data() + first, channels, middle, lanes, length, width);
    for (const detail::Recursion& recursion : recursions) {
      const Index extension = 3 * (recursion.order + 1);
      detail::extend(middle, length, lanes, extension);
      detail::filter_both_ways(recursion, lanes, middle - extension * lanes, length + 2 * extension);
    }
    detail::copy_columns(middle, lanes, x.data() + first, channels, length, width);
  }
  return {};
}

/// The same with one filter.
template <class = void>
inline Status filtfilt(const TransferFunction& filter, TensorView<double> x) {
  return filtfilt_in_turn({filter}, x);
}

/// The published denoising of x [time][channel], in place: Butterworth high-pass 1 Hz (breathing and electrode drift),
/// notch 35 Hz with Q 0.005, Butterworth low-pass 25 Hz (muscle and mains). At 500 Hz the notch changes nothing (its
/// design formula meets tan(14 pi)); it is kept because the published chain has it.
/// Requires finite samples. Errors: a rate not above 70 Hz (the notch must lie below half of it), and those of
/// filtfilt. Source: HeartPy's filter_signal as the multi-scale cross-restoration code (Jiang et al. 2023) calls it.
template <class = void>
inline Status denoise(TensorView<double> x, double rate) {
  if (!(rate > 70) || !std::isfinite(rate)) return error_at("", "denoise", "the rate must be above 70 Hz");
  return filtfilt_in_turn({butterworth_highpass(1, rate), iir_notch(35, 0.005, rate), butterworth_lowpass(25, rate)},
                          x);
}

}  // namespace systolic::signal
