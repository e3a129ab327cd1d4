#pragma once
// The one kernel. In time-major order the window of a convolution is contiguous, so a convolution is a matrix product
// over overlapping rows: row r of the left matrix starts at x + r * x_stride and is `depth` long, whatever the stride.
// Linear layers and attention are the plain case, a transposed convolution is one product an output phase.
//
//   y[r][n] = leak(start[r][n] + sum_k x[r * x_stride + k] * w[k][n]), start: a bias, or sums from elsewhere
//
// A tile of rows x (2 vectors) of y stays in registers while k runs; for each k it loads two vectors of packed weights
// and broadcasts one float a row. The depth is cut into blocks such that a panel's block stays near while all rows
// pass over it; between blocks the sums wait in y.

#include <algorithm>

#include "systolic/core/parallel.hpp"
#include "systolic/kernels/packed_matrix.hpp"
#include "systolic/kernels/row_tile.hpp"

namespace systolic::kernels {

/// One product. Strides are in floats. y must not overlap x.
struct RowProduct {
  const float* x = nullptr;  ///< [batch][rows][depth], rows x_stride apart, batch items x_batch_stride apart
  Index x_stride = 0;
  Index x_depth_stride = 1;  ///< between a row's elements; 1 but for the products of training
  Index x_batch_stride = 0;
  Index batch = 1;
  Index rows = 0;
  PackedMatrix weights;            ///< [depth][columns], packed with panel = row_product_panel()
  const float* bias = nullptr;     ///< [columns], or nullptr
  const float* initial = nullptr;  ///< instead of a bias; may be y itself
  Index initial_stride = 0;        ///< between rows; 0: y_stride
  Index initial_batch_stride = 0;  ///< 0: the same for every item
  float slope = 1;                 ///< of negative results: 1 none, 0 ReLU, 0.2 leaky ReLU
  float* y = nullptr;              ///< [batch][rows][columns], rows y_stride apart, items y_batch_stride apart
  Index y_stride = 0;
  Index y_batch_stride = 0;
};

inline namespace SYSTOLIC_ISA_NAMESPACE {
namespace detail {

/// Longest run of k between two visits of y. A panel's block is then 64 KB with 32 columns, more than the first-level
/// cache holds; but it comes in order, ahead of its use, while each visit of y is waited for.
inline constexpr Index depth_block = 512;

// Every tile is a function of its own, compiled for its instruction set. Heights: as many sums as the registers hold
// beside two vectors of weights and one of x; AVX-512 has 32 registers (14 x 2 sums), the others 16 (6 x 2).
#if SYSTOLIC_DISPATCH
template <int Rows, int Vectors, int Steps = 1>
[[gnu::target("avx512f")]] void tile_avx512(const Tile& tile) {
  run_tile<simd::FloatVector<16>, Rows, Vectors, Steps>(tile, finish_partial_avx512<>);
}
template <int Rows, int Vectors, int Steps = 1>
[[gnu::target("avx2,fma")]] void tile_avx2(const Tile& tile) {
  run_tile<simd::FloatVector<8>, Rows, Vectors, Steps>(tile, finish_partial<simd::FloatVector<8>>);
}
using BaselineVector = simd::FloatVector<4>;
#else
using BaselineVector = simd::XsimdVector;
#endif
template <int Rows, int Vectors, int Steps = 1>
void tile_baseline(const Tile& tile) {
  run_tile<BaselineVector, Rows, Vectors, Steps>(tile, finish_partial<BaselineVector>);
}

/// A tile function and the number of rows that it computes.
struct TileKernel {
  Index rows;
  void (*run)(const Tile&);
};

}  // namespace detail

/// One way to compute a row product: its name, the panel width that it wants, its tiles by ascending height up to
/// `height` (`wide` for a whole panel, `narrow` where at most half of the panel's columns exist).
struct RowProductKernel {
  const char* name;
  Index panel;
  Index height;
  const detail::TileKernel* wide;
  const detail::TileKernel* narrow;
};

/// The kernel for an instruction set (the baseline one where this build or machine does not have it).
template <class = void>
inline const RowProductKernel& row_product_kernel(simd::Isa isa) noexcept {
  using namespace detail;
  // Few heights, for each tile is some milliseconds of compile time; 1 and 2 must be among them.
  static constexpr TileKernel baseline_wide[] = {
      {1, tile_baseline<1, 2>}, {2, tile_baseline<2, 2>}, {4, tile_baseline<4, 2>}, {6, tile_baseline<6, 2>}};
  static constexpr TileKernel baseline_narrow[] = {
      {1, tile_baseline<1, 1>}, {2, tile_baseline<2, 1>}, {6, tile_baseline<6, 1>}};
  static constexpr RowProductKernel baseline{"row_product_6x2_f32_baseline", 2 * BaselineVector::width, 6,
                                             baseline_wide, baseline_narrow};
#if SYSTOLIC_DISPATCH
  static constexpr TileKernel avx2_wide[] = {
      {1, tile_avx2<1, 2>}, {2, tile_avx2<2, 2>}, {4, tile_avx2<4, 2>}, {6, tile_avx2<6, 2, 2>}};
  static constexpr TileKernel avx2_narrow[] = {{1, tile_avx2<1, 1>}, {2, tile_avx2<2, 1>}, {6, tile_avx2<6, 1>}};
  static constexpr RowProductKernel avx2{"row_product_6x16_f32_avx2", 16, 6, avx2_wide, avx2_narrow};
  static constexpr TileKernel avx512_wide[] = {
      {1, tile_avx512<1, 2>},   {2, tile_avx512<2, 2>},   {4, tile_avx512<4, 2>},     {8, tile_avx512<8, 2>},
      {10, tile_avx512<10, 2>}, {12, tile_avx512<12, 2>}, {14, tile_avx512<14, 2, 2>}};
  static constexpr TileKernel avx512_narrow[] = {
      {1, tile_avx512<1, 1>}, {2, tile_avx512<2, 1>}, {14, tile_avx512<14, 1>}};
  static constexpr RowProductKernel avx512{"row_product_14x32_f32_avx512", 32, 14, avx512_wide, avx512_narrow};
  if (isa <= simd::hardware_isa()) {
    if (isa == simd::Isa::avx512) return avx512;
    if (isa == simd::Isa::avx2) return avx2;
  }
#endif
  (void)isa;
  return baseline;
}

namespace detail {

/// Rows [first_row, last_row) of every batch item, columns of one panel.
template <class = void>
inline void run_panel(const RowProductKernel& kernel, const RowProduct& product, Index panel_number, Index first_row,
                      Index last_row) {
  const Index panel = kernel.panel, first_column = panel_number * panel;
  const Index columns = std::min(panel, product.weights.columns - first_column);
  const bool narrow = columns <= panel / 2;
  const TileKernel* smallest = narrow ? kernel.narrow : kernel.wide;
  const Index tallest = kernel.height;
  const Index depth = product.weights.depth;
  const Index blocks = std::max<Index>(1, (depth + depth_block - 1) / depth_block);
  const float* panel_data = product.weights.data + first_column * depth;

  alignas(64) float bias[32] = {};
  if (product.bias != nullptr) std::copy_n(product.bias + first_column, columns, bias);
  Tile tile;
  tile.x_stride = product.x_stride;
  tile.x_depth_stride = product.x_depth_stride;
  tile.columns = columns;
  tile.y_stride = product.y_stride;
  const Index all_rows = product.batch * (last_row - first_row);
  for (Index block = 0; block < blocks; ++block) {
    const Index k = depth * block / blocks;
    tile.w = panel_data + k * panel;
    tile.depth = depth * (block + 1) / blocks - k;
    tile.slope = block + 1 == blocks ? product.slope : 1.0f;
    // The next block, or the next panel's first, follows in memory. Each tile of this one fetches its share of it.
    tile.next = tile.w + tile.depth * panel;
    const bool continued = block > 0;
    const float* start = continued ? product.y : product.initial;
    const Index start_batch_stride = continued ? product.y_batch_stride : product.initial_batch_stride;
    const Index start_stride = continued || product.initial_stride == 0 ? product.y_stride : product.initial_stride;
    for (Index item = 0; item < product.batch; ++item) {
      for (Index row = first_row; row < last_row; row += tile.rows) {
        // Full tiles, then the last two as even as possible: a flat tile cannot keep the multipliers busy.
        const Index left = last_row - row;
        tile.rows = left >= 2 * tallest || left <= tallest ? std::min(left, tallest) : (left + 1) / 2;
        tile.x = product.x + item * product.x_batch_stride + row * product.x_stride + k * product.x_depth_stride;
        const Index place = row * product.y_stride + first_column;
        tile.y = product.y + item * product.y_batch_stride + place;
        tile.start = start != nullptr ? start + item * start_batch_stride + row * start_stride + first_column : bias;
        tile.start_stride = start != nullptr ? start_stride : 0;
        tile.next_step = (panel * tile.rows + all_rows - 1) / all_rows;
        const TileKernel* chosen = smallest;
        while (chosen->rows < tile.rows) ++chosen;
        chosen->run(tile);
        tile.next += tile.next_step * tile.depth;
      }
    }
  }
}

}  // namespace detail
}  // namespace SYSTOLIC_ISA_NAMESPACE

/// The panel width in which weights have to be packed on this machine.
template <class = void>
inline Index row_product_panel() noexcept {
  static const Index panel = row_product_kernel(simd::active_isa()).panel;
  return panel;
}

/// Computes `product` with `kernel` on up to `threads` threads. Every output is one chain of additions in the order of
/// k whatever the tile and the thread, so results do not depend on `threads`.
/// Requires weights packed for that kernel.
template <class = void>
inline void row_product(const RowProductKernel& kernel, const RowProduct& product, int threads = 1) {
  const Index panels = product.weights.panels();
  if (product.rows == 0 || product.batch == 0 || panels == 0) return;
  // About four tasks a thread: split over panels first (each reads its weights once), over rows where panels are few.
  Index chunks = 1;
  if (threads > 1) {
    chunks = std::clamp<Index>((4 * threads + panels - 1) / panels, 1, (product.rows + 27) / 28);
  }
  parallel_for(panels * chunks, threads, [&](Index task, int) {
    const Index panel_number = task / chunks, chunk = task % chunks;
    detail::run_panel(kernel, product, panel_number, product.rows * chunk / chunks,
                      product.rows * (chunk + 1) / chunks);
  });
}

/// The same with this machine's kernel.
template <class = void>
inline void row_product(const RowProduct& product, int threads = 1) {
  static const RowProductKernel& kernel = row_product_kernel(simd::active_isa());
  row_product(kernel, product, threads);
}

}  // namespace systolic::kernels
