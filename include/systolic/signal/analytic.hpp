#pragma once
// The Hilbert transform of a sampled signal: every oscillation delayed by a quarter of its period, the constant part
// gone. Signal and transform together are the analytic signal x + i H(x).

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/signal/fourier.hpp"

namespace systolic::signal {

namespace detail {

/// By definition: the Fourier transform times -i at positive frequencies, i at negative ones, 0 at zero and Nyquist.
template <class = void>
[[gnu::noinline]] inline std::vector<double> hilbert_by_spectrum(TensorView<const double> x) {
  const Index n = x.size();
  FourierTransform fourier(n);
  ComplexArray signal(n);
  std::copy(x.begin(), x.end(), signal.real.begin());
  fourier.forward(signal);
  for (Index k = 0; k < n; ++k) {
    const double sign = k == 0 || 2 * k == n ? 0 : 2 * k < n ? 1 : -1;
    double& re = signal.real[static_cast<std::size_t>(k)];
    double& im = signal.imaginary[static_cast<std::size_t>(k)];
    const double turned = -sign * re / static_cast<double>(n);
    re = sign * im / static_cast<double>(n);
    im = turned;
  }
  fourier.inverse_unscaled(signal);
  return std::move(signal.real);
}

/// The impulse response h[0 .. n) of the transform of n samples: 2/n times the sum of sin(2 pi k i / n) over the
/// positive frequencies k, in closed form.
template <class = void>
[[gnu::noinline]] inline std::vector<double> hilbert_kernel(Index n) {
  std::vector<double> kernel(static_cast<std::size_t>(n));
  const double size = static_cast<double>(n);
  for (Index i = 1; 2 * i < n; ++i) {
    const double angle = std::numbers::pi * static_cast<double>(i) / size;
    double value = 0;
    if (n % 2 == 0)
      value = i % 2 ? 2 / (size * std::tan(angle)) : 0;
    else
      value = i % 2 ? 1 / (size * std::tan(angle / 2)) : -std::tan(angle / 2) / size;
    kernel[static_cast<std::size_t>(i)] = value;
    kernel[static_cast<std::size_t>(n - i)] = -value;
  }
  return kernel;
}

/// As a circular convolution with the kernel, by Fourier transforms of a power of two: n log n for a prime n, too.
template <class = void>
[[gnu::noinline]] inline std::vector<double> hilbert_by_kernel(TensorView<const double> x) {
  const Index n = x.size();
  Index size = 1;
  while (size < 2 * n) size *= 2;
  FourierTransform fourier(size);
  ComplexArray signal(size), kernel(size);
  std::copy(x.begin(), x.end(), signal.real.begin());
  const std::vector<double> h = hilbert_kernel(n);
  std::copy(h.begin(), h.end(), kernel.real.begin());
  std::copy(h.begin() + 1, h.end(), kernel.real.end() - (n - 1));  // the period before
  fourier.forward(signal);
  fourier.forward(kernel);
  for (std::size_t k = 0; k < static_cast<std::size_t>(size); ++k) {
    const double re = signal.real[k] * kernel.real[k] - signal.imaginary[k] * kernel.imaginary[k];
    const double im = signal.real[k] * kernel.imaginary[k] + signal.imaginary[k] * kernel.real[k];
    signal.real[k] = re / static_cast<double>(size);
    signal.imaginary[k] = im / static_cast<double>(size);
  }
  fourier.inverse_unscaled(signal);
  return {signal.real.begin(), signal.real.begin() + n};
}

}  // namespace detail

/// The Hilbert transform of `x` [time], same length, any length and unit: the imaginary part of the analytic signal,
/// SciPy's `hilbert(x).imag`. Like that, it takes x as one period of a signal that repeats.
template <class = void>
inline std::vector<double> hilbert_transform(TensorView<const double> x) {
  if (x.size() == 0) return {};
  return FourierTransform::serves(x.size()) ? detail::hilbert_by_spectrum(x) : detail::hilbert_by_kernel(x);
}

}  // namespace systolic::signal
