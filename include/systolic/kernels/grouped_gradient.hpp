#pragma once
// The weight gradient of a convolution in narrow groups, over the planes of kernels/grouped_product.hpp: a few taps of
// 16 output channels are summed in registers while time runs.

#include "systolic/kernels/grouped_product.hpp"

namespace systolic::kernels {

/// dw[k][c][o] += sum_t dy[t][o] * plane[c][t stride + k][o], for one block of output channels of one batch item.
struct GroupedGradient {
  const float* planes = nullptr;  ///< [depth][plane_rows][16]
  Index plane_rows = 0;
  Index depth = 1;
  Index kernel = 1;
  Index stride = 1;
  const float* dy = nullptr;  ///< [rows][16]
  Index rows = 0;
  float* dw = nullptr;  ///< [kernel][depth][16]
};

inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

template <class V, int Taps>
SYSTOLIC_INLINE void run_grouped_gradient(const GroupedGradient& g) {
  constexpr int vectors = static_cast<int>(grouped_lanes) / V::width;
  for (Index c = 0; c < g.depth; ++c)
    for (Index first = 0; first < g.kernel; first += Taps) {
      const Index valid = std::min<Index>(Taps, g.kernel - first);
      V sums[Taps][vectors];
      Index place[Taps];
      SYSTOLIC_UNROLL
      for (int i = 0; i < Taps; ++i) {  // taps beyond the valid ones repeat the last
        place[i] = (first + std::min<Index>(i, valid - 1)) * grouped_lanes;
        SYSTOLIC_UNROLL
        for (int v = 0; v < vectors; ++v) sums[i][v].clear();
      }
      const float* plane = g.planes + c * g.plane_rows * grouped_lanes;
      const float* dy = g.dy;
      for (Index t = 0; t < g.rows; ++t, plane += g.stride * grouped_lanes, dy += grouped_lanes) {
        SYSTOLIC_UNROLL
        for (int v = 0; v < vectors; ++v) {
          V gradient, sample;
          gradient.load(dy + v * V::width);
          SYSTOLIC_UNROLL
          for (int i = 0; i < Taps; ++i) {
            sample.load(plane + place[i] + v * V::width);
            sums[i][v].add_product(sample, gradient);
          }
        }
      }
      alignas(64) float finished[Taps * grouped_lanes];
      SYSTOLIC_UNROLL
      for (int i = 0; i < Taps; ++i) {
        SYSTOLIC_UNROLL
        for (int v = 0; v < vectors; ++v) sums[i][v].store(finished + i * grouped_lanes + v * V::width);
      }
      for (Index i = 0; i < valid; ++i) {
        float* sum = g.dw + ((first + i) * g.depth + c) * grouped_lanes;
        for (Index lane = 0; lane < grouped_lanes; ++lane) sum[lane] += finished[i * grouped_lanes + lane];
      }
    }
}

#if SYSTOLIC_DISPATCH
[[gnu::target("avx512f")]] inline void grouped_gradient_avx512(const GroupedGradient& g) {
  run_grouped_gradient<simd::FloatVector<16>, 8>(g);
}
[[gnu::target("avx2,fma")]] inline void grouped_gradient_avx2(const GroupedGradient& g) {
  run_grouped_gradient<simd::FloatVector<8>, 4>(g);
}
inline void grouped_gradient_baseline(const GroupedGradient& g) { run_grouped_gradient<simd::FloatVector<4>, 2>(g); }
#else
inline void grouped_gradient_baseline(const GroupedGradient& g) { run_grouped_gradient<simd::XsimdVector, 4>(g); }
#endif

}  // namespace detail

/// Adds to the gradient; time is summed in one chain for each weight.
template <class = void>
inline void grouped_gradient(const GroupedGradient& gradient, simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa == simd::Isa::avx512) return detail::grouped_gradient_avx512(gradient);
  if (isa == simd::Isa::avx2) return detail::grouped_gradient_avx2(gradient);
#endif
  (void)isa;
  detail::grouped_gradient_baseline(gradient);
}

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::kernels
