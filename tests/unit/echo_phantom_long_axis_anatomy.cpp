#include "systolic/echo/phantom_long_axis_anatomy.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("the ventricle contracts from end-diastole to end-systole and fills again; the valve opens between") {
  CHECK(contraction_at(0, 0.37) == 0);
  CHECK(contraction_at(0.37, 0.37) == doctest::Approx(1));
  CHECK(contraction_at(1, 0.37) == 0);
  CHECK(contraction_at(0.999999, 0.37) == doctest::Approx(0).epsilon(1e-4));
  CHECK(contraction_at(-0.63, 0.37) == doctest::Approx(1));
  for (int i = 0; i < 100; ++i) {
    CHECK(contraction_at(i * 0.01, 0.37) >= 0);
    CHECK(contraction_at(i * 0.01, 0.37) <= 1);
    CHECK(opening_at(i * 0.01, 0.37) >= 0);
    if (i < 36) CHECK(opening_at(i * 0.01, 0.37) == 0);
  }
  CHECK(opening_at(0.53, 0.37) > 0.9);
}

TEST_CASE("a line that misses a wall has no truth") {
  const LongAxisFrame frame(LongAxisOptions{}, 0);
  const auto line = make_scan_line({0, 100}, {10, 100}, {}, 128, 128);
  CHECK_FALSE(frame.walls_along(*line));
}
