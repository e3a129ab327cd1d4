#pragma once
// A PackedMatrix that owns its memory.

#include "systolic/kernels/row_product.hpp"

namespace systolic::kernels {

/// Weights packed for the row product of this machine.
class PackedWeights {
 public:
  PackedWeights() = default;

  /// Packs the matrix whose element (k, n) is value(k, n), with k < depth and n < columns.
  template <class Value>
  PackedWeights(Index depth, Index columns, Value&& value) {
    const Index panel = row_product_panel();
    storage_.resize(static_cast<std::size_t>(PackedMatrix::packed_size(depth, columns, panel)));
    depth_ = depth;
    columns_ = columns;
    float* out = storage_.data();
    for (Index first = 0; first < columns; first += panel)
      for (Index k = 0; k < depth; ++k, out += panel)
        for (Index n = first; n < std::min(columns, first + panel); ++n) out[n - first] = value(k, n);
  }

  bool empty() const noexcept { return storage_.empty(); }
  /// Valid while this object lives and is not assigned to.
  PackedMatrix matrix() const noexcept { return {depth_, columns_, row_product_panel(), storage_.data()}; }

 private:
  AlignedVector<float> storage_;
  Index depth_ = 0;
  Index columns_ = 0;
};

}  // namespace systolic::kernels
