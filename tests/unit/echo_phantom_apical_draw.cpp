#include "systolic/echo/phantom_apical_draw.hpp"

#include <doctest/doctest.h>

#include "systolic/echo/phantom_apical_image.hpp"
#include "systolic/echo/verdicts.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("drawn phantoms have every verdict of every topic, and reach their ejection fraction") {
  std::array<int, topic_count> pathological{};
  constexpr int count = 40;
  double lowest = 1, highest = 0;
  for (int i = 0; i < count; ++i) {
    CAPTURE(i);
    Random random(5, static_cast<std::uint64_t>(i));
    ApicalPhantomOptions options;
    options.frames = 13;
    const ApicalPhantom phantom = make_apical_phantom(draw_apical_phantom(options, random));
    const Ejection& e = phantom.ejection;
    CHECK(e.fraction == doctest::Approx(phantom.options.ejection_fraction).epsilon(0.01));
    CHECK(e.ed.frame == 0);
    const Verdicts verdicts = judge_attributes(e.attributes, e.fraction, e.ed.contour.length());
    for (std::size_t t = 0; t < topic_count; ++t) {
      CHECK(verdicts.of[t] != Verdict::absent);
      pathological[t] += verdicts.of[t] == Verdict::pathological ? 1 : 0;
    }
    lowest = std::min(lowest, e.fraction);
    highest = std::max(highest, e.fraction);
  }
  for (std::size_t t = 0; t < topic_count; ++t) {
    CAPTURE(topic_names[t]);
    CHECK(pathological[t] >= 3);
    CHECK(pathological[t] <= count - 3);
  }
  CHECK(lowest < 0.2);
  CHECK(highest > 0.7);
}

TEST_CASE("the same number draws the same phantom") {
  Random one(1, 2), two(1, 2);
  const auto a = draw_apical_phantom({}, one), b = draw_apical_phantom({}, two);
  CHECK(a.apex == b.apex);
  CHECK(a.seed == b.seed);
}
