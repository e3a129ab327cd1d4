#pragma once
// The micro-kernel of the row product: a tile of rows x (1 or 2 vectors) of sums in registers.

#include <algorithm>
#include <type_traits>

#include "systolic/core/tensor.hpp"
#include "systolic/simd/vector.hpp"

namespace systolic::kernels {
inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

/// What one tile needs to know about one block of one panel.
struct Tile {
  const float* x;
  Index x_stride;
  Index x_depth_stride;
  Index rows;      // valid rows; a tile may compute some of them twice
  Index columns;   // valid columns of the panel
  const float* w;  // [depth][2 vectors]
  Index depth;
  const float* next;   // weights that the tiles after this one will read: fetched ahead,
  Index next_step;     // a cache line a step of the depth, each so many floats further on
  const float* start;  // what is added to the sums: rows start_stride apart (0: the bias, the same for every row)
  Index start_stride;
  float* y;
  Index y_stride;
  float slope;  // of negative results; 1 until the last block
};

/// The first of the rows that group g of a tile computes. Rows are in groups of three; where fewer than `height` are
/// valid the groups at the end move up and compute some rows twice.
SYSTOLIC_INLINE Index first_row_of_group(Index valid, int height, int g) {
  return std::min<Index>(3 * g, valid - (3 * g + 3 <= height ? 3 : height - 3 * g));
}

/// A tile whose columns do not fill its vectors: sums [height][vectors], out of the registers. Rows that were computed
/// twice are finished once: y may stand where they started from.
struct PartialTile {
  const Tile& tile;
  const float* sums;
  int height, vectors;

  Index row(int slot) const { return first_row_of_group(tile.rows, height, slot / 3) + slot % 3; }
};

template <class V>
[[gnu::noinline]] void finish_partial(const PartialTile& partial) {
  const Tile& tile = partial.tile;
  Index done = 0;
  for (int slot = 0; slot < partial.height; ++slot) {
    const Index row = partial.row(slot);
    if (row < done) continue;
    done = row + 1;
    const float *sums = partial.sums + slot * partial.vectors * V::width, *start = tile.start + row * tile.start_stride;
    float* y = tile.y + row * tile.y_stride;
    for (Index column = 0; column < tile.columns; ++column) {
      const float sum = sums[column] + start[column];
      y[column] = sum < 0 ? sum * tile.slope : sum;
    }
  }
}

#if SYSTOLIC_DISPATCH
/// The same with masks. (Two lines of assembler: the intrinsics' header takes longer to compile than the whole kernel.)
template <class = void>
[[gnu::target("avx512f"), gnu::noinline]] inline void finish_partial_avx512(const PartialTile& partial) {
  using V = simd::FloatVector<16>;
  using Floats = float[V::width];
  const Tile& tile = partial.tile;
  V slope;
  slope.fill(tile.slope);
  Index done = 0;
  for (int slot = 0; slot < partial.height; ++slot) {
    const Index row = partial.row(slot);
    if (row < done) continue;
    done = row + 1;
    for (Index column = 0; column < tile.columns; column += V::width) {
      const auto mask = static_cast<unsigned short>(0xffff >> std::max<Index>(0, V::width - (tile.columns - column)));
      const float* start = tile.start + row * tile.start_stride + column;
      float* y = tile.y + row * tile.y_stride + column;
      V sum, addend;
      sum.load(partial.sums + slot * partial.vectors * V::width + column);
      asm("vmovups %1, %0%{%2%}%{z%}" : "=v"(addend.v) : "m"(*reinterpret_cast<const Floats*>(start)), "Yk"(mask));
      sum.add(addend);
      sum.leak(slope);
      asm("vmovups %1, %0%{%2%}" : "+m"(*reinterpret_cast<Floats*>(y)) : "v"(sum.v), "Yk"(mask));
    }
  }
}
#endif

/// Computes Rows x (Vectors * V::width) sums, Steps steps of the depth at a time. Requires Rows valid rows where Rows
/// is 1 or 2, else at least 3.
///
/// A group of three rows is found by one pointer and the stride (base, base + stride, base + 2 stride): a pointer a row
/// would need more registers than there are, and reloading them costs a third of the speed.
template <class V, int Rows, int Vectors, int Steps, class FinishPartial>
SYSTOLIC_INLINE void run_tile(const Tile& tile, FinishPartial* finish) {
  constexpr int groups = (Rows + 2) / 3;
  V sums[Rows][Vectors];
  Index first[groups];
  const float* base[groups];
  SYSTOLIC_UNROLL
  for (int g = 0; g < groups; ++g) {
    first[g] = first_row_of_group(tile.rows, Rows, g);
    base[g] = tile.x + first[g] * tile.x_stride;
  }
  SYSTOLIC_UNROLL
  for (int r = 0; r < Rows; ++r) {
    SYSTOLIC_UNROLL
    for (int v = 0; v < Vectors; ++v) sums[r][v].clear();
  }

  const Index stride = tile.x_stride;
  const float *w = tile.w, *next = tile.next;
  const auto take = [&]<int Count>(std::integral_constant<int, Count>) SYSTOLIC_INLINE_LAMBDA {
    SYSTOLIC_UNROLL
    for (int i = 0; i < Count; ++i) {
      SYSTOLIC_PREFETCH(next);
      next += tile.next_step;
      V weights[Vectors];
      SYSTOLIC_UNROLL
      for (int v = 0; v < Vectors; ++v) weights[v].load(w + v * V::width);
      w += 2 * V::width;
      SYSTOLIC_UNROLL
      for (int r = 0; r < Rows; ++r) {
        V x;
        x.fill(base[r / 3][r % 3 * stride]);
        SYSTOLIC_UNROLL
        for (int v = 0; v < Vectors; ++v) sums[r][v].add_product(x, weights[v]);
      }
      SYSTOLIC_UNROLL
      for (int g = 0; g < groups; ++g) {
        base[g] += tile.x_depth_stride;
        SYSTOLIC_OPAQUE(base[g]);
      }
    }
  };
  Index k = 0;
  for (; k + Steps <= tile.depth; k += Steps) take(std::integral_constant<int, Steps>{});
  if constexpr (Steps > 1)
    for (; k < tile.depth; ++k) take(std::integral_constant<int, 1>{});

  V slope;
  slope.fill(tile.slope);
  if (tile.columns == Vectors * V::width) {
    // Straight from the registers. All rows take what they start from before one is written: y may be where it stands.
    SYSTOLIC_UNROLL
    for (int r = 0; r < Rows; ++r) {
      const float* start = tile.start + (first[r / 3] + r % 3) * tile.start_stride;
      SYSTOLIC_UNROLL
      for (int v = 0; v < Vectors; ++v) {
        V addend;
        addend.load(start + v * V::width);
        sums[r][v].add(addend);
      }
    }
    SYSTOLIC_UNROLL
    for (int r = 0; r < Rows; ++r) {
      float* y = tile.y + (first[r / 3] + r % 3) * tile.y_stride;
      SYSTOLIC_UNROLL
      for (int v = 0; v < Vectors; ++v) {
        sums[r][v].leak(slope);
        sums[r][v].store(y + v * V::width);
      }
    }
    return;
  }
  alignas(64) float finished[Rows * Vectors * V::width];
  SYSTOLIC_UNROLL
  for (int r = 0; r < Rows; ++r) {
    SYSTOLIC_UNROLL
    for (int v = 0; v < Vectors; ++v) sums[r][v].store(finished + (r * Vectors + v) * V::width);
  }
  finish({tile, finished, Rows, Vectors});
}

}  // namespace detail
}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::kernels
