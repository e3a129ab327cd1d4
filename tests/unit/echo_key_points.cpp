#include "systolic/echo/key_points.hpp"

#include <doctest/doctest.h>

#include "support/tracings.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("a contour's key points give the contour back") {
  for (const double degrees : {0.0, 25.0, -60.0}) {
    const auto width = [](double t) { return 20 * std::sqrt(std::max(0.0, 1 - (1 - t) * (1 - t))); };
    const Contour contour = *make_contour(testing::tracing(80, width, width, {{50, 10}, degrees}), {});
    const KeyPoints points = key_points(contour);
    CHECK(points[0] == contour.septal[0]);
    CHECK(points[19] == contour.septal[19]);
    CHECK(points[20] == contour.lateral[19]);
    CHECK(points[39] == contour.lateral[0]);
    const auto again = make_contour(tracing_of(points), {});
    REQUIRE(again);
    CHECK(distance(again->apex, contour.apex) < 1e-9);
    CHECK(distance(again->base, contour.base) < 1e-9);
    for (std::size_t i = 0; i < chord_count; ++i) CHECK(again->septal[i] == contour.septal[i]);
  }
}
