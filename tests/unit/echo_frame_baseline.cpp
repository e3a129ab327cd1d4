#include "systolic/echo/frame_baseline.hpp"

#include <doctest/doctest.h>

using namespace systolic::echo;

TEST_CASE("landmarks on one line are measured as they are; others are moved onto their line") {
  const BaselineMeasurement straight = measure_on_own_line({{{10, 10}, {10, 20}, {10, 60}, {10, 72}}}, {0.5, 0.7});
  CHECK(straight.dimensions.ivs_mm == doctest::Approx(5));
  CHECK(straight.dimensions.lvid_mm == doctest::Approx(20));
  CHECK(straight.dimensions.lvpw_mm == doctest::Approx(6));
  CHECK(distance(straight.landmarks[2], {10, 60}) < 1e-9);
  const BaselineMeasurement moved = measure_on_own_line({{{11, 10}, {9, 20}, {9, 60}, {11, 70}}}, {1, 1});
  for (const Point p : moved.landmarks) CHECK(p.x == doctest::Approx(10));
  CHECK(moved.dimensions.lvid_mm == doctest::Approx(40));
}
