#pragma once
// A few rows out of a few others, with factors that are known at compile time: what minimal filtering does to its
// inputs and outputs. Chosen at run time like the row product.

#include <algorithm>

#include "systolic/core/tensor.hpp"
#include "systolic/simd/vector.hpp"

namespace systolic::kernels {

/// y[t][o] = leak(start[t][o] + sum over i of factor[o][i] x[t][i]) for rows of `count` numbers. In x[t][i], t counts
/// steps of x_tile floats, i such of x_row; the same for the others. y must not overlap the rest.
struct RowCombination {
  const float* x = nullptr;
  Index x_tile = 0, x_row = 0;
  const float* start = nullptr;  ///< not looked at where nothing but sums are asked for
  Index start_tile = 0, start_row = 0;
  float* y = nullptr;
  Index y_tile = 0, y_row = 0;
  Index tiles = 0;
  Index count = 0;
  Index rows = 0;   ///< of y: the first so many of Table::outputs
  float slope = 1;  ///< of negative results in the rows that Table finishes
};

inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

/// `count` numbers, which fill V; x, start and y are already those of the place.
template <class V, class Table>
SYSTOLIC_INLINE void combine_vector(const RowCombination& c, const float* x, const float* start, float* y,
                                    const V& slope) {
  V in[Table::inputs];
  SYSTOLIC_UNROLL
  for (int i = 0; i < Table::inputs; ++i) in[i].load(x + i * c.x_row);
  SYSTOLIC_UNROLL
  for (int o = 0; o < Table::outputs; ++o) {
    if (o >= c.rows) break;
    V sum;
    if constexpr (Table::starts)
      sum.load(start + o * c.start_row);
    else
      sum.clear();
    SYSTOLIC_UNROLL
    for (int i = 0; i < Table::inputs; ++i) {
      const float factor = Table::factor(o, i);
      if (factor == 0) continue;
      if (factor == 1) {
        sum.add(in[i]);
      } else if (factor == -1) {
        sum.subtract(in[i]);
      } else {
        V factors;
        factors.fill(factor);
        sum.add_product(factors, in[i]);
      }
    }
    if (Table::finishes(o)) sum.leak(slope);
    // So many streams of stores are more than the processor foresees: it would wait for the lines of each.
    SYSTOLIC_PREFETCH_NEAR(y + o * c.y_row + 2 * V::width);
    sum.store(y + o * c.y_row);
  }
}

template <class V, class Table>
SYSTOLIC_INLINE void run_combination(const RowCombination& combination) {
  const RowCombination c = combination;  // of its own, or every store might have changed it
  V slope;
  slope.fill(c.slope);
  for (Index tile = 0; tile < c.tiles; ++tile) {
    const float* x = c.x + tile * c.x_tile;
    const float* start = Table::starts ? c.start + tile * c.start_tile : x;
    float* y = c.y + tile * c.y_tile;
    // The last vector ends with the row, over what is done already.
    for (Index next = 0; next < c.count && c.count >= V::width; next += V::width) {
      const Index i = std::min<Index>(next, c.count - V::width);
      combine_vector<V, Table>(c, x + i, start + i, y + i, slope);
    }
    for (Index i = 0; i < c.count && c.count < V::width; ++i)
      for (int o = 0; o < Table::outputs && o < c.rows; ++o) {
        float sum = Table::starts ? start[o * c.start_row + i] : 0.0f;
        for (int k = 0; k < Table::inputs; ++k) sum += Table::factor(o, k) * x[k * c.x_row + i];
        y[o * c.y_row + i] = Table::finishes(o) && sum < 0 ? sum * c.slope : sum;
      }
  }
}

#if SYSTOLIC_DISPATCH
template <class Table>
[[gnu::target("avx512f")]] void combine_rows_avx512(const RowCombination& c) {
  run_combination<simd::FloatVector<16>, Table>(c);
}
template <class Table>
[[gnu::target("avx2,fma")]] void combine_rows_avx2(const RowCombination& c) {
  run_combination<simd::FloatVector<8>, Table>(c);
}
template <class Table>
void combine_rows_baseline(const RowCombination& c) {
  run_combination<simd::FloatVector<4>, Table>(c);
}
#else
template <class Table>
void combine_rows_baseline(const RowCombination& c) {
  run_combination<simd::XsimdVector, Table>(c);
}
#endif

}  // namespace detail

/// Table has constants `inputs` and `outputs`, and constant functions: factor(o, i), and finishes(o), whether row o of
/// y is leaked.
template <class Table>
void combine_rows(const RowCombination& combination, simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512) return detail::combine_rows_avx512<Table>(combination);
  if (isa == simd::Isa::avx2) return detail::combine_rows_avx2<Table>(combination);
#endif
  (void)isa;
  detail::combine_rows_baseline<Table>(combination);
}

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::kernels
