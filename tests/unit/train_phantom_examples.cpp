#include "systolic/train/phantom_examples.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::train;

TEST_CASE("phantom examples have a number, and are the same each time") {
  const PhantomExamples examples(5, 3, 64);
  CHECK(examples.size() == 5);
  CHECK(examples.description() == "5 long-axis phantoms, seed 3");
  for (Index i = 0; i < 3; ++i) {
    const auto a = examples.load(i), b = examples.load(i);
    REQUIRE(a);
    CHECK((*a)->rows == 64);
    CHECK((*a)->key_frame == (*b)->key_frame);
    const auto x = (*a)->frame(), y = (*b)->frame();
    CHECK(std::equal(x.begin(), x.end(), y.begin()));
    // Along the labelled line the walls are the landmarks.
    const auto& p = (*a)->landmarks;
    const auto line = echo::make_scan_line(p[0], p[3], {}, 64, 64);
    const auto samples = (*a)->samples(*line);
    REQUIRE(samples);
    for (std::size_t k = 0; k < 4; ++k) CHECK(distance(line->at((*samples)[k]), p[k]) < 0.05);
    const auto elsewhere = (*a)->line_at(0.5);
    REQUIRE(elsewhere);
    CHECK((*a)->m_mode(*elsewhere).shape() == Shape{64, 64});
    CHECK((*a)->samples(*elsewhere));
  }
  CHECK((*examples.load(0))->landmarks[0].x != (*examples.load(1))->landmarks[0].x);
}
