#pragma once
// The discrete Fourier transform of any length 2^a 5^b (10 s at 500 Hz are 5000 = 2^3 5^4 samples).

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic::signal {

/// Complex numbers as two arrays of equal length.
struct ComplexArray {
  explicit ComplexArray(Index count = 0)
      : real(static_cast<std::size_t>(count)), imaginary(static_cast<std::size_t>(count)) {}
  std::vector<double> real, imaginary;
};

/// X[k] = sum over n of x[n] exp(-2 pi i k n / size), by Stockham's method: one pass a factor of the size, each from
/// one buffer into another, natural order in and out. Belongs to one thread.
class FourierTransform {
 public:
  /// Whether a transform of that size exists: size = 2^a 5^b.
  template <class = void>
  static bool serves(Index size) noexcept {
    if (size < 1) return false;
    for (const Index factor : {2, 5})
      while (size % factor == 0) size /= factor;
    return size == 1;
  }

  /// Requires serves(size).
  template <class = void>
  [[gnu::noinline]] explicit FourierTransform(Index size) : size_(size), twiddles_(size), buffer_(size) {
    // exp(-2 pi i k / size), each as the product of a coarse and a fine rotation: two roundings, few sines.
    constexpr Index fine_count = 64;
    ComplexArray fine(fine_count);
    for (Index k = 0; k < fine_count; ++k) set_rotation(fine, k, k);
    ComplexArray coarse(1);
    for (Index k = 0; k < size; ++k) {
      if (k % fine_count == 0) set_rotation(coarse, 0, k);
      const double re = coarse.real[0], im = coarse.imaginary[0];
      const auto at = static_cast<std::size_t>(k), f = static_cast<std::size_t>(k % fine_count);
      twiddles_.real[at] = re * fine.real[f] - im * fine.imaginary[f];
      twiddles_.imaginary[at] = re * fine.imaginary[f] + im * fine.real[f];
    }
  }

  /// Transforms `x` [size] in place.
  template <class = void>
  [[gnu::noinline]] void forward(ComplexArray& x) {
    Index length = size_;
    while (length > 1) {
      if (length % 5 == 0)
        length = pass<5>(x, length);
      else if (length % 4 == 0)
        length = pass<4>(x, length);
      else
        length = pass<2>(x, length);
      std::swap(x, buffer_);
    }
  }

  /// Inverse transform of `x` [size] in place, times the size: the forward one with the two parts exchanged.
  template <class = void>
  void inverse_unscaled(ComplexArray& x) {
    std::swap(x.real, x.imaginary);
    forward(x);
    std::swap(x.real, x.imaginary);
  }

 private:
  template <class = void>
  void set_rotation(ComplexArray& into, Index at, Index k) const {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size_);
    into.real[static_cast<std::size_t>(at)] = std::cos(angle);
    into.imaginary[static_cast<std::size_t>(at)] = std::sin(angle);
  }

  /// Splits transforms of `length` points, of which there are `stride` side by side, into Radix shorter ones each:
  /// buffer[stride (Radix p + k) + q] = exp(-2 pi i p k / length) * the transform over j of
  /// x[stride (p + shorter j) + q] at k. Returns the shorter length.
  template <int Radix>
  Index pass(const ComplexArray& x, Index length) {
    const Index shorter = length / Radix, stride = size_ / length;
    double cosine[Radix], sine[Radix];  // of 2 pi k / Radix
    for (int k = 0; k < Radix; ++k) {
      cosine[k] = twiddles_.real[static_cast<std::size_t>(size_ / Radix * k)];
      sine[k] = -twiddles_.imaginary[static_cast<std::size_t>(size_ / Radix * k)];
    }
    for (Index p = 0; p < shorter; ++p) {
      double turn_re[Radix], turn_im[Radix];
      for (int k = 0; k < Radix; ++k) {
        turn_re[k] = twiddles_.real[static_cast<std::size_t>(p * k * stride)];
        turn_im[k] = twiddles_.imaginary[static_cast<std::size_t>(p * k * stride)];
      }
      const double* in_re = x.real.data() + stride * p;
      const double* in_im = x.imaginary.data() + stride * p;
      double* out_re = buffer_.real.data() + stride * Radix * p;
      double* out_im = buffer_.imaginary.data() + stride * Radix * p;
      for (Index q = 0; q < stride; ++q) {
        double re[Radix], im[Radix];
        for (int j = 0; j < Radix; ++j) {
          re[j] = in_re[q + stride * shorter * j];
          im[j] = in_im[q + stride * shorter * j];
        }
        transform_few<Radix>(cosine, sine, re, im);
        for (int k = 0; k < Radix; ++k) {
          out_re[q + stride * k] = re[k] * turn_re[k] - im[k] * turn_im[k];
          out_im[q + stride * k] = re[k] * turn_im[k] + im[k] * turn_re[k];
        }
      }
    }
    return shorter;
  }

  /// The transform of Radix points in place. The inputs j and Radix - j meet conjugate rotations, and so do the outputs
  /// k and Radix - k, which leaves a quarter of the multiplications.
  template <int Radix>
  static void transform_few(const double* cosine, const double* sine, double* re, double* im) {
    constexpr int pairs = (Radix - 1) / 2;
    double plus_re[pairs + 1], plus_im[pairs + 1], minus_re[pairs + 1], minus_im[pairs + 1];
    for (int j = 1; j <= pairs; ++j) {
      plus_re[j] = re[j] + re[Radix - j];
      plus_im[j] = im[j] + im[Radix - j];
      minus_re[j] = re[j] - re[Radix - j];
      minus_im[j] = im[j] - im[Radix - j];
    }
    const double first_re = re[0], first_im = im[0], middle_re = re[Radix / 2], middle_im = im[Radix / 2];
    for (int k = 0; k <= Radix / 2; ++k) {
      double even_re = first_re, even_im = first_im, odd_re = 0, odd_im = 0;
      if constexpr (Radix % 2 == 0) {
        even_re += k % 2 ? -middle_re : middle_re;
        even_im += k % 2 ? -middle_im : middle_im;
      }
      for (int j = 1; j <= pairs; ++j) {
        even_re += cosine[j * k % Radix] * plus_re[j];
        even_im += cosine[j * k % Radix] * plus_im[j];
        odd_re += sine[j * k % Radix] * minus_im[j];
        odd_im -= sine[j * k % Radix] * minus_re[j];
      }
      re[k] = even_re + odd_re;
      im[k] = even_im + odd_im;
      if (k == 0) continue;
      re[Radix - k] = even_re - odd_re;
      im[Radix - k] = even_im - odd_im;
    }
  }

  Index size_;
  ComplexArray twiddles_;
  ComplexArray buffer_;
};

}  // namespace systolic::signal
