#include "systolic/echo/image_attributes.hpp"

#include <doctest/doctest.h>

#include "support/tracings.hpp"
#include "systolic/echo/sector.hpp"

using namespace systolic;
using namespace systolic::echo;

namespace {

Contour ventricle(Point apex) {
  const auto width = [](double t) { return 14 * std::sqrt(std::max(0.0, 1 - (1 - t) * (1 - t))); };
  return *make_contour(testing::tracing(50, width, width, {apex, 0}), {});
}

}  // namespace

TEST_CASE("contrast is the wall's mean grey less the cavity's") {
  const Contour contour = ventricle({48, 20});
  Tensor<std::uint8_t> clip({2, 96, 96});
  std::fill(clip.begin(), clip.end(), std::uint8_t{90});
  for (std::size_t i = 0; i < chord_count; ++i)
    for (Index f = 0; f < 2; ++f)
      for (double r = contour.septal[i].y - 2; r <= contour.septal[i].y + 2; ++r)
        for (double c = contour.septal[i].x + 1; c < contour.lateral[i].x; ++c)
          clip(f, static_cast<Index>(std::lround(r)), static_cast<Index>(std::lround(c))) = 20;
  Attributes attributes;
  measure_image(clip.view(), Sector{{48, 0}, 1.5, 200}, contour, 0, contour, 1, attributes);
  CHECK(*attributes.wall_contrast == doctest::Approx(70).epsilon(0.05));
  CHECK(*attributes.sector_share == 1);
}

TEST_CASE("what lies outside the sector or the image does not count") {
  const Contour contour = ventricle({48, 20});
  CHECK(sector_share(Sector{{48, 0}, 1.5, 200}, contour, contour, 96, 96) == 1);
  CHECK(sector_share(Sector{{48, 0}, 1.5, 200}, contour, contour, 96, 48) == doctest::Approx(0.5));
  CHECK(sector_share(Sector{{48, 0}, 1.5, 45}, contour, contour, 96, 96) < 0.6);
  Attributes attributes;
  measure_image(Tensor<std::uint8_t>({1, 96, 96}).view(), Sector{{48, 0}, 1.5, 1}, contour, 0, contour, 0, attributes);
  CHECK(*attributes.sector_share == 0);
  CHECK(!attributes.wall_contrast);
}
