#include "systolic/echo/phantom_apical_image.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("an apical phantom shows its contour: dark inside, bright wall outside, black beyond the sector") {
  ApicalPhantomOptions options;
  options.frames = 13;
  options.ed_frame = 0;
  const ApicalPhantom phantom = make_apical_phantom(options);
  REQUIRE(phantom.clip.shape() == Shape{13, 112, 112});
  CHECK(*phantom.ejection.attributes.wall_contrast > 40);
  CHECK(*phantom.ejection.attributes.sector_share == 1);
  CHECK(phantom.clip(0, 0, 0) == 0);
  CHECK(phantom.clip(6, 100, 2) == 0);
  REQUIRE(phantom.volumes.size() == 13);
  for (std::size_t f = 1; f < phantom.volumes.size(); ++f)
    CHECK(phantom.volumes[f].disks_ml < phantom.volumes[f - 1].disks_ml);
  CHECK(phantom.ejection.es.frame == 12);
  // Crossing the septum in the middle of the ventricle, grey values rise at the contour.
  const Segment chord = phantom.tracings[0][10];
  const Point out = unit(chord.from - chord.to);
  const auto grey = [&](double along) {
    double sum = 0;
    for (Index r = -2; r <= 2; ++r) {
      const Point p = chord.from + out * along;
      sum += phantom.clip(0, static_cast<Index>(std::lround(p.y)) + r, static_cast<Index>(std::lround(p.x)));
    }
    return sum / 5;
  };
  CHECK(grey(3) > grey(-3) + 20);
}

TEST_CASE("a clip is the same for the same seed, at any part of it, and another for another seed") {
  ApicalPhantomOptions options;
  options.size = 48;
  const auto clip = draw_apical_clip(ApicalMotion(options), {3, 3.5, 3.5, 4});
  const auto again = draw_apical_clip(ApicalMotion(options), {3, 3.5, 3.5, 4});
  CHECK(std::equal(clip.begin(), clip.end(), again.begin()));
  CHECK(std::equal(clip.data() + 48 * 48, clip.data() + 2 * 48 * 48, clip.data() + 2 * 48 * 48));
  options.seed = 2;
  const auto other = draw_apical_clip(ApicalMotion(options), {3, 3.5, 3.5, 4});
  CHECK(!std::equal(clip.begin(), clip.end(), other.begin()));
}
