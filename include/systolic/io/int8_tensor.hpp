#pragma once
// Weights in a quarter of their size: a tensor NAME of whole numbers in [-127, 127] (I8) beside a tensor
// NAME.int8_scale [extent of its first dimension] (F32) that says what a unit is worth.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic::io {

inline constexpr std::string_view int8_scale_ending = ".int8_scale";

/// Whether a tensor is written so: a network's large matrices are; vectors and the statistics of the combined score, of
/// which every digit counts, are not.
inline bool goes_into_int8(const nn::NamedTensor& entry) noexcept {
  return entry.tensor.shape().rank() >= 2 && entry.tensor.size() >= 2048 && !entry.name.starts_with("score.");
}

struct Int8Tensor {
  std::vector<std::int8_t> values;
  Tensor<float> scale;  ///< [rows]
};

/// Each row (all that shares a first index) times 127 / its largest magnitude, rounded. Requires finite numbers.
template <class = void>
inline Int8Tensor to_int8(const Tensor<float>& tensor) {
  const Index rows = tensor.shape()[0], length = rows > 0 ? tensor.size() / rows : 0;
  Int8Tensor result{{}, Tensor<float>(Shape{rows})};
  result.values.reserve(static_cast<std::size_t>(tensor.size()));
  for (Index r = 0; r < rows; ++r) {
    const float* row = tensor.data() + r * length;
    float most = 0;
    for (Index i = 0; i < length; ++i) most = std::max(most, std::abs(row[i]));
    const float scale = most / 127;
    result.scale(r) = scale;
    for (Index i = 0; i < length; ++i)
      result.values.push_back(static_cast<std::int8_t>(scale > 0 ? std::lround(row[i] / scale) : 0));
  }
  return result;
}

/// Multiplies each row of `tensor`, which holds whole numbers, with its scale.
template <class = void>
inline void from_int8(Tensor<float>& tensor, const Tensor<float>& scale) {
  const Index length = scale.size() > 0 ? tensor.size() / scale.size() : 0;
  for (Index r = 0; r < scale.size(); ++r)
    for (Index i = 0; i < length; ++i) tensor.data()[r * length + i] *= scale(r);
}

/// Turns every pair of NAME and NAME.int8_scale into the numbers that it stands for. An Error is "PLACE: CAUSE".
template <class = void>
inline Status join_int8(nn::StateDict& state) {
  for (const nn::NamedTensor& scale : state.tensors) {
    if (!scale.name.ends_with(int8_scale_ending)) continue;
    const std::string_view name = std::string_view(scale.name).substr(0, scale.name.size() - int8_scale_ending.size());
    const auto owner = std::find_if(state.tensors.begin(), state.tensors.end(),
                                    [&](const nn::NamedTensor& entry) { return entry.name == name; });
    if (owner == state.tensors.end() || owner->tensor.shape().rank() < 1 ||
        scale.tensor.shape() != Shape{owner->tensor.shape()[0]})
      return failure({"tensor ", in_quotes(scale.name), ": belongs to no tensor with as many rows"});
    from_int8(owner->tensor, scale.tensor);
  }
  std::erase_if(state.tensors, [](const nn::NamedTensor& entry) { return entry.name.ends_with(int8_scale_ending); });
  return {};
}

}  // namespace systolic::io
