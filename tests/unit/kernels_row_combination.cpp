#include "systolic/kernels/row_combination.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "systolic/core/formula.hpp"

using namespace systolic;
using simd::Isa;

namespace {

/// Every kind of factor: none, one, its negative, others.
struct Table {
  static constexpr int inputs = 3, outputs = 4;
  static constexpr bool starts = true;
  static constexpr float factors[outputs][inputs] = {{1, -1, 0}, {0.5f, 0, 2}, {-1, -1, 1}, {0, -0.25f, 3}};
  static constexpr float factor(int o, int i) { return factors[o][i]; }
  static constexpr bool finishes(int o) { return o == 1; }
};
struct WithoutStart : Table {
  static constexpr bool starts = false;
};

template <class T>
void check(Isa isa, Index count, Index rows) {
  constexpr Index tiles = 3, x_row = 70, x_tile = 2 * x_row, y_row = 71, y_tile = 4 * y_row;
  const Tensor<float> x = formula_tensor("x", {tiles * x_tile + 3 * x_row}),
                      start = formula_tensor("s", {tiles * y_tile});
  std::vector<float> y(static_cast<std::size_t>(tiles * y_tile), 7.0f);
  kernels::RowCombination c;
  c.x = x.data();
  c.x_tile = x_tile;
  c.x_row = x_row;
  c.start = start.data();
  c.start_tile = y_tile;
  c.start_row = y_row;
  c.y = y.data();
  c.y_tile = y_tile;
  c.y_row = y_row;
  c.tiles = tiles;
  c.count = count;
  c.rows = rows;
  c.slope = 0.25f;
  kernels::combine_rows<T>(c, isa);
  for (Index tile = 0; tile < tiles; ++tile)
    for (Index o = 0; o < 4; ++o)
      for (Index n = 0; n < y_row; ++n) {
        const Index place = tile * y_tile + o * y_row + n;
        double expected = T::starts ? static_cast<double>(start.data()[place]) : 0.0;
        for (Index i = 0; i < 3; ++i)
          expected += static_cast<double>(Table::factors[o][i] * x.data()[tile * x_tile + i * x_row + n]);
        if (o == 1 && expected < 0) expected *= 0.25;
        if (o >= rows || n >= count) expected = 7;  // untouched
        REQUIRE(std::abs(static_cast<double>(y[static_cast<std::size_t>(place)]) - expected) < 1e-6);
      }
}

}  // namespace

TEST_CASE("combinations of rows equal plain sums, for any count and any number of rows") {
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512}) {
    if (isa > simd::hardware_isa()) continue;
    for (const Index count : {1, 3, 4, 7, 8, 15, 16, 17, 32, 50, 69})
      for (const Index rows : {1, 3, 4}) {
        check<Table>(isa, count, rows);
        check<WithoutStart>(isa, count, rows);
      }
  }
}
