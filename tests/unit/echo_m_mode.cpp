#include "systolic/echo/m_mode.hpp"

#include <doctest/doctest.h>

#include "systolic/core/random.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("a scan line runs from border to border, the upper end first, with as many samples as the longer side") {
  const auto line = make_scan_line({50, 60}, {50, 20}, {}, 128, 112);
  REQUIRE(line);
  CHECK(line->count == 128);
  CHECK(distance(line->from, {50, 0}) < 1e-9);
  CHECK(distance(line->to, {50, 127}) < 1e-9);
  CHECK(line->pitch() == doctest::Approx(1));
  const auto slanted = make_scan_line({10, 10}, {20, 15}, {}, 100, 100);
  CHECK(distance(slanted->from, {0, 5}) < 1e-9);
  CHECK(distance(slanted->to, {99, 54.5}) < 1e-9);
  CHECK(slanted->sample_of(slanted->at(33.25)) == doctest::Approx(33.25));
  CHECK(slanted->pitch() == doctest::Approx(std::hypot(99, 49.5) / 99));
  CHECK_FALSE(make_scan_line({5, 5}, {5, 5}, {}, 10, 10));
  CHECK_FALSE(make_scan_line({5, -5}, {9, -5}, {}, 10, 10));
  CHECK_FALSE(make_scan_line({-5, 5}, {-5, 9}, {}, 10, 10));
}

TEST_CASE("a line is shifted at a right angle and turned about its pivot") {
  const Point a{50, 20}, b{50, 80};
  const auto shifted = make_scan_line(a, b, {.shift = 7}, 101, 101);
  CHECK(shifted->from.x == doctest::Approx(43));
  for (const auto& [pivot, point] : {std::pair{Pivot::middle, Point{50, 50}}, {Pivot::top, a}, {Pivot::bottom, b}}) {
    const auto turned = make_scan_line(a, b, {.degrees = 20, .pivot = pivot}, 101, 101);
    const double sample = turned->sample_of(point);
    CHECK(distance(turned->at(sample), point) < 1e-9);
    // Clockwise: a line that points down turns to the left at its lower end.
    CHECK(turned->to.x < turned->from.x);
    CHECK(std::atan2(turned->from.x - turned->to.x, turned->to.y - turned->from.y) ==
          doctest::Approx(20 * 3.14159265358979 / 180));
  }
  Random random(3, 1);
  for (int i = 0; i < 500; ++i) {
    const auto point = [&] { return Point{random.uniform(-20, 150), random.uniform(-20, 150)}; };
    const auto line = make_scan_line(point(), point(), {random.uniform(-30, 30), random.uniform(-90, 90)}, 120, 100);
    if (!line) continue;
    for (const Point p : {line->from, line->to}) {
      CHECK((p.x > -1e-6 && p.x < 99 + 1e-6));
      CHECK((p.y > -1e-6 && p.y < 119 + 1e-6));
    }
    CHECK(line->from.y <= line->to.y);
  }
}

TEST_CASE("between pixels grey values are interpolated") {
  const std::uint8_t frame[] = {0, 100, 200, 40};
  CHECK(sample_bilinear(frame, 2, 2, {0, 0}) == 0);
  CHECK(sample_bilinear(frame, 2, 2, {0.25, 0}) == doctest::Approx(25));
  CHECK(sample_bilinear(frame, 2, 2, {0, 0.5}) == doctest::Approx(100));
  CHECK(sample_bilinear(frame, 2, 2, {0.5, 0.5}) == doctest::Approx(85));
  CHECK(sample_bilinear(frame, 2, 2, {9, 9}) == 40);
  CHECK(sample_bilinear(frame, 1, 1, {3, -1}) == 0);
}

TEST_CASE("an anatomical M-mode image shows the key frame at column 32 and takes the clip for a cycle") {
  CHECK(frame_of_column(32, 5, 40) == 5);
  CHECK(frame_of_column(31, 0, 40) == 39);
  CHECK(frame_of_column(0, 5, 10) == 3);
  CHECK(frame_of_column(63, 9, 10) == 0);
  Tensor<std::uint8_t> clip({10, 20, 16});
  for (Index t = 0; t < 10; ++t)
    for (Index r = 0; r < 20; ++r)
      for (Index c = 0; c < 16; ++c) clip(t, r, c) = static_cast<std::uint8_t>(10 * t + 5 * r);
  const auto line = make_scan_line({3, 2}, {9, 14}, {}, 20, 16);
  const Tensor<float> image = anatomical_m_mode(clip.view(), *line, 4);
  CHECK(image.shape() == Shape{20, 64});
  for (Index r = 0; r < 20; ++r)
    for (Index c = 0; c < 64; ++c)
      CHECK(image(r, c) == doctest::Approx(10 * static_cast<double>(frame_of_column(c, 4, 10)) +
                                           5 * line->at(static_cast<double>(r)).y));
}

TEST_CASE("dimensions are right at any angle and with pixels that are not square, to a fraction of a sample") {
  Random random(3, 2);
  for (int i = 0; i < 200; ++i) {
    const PixelSize size{random.uniform(0.2, 1.5), random.uniform(0.2, 1.5)};
    const auto line = make_scan_line({random.uniform(90, 160), random.uniform(30, 60)},
                                     {random.uniform(90, 160), random.uniform(180, 240)},
                                     {random.uniform(-20, 20), random.uniform(-20, 20)}, 256, 256);
    REQUIRE(line);
    // Landmarks at known distances along the line, in mm.
    const double mm_a_sample = distance(in_millimetres(line->at(0), size), in_millimetres(line->at(1), size));
    const double ivs = random.uniform(6, 14), lvid = random.uniform(30, 60), lvpw = random.uniform(6, 14);
    const std::array<double, 4> samples = {20.3, 20.3 + ivs / mm_a_sample, 20.3 + (ivs + lvid) / mm_a_sample,
                                           20.3 + (ivs + lvid + lvpw) / mm_a_sample};
    const Dimensions found = measure_dimensions(*line, samples, size);
    CHECK(found.ivs_mm == doctest::Approx(ivs));
    CHECK(found.lvid_mm == doctest::Approx(lvid));
    CHECK(found.lvpw_mm == doctest::Approx(lvpw));
  }
}
