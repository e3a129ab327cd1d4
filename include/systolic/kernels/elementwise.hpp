#pragma once
// Loops over single numbers that are worth a vector: tanh, exp, softmax, differences. Chosen at run time like the row
// product.

#include <algorithm>
#include <cmath>

#include "systolic/core/tensor.hpp"
#include "systolic/simd/math.hpp"

namespace systolic::kernels {
inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

/// Applies a vector operation to `count` floats in place; the last, partial vector goes through a buffer.
template <class V, class Operation>
SYSTOLIC_INLINE void for_each_vector(float* x, Index count, Operation operation) {
  for (Index i = 0; i < count; i += V::width) {  // one body for both kinds of vector: the operation is long
    const Index valid = std::min<Index>(count - i, V::width);
    float rest[V::width] = {};
    float* place = x + i;
    if (valid < V::width) {
      std::copy_n(place, valid, rest);
      place = rest;
    }
    V v;
    v.load(place);
    operation(v);
    v.store(place);
    if (valid < V::width) std::copy_n(rest, valid, x + i);
  }
}

struct TanhOperation {
  template <class V>
  SYSTOLIC_INLINE void operator()(V& v) const {
    simd::hyperbolic_tangent(v);
  }
};

/// v = e^(scale v + shift)
struct ExpOperation {
  float scale, shift;
  template <class V>
  SYSTOLIC_INLINE void operator()(V& v) const {
    V factor, sum;
    factor.fill(scale);
    sum.fill(shift);
    sum.add_product(v, factor);
    v = sum;
    simd::exponential(v);
  }
};

template <class V>
SYSTOLIC_INLINE void run_tanh(float* x, Index count) {
  for_each_vector<V>(x, count, TanhOperation{});
}
template <class V>
SYSTOLIC_INLINE void run_exp(float* x, Index count, float scale, float shift) {
  for_each_vector<V>(x, count, ExpOperation{scale, shift});
}

template <class V>
SYSTOLIC_INLINE void run_subtract(const float* a, const float* b, float* y, Index count) {
  Index i = 0;
  for (; i + V::width <= count; i += V::width) {
    V difference, second;
    difference.load(a + i);
    second.load(b + i);
    difference.subtract(second);
    difference.store(y + i);
  }
  for (; i < count; ++i) y[i] = a[i] - b[i];
}

/// Of a row that is longer than a vector. The last vector may overlap the one before it where only a maximum is asked
/// for; the rest of a sum is added number by number.
template <class V>
SYSTOLIC_INLINE void run_softmax(float* x, Index rows, Index columns, float scale) {
  for (Index r = 0; r < rows; ++r, x += columns) {
    V largest, v;
    largest.load(x);
    for (Index n = V::width; n < columns; n += V::width) {
      v.load(x + std::min<Index>(n, columns - V::width));
      largest.maximum(v);
    }
    float lanes[V::width];
    largest.store(lanes);
    run_exp<V>(x, columns, scale, -scale * *std::max_element(lanes, lanes + V::width));
    Index n = 0;
    V sums, factor;
    sums.clear();
    for (; n + V::width <= columns; n += V::width) {
      v.load(x + n);
      sums.add(v);
    }
    float sum = sums.sum();
    for (; n < columns; ++n) sum += x[n];
    factor.fill(1 / sum);
    for (n = 0; n + V::width <= columns; n += V::width) {
      v.load(x + n);
      v.multiply(factor);
      v.store(x + n);
    }
    for (; n < columns; ++n) x[n] *= 1 / sum;
  }
}

#if SYSTOLIC_DISPATCH
[[gnu::target("avx512f")]] inline void softmax_avx512(float* x, Index rows, Index columns, float scale) {
  run_softmax<simd::FloatVector<16>>(x, rows, columns, scale);
}
[[gnu::target("avx2,fma")]] inline void softmax_avx2(float* x, Index rows, Index columns, float scale) {
  run_softmax<simd::FloatVector<8>>(x, rows, columns, scale);
}
[[gnu::target("avx512f")]] inline void subtract_avx512(const float* a, const float* b, float* y, Index n) {
  run_subtract<simd::FloatVector<16>>(a, b, y, n);
}
[[gnu::target("avx2,fma")]] inline void subtract_avx2(const float* a, const float* b, float* y, Index n) {
  run_subtract<simd::FloatVector<8>>(a, b, y, n);
}
inline void subtract_baseline(const float* a, const float* b, float* y, Index n) {
  run_subtract<simd::FloatVector<4>>(a, b, y, n);
}
[[gnu::target("avx512f")]] inline void tanh_avx512(float* x, Index n) { run_tanh<simd::FloatVector<16>>(x, n); }
[[gnu::target("avx2,fma")]] inline void tanh_avx2(float* x, Index n) { run_tanh<simd::FloatVector<8>>(x, n); }
inline void tanh_baseline(float* x, Index n) { run_tanh<simd::FloatVector<4>>(x, n); }
[[gnu::target("avx512f")]] inline void exp_avx512(float* x, Index n, float scale, float shift) {
  run_exp<simd::FloatVector<16>>(x, n, scale, shift);
}
[[gnu::target("avx2,fma")]] inline void exp_avx2(float* x, Index n, float scale, float shift) {
  run_exp<simd::FloatVector<8>>(x, n, scale, shift);
}
inline void exp_baseline(float* x, Index n, float scale, float shift) {
  run_exp<simd::FloatVector<4>>(x, n, scale, shift);
}
#else
inline void subtract_baseline(const float* a, const float* b, float* y, Index n) {
  run_subtract<simd::XsimdVector>(a, b, y, n);
}
inline void tanh_baseline(float* x, Index n) { run_tanh<simd::XsimdVector>(x, n); }
inline void exp_baseline(float* x, Index n, float scale, float shift) {
  run_exp<simd::XsimdVector>(x, n, scale, shift);
}
#endif

}  // namespace detail

/// x[i] = tanh x[i]
template <class = void>
inline void tanh_in_place(float* x, Index count, simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512) return detail::tanh_avx512(x, count);
  if (isa == simd::Isa::avx2) return detail::tanh_avx2(x, count);
#endif
  (void)isa;
  detail::tanh_baseline(x, count);
}

/// x[i] = exp(scale x[i] + shift)
template <class = void>
inline void exp_in_place(float* x, Index count, float scale = 1, float shift = 0, simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512) return detail::exp_avx512(x, count, scale, shift);
  if (isa == simd::Isa::avx2) return detail::exp_avx2(x, count, scale, shift);
#endif
  (void)isa;
  detail::exp_baseline(x, count, scale, shift);
}

/// y[i] = a[i] - b[i]; y may be a or b.
template <class = void>
inline void subtract(const float* a, const float* b, float* y, Index count, simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512) return detail::subtract_avx512(a, b, y, count);
  if (isa == simd::Isa::avx2) return detail::subtract_avx2(a, b, y, count);
#endif
  (void)isa;
  detail::subtract_baseline(a, b, y, count);
}

/// x = softmax(scale x) along each row of x [rows][columns].
template <class = void>
inline void softmax_rows(float* x, Index rows, Index columns, float scale, simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512 && columns >= 16) return detail::softmax_avx512(x, rows, columns, scale);
  if (isa == simd::Isa::avx2 && columns >= 8) return detail::softmax_avx2(x, rows, columns, scale);
#endif
  for (Index r = 0; r < rows; ++r, x += columns) {
    const float largest = *std::max_element(x, x + columns);
    exp_in_place(x, columns, scale, -scale * largest, isa);
    float sum = 0;
    for (Index n = 0; n < columns; ++n) sum += x[n];
    const float inverse = 1 / sum;
    for (Index n = 0; n < columns; ++n) x[n] *= inverse;
  }
}

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::kernels
