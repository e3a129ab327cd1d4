#pragma once
// Half precision (IEEE 754 binary16) and bfloat16 to and from float, by integer arithmetic on every machine.

#include <bit>
#include <cstdint>

namespace systolic::io {

/// The float of the same value; exact. Choices are made with masks, so that the compiler can vectorize a loop of them,
/// and with normal numbers only, so that a thread that flushes subnormals to zero gets the same.
template <class = void>
inline float float_from_half(std::uint16_t half) noexcept {
  constexpr std::uint32_t rebias = (127 - 15) << 23;
  constexpr std::uint32_t smallest_normal = (127 - 14) << 23;
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
  const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7FFF) << 13;
  // All ones where the exponent is the lowest (subnormal), or the highest (infinity, NaN).
  const std::uint32_t is_subnormal = 0u - static_cast<std::uint32_t>(magnitude < 0x00800000);
  const std::uint32_t is_special = 0u - static_cast<std::uint32_t>(magnitude >= 0x0F800000);
  // A subnormal half counts steps of 2^-24: as the mantissa of 2^-14, less 2^-14, it is that number.
  const float subnormal = std::bit_cast<float>(smallest_normal + magnitude) - std::bit_cast<float>(smallest_normal);
  const std::uint32_t other = magnitude + rebias + (is_special & rebias);
  const std::uint32_t bits = (is_subnormal & std::bit_cast<std::uint32_t>(subnormal)) | (~is_subnormal & other);
  return std::bit_cast<float>(bits | sign);
}

/// The nearest half, the even one of two that are equally near; infinity from 65520 on; a NaN stays a NaN.
template <class = void>
inline std::uint16_t half_from_float(float value) noexcept {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t magnitude = bits & 0x7FFFFFFF;
  std::uint32_t half;
  if (magnitude > 0x7F800000) {
    half = 0x7E00;
  } else if (magnitude >= 0x477FF000) {  // 65520
    half = 0x7C00;
  } else if (magnitude < 0x38800000) {  // below 2^-14: adding 1/2 leaves steps of 2^-24, rounded as IEEE 754 adds
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3F000000;
  } else {
    // 13 bits go: add just under half a step, and the last bit that stays, so that a tie becomes even.
    half = (magnitude - ((127 - 15) << 23) + 0xFFF + (magnitude >> 13 & 1)) >> 13;
  }
  return static_cast<std::uint16_t>(sign | half);
}

/// The float of the same value; exact: a bfloat16 is the upper half of a float.
inline float float_from_bfloat16(std::uint16_t value) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

}  // namespace systolic::io
