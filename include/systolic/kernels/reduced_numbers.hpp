#pragma once
// Floats to 16 and to 8 bits, and weights packed so that four bytes of the depth lie side by side: what one lane of the
// instructions that multiply them takes.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "systolic/core/tensor.hpp"
#include "systolic/kernels/precision.hpp"
#include "systolic/simd/vector.hpp"

namespace systolic::kernels {

/// Columns of a panel, and bytes of the depth that one step takes; both are a tile's.
inline constexpr Index reduced_panel = 16, reduced_step = 64;

/// Activations in 8 bits are stored as q + 128, for the instructions want them unsigned; zero is this.
inline constexpr std::uint8_t int8_zero = 128;

/// Bytes of one number.
inline Index reduced_bytes(Precision precision) noexcept { return precision == Precision::bf16 ? 2 : 1; }

/// The nearest bfloat16, the even one of two that are equally near; a NaN stays a NaN.
template <class = void>
inline std::uint16_t bfloat16_from_float(float value) noexcept {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFF) > 0x7F800000) return static_cast<std::uint16_t>((bits >> 16) | 0x40);
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
inline float float_from_bfloat16(std::uint16_t value) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

/// round(value / scale) in [-127, 127], plus 128; NaN becomes zero (whoever needs to know looks at the scale).
template <class = void>
inline std::uint8_t byte_from_float(float value, float inverse_scale) noexcept {
  const float q = std::min(std::max(value * inverse_scale, -127.0f), 127.0f);
  // Adding 1.5 2^23 leaves the nearest whole number in the lowest bits.
  return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(q + 12582912.0f) + int8_zero);
}

inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

#if defined(__GNUC__)
template <int Width>
struct NarrowLanes;
template <>
struct NarrowLanes<4> {
  typedef short Shorts __attribute__((vector_size(8)));
  typedef char Bytes __attribute__((vector_size(4)));
};
template <>
struct NarrowLanes<16> {
  typedef short Shorts __attribute__((vector_size(32)));
  typedef char Bytes __attribute__((vector_size(16)));
};

template <class V>
SYSTOLIC_INLINE void put_bfloat16(const float* x, Index count, std::uint16_t* y) {
  Index i = 0;
  for (; i + V::width <= count; i += V::width) {
    typename V::Integers bits;
    std::memcpy(&bits, x + i, sizeof bits);
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    const auto narrow = __builtin_convertvector(bits, typename NarrowLanes<V::width>::Shorts);
    std::memcpy(y + i, &narrow, sizeof narrow);
  }
  for (; i < count; ++i) y[i] = bfloat16_from_float(x[i]);
}
template <class V>
SYSTOLIC_INLINE void put_bytes(const float* x, Index count, float inverse_scale, std::uint8_t* y) {
  V factor, low, high, magic;
  factor.fill(inverse_scale);
  low.fill(-127.0f);
  high.fill(127.0f);
  magic.fill(12582912.0f);
  Index i = 0;
  for (; i + V::width <= count; i += V::width) {
    V q;
    q.load(x + i);
    q.multiply(factor);
    q.maximum(low);
    q.minimum(high);
    q.add(magic);
    typename V::Integers bits;
    std::memcpy(&bits, &q, sizeof bits);
    const auto narrow = __builtin_convertvector(bits + int8_zero, typename NarrowLanes<V::width>::Bytes);
    std::memcpy(y + i, &narrow, sizeof narrow);
  }
  for (; i < count; ++i) y[i] = byte_from_float(x[i], inverse_scale);
}
template <class V>
SYSTOLIC_INLINE float find_largest(const float* x, Index count) {
  V most;
  most.clear();
  Index i = 0;
  for (; i + V::width <= count; i += V::width) {
    V value, negated;
    value.load(x + i);
    negated.clear();
    negated.subtract(value);
    most.maximum(value);
    most.maximum(negated);
  }
  float lanes[V::width], result = 0;
  most.store(lanes);
  for (const float lane : lanes) result = std::max(result, lane);
  for (; i < count; ++i) result = std::max(result, std::abs(x[i]));
  return result;
}
#endif

#if SYSTOLIC_DISPATCH
[[gnu::target("avx512f")]] inline void put_bfloat16_avx512(const float* x, Index n, std::uint16_t* y) {
  put_bfloat16<simd::FloatVector<16>>(x, n, y);
}
[[gnu::target("avx512f")]] inline void put_bytes_avx512(const float* x, Index n, float inverse, std::uint8_t* y) {
  put_bytes<simd::FloatVector<16>>(x, n, inverse, y);
}
[[gnu::target("avx512f")]] inline float find_largest_avx512(const float* x, Index n) {
  return find_largest<simd::FloatVector<16>>(x, n);
}
inline bool avx512() noexcept { return simd::active_isa() == simd::Isa::avx512; }
#endif

}  // namespace detail

/// y[i] = bfloat16 of x[i]. Infinity and the NaN that arithmetic makes stay what they are.
template <class = void>
inline void to_bfloat16(const float* x, Index count, std::uint16_t* y) noexcept {
#if SYSTOLIC_DISPATCH
  if (detail::avx512()) return detail::put_bfloat16_avx512(x, count, y);
#endif
#if defined(__GNUC__)
  detail::put_bfloat16<simd::FloatVector<4>>(x, count, y);
#else
  for (Index i = 0; i < count; ++i) y[i] = bfloat16_from_float(x[i]);
#endif
}

/// y[i] = byte_from_float(x[i], 1 / scale); all are zero where the scale is 0 or not finite.
template <class = void>
inline void to_bytes(const float* x, Index count, float scale, std::uint8_t* y) noexcept {
  const float inverse = scale > 0 && std::isfinite(scale) ? 1 / scale : 0.0f;
#if SYSTOLIC_DISPATCH
  if (detail::avx512()) return detail::put_bytes_avx512(x, count, inverse, y);
#endif
#if defined(__GNUC__)
  detail::put_bytes<simd::FloatVector<4>>(x, count, inverse, y);
#else
  for (Index i = 0; i < count; ++i) y[i] = byte_from_float(x[i], inverse);
#endif
}

/// The largest |x|; NaN is passed over.
template <class = void>
inline float largest_magnitude(const float* x, Index count) noexcept {
#if SYSTOLIC_DISPATCH
  if (detail::avx512()) return detail::find_largest_avx512(x, count);
#endif
#if defined(__GNUC__)
  return detail::find_largest<simd::FloatVector<4>>(x, count);
#else
  float result = 0;
  for (Index i = 0; i < count; ++i) result = std::max(result, std::abs(x[i]));
  return result;
#endif
}

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::kernels
