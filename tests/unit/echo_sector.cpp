#include "systolic/echo/sector.hpp"

#include <doctest/doctest.h>

#include "systolic/core/random.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("a sector is found from what is lit in any frame, writing beside it left out") {
  const Sector sector{{48, 4}, 0.7, 85};
  Tensor<std::uint8_t> clip({3, 96, 96});
  Random random(1, 1);
  for (Index f = 0; f < 3; ++f)
    for (Index r = 0; r < 96; ++r)
      for (Index c = 0; c < 96; ++c)
        if (sector.contains({static_cast<double>(c), static_cast<double>(r)}))
          clip(f, r, c) = static_cast<std::uint8_t>(random.below(80));
  for (Index r = 90; r < 95; ++r)
    for (Index c = 2; c < 6; ++c) clip(1, r, c) = 255;
  const SeenSector seen(clip.view());
  int wrong = 0;
  for (Index r = 0; r < 96; ++r)
    for (Index c = 0; c < 96; ++c) {
      const Point p{static_cast<double>(c), static_cast<double>(r)};
      const Sector smaller{{48, 6}, 0.68, 83}, larger{{48, 2}, 0.72, 87};
      if (smaller.contains(p) && !seen.contains(p)) ++wrong;
      if (!larger.contains(p) && seen.contains(p)) ++wrong;
    }
  CHECK(wrong < 40);  // of 9,216
}

TEST_CASE("a black clip has no sector") {
  const SeenSector seen(Tensor<std::uint8_t>({2, 8, 8}).view());
  CHECK(!seen.contains({4, 4}));
}
