#pragma once
// The passes over an activation that batch norm needs in training. Data are [rows][channels]; a vector holds
// neighbouring channels, so that sums over rows never cross lanes. Each pass is limited by memory, so each does all
// that it can while a number is there.

#include <type_traits>

#include "systolic/core/tensor.hpp"
#include "systolic/simd/vector.hpp"

namespace systolic::kernels {

/// sums[c] += sum over rows of x
template <class T>
void add_channel_sums_reference(const T* x, Index rows, Index channels, T* sums) {
  for (Index r = 0; r < rows; ++r, x += channels)
    for (Index c = 0; c < channels; ++c) sums[c] += x[c];
}
/// sums[c] += sum over rows of (x - mean[c])^2
template <class T>
void add_channel_squares_reference(const T* x, Index rows, Index channels, const T* mean, T* sums) {
  for (Index r = 0; r < rows; ++r, x += channels)
    for (Index c = 0; c < channels; ++c) sums[c] += (x[c] - mean[c]) * (x[c] - mean[c]);
}
/// y = leak(scale[c] x + shift[c]), leak: negative numbers times `slope`
template <class T>
void scale_shift_leak_reference(const T* x, Index rows, Index channels, const T* scale, const T* shift, T slope, T* y) {
  for (Index r = 0; r < rows; ++r, x += channels, y += channels)
    for (Index c = 0; c < channels; ++c) {
      const T value = x[c] * scale[c] + shift[c];
      y[c] = value > T(0) ? value : slope * value;
    }
}
/// What came out of scale_shift_leak above: which side of the kink a number was on is asked of x again, in the same
/// arithmetic, which takes less time than reading what came out.
template <class T>
struct Leaked {
  const T *scale, *shift;
  T slope;
};

/// With g = dz where scale[c] x + shift[c] > 0, slope dz elsewhere:
/// sums[c] += sum g, products[c] += sum g (x - mean[c])
template <class T>
void add_norm_gradient_sums_reference(const T* x, const T* dz, Index rows, Index channels, const Leaked<T>& leaked,
                                      const T* mean, T* sums, T* products) {
  for (Index r = 0; r < rows; ++r, x += channels, dz += channels)
    for (Index c = 0; c < channels; ++c) {
      const T g = x[c] * leaked.scale[c] + leaked.shift[c] > T(0) ? dz[c] : leaked.slope * dz[c];
      sums[c] += g;
      products[c] += g * (x[c] - mean[c]);
    }
}
/// dz = leaked.scale[c] g + factor[c] x + shift[c], g as above: the scale is the same both ways
template <class T>
void norm_input_gradient_reference(const T* x, T* dz, Index rows, Index channels, const Leaked<T>& leaked,
                                   const T* factor, const T* shift) {
  for (Index r = 0; r < rows; ++r, x += channels, dz += channels)
    for (Index c = 0; c < channels; ++c) {
      const T g = x[c] * leaked.scale[c] + leaked.shift[c] > T(0) ? dz[c] : leaked.slope * dz[c];
      dz[c] = leaked.scale[c] * g + factor[c] * x[c] + shift[c];
    }
}
/// dz = dz where z > 0, slope dz elsewhere, in place, and sums[c] += their sum
template <class T>
void leak_gradient_reference(const T* z, T* dz, Index rows, Index channels, T slope, T* sums) {
  for (Index r = 0; r < rows; ++r, z += channels, dz += channels)
    for (Index c = 0; c < channels; ++c) {
      dz[c] = z[c] > T(0) ? dz[c] : slope * dz[c];
      sums[c] += dz[c];
    }
}

inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

/// Rows that are summed in registers before they meet the sum so far: short chains round less, and a run of them stays
/// in the first-level cache.
inline constexpr Index summed_rows = 32;

/// Calls body(first channel of a vector, first row, last row) over the whole array, runs of rows outside.
template <class V, class Body>
SYSTOLIC_INLINE void for_each_column(Index rows, Index channels, Body body) {
  for (Index first = 0; first < rows; first += summed_rows) {
    const Index last = first + summed_rows < rows ? first + summed_rows : rows;
    for (Index c = 0; c < channels; c += V::width) body(c, first, last);
  }
}

template <class V>
SYSTOLIC_INLINE void add_to(const V& sum, float* place) {
  V total;
  total.load(place);
  total.add(sum);
  total.store(place);
}

/// g = gradient where z > 0, slope * gradient elsewhere.
template <class V>
SYSTOLIC_INLINE void through_leak(const V& z, const V& gradient, const V& slope, V& g) {
  V leaked = gradient;
  leaked.multiply(slope);
  g.clear();
  g.choose_below(z, gradient, leaked);
}

template <class V>
SYSTOLIC_INLINE void channel_sums(const float* x, Index rows, Index channels, float* sums) {
  for_each_column<V>(rows, channels, [&](Index c, Index first, Index last) SYSTOLIC_INLINE_LAMBDA {
    V sum, value;
    sum.clear();
    for (Index r = first; r < last; ++r) {
      value.load(x + r * channels + c);
      sum.add(value);
    }
    add_to(sum, sums + c);
  });
}
template <class V>
SYSTOLIC_INLINE void channel_squares(const float* x, Index rows, Index channels, const float* mean, float* sums) {
  for_each_column<V>(rows, channels, [&](Index c, Index first, Index last) SYSTOLIC_INLINE_LAMBDA {
    V sum, value, centre;
    sum.clear();
    centre.load(mean + c);
    for (Index r = first; r < last; ++r) {
      value.load(x + r * channels + c);
      value.subtract(centre);
      sum.add_product(value, value);
    }
    add_to(sum, sums + c);
  });
}
template <class V>
SYSTOLIC_INLINE void scale_shift_leak(const float* x, Index rows, Index channels, const float* scale,
                                      const float* shift, float slope, float* y) {
  V leak;
  leak.fill(slope);
  for_each_column<V>(rows, channels, [&](Index c, Index first, Index last) SYSTOLIC_INLINE_LAMBDA {
    V factor, offset, value, result;
    factor.load(scale + c);
    offset.load(shift + c);
    for (Index r = first; r < last; ++r) {
      value.load(x + r * channels + c);
      result = offset;
      result.add_product(value, factor);
      result.leak(leak);
      result.store(y + r * channels + c);
    }
  });
}
template <class V>
SYSTOLIC_INLINE void norm_gradient_sums(const float* x, const float* dz, Index rows, Index channels,
                                        const Leaked<float>& leaked, const float* mean, float* sums, float* products) {
  V slope;
  slope.fill(leaked.slope);
  for_each_column<V>(rows, channels, [&](Index c, Index first, Index last) SYSTOLIC_INLINE_LAMBDA {
    V sum, product, centre, scale, shift, value, z, gradient, g;
    sum.clear();
    product.clear();
    centre.load(mean + c);
    scale.load(leaked.scale + c);
    shift.load(leaked.shift + c);
    for (Index r = first; r < last; ++r) {
      value.load(x + r * channels + c);
      gradient.load(dz + r * channels + c);
      z = shift;
      z.add_product(value, scale);
      through_leak(z, gradient, slope, g);
      value.subtract(centre);
      sum.add(g);
      product.add_product(g, value);
    }
    add_to(sum, sums + c);
    add_to(product, products + c);
  });
}
template <class V>
SYSTOLIC_INLINE void norm_input_gradient(const float* x, float* dz, Index rows, Index channels,
                                         const Leaked<float>& leaked, const float* factor, const float* shift) {
  V slope;
  slope.fill(leaked.slope);
  for_each_column<V>(rows, channels, [&](Index c, Index first, Index last) SYSTOLIC_INLINE_LAMBDA {
    V scale, before, slant, offset, value, z, gradient, g;
    scale.load(leaked.scale + c);
    before.load(leaked.shift + c);
    slant.load(factor + c);
    offset.load(shift + c);
    for (Index r = first; r < last; ++r) {
      value.load(x + r * channels + c);
      gradient.load(dz + r * channels + c);
      z = before;
      z.add_product(value, scale);
      through_leak(z, gradient, slope, g);
      V result = offset;
      result.add_product(value, slant);
      result.add_product(g, scale);
      result.store(dz + r * channels + c);
    }
  });
}
template <class V>
SYSTOLIC_INLINE void leak_gradient(const float* z, float* dz, Index rows, Index channels, float slope, float* sums) {
  V leak;
  leak.fill(slope);
  for_each_column<V>(rows, channels, [&](Index c, Index first, Index last) SYSTOLIC_INLINE_LAMBDA {
    V sum, value, gradient, g;
    sum.clear();
    for (Index r = first; r < last; ++r) {
      const Index place = r * channels + c;
      value.load(z + place);
      gradient.load(dz + place);
      through_leak(value, gradient, leak, g);
      sum.add(g);
      g.store(dz + place);
    }
    add_to(sum, sums + c);
  });
}

/// The six passes for one instruction set.
struct ChannelNormKernel {
  void (*sums)(const float*, Index, Index, float*);
  void (*squares)(const float*, Index, Index, const float*, float*);
  void (*scale_shift_leak)(const float*, Index, Index, const float*, const float*, float, float*);
  void (*gradient_sums)(const float*, const float*, Index, Index, const Leaked<float>&, const float*, float*, float*);
  void (*input_gradient)(const float*, float*, Index, Index, const Leaked<float>&, const float*, const float*);
  void (*leak_gradient)(const float*, float*, Index, Index, float, float*);
};

// One set of functions an instruction set; a macro, because an attribute cannot be a template's parameter.
#define SYSTOLIC_CHANNEL_NORM(NAME, TARGET, V)                                                                      \
  TARGET inline void NAME##_sums(const float* x, Index n, Index c, float* s) { channel_sums<V>(x, n, c, s); }       \
  TARGET inline void NAME##_squares(const float* x, Index n, Index c, const float* m, float* s) {                   \
    channel_squares<V>(x, n, c, m, s);                                                                              \
  }                                                                                                                 \
  TARGET inline void NAME##_scale(const float* x, Index n, Index c, const float* a, const float* b, float l,        \
                                  float* y) {                                                                       \
    scale_shift_leak<V>(x, n, c, a, b, l, y);                                                                       \
  }                                                                                                                 \
  TARGET inline void NAME##_gradient_sums(const float* x, const float* d, Index n, Index c, const Leaked<float>& l, \
                                          const float* m, float* s, float* p) {                                     \
    norm_gradient_sums<V>(x, d, n, c, l, m, s, p);                                                                  \
  }                                                                                                                 \
  TARGET inline void NAME##_input_gradient(const float* x, float* d, Index n, Index c, const Leaked<float>& l,      \
                                           const float* f, const float* b) {                                        \
    norm_input_gradient<V>(x, d, n, c, l, f, b);                                                                    \
  }                                                                                                                 \
  TARGET inline void NAME##_leak_gradient(const float* z, float* d, Index n, Index c, float l, float* s) {          \
    leak_gradient<V>(z, d, n, c, l, s);                                                                             \
  }                                                                                                                 \
  inline constexpr ChannelNormKernel NAME##_kernel{NAME##_sums,          NAME##_squares,        NAME##_scale,       \
                                                   NAME##_gradient_sums, NAME##_input_gradient, NAME##_leak_gradient};

#if SYSTOLIC_DISPATCH
SYSTOLIC_CHANNEL_NORM(norm_avx512, [[gnu::target("avx512f")]], simd::FloatVector<16>)
SYSTOLIC_CHANNEL_NORM(norm_avx2, [[gnu::target("avx2,fma")]], simd::FloatVector<8>)
SYSTOLIC_CHANNEL_NORM(norm_baseline, , simd::FloatVector<4>)
inline constexpr Index norm_baseline_width = 4;
#else
SYSTOLIC_CHANNEL_NORM(norm_baseline, , simd::XsimdVector)
inline constexpr Index norm_baseline_width = simd::XsimdVector::width;
#endif
#undef SYSTOLIC_CHANNEL_NORM

inline constexpr ChannelNormKernel norm_reference_kernel{
    add_channel_sums_reference<float>,       add_channel_squares_reference<float>, scale_shift_leak_reference<float>,
    add_norm_gradient_sums_reference<float>, norm_input_gradient_reference<float>, leak_gradient_reference<float>};

}  // namespace detail

using ChannelNormKernel = detail::ChannelNormKernel;

/// The widest kernel of the instruction set whose vectors divide the number of channels.
template <class = void>
inline const ChannelNormKernel& channel_norm_kernel(Index channels, simd::Isa isa = simd::active_isa()) noexcept {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512 && channels % 16 == 0) return detail::norm_avx512_kernel;
  if (isa >= simd::Isa::avx2 && channels % 8 == 0) return detail::norm_avx2_kernel;
#endif
  (void)isa;
  return channels % detail::norm_baseline_width == 0 ? detail::norm_baseline_kernel : detail::norm_reference_kernel;
}

}  // namespace SYSTOLIC_ISA_NAMESPACE

// The six passes in the best way for the type: floats with vectors, anything else as the reference.

template <class T>
void add_channel_sums(const T* x, Index rows, Index channels, T* sums) {
  if constexpr (std::is_same_v<T, float>)
    channel_norm_kernel(channels).sums(x, rows, channels, sums);
  else
    add_channel_sums_reference(x, rows, channels, sums);
}
template <class T>
void add_channel_squares(const T* x, Index rows, Index channels, const T* mean, T* sums) {
  if constexpr (std::is_same_v<T, float>)
    channel_norm_kernel(channels).squares(x, rows, channels, mean, sums);
  else
    add_channel_squares_reference(x, rows, channels, mean, sums);
}
template <class T>
void scale_shift_leak(const T* x, Index rows, Index channels, const T* scale, const T* shift, T slope, T* y) {
  if constexpr (std::is_same_v<T, float>)
    channel_norm_kernel(channels).scale_shift_leak(x, rows, channels, scale, shift, slope, y);
  else
    scale_shift_leak_reference(x, rows, channels, scale, shift, slope, y);
}
template <class T>
void add_norm_gradient_sums(const T* x, const T* dz, Index rows, Index channels, const Leaked<T>& leaked, const T* mean,
                            T* sums, T* products) {
  if constexpr (std::is_same_v<T, float>)
    channel_norm_kernel(channels).gradient_sums(x, dz, rows, channels, leaked, mean, sums, products);
  else
    add_norm_gradient_sums_reference(x, dz, rows, channels, leaked, mean, sums, products);
}
template <class T>
void norm_input_gradient(const T* x, T* dz, Index rows, Index channels, const Leaked<T>& leaked, const T* factor,
                         const T* shift) {
  if constexpr (std::is_same_v<T, float>)
    channel_norm_kernel(channels).input_gradient(x, dz, rows, channels, leaked, factor, shift);
  else
    norm_input_gradient_reference(x, dz, rows, channels, leaked, factor, shift);
}
template <class T>
void leak_gradient(const T* z, T* dz, Index rows, Index channels, T slope, T* sums) {
  if constexpr (std::is_same_v<T, float>)
    channel_norm_kernel(channels).leak_gradient(z, dz, rows, channels, slope, sums);
  else
    leak_gradient_reference(z, dz, rows, channels, slope, sums);
}

}  // namespace systolic::kernels
