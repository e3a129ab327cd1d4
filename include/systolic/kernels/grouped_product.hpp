#pragma once
// Convolutions in narrow groups. As a row product a group of 4 channels would fill 4 of a panel's 16 or 32 columns;
// here a vector lies across the groups: 16 neighbouring output channels, whatever groups they are of, are summed
// together. For that every output channel has the inputs of its own group right below it, one plane for each:
//
//   plane[c][row][o] = x[row - left][first channel of o's group + c]
//   y[t][o]          = leak(start[t][o] + sum_{k,c} w[k][c][o] * plane[c][t stride + k][o])
//
// A tile of rows x 16 channels of y stays in registers while k and c run; nothing is broadcast or summed across lanes.
// docs/layers/grouped_conv1d.md compares the two ways.

#include <algorithm>

#include "systolic/core/tensor.hpp"
#include "systolic/simd/vector.hpp"

namespace systolic::kernels {

inline constexpr Index grouped_lanes = 16;  ///< output channels of a block, on every instruction set

/// Which channels meet: `out` channels, out_group of them a group, each of which sees in_group channels.
struct Groups {
  Index in_group = 1;
  Index out_group = 1;
  Index out = 1;
  Index blocks() const noexcept { return (out + grouped_lanes - 1) / grouped_lanes; }
  /// Channels of a block that exist.
  Index lanes(Index block) const noexcept { return std::min(grouped_lanes, out - block * grouped_lanes); }
  /// The first input channel that output channel o sees.
  Index first_input(Index o) const noexcept { return o / out_group * in_group; }
};

/// The planes of one block of output channels, [in_group][rows][16]: x [length][channels] from row `left` on, `spread`
/// rows apart, zeros elsewhere. Samples that fall outside the rows are left out.
template <class = void>
inline void make_planes(const float* x, Index length, Index channels, const Groups& groups, Index block, Index left,
                        Index spread, Index rows, float* planes) {
  const Index lanes = groups.lanes(block);
  Index source[grouped_lanes] = {};
  for (Index lane = 0; lane < lanes; ++lane) source[lane] = groups.first_input(block * grouped_lanes + lane);
  const bool by_four = groups.out_group % 4 == 0 && lanes == grouped_lanes;
  std::fill_n(planes, groups.in_group * rows * grouped_lanes, 0.0f);
  for (Index t = 0; t < length; ++t, x += channels) {
    const Index row = left + t * spread;
    if (row < 0 || row >= rows) continue;
    for (Index c = 0; c < groups.in_group; ++c) {
      float* place = planes + (c * rows + row) * grouped_lanes;
      if (by_four) {
        for (Index lane = 0; lane < grouped_lanes; lane += 4) std::fill_n(place + lane, 4, x[source[lane] + c]);
      } else {
        for (Index lane = 0; lane < lanes; ++lane) place[lane] = x[source[lane] + c];
      }
    }
  }
}

/// One block of output channels of one batch item.
struct GroupedProduct {
  const float* planes = nullptr;  ///< [depth][plane_rows][16]
  Index plane_rows = 0;
  Index depth = 1;  ///< input channels of a group
  Index kernel = 1;
  Index stride = 1;
  const float* weights = nullptr;  ///< [kernel][depth][16]
  const float* start = nullptr;    ///< rows start_stride apart (0: a bias, the same for every row)
  Index start_stride = 0;
  float slope = 1;  ///< of negative results: 1 none, 0 ReLU
  float* y = nullptr;
  Index y_stride = 0;
  Index rows = 0;
  Index lanes = grouped_lanes;  ///< channels of the block that exist; start and y have only those
};

inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

template <class V, int Rows>
SYSTOLIC_INLINE void run_grouped_product(const GroupedProduct& p) {
  constexpr int vectors = static_cast<int>(grouped_lanes) / V::width;
  V slope;
  slope.fill(p.slope);
  for (Index first = 0; first < p.rows; first += Rows) {
    const Index valid = std::min<Index>(Rows, p.rows - first);
    V sums[Rows][vectors];
    const float* row[Rows];
    SYSTOLIC_UNROLL
    for (int r = 0; r < Rows; ++r) {  // rows beyond the valid ones repeat the last
      row[r] = p.planes + (first + std::min<Index>(r, valid - 1)) * p.stride * grouped_lanes;
      SYSTOLIC_UNROLL
      for (int v = 0; v < vectors; ++v) sums[r][v].clear();
    }
    const float* w = p.weights;
    for (Index k = 0; k < p.kernel; ++k)
      for (Index c = 0; c < p.depth; ++c, w += grouped_lanes) {
        const Index place = (c * p.plane_rows + k) * grouped_lanes;
        SYSTOLIC_UNROLL
        for (int v = 0; v < vectors; ++v) {
          V weight, sample;
          weight.load(w + v * V::width);
          SYSTOLIC_UNROLL
          for (int r = 0; r < Rows; ++r) {
            sample.load(row[r] + place + v * V::width);
            sums[r][v].add_product(sample, weight);
          }
        }
      }
    alignas(64) float finished[Rows * grouped_lanes];
    SYSTOLIC_UNROLL
    for (int r = 0; r < Rows; ++r) {
      SYSTOLIC_UNROLL
      for (int v = 0; v < vectors; ++v) sums[r][v].store(finished + r * grouped_lanes + v * V::width);
    }
    for (Index r = 0; r < valid; ++r) {
      float edge[grouped_lanes] = {};  // a block whose last channels do not exist is finished here
      const bool whole = p.lanes == grouped_lanes;
      const float* start = p.start + (first + r) * p.start_stride;
      float* y = p.y + (first + r) * p.y_stride;
      if (!whole) std::copy_n(start, p.lanes, edge);
      for (Index v = 0; v < grouped_lanes; v += V::width) {
        V sum, base;
        sum.load(finished + r * grouped_lanes + v);
        base.load((whole ? start : edge) + v);
        sum.add(base);
        sum.leak(slope);
        sum.store((whole ? y : edge) + v);
      }
      if (!whole) std::copy_n(edge, p.lanes, y);
    }
  }
}

// Heights: as many sums as the registers hold beside a weight and a sample.
#if SYSTOLIC_DISPATCH
[[gnu::target("avx512f")]] inline void grouped_product_avx512(const GroupedProduct& p) {
  run_grouped_product<simd::FloatVector<16>, 12>(p);
}
[[gnu::target("avx2,fma")]] inline void grouped_product_avx2(const GroupedProduct& p) {
  run_grouped_product<simd::FloatVector<8>, 6>(p);
}
inline void grouped_product_baseline(const GroupedProduct& p) { run_grouped_product<simd::FloatVector<4>, 3>(p); }
#else
inline void grouped_product_baseline(const GroupedProduct& p) { run_grouped_product<simd::XsimdVector, 4>(p); }
#endif

}  // namespace detail

/// Computes the product. Every output is one chain of additions, k outside, c inside. y may be start (same strides),
/// but no part of the planes.
template <class = void>
inline void grouped_product(const GroupedProduct& product, simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512) return detail::grouped_product_avx512(product);
  if (isa == simd::Isa::avx2) return detail::grouped_product_avx2(product);
#endif
  (void)isa;
  detail::grouped_product_baseline(product);
}

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::kernels
