#include "systolic/echo/attributes.hpp"

#include <doctest/doctest.h>

#include "support/tracings.hpp"
#include "systolic/echo/verdicts.hpp"

using namespace systolic;
using namespace systolic::echo;
using testing::Placement;

namespace {

using Width = std::function<double(double)>;

Width ellipse(double radius) {
  return [radius](double t) { return radius * std::sqrt(std::max(0.0, 1 - (1 - t) * (1 - t))); };
}
/// A dent of `depth` around the share `at` of the length.
Width dented(double radius, double at, double depth) {
  const Width plain = ellipse(radius);
  return [=](double t) { return plain(t) - depth * std::exp(-std::pow((t - at) / 0.08, 2)); };
}
Contour contour(double length, const Width& septal, const Width& lateral, const Placement& placement = {}) {
  return *make_contour(testing::tracing(length, septal, lateral, placement), {});
}
Contour plain(double length, double radius, const Placement& placement = {}) {
  return contour(length, ellipse(radius), ellipse(radius), placement);
}

}  // namespace

TEST_CASE("a convex septum has no bulge, a dent has its depth and area, on the septal side only") {
  for (const double degrees : {0.0, 50.0, 180.0, -120.0}) {
    CAPTURE(degrees);
    const Placement placement{{56, 20}, degrees};
    const SeptalBulge none = measure_bulge(plain(80, 22, placement));
    CHECK(none.area_mm2 < 1e-6);
    CHECK(none.depth_mm < 1e-6);
    const Contour septal = contour(80, dented(22, 0.7, 6), ellipse(22), placement);
    const SeptalBulge bulge = measure_bulge(septal);
    CHECK(bulge.depth_mm == doctest::Approx(6).epsilon(0.15));
    // A Gaussian of 6 mm and width 0.08 has the area 6 * 0.08 * 80 * sqrt(pi) = 68 mm^2.
    CHECK(bulge.area_mm2 == doctest::Approx(68).epsilon(0.2));
    CHECK(measure_bulge(contour(80, ellipse(22), dented(22, 0.7, 6), placement)).area_mm2 < 1e-6);
  }
}

TEST_CASE("segments are those of the wall from the septal base over the apex to the lateral base") {
  CHECK(segment_of(0.95, true) == 0);
  CHECK(segment_of(0.5, true) == 1);
  CHECK(segment_of(0.2, true) == 2);
  CHECK(segment_of(0.05, true) == 3);
  CHECK(segment_of(0.05, false) == 3);
  CHECK(segment_of(0.2, false) == 4);
  CHECK(segment_of(0.95, false) == 6);
}

TEST_CASE("a wall that does not move is found where it is") {
  const Contour ed = plain(80, 22);
  const SegmentMotion even = measure_motion(ed, plain(78, 14));
  CHECK(even.mean_mm > 3);
  // The lateral wall contracts around its middle less than elsewhere: not at all.
  const Width still = [](double t) {
    const double share = 1 - std::exp(-std::pow((t - 0.55) / 0.14, 4));
    return ellipse(22)(t) - share * (ellipse(22)(t) - ellipse(13)(t));
  };
  const SegmentMotion motion = measure_motion(ed, contour(78, ellipse(13), still));
  for (std::size_t s = 0; s < segment_count; ++s) {
    CAPTURE(segment_names[s]);
    CAPTURE(motion.ratio[s]);
    if (s != 3) CHECK((wall_motion(motion.ratio[s], false) != WallMotion::normal) == (s == 5));
  }
  CHECK(stands_still(measure_motion(ed, ed), ed.length()));
}

TEST_CASE("how a segment moves has four names") {
  CHECK(wall_motion(1, false) == WallMotion::normal);
  CHECK(wall_motion(0.3, false) == WallMotion::hypokinetic);
  CHECK(wall_motion(0, true) == WallMotion::normal);
  CHECK(wall_motion(0.05, false) == WallMotion::akinetic);
  CHECK(wall_motion(-0.2, true) == WallMotion::akinetic);
  CHECK(wall_motion(-0.2, false) == WallMotion::dyskinetic);
  CHECK(wall_motion(-0.5, true) == WallMotion::dyskinetic);
}

TEST_CASE("apex motion, length and width; what needs the image is absent") {
  const Attributes a = measure_attributes(plain(80, 20), plain(70, 14, {{56, 28}, 0}));
  CHECK(*a.apex_motion_mm == doctest::Approx(8));
  CHECK(*a.apex_motion_share == doctest::Approx(0.1));
  CHECK(*a.length_width_ed == doctest::Approx(2).epsilon(0.01));
  CHECK(*a.length_width_es == doctest::Approx(2.5).epsilon(0.01));
  CHECK_FALSE(a.sector_share);
  CHECK_FALSE(a.wall_contrast);
}

TEST_CASE("verdicts follow the limits") {
  Attributes a = measure_attributes(plain(80, 20), plain(76, 13));
  const Verdicts healthy = judge_attributes(a, 0.6, 80);
  for (const Topic topic :
       {Topic::ejection_fraction, Topic::septal_bulge, Topic::segment_motion, Topic::apex_motion, Topic::length_width})
    CHECK(healthy[topic] == Verdict::normal);
  CHECK(healthy[Topic::sector_share] == Verdict::absent);
  CHECK(healthy[Topic::image_quality] == Verdict::absent);
  a.bulge->area_share = 0.05;
  a.motion->ratio[1] = 0.2;
  a.apex_motion_share = 0.2;
  a.length_width_ed = 1.2;
  a.sector_share = 0.7;
  a.wall_contrast = 40;
  const Verdicts ill = judge_attributes(a, 0.3, 80);
  for (std::size_t t = 0; t < topic_count; ++t) {
    const auto topic = static_cast<Topic>(t);
    CHECK(ill[topic] == (topic == Topic::image_quality ? Verdict::normal : Verdict::pathological));
  }
}
