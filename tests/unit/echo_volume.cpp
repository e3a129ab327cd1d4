#include "systolic/echo/volume.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numbers>

#include "support/tracings.hpp"
#include "systolic/core/random.hpp"
#include "systolic/echo/ejection.hpp"

using namespace systolic;
using namespace systolic::echo;
using testing::half_ellipsoid;
using testing::Placement;

namespace {

Contour contour_of(const std::vector<Segment>& rows, const PixelSize& size = {}) {
  const auto contour = make_contour(rows, size);
  if (!contour) FAIL(contour.error().message);
  return *contour;
}

/// A ventricle as people have them: an ovoid with a narrower base, walls that differ, waves of some percent.
std::vector<Segment> plausible(Random& random) {
  const double length = random.uniform(40, 75), width = length * random.uniform(0.35, 0.75) / 2;
  const double narrowing = random.uniform(0, 0.35), wave = random.uniform(-0.06, 0.06);
  const double phase = random.uniform(0, 6.28), asymmetry = random.uniform(-0.2, 0.2);
  const auto side = [=](double sign) {
    return [=](double t) {
      const double ovoid = std::sqrt(std::max(0.0, 1 - (1 - t) * (1 - t))) * (1 - narrowing * t * t * t);
      return width * ovoid * (1 + sign * asymmetry) * (1 + wave * std::sin(9 * t + sign * phase));
    };
  };
  return testing::tracing(length, side(1), side(-1), {{56, 20}, random.uniform(-180, 180)});
}

}  // namespace

TEST_CASE("half ellipsoids have their volume, wherever they lie and wherever their chords are") {
  Random random(1, 1);
  for (int i = 0; i < 200; ++i) {
    const double length = random.uniform(3, 300), radius = length * random.uniform(0.15, 0.6);
    const Placement placement{{random.uniform(-100, 400), random.uniform(-100, 400)}, random.uniform(-180, 180)};
    const double expected = 2.0 / 3 * std::numbers::pi * radius * radius * length / 1000;
    for (const double offset : {0.0, 0.5, 1.0}) {
      const Volumes volumes = measure_volumes(contour_of(half_ellipsoid(length, radius, placement, offset)));
      CAPTURE(offset);
      CHECK(volumes.disks_ml == doctest::Approx(expected).epsilon(0.005));
      CHECK(volumes.area_length_ml == doctest::Approx(expected).epsilon(0.005));
      CHECK(volumes.length_mm == doctest::Approx(length).epsilon(1e-9));
    }
  }
}

TEST_CASE("the ejection fraction of half ellipsoids is right to 0.5 %, without knowing the size of a pixel") {
  Random random(1, 2);
  for (int i = 0; i < 200; ++i) {
    const double length = random.uniform(40, 90), radius = length * random.uniform(0.2, 0.4);
    const double shorter = random.uniform(0.7, 1), thinner = random.uniform(0.5, 0.95);
    const Placement ed{{56, 20}, random.uniform(-180, 180)}, es{{58, 22}, random.uniform(-180, 180)};
    const PixelSize size{random.uniform(0.2, 3), 0};
    const auto result = measure_ejection(
        {{4, contour_of(half_ellipsoid(length, radius, ed), {size.row, size.row})},
         {20, contour_of(half_ellipsoid(length * shorter, radius * thinner, es), {size.row, size.row})}});
    REQUIRE(result);
    const double expected = 1 - shorter * thinner * thinner;
    CHECK(result->fraction == doctest::Approx(expected).epsilon(0.005));
    CHECK(result->fraction_area_length == doctest::Approx(expected).epsilon(0.005));
    CHECK(result->fraction ==
          doctest::Approx((result->ed_volumes.disks_ml - result->es_volumes.disks_ml) / result->ed_volumes.disks_ml));
  }
}

TEST_CASE("volumes by disks and by area and length agree on plausible contours") {
  Random random(1, 3);
  double n = 0, sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (int i = 0; i < 1000; ++i) {
    const Volumes v = measure_volumes(contour_of(plausible(random)));
    const double a = v.disks_ml, b = v.area_length_ml;
    n += 1, sum_a += a, sum_b += b, sum_aa += a * a, sum_bb += b * b, sum_ab += a * b;
  }
  const double r =
      (n * sum_ab - sum_a * sum_b) / std::sqrt((n * sum_aa - sum_a * sum_a) * (n * sum_bb - sum_b * sum_b));
  MESSAGE("r = " << r);
  CHECK(r >= 0.995);
}

TEST_CASE("pixels that are not square, chords the other way round and in disorder, an axis from base to apex") {
  std::vector<Segment> rows = half_ellipsoid(60, 15, {{56, 20}, 30});
  const double expected = measure_volumes(contour_of(rows)).disks_ml;
  const Contour plain = contour_of(rows);

  std::vector<Segment> stretched = rows;
  for (Segment& row : stretched)
    for (Point* p : {&row.from, &row.to}) *p = {p->x / 0.5, p->y / 2};
  CHECK(measure_volumes(contour_of(stretched, {2, 0.5})).disks_ml == doctest::Approx(expected));
  CHECK(measure_volumes(contour_of(rows, {2, 2})).disks_ml == doctest::Approx(8 * expected));

  for (std::size_t i = 1; i < rows.size(); i += 3) std::swap(rows[i].from, rows[i].to);
  std::reverse(rows.begin() + 1, rows.end());
  std::swap(rows[3], rows[17]);
  std::swap(rows[0].from, rows[0].to);
  const Contour found = contour_of(rows);
  CHECK(measure_volumes(found).disks_ml == doctest::Approx(expected));
  CHECK(distance(found.apex, plain.apex) < 1e-9);
  for (std::size_t i = 0; i < chord_count; ++i) CHECK(distance(found.septal[i], plain.septal[i]) < 1e-9);
}

TEST_CASE("the septum is on the image's left below the apex, and turns with the axis") {
  const Contour upright = contour_of(half_ellipsoid(60, 15));
  CHECK(upright.septal[10].x < upright.apex.x);
  const Contour upside_down = contour_of(half_ellipsoid(60, 15, {{56, 90}, 180}));
  CHECK(upside_down.septal[10].x > upside_down.apex.x);
}

TEST_CASE("rows that are no tracing are refused with the cause") {
  const auto cause = [](const std::vector<Segment>& rows) {
    const auto contour = make_contour(rows, {});
    return contour ? std::string() : contour.error().message;
  };
  std::vector<Segment> rows = half_ellipsoid(60, 15);
  CHECK(cause(rows).empty());
  std::vector<Segment> fewer(rows.begin(), rows.end() - 1);
  CHECK(cause(fewer) == "has 20 rows, not 21 (the long axis and 20 chords)");
  std::vector<Segment> shifted = rows;
  std::rotate(shifted.begin(), shifted.begin() + 1, shifted.end());
  CHECK(cause(shifted) == "has a first row that runs along the others, not across: it is not the long axis");
  std::vector<Segment> point = rows;
  point[0].to = point[0].from;
  CHECK(cause(point) == "has a long axis without length");
  std::vector<Segment> thin = rows;
  for (std::size_t i = 1; i < thin.size(); ++i) thin[i].to = thin[i].from;
  CHECK(cause(thin) == "has chords without length");
  std::vector<Segment> together = rows;
  for (std::size_t i = 1; i < together.size(); ++i) together[i] = rows[20];
  CHECK(cause(together) == "has chords beside less than half of its long axis");
}

TEST_CASE("end-diastole is the largest of the frames, whichever comes first; one frame is not enough") {
  const FrameContour large{30, contour_of(half_ellipsoid(60, 20))}, small{7, contour_of(half_ellipsoid(50, 15))},
      between{9, contour_of(half_ellipsoid(55, 18))};
  const auto result = measure_ejection({between, small, large});
  REQUIRE(result);
  CHECK(result->ed.frame == 30);
  CHECK(result->es.frame == 7);
  CHECK(measure_ejection({large, large})->fraction == 0);
  CHECK_FALSE(measure_ejection({large}));
  CHECK_FALSE(measure_ejection({}));
}

TEST_CASE("one degenerate chord, at the valve or doubled, neither turns a ventricle round nor spoils its volume") {
  const auto rows = testing::half_ellipsoid(80, 22);
  const Contour whole = *make_contour(rows, {});
  const double volume = measure_volumes(whole).disks_ml;
  auto pointed = rows;
  pointed[20].to = pointed[20].from = middle(rows[20].from, rows[20].to);
  const auto at_valve = make_contour(pointed, {});
  REQUIRE(at_valve);
  CHECK(distance(at_valve->apex, whole.apex) < 1e-9);
  CHECK(measure_volumes(*at_valve).disks_ml > 0.9 * volume);
  auto doubled = rows;
  doubled[11] = doubled[10];
  const auto twice = make_contour(doubled, {});
  REQUIRE(twice);
  CHECK(measure_volumes(*twice).disks_ml == doctest::Approx(volume).epsilon(0.01));
}
