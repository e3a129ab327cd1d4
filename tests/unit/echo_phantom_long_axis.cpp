#include "systolic/echo/phantom_long_axis.hpp"

#include <doctest/doctest.h>

#include "systolic/echo/phantom_long_axis_image.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("drawn phantoms have their landmarks in the picture and in order; the same seed gives the same one") {
  for (std::uint64_t i = 0; i < 60; ++i) {
    Random random(i, 3), same(i, 3);
    const LongAxisOptions options = draw_long_axis(random, 128, 40);
    const LongAxisPhantom phantom(options);
    for (const Index frame : {phantom.end_diastole(), phantom.end_systole()}) {
      const LongAxisTruth truth = phantom.truth(frame);
      for (const Point p : truth.landmarks) {
        CHECK(p.x > 0);
        CHECK(p.x < 127);
        CHECK(p.y > 0);
        CHECK(p.y < 127);
      }
      CHECK(truth.dimensions.ivs_mm > 6);
      CHECK(truth.dimensions.lvpw_mm > 6);
    }
    CHECK(phantom.truth(phantom.end_systole()).dimensions.lvid_mm <
          phantom.truth(phantom.end_diastole()).dimensions.lvid_mm);
    if (i < 2) {
      const LongAxisPhantom twin(draw_long_axis(same, 128, 40));
      const auto a = phantom.draw(5), b = twin.draw(5);
      CHECK(std::equal(a.begin(), a.end(), b.begin()));
    }
  }
}
