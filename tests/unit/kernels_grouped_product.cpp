#include "systolic/kernels/grouped_product.hpp"

#include <doctest/doctest.h>

#include "support/shared.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/kernels/grouped_gradient.hpp"
#include "systolic/kernels/reference.hpp"
#include "systolic/kernels/reference_adjoint.hpp"

using namespace systolic;
using testing::largest_difference;

namespace {

constexpr Index length = 29, in_group = 3, out_group = 5, groups = 4, taps = 6, left = 2;
constexpr Index in = groups * in_group, out = groups * out_group;  // 20 output channels: a whole block and a part
constexpr kernels::Groups sizes{in_group, out_group, out};

/// Formula weights [out][in_group][taps] as one block of the product wants them: [taps][in_group][16].
Tensor<float> block_weights(const Tensor<float>& w, Index block) {
  Tensor<float> packed({taps, in_group, 16});
  for (Index k = 0; k < taps; ++k)
    for (Index c = 0; c < in_group; ++c)
      for (Index lane = 0; lane < sizes.lanes(block); ++lane) packed(k, c, lane) = w(16 * block + lane, c, k);
  return packed;
}

}  // namespace

TEST_CASE("every instruction set computes what the plain loops do") {
  const Tensor<float> x = formula_tensor("x", {1, length, in}), w = formula_tensor("w", {out, in_group, taps}),
                      bias = formula_tensor("bias", {out});
  for (const simd::Isa isa : {simd::Isa::baseline, simd::Isa::avx2, simd::Isa::avx512})
    for (const Index stride : {1, 2}) {
      if (isa > simd::hardware_isa()) continue;
      CAPTURE(simd::isa_name(isa));
      CAPTURE(stride);
      const Index rows = (length + stride - 1) / stride, plane_rows = (rows - 1) * stride + taps;
      Tensor<float> expected({1, rows, out}), y({1, rows, out});
      kernels::conv1d_reference<float>(x, w, bias.data(), stride, left, groups, expected);
      for (float& value : expected) value = value > 0 ? value : 0.2f * value;
      Tensor<float> dw({out, in_group, taps}), expected_dw({out, in_group, taps});
      const Tensor<float> dy = formula_tensor("dy", {1, rows, out});
      kernels::conv1d_weight_gradient_reference<float>(x, dy, stride, left, groups, expected_dw);
      for (Index block = 0; block < sizes.blocks(); ++block) {
        Tensor<float> planes({in_group, plane_rows, 16}), dy_block({rows, 16}), dw_block({taps, in_group, 16});
        kernels::make_planes(x.data(), length, in, sizes, block, left, 1, plane_rows, planes.data());
        kernels::make_planes(dy.data(), rows, out, {1, 1, out}, block, 0, 1, rows, dy_block.data());
        const Tensor<float> weights = block_weights(w, block);
        kernels::grouped_product(
            {planes.data(), plane_rows, in_group, taps, stride, weights.data(), bias.data() + 16 * block, 0, 0.2f,
             y.data() + 16 * block, out, rows, sizes.lanes(block)},
            isa);
        kernels::grouped_gradient(
            {planes.data(), plane_rows, in_group, taps, stride, dy_block.data(), rows, dw_block.data()}, isa);
        for (Index lane = 0; lane < sizes.lanes(block); ++lane)
          for (Index c = 0; c < in_group; ++c)
            for (Index k = 0; k < taps; ++k) dw(16 * block + lane, c, k) = dw_block(k, c, lane);
      }
      CHECK(largest_difference(y, expected) < 2e-6);
      CHECK(largest_difference(dw, expected_dw) < 4e-6);
    }
}

TEST_CASE("planes hold each output channel's inputs, samples apart, zeros between and around") {
  const Tensor<float> x({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  const kernels::Groups pairs{2, 1, 2};  // two groups of two inputs and one output
  Tensor<float> planes({2, 5, 16});
  kernels::make_planes(x.data(), 2, 4, pairs, 0, 1, 2, 5, planes.data());
  for (Index c = 0; c < 2; ++c)
    for (Index row = 0; row < 5; ++row)
      for (Index lane = 0; lane < 16; ++lane) {
        const bool sample = lane < 2 && (row == 1 || row == 3);
        CHECK(planes(c, row, lane) == (sample ? x((row - 1) / 2, 2 * lane + c) : 0.0f));
      }
}
