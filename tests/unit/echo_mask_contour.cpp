#include "systolic/echo/mask_contour.hpp"

#include <doctest/doctest.h>

#include "support/echo_data_sets.hpp"
#include "systolic/echo/volume.hpp"

using namespace systolic;

TEST_CASE("half an ellipse is traced as it was drawn") {
  const Tensor<float> mask = testing::ventricle_mask(1);
  const auto rows = echo::trace_mask(mask.view(), {0.5, 0.4});
  REQUIRE(rows);
  REQUIRE(rows->size() == echo::traced_rows);
  CHECK(distance((*rows)[0].from, {56, 20}) < 1);
  CHECK(distance((*rows)[0].to, {56, 80}) < 1);
  for (std::size_t i = 0; i < echo::chord_count; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / 20, half = 20 * std::sqrt(1 - (1 - share) * (1 - share));
    const double width = distance((*rows)[i + 1].from, (*rows)[i + 1].to);
    CHECK(std::abs(width - 2 * half) < 2.1);  // pixels, both ends rounded to whole ones
  }
  const auto contour = echo::make_contour(*rows, {0.5, 0.4});
  REQUIRE(contour);
  // Half an ellipsoid of semi-axes 30, 8 and 8 mm.
  CHECK(measure_volumes(*contour).disks_ml == doctest::Approx(2.0 / 3 * 3.14159265 * 30 * 8 * 8 / 1000).epsilon(0.03));
}

TEST_CASE("masks without a ventricle, or without a base, say so") {
  Tensor<float> mask({50, 60});
  const auto cause = [&] { return echo::trace_mask(mask.view(), {}).error().message; };
  CHECK(cause() == "has no left ventricle");
  for (Index r = 0; r < 50; ++r)
    for (Index c = 0; c < 60; ++c) mask(r, c) = r > 10 && r < 40 && c > 10 && c < 40 ? 1.0f : 2.0f;
  CHECK(cause() == "has a left ventricle without a base (nothing but muscle around it)");
}
