#pragma once
// A weight matrix in the order in which the row product reads it.

#include "systolic/core/tensor.hpp"

namespace systolic::kernels {

/// A depth x columns matrix cut into panels of `panel` columns: panel p holds rows 0, 1, ... of columns
/// [p panel, (p+1) panel) one after the other, so that a tile walks through memory in one line. Columns beyond the last
/// are zero.
struct PackedMatrix {
  Index depth = 0;
  Index columns = 0;
  Index panel = 0;
  const float* data = nullptr;  ///< [panels][depth][panel]

  Index panels() const noexcept { return panel == 0 ? 0 : (columns + panel - 1) / panel; }
  static Index packed_size(Index depth, Index columns, Index panel) {
    return (columns + panel - 1) / panel * panel * depth;
  }
};

/// Writes the matrix whose element (k, n) is source[k * row_stride + n * column_stride] into `packed`, which has room
/// for PackedMatrix::packed_size(depth, columns, panel) elements.
template <class = void>
inline PackedMatrix pack(const float* source, Index row_stride, Index column_stride, Index depth, Index columns,
                         Index panel, float* packed) {
  float* out = packed;
  for (Index first = 0; first < columns; first += panel)
    for (Index k = 0; k < depth; ++k)
      for (Index n = first; n < first + panel; ++n)
        *out++ = n < columns ? source[k * row_stride + n * column_stride] : 0.0f;
  return {depth, columns, panel, packed};
}

}  // namespace systolic::kernels
