#pragma once
// A weight matrix in 16 or 8 bits, in the order in which tiles take it.

#include <cmath>
#include <cstring>
#include <vector>

#include "systolic/kernels/reduced_numbers.hpp"

namespace systolic::kernels {

/// A depth x columns matrix in panels of 16 columns: [panel][depth in fours of bytes][16 columns][4 bytes], the depth
/// completed with zeros to a multiple of 64 bytes. int8 has a scale a column, the largest magnitude of which becomes
/// 127.
class ReducedWeights {
 public:
  ReducedWeights() = default;

  /// Packs the matrix whose element (k, n) is value(k, n). Requires a precision that is not f32.
  template <class Value>
  ReducedWeights(Precision precision, Index depth, Index columns, Value&& value)
      : precision_(precision), depth_(depth), columns_(columns) {
    const Index number = reduced_bytes(precision), together = 4 / number;
    steps_ = (depth * number + reduced_step - 1) / reduced_step;
    bytes_.assign(static_cast<std::size_t>(panels() * panel_bytes()), 0);
    scales_.assign(static_cast<std::size_t>(panels() * reduced_panel), 0.0f);
    offsets_.assign(static_cast<std::size_t>(panels() * reduced_panel), 0);
    std::vector<float> column(static_cast<std::size_t>(depth));
    for (Index n = 0; n < columns; ++n) {
      float most = 0;
      for (Index k = 0; k < depth; ++k) {
        column[static_cast<std::size_t>(k)] = value(k, n);
        most = std::max(most, std::abs(column[static_cast<std::size_t>(k)]));
      }
      const float scale = most / 127;
      std::uint8_t* place = bytes_.data() + n / reduced_panel * panel_bytes() + n % reduced_panel * 4;
      std::int32_t sum = 0;
      for (Index k = 0; k < depth; ++k) {
        std::uint8_t* out = place + k / together * (4 * reduced_panel) + k % together * number;
        const float weight = column[static_cast<std::size_t>(k)];
        if (precision == Precision::bf16) {
          const std::uint16_t half = bfloat16_from_float(weight);
          std::memcpy(out, &half, sizeof half);
        } else {
          const auto q = static_cast<std::int8_t>(most > 0 ? std::lround(weight / scale) : 0);
          std::memcpy(out, &q, sizeof q);
          sum += q;
        }
      }
      scales_[static_cast<std::size_t>(n)] = scale;
      offsets_[static_cast<std::size_t>(n)] = -sum * int8_zero;
    }
  }

  bool empty() const noexcept { return bytes_.empty(); }
  Precision precision() const noexcept { return precision_; }
  Index depth() const noexcept { return depth_; }
  Index columns() const noexcept { return columns_; }
  Index panels() const noexcept { return (columns_ + reduced_panel - 1) / reduced_panel; }
  /// Steps of 64 bytes along the depth.
  Index steps() const noexcept { return steps_; }
  const std::uint8_t* panel(Index p) const noexcept { return bytes_.data() + p * panel_bytes(); }
  /// [panels * 16], of int8: what a unit of the sum is worth, times the activations' scale.
  const float* scales() const noexcept { return scales_.data(); }
  /// [panels * 16], of int8: undoes that activations are stored with 128 added.
  const std::int32_t* offsets() const noexcept { return offsets_.data(); }

 private:
  Index panel_bytes() const noexcept { return steps_ * reduced_step * reduced_panel; }

  Precision precision_ = Precision::f32;
  Index depth_ = 0, columns_ = 0, steps_ = 0;
  std::vector<std::uint8_t, AlignedAllocator<std::uint8_t>> bytes_;
  AlignedVector<float> scales_;
  AlignedVector<std::int32_t> offsets_;
};

}  // namespace systolic::kernels
