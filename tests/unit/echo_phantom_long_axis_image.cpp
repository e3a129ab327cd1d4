#include "systolic/echo/phantom_long_axis_image.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::echo;

namespace {

/// Frames fall on end-diastole (0) and, as the end of systole is at 3/8 of 48 frames, on end-systole (18).
LongAxisOptions exact_cycle() {
  LongAxisOptions options;
  options.frames = 48;
  options.cycle = 48;
  options.end_of_systole = 0.375;
  options.tilt = 12;
  options.pixel = {1.2, 1.0};
  return options;
}

}  // namespace

TEST_CASE("a phantom's truth is what it was made of, in mm, whatever the size of its pixels") {
  const LongAxisOptions options = exact_cycle();
  const LongAxisPhantom phantom(options);
  CHECK(phantom.end_diastole() == 0);
  CHECK(phantom.end_systole() == 18);
  const auto check = [&](Index frame, double ivs, double lvid, double lvpw) {
    const LongAxisTruth truth = phantom.truth(frame);
    CHECK(truth.dimensions.ivs_mm == doctest::Approx(ivs));
    CHECK(truth.dimensions.lvid_mm == doctest::Approx(lvid));
    CHECK(truth.dimensions.lvpw_mm == doctest::Approx(lvpw));
    // The landmarks lie on one line, at a right angle to the axis, through its basal end.
    const Point across = in_millimetres(truth.landmarks[3] - truth.landmarks[0], options.pixel);
    const Point along = in_millimetres(truth.axis.to - truth.axis.from, options.pixel);
    CHECK(dot(across, along) == doctest::Approx(0).epsilon(1e-9));
    CHECK(distance(middle(truth.landmarks[1], truth.landmarks[2]), truth.axis.from) < 0.05);
    // A line through them meets the walls where they are.
    const auto line = make_scan_line(truth.landmarks[0], truth.landmarks[3], {}, options.rows, options.columns);
    const auto walls = phantom.frame(frame).walls_along(*line);
    REQUIRE(walls);
    const Dimensions again = measure_dimensions(*line, *walls, options.pixel);
    CHECK(again.ivs_mm == doctest::Approx(ivs).epsilon(1e-4));
    CHECK(again.lvid_mm == doctest::Approx(lvid).epsilon(1e-4));
    CHECK(again.lvpw_mm == doctest::Approx(lvpw).epsilon(1e-4));
  };
  check(0, 9.5, 46, 9);
  check(18, 13, 31, 13);
}

TEST_CASE("walls are brighter than the cavity, and a line's pixels are those of the whole clip") {
  LongAxisOptions options = exact_cycle();
  options.frames = 3;
  const LongAxisPhantom phantom(options);
  const auto clip = phantom.draw();
  const auto landmarks = phantom.truth(1).landmarks;
  const auto grey = [&](Point a, Point b) {  // the mean from a to b, the borders left out
    double sum = 0;
    for (int i = 20; i <= 80; ++i)
      sum += sample_bilinear(clip.data() + clip.size() / 3, options.rows, options.columns, a + (b - a) * (i * 0.01));
    return sum / 61;
  };
  const double septum = grey(landmarks[0], landmarks[1]), cavity = grey(landmarks[1], landmarks[2]),
               posterior = grey(landmarks[2], landmarks[3]);
  CHECK(septum > cavity + 40);
  CHECK(posterior > cavity + 40);
  const auto line = make_scan_line(landmarks[0], landmarks[3], {.shift = 4, .degrees = 15}, 128, 128);
  const auto whole = anatomical_m_mode(clip, *line, 1), near = anatomical_m_mode(phantom.draw_near(*line), *line, 1);
  CHECK(std::equal(whole.begin(), whole.end(), near.begin()));
  const auto frame = phantom.draw(2);
  CHECK(std::equal(frame.begin(), frame.end(), clip.begin() + 2 * frame.size()));
}
