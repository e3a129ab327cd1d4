#pragma once
// The row product (kernels/row_product.hpp) with numbers of 16 or 8 bits:
//
//   y[r][n] = leak(start[r][n] + scale[n] sum_k x[r * x_stride + k] * w[k][n])
//
// Rows still overlap in memory: a tile of the matrix extension is loaded with the stride between rows, so that a
// convolution needs no copy of its windows there either. A block of 32 rows x 32 columns is four tiles of sums.

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/kernels/reduced_weights.hpp"
#include "systolic/simd/amx.hpp"

namespace systolic::kernels {

/// One product. Strides are in numbers. `x` must stay readable for reduced_slack() bytes behind its last row.
struct ReducedProduct {
  const std::uint8_t* x = nullptr;  ///< bf16 or bytes: [batch][rows][depth], rows x_stride apart
  Index x_stride = 0;
  Index x_batch_stride = 0;
  const float* x_scales = nullptr;  ///< [batch], of bytes
  Index batch = 1;
  Index rows = 0;
  const ReducedWeights* weights = nullptr;
  const float* bias = nullptr;     ///< [columns], or nullptr
  const float* initial = nullptr;  ///< instead of a bias: laid out as one batch item of y
  Index initial_batch_stride = 0;  ///< 0: the same for every item
  float slope = 1;                 ///< of negative results
  float* y = nullptr;              ///< [batch][rows][columns], rows y_stride apart
  Index y_stride = 0;
  Index y_batch_stride = 0;
};

/// What kernels read behind the last row of x: whole blocks of rows, whole steps of the depth.
inline Index reduced_slack(Index x_stride, Precision precision) noexcept {
  return 32 * x_stride * reduced_bytes(precision) + reduced_step;
}

inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

inline constexpr Index reduced_rows = 32, reduced_columns = 32;  // of a block

/// Two panels x 32 rows of one batch item.
struct ReducedBlock {
  const std::uint8_t* x;
  Index x_stride;  // bytes
  const ReducedWeights* weights;
  Index panel;          // the first of the two
  std::uint32_t* sums;  // [32][32] floats or integers
};

/// Sums one block by plain loops.
template <class = void>
[[gnu::noinline]] inline void sum_block_plain(const ReducedBlock& block) {
  const bool bf16 = block.weights->precision() == Precision::bf16;
  const Index fours = block.weights->steps() * (reduced_step / 4);
  for (Index half = 0; half < 2 && block.panel + half < block.weights->panels(); ++half)
    for (Index r = 0; r < reduced_rows; ++r) {
      const std::uint8_t *x = block.x + r * block.x_stride, *w = block.weights->panel(block.panel + half);
      float sums[reduced_panel] = {};
      std::int32_t counts[reduced_panel] = {};
      for (Index k = 0; k < fours; ++k, x += 4, w += 4 * reduced_panel) {
        if (bf16) {
          std::uint16_t two[2], weights[2 * reduced_panel];
          std::memcpy(two, x, sizeof two);
          std::memcpy(weights, w, sizeof weights);
          const float first = float_from_bfloat16(two[0]), second = float_from_bfloat16(two[1]);
          for (Index n = 0; n < reduced_panel; ++n)
            sums[n] += first * float_from_bfloat16(weights[2 * n]) + second * float_from_bfloat16(weights[2 * n + 1]);
        } else {
          for (Index n = 0; n < reduced_panel; ++n)
            for (Index i = 0; i < 4; ++i) counts[n] += x[i] * static_cast<std::int8_t>(w[4 * n + i]);
        }
      }
      std::uint32_t* to = block.sums + r * reduced_columns + half * reduced_panel;
      if (bf16)
        std::memcpy(to, sums, sizeof sums);
      else
        std::memcpy(to, counts, sizeof counts);
    }
}

#if SYSTOLIC_HAS_AMX
/// Sums one block with tiles 0..3 for the sums, 4 and 5 for rows, 6 and 7 for weights. Requires simd::Tiles.
template <bool Bf16>
inline void sum_block_amx(const ReducedBlock& block) {
  const Index steps = block.weights->steps(), rows = 16 * block.x_stride;
  const std::uint8_t *x = block.x, *left = block.weights->panel(block.panel),
                     *right = block.panel + 1 < block.weights->panels() ? block.weights->panel(block.panel + 1) : left;
  constexpr Index tile = reduced_step * reduced_panel;
  simd::clear_tile<0>();
  simd::clear_tile<1>();
  simd::clear_tile<2>();
  simd::clear_tile<3>();
  for (Index step = 0; step < steps; ++step, x += reduced_step, left += tile, right += tile) {
    simd::load_tile<4>(x, block.x_stride);
    simd::load_tile<6>(left, reduced_step);
    simd::load_tile<7>(right, reduced_step);
    simd::load_tile<5>(x + rows, block.x_stride);
    if constexpr (Bf16) {
      simd::multiply_bf16<0, 4, 6>();
      simd::multiply_bf16<1, 4, 7>();
      simd::multiply_bf16<2, 5, 6>();
      simd::multiply_bf16<3, 5, 7>();
    } else {
      simd::multiply_int8<0, 4, 6>();
      simd::multiply_int8<1, 4, 7>();
      simd::multiply_int8<2, 5, 6>();
      simd::multiply_int8<3, 5, 7>();
    }
  }
  constexpr Index row = reduced_columns * 4;
  simd::store_tile<0>(block.sums, row);
  simd::store_tile<1>(block.sums + 16, row);
  simd::store_tile<2>(block.sums + 16 * reduced_columns, row);
  simd::store_tile<3>(block.sums + 16 * reduced_columns + 16, row);
}
inline void sum_bf16_amx(const ReducedBlock& block) { sum_block_amx<true>(block); }
inline void sum_int8_amx(const ReducedBlock& block) { sum_block_amx<false>(block); }
#endif

#if SYSTOLIC_DISPATCH
/// 8 rows x 32 columns of bytes at a time: each lane adds four products an instruction. (One function: the assembler's
/// operands need the instruction set of the function that they stand in.)
template <class = void>
[[gnu::target("avx512f,avx512vnni")]] inline void sum_int8_vnni(const ReducedBlock& block) {
  using Lanes = simd::detail::Lanes<16>::Integers;
  constexpr int rows = 8;
  const Index stride = block.x_stride, fours = block.weights->steps() * (reduced_step / 4);
  for (Index first_row = 0; first_row < reduced_rows; first_row += rows) {
    const std::uint8_t *left = block.weights->panel(block.panel), *right = block.panel + 1 < block.weights->panels()
                                                                               ? block.weights->panel(block.panel + 1)
                                                                               : left;
    Lanes sums[rows][2];
    SYSTOLIC_UNROLL
    for (int r = 0; r < rows; ++r) sums[r][0] = sums[r][1] = Lanes{};
    const std::uint8_t* base[3];
    for (int g = 0; g < 3; ++g) base[g] = block.x + (first_row + 3 * g) * stride;
    for (Index k = 0; k < fours; ++k, left += reduced_step, right += reduced_step) {
      Lanes w[2];
      std::memcpy(&w[0], left, sizeof w[0]);
      std::memcpy(&w[1], right, sizeof w[1]);
      SYSTOLIC_UNROLL
      for (int r = 0; r < rows; ++r) {
        Lanes x;
        const auto* four = reinterpret_cast<const std::uint32_t*>(base[r / 3] + r % 3 * stride);
        asm("vpbroadcastd %1, %0" : "=v"(x) : "m"(*four));
        asm("vpdpbusd %2, %1, %0" : "+v"(sums[r][0]) : "v"(x), "v"(w[0]));
        asm("vpdpbusd %2, %1, %0" : "+v"(sums[r][1]) : "v"(x), "v"(w[1]));
      }
      SYSTOLIC_UNROLL
      for (int g = 0; g < 3; ++g) {
        base[g] += 4;
        SYSTOLIC_OPAQUE(base[g]);
      }
    }
    // One vector at a time: a copy of two would make g++ keep all sums in memory.
    SYSTOLIC_UNROLL
    for (int r = 0; r < rows; ++r) {
      std::uint32_t* to = block.sums + (first_row + r) * reduced_columns;
      std::memcpy(to, &sums[r][0], sizeof sums[r][0]);
      std::memcpy(to + reduced_panel, &sums[r][1], sizeof sums[r][1]);
    }
  }
}
#endif

}  // namespace detail

/// One way to sum a block.
struct ReducedKernel {
  const char* name;
  Precision precision;
  bool tiles;  // needs simd::Tiles
  void (*sum)(const detail::ReducedBlock&);
};

/// The kernels that this machine can run, best first.
template <class = void>
inline std::vector<ReducedKernel> reduced_kernels(Precision precision) {
  std::vector<ReducedKernel> found;
  const bool bf16 = precision == Precision::bf16;
#if SYSTOLIC_HAS_AMX
  if (simd::has_amx())
    found.push_back(bf16 ? ReducedKernel{"reduced_product_32x32_bf16_amx", precision, true, detail::sum_bf16_amx}
                         : ReducedKernel{"reduced_product_32x32_int8_amx", precision, true, detail::sum_int8_amx});
#endif
#if SYSTOLIC_DISPATCH
  if (!bf16 && simd::has_vnni())
    found.push_back({"reduced_product_8x32_int8_vnni", precision, false, detail::sum_int8_vnni});
#endif
  found.push_back(
      {bf16 ? "reduced_product_plain_bf16" : "reduced_product_plain_int8", precision, false, detail::sum_block_plain});
  return found;
}

namespace detail {

/// The sums of one block, made whole: offset and scale of int8, bias, slope. Loops of constant length: the compilers
/// make vectors of them.
SYSTOLIC_INLINE void finish_rows(const ReducedProduct& product, Index item, Index row, Index rows, Index column,
                                 const std::uint32_t* __restrict sums) {
  const ReducedWeights& weights = *product.weights;
  const Index columns = std::min(reduced_columns, weights.columns() - column);
  const bool int8 = weights.precision() == Precision::int8, whole = columns == reduced_columns;
  float factor[reduced_columns] = {}, bias[reduced_columns] = {}, values[reduced_columns], rest[reduced_columns] = {};
  std::int32_t offset[reduced_columns] = {};
  for (Index n = 0; n < columns; ++n) {
    if (int8) factor[n] = weights.scales()[column + n] * product.x_scales[item];
    offset[n] = weights.offsets()[column + n];
    if (product.bias != nullptr) bias[n] = product.bias[column + n];
  }
  const float slope = product.slope;
  for (Index r = 0; r < rows; ++r, sums += reduced_columns) {
    std::memcpy(values, sums, sizeof values);
    if (int8)
      for (Index n = 0; n < reduced_columns; ++n)
        values[n] = static_cast<float>(static_cast<std::int32_t>(sums[n]) + offset[n]) * factor[n];
    const Index place = (row + r) * product.y_stride + column;
    const float* start =
        product.initial != nullptr ? product.initial + item * product.initial_batch_stride + place : bias;
    float* out = product.y + item * product.y_batch_stride + place;
    if (!whole) std::copy_n(start, columns, rest);
    const float* __restrict from = whole ? start : rest;
    for (Index n = 0; n < reduced_columns; ++n) {
      const float value = values[n] + from[n];
      values[n] = value > 0 ? value : value * slope;
    }
    if (whole)
      std::memcpy(out, values, sizeof values);
    else
      std::copy_n(values, columns, out);
  }
}
#if SYSTOLIC_DISPATCH
template <class = void>
[[gnu::target("avx512f"), gnu::noinline]] inline void finish_avx512(const ReducedProduct& product, Index item,
                                                                    Index row, Index rows, Index column,
                                                                    const std::uint32_t* sums) {
  finish_rows(product, item, row, rows, column, sums);
}
#endif
template <class = void>
[[gnu::noinline]] inline void finish_block(const ReducedProduct& product, Index item, Index row, Index rows,
                                           Index column, const std::uint32_t* sums) {
#if SYSTOLIC_DISPATCH
  if (avx512()) return finish_avx512(product, item, row, rows, column, sums);
#endif
  finish_rows(product, item, row, rows, column, sums);
}

}  // namespace detail
}  // namespace SYSTOLIC_ISA_NAMESPACE

/// Computes `product` on up to `threads` threads; the result does not depend on how many.
template <class = void>
inline void reduced_product(const ReducedKernel& kernel, const ReducedProduct& product, int threads = 1) {
  using namespace detail;
  const ReducedWeights& weights = *product.weights;
  const Index bytes = reduced_bytes(weights.precision());
  // Rows first: a block's rows stay in the first-level cache while all panels pass by.
  const Index blocks = (product.rows + reduced_rows - 1) / reduced_rows, all = blocks * product.batch;
  const Index tasks = threads > 1 ? std::min<Index>(all, 4 * threads) : 1;
  parallel_for(tasks, threads, [&](Index task, int) {
#if SYSTOLIC_HAS_AMX
    std::optional<simd::Tiles> tiles;
    if (kernel.tiles) tiles.emplace();
#endif
    alignas(64) std::uint32_t sums[reduced_rows * reduced_columns];
    for (Index b = all * task / tasks; b < all * (task + 1) / tasks; ++b) {
      const Index item = b / blocks, row = b % blocks * reduced_rows;
      const std::uint8_t* x = product.x + (item * product.x_batch_stride + row * product.x_stride) * bytes;
      for (Index panel = 0; panel < weights.panels(); panel += 2) {
        kernel.sum({x, product.x_stride * bytes, &weights, panel, sums});
        finish_block(product, item, row, std::min(reduced_rows, product.rows - row), panel * reduced_panel, sums);
      }
    }
  });
}

/// The same with this machine's best kernel.
template <class = void>
inline void reduced_product(const ReducedProduct& product, int threads = 1) {
  static const ReducedKernel bf16 = reduced_kernels(Precision::bf16).front();
  static const ReducedKernel int8 = reduced_kernels(Precision::int8).front();
  reduced_product(product.weights->precision() == Precision::bf16 ? bf16 : int8, product, threads);
}

}  // namespace systolic::kernels
