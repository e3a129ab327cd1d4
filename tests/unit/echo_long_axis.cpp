#include "systolic/echo/long_axis.hpp"

#include <doctest/doctest.h>

#include "support/landmarks.hpp"
#include "systolic/echo/phantom_long_axis_image.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("the long axis and the scan line of a phantom are found with the shipped weights") {
  const LandmarkNetwork frames = testing::shipped_landmarks("echo_landmarks");
  const LandmarkNetwork m_mode = testing::shipped_landmarks("echo_m_mode");
  LongAxisOptions options;
  options.frames = 40;
  options.cycle = 40;
  options.tilt = 14;
  options.pixel = {1.1, 1.25};
  const LongAxisPhantom phantom(options);
  const auto clip = phantom.draw();
  Workspace workspace;
  const auto found = find_long_axis(clip, 0, options.pixel, frames, m_mode, workspace);
  REQUIRE(found);
  const LongAxisTruth truth = phantom.truth(0);
  const auto direction = [&](Point from, Point to) {
    return unit(in_millimetres(to, options.pixel) - in_millimetres(from, options.pixel));
  };
  const Point axis = direction(found->axis.from, found->axis.to);
  const double degrees = std::acos(std::min(1.0, dot(axis, direction(truth.axis.from, truth.axis.to)))) * 57.29578;
  CHECK(degrees < 3);
  CHECK(std::abs(dot(axis, direction(found->line.from, found->line.to))) < 1e-9);  // a right angle, in mm
  CHECK(std::abs(cross(direction(found->line.from, found->line.to),
                       in_millimetres(truth.axis.from - found->line.from, options.pixel))) < 3);
  CHECK(found->confidence > 0.6);
  CHECK(found->confidence <= 1);
  CHECK(found->walls.size() >= 8);
}

TEST_CASE("a picture of nothing has no long axis, or none that is sure") {
  const LandmarkNetwork frames = testing::shipped_landmarks("echo_landmarks");
  const LandmarkNetwork m_mode = testing::shipped_landmarks("echo_m_mode");
  const Tensor<std::uint8_t> clip({3, 64, 64});
  Workspace workspace;
  const auto found = find_long_axis(clip, 0, {2, 2}, frames, m_mode, workspace);
  if (found)
    CHECK(found->confidence < 1);
  else
    CHECK_FALSE(found.error().message.empty());
}
