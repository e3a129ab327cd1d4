#include "systolic/echo/robust_fit.hpp"

#include <doctest/doctest.h>

using namespace systolic::echo;

TEST_CASE("the least squared distances give a line of any slope, an upright one too") {
  for (const double angle : {0.0, 0.4, 1.5707963267948966, 2.8}) {
    std::vector<Point> points;
    for (int i = -5; i <= 5; ++i)
      points.push_back({3 + i * std::cos(angle) - 0.1 * (i % 2) * std::sin(angle),
                        7 + i * std::sin(angle) + 0.1 * (i % 2) * std::cos(angle)});
    const Line line = fit_line(points, std::vector<double>(points.size(), 1.0));
    CHECK(std::abs(cross(line.direction, {std::cos(angle), std::sin(angle)})) < 0.02);
    CHECK(distance(line.through, {3, 7}) < 0.02);
    CHECK(line.along(line.through + line.direction * 2) == doctest::Approx(2));
    CHECK(line.off(line.through + Point{-line.direction.y, line.direction.x} * 2) == doctest::Approx(2));
  }
}

TEST_CASE("a wrong point moves the robust line less than the plain one") {
  std::vector<Point> points;
  for (int i = 0; i < 10; ++i) points.push_back({static_cast<double>(i), 0.5 * i});
  points.push_back({9, 30});
  const std::vector<double> weights(points.size(), 1.0);
  const Point truth = unit({1, 0.5});
  const double plain = std::abs(cross(fit_line(points, weights).direction, truth));
  const double robust = std::abs(cross(fit_line_robust(points, weights, 0.2).direction, truth));
  CHECK(plain > 0.3);
  CHECK(robust < 0.06);
  std::vector<double> without = weights;
  without.back() = 0;  // a point without weight does not count
  CHECK(std::abs(cross(fit_line(points, without).direction, truth)) < 1e-12);
}

TEST_CASE("a parabola through points of which one is wrong") {
  std::vector<Point> points;
  for (int i = -4; i <= 6; ++i) points.push_back({static_cast<double>(i), 2 - 0.5 * i + 0.25 * i * i});
  std::vector<double> weights(points.size(), 1.0);
  const auto exact = fit_parabola_robust(points, weights, 0.1);
  REQUIRE(exact);
  CHECK(exact->a == doctest::Approx(2));
  CHECK(exact->b == doctest::Approx(-0.5));
  CHECK(exact->c == doctest::Approx(0.25));
  points[5].y += 20;
  const auto robust = fit_parabola_robust(points, weights, 0.1);
  REQUIRE(robust);
  for (const double x : {-4.0, 0.0, 6.0}) CHECK(std::abs(robust->at(x) - exact->at(x)) < 0.1);
  CHECK_FALSE(fit_parabola_robust({{1, 1}, {2, 2}, {1, 3}}, {1, 1, 1}, 1));
}
