#include "systolic/echo/phantom_apical.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::echo;

namespace {

Ejection truth(const ApicalPhantomOptions& options) {
  const ApicalMotion motion(options);
  const auto contour = [&](Index frame) {
    return *make_contour(motion.tracing(static_cast<double>(frame)), motion.pixel_size());
  };
  return *measure_ejection(
      {{options.ed_frame, contour(options.ed_frame)}, {motion.es_frame(), contour(motion.es_frame())}});
}

}  // namespace

TEST_CASE("a phantom has the wanted ejection fraction, length and proportions") {
  for (const double fraction : {0.15, 0.4, 0.75}) {
    CAPTURE(fraction);
    ApicalPhantomOptions options;
    options.ejection_fraction = fraction;
    options.tilt = 0.4;
    const Ejection found = truth(options);
    CHECK(found.fraction == doctest::Approx(fraction).epsilon(1e-6));
    CHECK(found.ed.frame == options.ed_frame);
    CHECK(found.ed.contour.length() == doctest::Approx(options.millimetres));
    CHECK(*found.attributes.length_width_ed == doctest::Approx(options.length_width).epsilon(0.01));
    CHECK(*found.attributes.apex_motion_share == doctest::Approx(options.apex_motion));
  }
}

TEST_CASE("pathologies are where they were asked for") {
  ApicalPhantomOptions options;
  options.apex_motion = 0;
  CHECK(truth(options).attributes.bulge->area_share < 1e-6);
  options.bulge_depth = 0.15;
  CHECK(truth(options).attributes.bulge->area_share > 0.04);
  options.bulge_depth = 0;
  for (const std::size_t segment : {0u, 1u, 2u, 4u, 5u, 6u}) {
    options.weak_segment = segment;
    const auto ratio = truth(options).attributes.motion->ratio;
    for (std::size_t s = 0; s < segment_count; ++s) {
      CAPTURE(segment);
      CAPTURE(s);
      if (s == segment) CHECK(ratio[s] < 0.3);
      if (s != 3 && (s + 1 < segment || s > segment + 1)) CHECK(ratio[s] > 0.7);
    }
  }
}

TEST_CASE("the beat goes from end-diastole to end-systole and back") {
  ApicalPhantomOptions options;
  options.ed_frame = 5;
  const ApicalMotion motion(options);
  CHECK(motion.activation(5) == 0);
  CHECK(motion.activation(static_cast<double>(motion.es_frame())) == doctest::Approx(1));
  CHECK(motion.activation(5 + 32) == doctest::Approx(0));
  CHECK(motion.activation(5 - 0.01) < 0.01);
  for (double frame = 0; frame < 64; frame += 0.5) {
    CHECK(motion.activation(frame) >= 0);
    CHECK(std::abs(motion.activation(frame + 0.5) - motion.activation(frame)) < 0.2);
  }
}
