#pragma once
// Numbers that follow from a name: weights and inputs for tests and for the self-check of weight files, the same on
// every machine and in every language. FNV-1a names the stream, the output function of splitmix64 fills it.

#include <cstdint>
#include <string_view>

#include "systolic/core/tensor.hpp"

namespace systolic {

/// The stream that belongs to a name: its FNV-1a hash.
template <class = void>
inline std::uint64_t formula_stream(std::string_view name) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

/// Element `index` of a stream, in [-1, 1).
template <class = void>
inline float formula_unit(std::uint64_t stream, std::uint64_t index) noexcept {
  std::uint64_t z = stream + index + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<float>(static_cast<double>(z >> 40) / 8388608.0 - 1.0);
}

/// Element `index` of the stream `name`.
template <class = void>
inline float formula_unit(std::string_view name, std::uint64_t index) noexcept {
  return formula_unit(formula_stream(name), index);
}

/// An array whose flat element i is formula_unit(name, i).
template <class T = float>
Tensor<T> formula_tensor(std::string_view name, Shape shape) {
  Tensor<T> result(shape);
  const std::uint64_t stream = formula_stream(name);
  for (Index i = 0; i < result.size(); ++i)
    result.data()[i] = static_cast<T>(formula_unit(stream, static_cast<std::uint64_t>(i)));
  return result;
}

}  // namespace systolic
