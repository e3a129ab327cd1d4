#include "systolic/echo/linear_measurement.hpp"

#include <doctest/doctest.h>

#include "support/landmarks.hpp"
#include "systolic/echo/phantom_long_axis_image.hpp"

using namespace systolic;
using namespace systolic::echo;

namespace {

struct Example {
  LongAxisPhantom phantom;
  Tensor<std::uint8_t> clip;
  LinearMeasurer measurer;
  Workspace workspace;

  Example()
      : phantom(options()),
        clip(phantom.draw()),
        measurer(testing::shipped_landmarks("echo_m_mode"), testing::shipped_landmarks("echo_landmarks")) {}

  static LongAxisOptions options() {
    LongAxisOptions result;
    result.frames = 16;
    result.cycle = 16;
    result.end_of_systole = 0.375;
    return result;
  }
  void check(const LinearMeasurement& measured, double tolerance) const {
    const Dimensions truth = phantom.truth(measured.frame).dimensions;
    CHECK(std::abs(measured.dimensions.ivs_mm - truth.ivs_mm) < tolerance);
    CHECK(std::abs(measured.dimensions.lvid_mm - truth.lvid_mm) < tolerance);
    CHECK(std::abs(measured.dimensions.lvpw_mm - truth.lvpw_mm) < tolerance);
  }
};

}  // namespace

TEST_CASE("a phantom is measured along a line that is found and along one that is given, whose frames are found") {
  Example example;
  LinearRequest request;
  request.pixel = example.phantom.options().pixel;
  request.end_diastole = 0;
  request.end_systole = 6;
  const auto along_own = example.measurer.measure(example.clip, request, example.workspace);
  REQUIRE(along_own);
  example.check(along_own->end_diastole, 2.5);
  example.check(along_own->end_systole, 2.5);
  CHECK(along_own->end_diastole.axis);
  CHECK(along_own->cavity_mm.empty());
  CHECK(along_own->confidence > 0);
  CHECK(along_own->confidence <= 1);

  const auto& top = example.phantom.truth(0).landmarks;
  request.line = Segment{top[0], top[3]};
  request.end_diastole = request.end_systole = std::nullopt;
  const auto found = example.measurer.measure(example.clip, request, example.workspace);
  REQUIRE(found);
  CHECK(std::min(found->end_diastole.frame, 16 - found->end_diastole.frame) <= 2);
  CHECK(std::abs(found->end_systole.frame - 6) <= 2);
  CHECK(found->cavity_mm.size() == 16);

  request.end_diastole = 0;
  request.end_systole = 6;
  const auto given = example.measurer.measure(example.clip, request, example.workspace);
  REQUIRE(given);
  example.check(given->end_diastole, 2);
  CHECK_FALSE(given->end_diastole.axis);
  CHECK(given->cavity_mm.empty());
  CHECK(given->pixel.row == request.pixel.row);
  for (std::size_t k = 0; k < 4; ++k)  // all on the line
    CHECK(distance(given->end_diastole.landmarks[k], given->end_diastole.line.at(given->end_diastole.samples[k])) <
          1e-9);

  request.change.shift = 6;
  const auto shifted = example.measurer.measure(example.clip, request, example.workspace);
  REQUIRE(shifted);
  CHECK(std::abs(cross(unit(given->end_diastole.line.to - given->end_diastole.line.from),
                       shifted->end_diastole.line.from - given->end_diastole.line.from)) == doctest::Approx(6));
  request.change.shift = 1000;
  CHECK(example.measurer.measure(example.clip, request, example.workspace).error().message ==
        "the line misses the image");
}
