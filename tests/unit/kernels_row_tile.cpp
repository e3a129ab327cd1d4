#include "systolic/kernels/row_tile.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "systolic/simd/isa.hpp"

using systolic::Index;
namespace detail = systolic::kernels::detail;

TEST_CASE("the rows of a tile's groups are valid, and together they are all") {
  for (const int height : {1, 2, 4, 6, 8, 10, 12, 14})
    for (Index valid = height < 3 ? height : 3; valid <= height; ++valid) {
      CAPTURE(height);
      CAPTURE(valid);
      std::vector<int> found(static_cast<std::size_t>(valid));
      for (int slot = 0; slot < height; ++slot) {
        const Index row = detail::first_row_of_group(valid, height, slot / 3) + slot % 3;
        REQUIRE(row >= 0);
        REQUIRE(row < valid);
        found[static_cast<std::size_t>(row)] = 1;
      }
      for (const int once : found) CHECK(once == 1);
    }
}

TEST_CASE("partial vectors are finished in place, once, and nothing behind them is touched") {
  constexpr Index height = 14, width = 16, stride = 20;
  using V = systolic::simd::FloatVector<16>;
  std::vector<float> sums(height * width);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<float>(i % 9) - 6;
  for (const bool masks : {false, true}) {
#if SYSTOLIC_DISPATCH
    if (masks && systolic::simd::hardware_isa() < systolic::simd::Isa::avx512) continue;
#else
    if (masks) continue;
#endif
    for (Index rows = 3; rows <= height; ++rows)
      for (Index columns = 1; columns < width; ++columns) {
        std::vector<float> y(height * stride, 2.0f);
        detail::Tile tile{};
        tile.rows = rows;
        tile.columns = columns;
        tile.start = tile.y = y.data();
        tile.start_stride = tile.y_stride = stride;
        tile.slope = 0.5f;
        const detail::PartialTile partial{tile, sums.data(), height, 1};
        // A slot may hold a row that another holds as well: as the kernel would have it, with the same sums.
        std::vector<float> of_slots(sums.size());
        for (int slot = 0; slot < height; ++slot)
          for (Index n = 0; n < width; ++n)
            of_slots[static_cast<std::size_t>(slot * width + n)] =
                sums[static_cast<std::size_t>(partial.row(slot) * width + n)];
        const detail::PartialTile repeated{tile, of_slots.data(), height, 1};
#if SYSTOLIC_DISPATCH
        if (masks)
          detail::finish_partial_avx512(repeated);
        else
#endif
          detail::finish_partial<V>(repeated);
        for (Index r = 0; r < height; ++r)
          for (Index n = 0; n < stride; ++n) {
            const float sum = 2 + (r < rows && n < columns ? sums[static_cast<std::size_t>(r * width + n)] : 0);
            REQUIRE(y[static_cast<std::size_t>(r * stride + n)] == (sum < 0 ? sum / 2 : sum));
          }
      }
  }
}
