#pragma once
// The number types of tensors in weight files, and their conversion to float.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/float16.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {

/// A number type as weight files store it, lowest byte first.
struct ElementType {
  std::string_view name;     ///< in safetensors
  std::string_view storage;  ///< in PyTorch pickles
  int bytes;
  float (*convert)(const unsigned char* bytes);
};

namespace detail {

template <class T>
float convert_element(const unsigned char* bytes) {
  return static_cast<float>(load<T>(bytes));
}
inline float convert_half(const unsigned char* bytes) { return float_from_half(load<std::uint16_t>(bytes)); }
inline float convert_bfloat16(const unsigned char* bytes) { return float_from_bfloat16(load<std::uint16_t>(bytes)); }

/// Blocks of a fixed length that nothing else points into: both compilers vectorize them at -O2.
template <class = void>
inline void convert_halves(const unsigned char* __restrict bytes, float* __restrict out, Index count) noexcept {
  constexpr Index block = 256;
  Index i = 0;
  for (; i + block <= count; i += block)
    for (Index k = 0; k < block; ++k) out[i + k] = float_from_half(load<std::uint16_t>(bytes + 2 * (i + k)));
  for (; i < count; ++i) out[i] = float_from_half(load<std::uint16_t>(bytes + 2 * i));
}

/// Whether no exponent is the highest. Blocks of a fixed length, which both compilers vectorize at -O2.
template <class = void>
inline bool all_finite(const float* x, Index count) noexcept {
  constexpr Index block = 64;
  constexpr std::uint32_t highest = 0x7F800000;
  std::uint32_t found[block] = {};
  Index i = 0;
  for (; i + block <= count; i += block)
    for (Index k = 0; k < block; ++k)
      found[k] |= 0u - static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(x[i + k]) & highest) == highest);
  for (Index k = 0; i < count; ++i, ++k)
    found[k] |= 0u - static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(x[i]) & highest) == highest);
  return std::all_of(found, found + block, [](std::uint32_t value) { return value == 0; });
}

}  // namespace detail

inline constexpr ElementType element_types[] = {
    {"F32", "FloatStorage", 4, detail::convert_element<float>},
    {"F16", "HalfStorage", 2, detail::convert_half},
    {"BF16", "BFloat16Storage", 2, detail::convert_bfloat16},
    {"F64", "DoubleStorage", 8, detail::convert_element<double>},
    {"I64", "LongStorage", 8, detail::convert_element<std::int64_t>},
    {"I32", "IntStorage", 4, detail::convert_element<std::int32_t>},
    {"I16", "ShortStorage", 2, detail::convert_element<std::int16_t>},
    {"I8", "CharStorage", 1, detail::convert_element<std::int8_t>},
    {"U8", "ByteStorage", 1, detail::convert_element<std::uint8_t>},
};

/// The type of that safetensors name, or nullptr.
template <class = void>
inline const ElementType* find_element_type(std::string_view name) noexcept {
  for (const ElementType& type : element_types)
    if (type.name == name) return &type;
  return nullptr;
}

/// Converts `out.size()` elements that lie one after the other at `bytes`.
template <class = void>
inline void convert_elements(const ElementType& type, const unsigned char* bytes, TensorView<float> out) noexcept {
  const Index count = out.size();
  float* target = out.data();
  if (type.convert == detail::convert_half) return detail::convert_halves(bytes, target, count);
  for (Index i = 0; i < count; ++i) target[i] = type.convert(bytes + type.bytes * i);
}

/// The cause where an element is infinite or NaN: such weights spoil every result.
template <class = void>
inline Status check_finite(TensorView<const float> tensor) {
  if (detail::all_finite(tensor.data(), tensor.size())) return {};
  for (Index i = 0; i < tensor.size(); ++i)
    if (!std::isfinite(tensor.data()[i])) return failure({"element ", i, " is not a finite number"});
  return {};
}

/// True for the tensors that only count training steps: batch normalisation's `num_batches_tracked`.
inline bool is_training_counter(std::string_view name) noexcept { return name.ends_with("num_batches_tracked"); }

}  // namespace systolic::io
