#include "systolic/echo/wall_strip.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace systolic;
using namespace systolic::echo;

namespace {

/// Half an ellipse around (50, 20 + height) of an image of 100 x 100, apex up; chords are in the middles of 20 disks.
KeyPoints ellipse(double width, double height) {
  KeyPoints points;
  for (std::size_t i = 0; i < chord_count; ++i) {
    const double t = (static_cast<double>(i) + 0.5) / 20;
    const double half = width / 2 * std::sqrt(1 - (1 - t) * (1 - t));
    points[i] = {50 - half, 20 + height * t};
    points[key_point_count - 1 - i] = {50 + half, 20 + height * t};
  }
  return points;
}

/// Bright outside that ellipse, dark inside; `scale` pixels a pixel.
Tensor<std::uint8_t> ellipse_image(double width, double height, Index scale = 1) {
  Tensor<std::uint8_t> image({100 * scale, 100 * scale});
  for (Index r = 0; r < 100 * scale; ++r)
    for (Index c = 0; c < 100 * scale; ++c) {
      const double x = (static_cast<double>(c) + 0.5) / static_cast<double>(scale) - 0.5;
      const double y = (static_cast<double>(r) + 0.5) / static_cast<double>(scale) - 0.5;
      image(r, c) = std::hypot((x - 50) / (width / 2), (y - 20 - height) / height) < 1 ? 10 : 200;
    }
  return image;
}

}  // namespace

TEST_CASE("the columns of key points pass through them, others lie between and beyond") {
  const KeyPoints points = ellipse(40, 60);
  const WallStrip strip(points, 10);
  const auto columns = strip_columns_of_key_points();
  for (std::size_t k = 0; k < key_point_count; ++k) {
    const WallStrip::Column& column = strip.columns[static_cast<std::size_t>(columns[k])];
    CHECK(distance(column.place, points[k]) < 1e-12);
    CHECK(length(column.across) == doctest::Approx(10));
    CHECK(dot(column.across, column.along) == doctest::Approx(0));
    CHECK(dot(column.across, Point{50, 60} - points[k]) > 0);  // inwards
  }
  // The column between both apical points is at the apex itself; the first lies below the septal base.
  const Point top = strip.columns[static_cast<std::size_t>(columns[0] + 1)].place;
  CHECK(top.x == doctest::Approx(50));
  CHECK(top.y < points[0].y);
  CHECK(strip.columns[0].place.y > points[19].y + 4);
}

TEST_CASE("a strip shows the wall outside and the cavity inside, in images of any size") {
  const KeyPoints points = ellipse(40, 60);
  for (const Index scale : {1, 3}) {
    const auto image = ellipse_image(40, 60, scale);
    KeyPoints scaled = points;
    for (Point& p : scaled) p = in_pixels(in_shares(p, 100, 100), 100 * scale, 100 * scale);
    const WallStrip strip(scaled, 8 * static_cast<double>(scale));
    std::vector<float> x(static_cast<std::size_t>(16 * strip_columns), -1.0f);
    strip.sample(image.data(), 100 * scale, 100 * scale, 16, 1, x.data());
    for (const Index column : strip_columns_of_key_points()) {
      CHECK(x[static_cast<std::size_t>(4 * strip_columns + column)] == doctest::Approx(200));
      CHECK(x[static_cast<std::size_t>(11 * strip_columns + column)] == doctest::Approx(10));
    }
  }
}

TEST_CASE("both strips have mean 0 and deviation 1, bases lead back to the key points") {
  const auto ed = ellipse_image(40, 60), es = ellipse_image(30, 55);
  WallStripOptions options;
  std::vector<float> x(static_cast<std::size_t>(options.rows * strip_columns * 2)), bases(80 * 6);
  const std::array<KeyPoints, 2> contours = {ellipse(40, 60), ellipse(30, 55)};
  make_wall_strips({ed.data(), es.data()}, 100, 100, contours, options, x.data(), bases.data());
  double sum = 0, squares = 0;
  for (const float value : x) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  CHECK(sum / static_cast<double>(x.size()) == doctest::Approx(0).epsilon(1e-4));
  CHECK(squares / static_cast<double>(x.size()) == doctest::Approx(1).epsilon(1e-3));
  const double reach = 0.2 * (60 * 0.95 + 55 * 0.95) / 2 / 100;
  for (std::size_t node : {0u, 25u, 40u, 79u}) {
    const float* basis = bases.data() + 6 * node;
    const Point place = in_shares(contours[node / 40][node % 40], 100, 100);
    CHECK(basis[0] == doctest::Approx(place.x));
    CHECK(basis[1] == doctest::Approx(place.y));
    CHECK(std::hypot(basis[2], basis[3]) == doctest::Approx(reach));
    CHECK(std::hypot(basis[4], basis[5]) == doctest::Approx(reach));
  }
}

TEST_CASE("contours that are none, or lie outside, give finite strips") {
  const auto image = ellipse_image(40, 60);
  const double bad = std::nan("");
  for (const Point p : {Point{50, 50}, Point{-1e9, 1e9}, Point{bad, bad}}) {
    KeyPoints points;
    points.fill(p);
    std::vector<float> x(32 * strip_columns * 2), bases(80 * 6);
    make_wall_strips({image.data(), image.data()}, 100, 100, {points, points}, {}, x.data(), bases.data());
    for (const float value : x) CHECK(std::isfinite(value));
  }
}
