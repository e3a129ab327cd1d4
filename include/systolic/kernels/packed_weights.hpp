#pragma once
// A PackedMatrix that owns its memory.

#include "systolic/kernels/row_product.hpp"

namespace systolic::kernels {

/// Weights packed for the row product of this machine.
class PackedWeights {
 public:
  PackedWeights() = default;

  /// Packs the matrix whose element (k, n) is value(k, n), with k < depth and n < columns. Asks for some k of one
  /// column after the other: fastest where a column lies in one run.
  template <class Value>
  PackedWeights(Index depth, Index columns, Value&& value) {
    const Index panel = row_product_panel();
    storage_.resize(static_cast<std::size_t>(PackedMatrix::packed_size(depth, columns, panel)));
    depth_ = depth;
    columns_ = columns;
    constexpr Index block = 16;  // one line of the cache of every column
    float* out = storage_.data();
    for (Index first = 0; first < columns; first += panel, out += depth * panel)
      for (Index from = 0; from < depth; from += block)
        for (Index n = first; n < std::min(columns, first + panel); ++n)
          for (Index k = from; k < std::min(depth, from + block); ++k) out[k * panel + n - first] = value(k, n);
  }

  bool empty() const noexcept { return storage_.empty(); }
  /// Valid while this object lives and is not assigned to.
  template <class = void>
  PackedMatrix matrix() const noexcept {
    return {depth_, columns_, row_product_panel(), storage_.data()};
  }

 private:
  AlignedVector<float> storage_;
  Index depth_ = 0;
  Index columns_ = 0;
};

}  // namespace systolic::kernels
