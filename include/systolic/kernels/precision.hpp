#pragma once
// What the wide layers of a network multiply.

#include <optional>
#include <string_view>

namespace systolic {

/// f32: single precision. bf16: the upper half of it (8 bits of mantissa), sums in f32. int8: whole numbers in [-127,
/// 127] times a scale, for weights one an output channel, for activations one a recording and layer; sums are exact.
enum class Precision { f32, bf16, int8 };

inline const char* precision_name(Precision precision) noexcept {
  return precision == Precision::f32 ? "f32" : precision == Precision::bf16 ? "bf16" : "int8";
}

template <class = void>
inline std::optional<Precision> parse_precision(std::string_view name) noexcept {
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8})
    if (name == precision_name(precision)) return precision;
  return {};
}

}  // namespace systolic
