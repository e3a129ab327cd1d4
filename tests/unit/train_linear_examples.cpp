#include "systolic/train/linear_examples.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::train;

TEST_CASE("a labelled clip gives its key frame, its M-mode image and its landmarks on lines nearby") {
  Tensor<std::uint8_t> clip({3, 40, 30});
  for (Index t = 0; t < 3; ++t)
    for (Index r = 0; r < 40; ++r)
      for (Index c = 0; c < 30; ++c) clip(t, r, c) = static_cast<std::uint8_t>(50 * t + r);
  const ClipExample example(std::move(clip), 1, {{{10, 5}, {10, 12}, {10, 25}, {10, 33}}}, {0.5, 0.5});
  const auto frame = example.frame();
  CHECK(frame(7, 3) == 57);
  const auto line = echo::make_scan_line({10, 5}, {10, 33}, {}, 40, 30);
  CHECK(example.m_mode(*line)(7, 32) == 57);
  CHECK(example.m_mode(*line)(7, 33) == 107);
  const auto samples = example.samples(*line);
  REQUIRE(samples);
  CHECK((*samples)[2] == doctest::Approx(25));
  const auto turned = echo::make_scan_line({10, 5}, {10, 33}, {.degrees = 60}, 40, 30);
  const auto projected = example.samples(*turned);
  if (projected) CHECK(((*projected)[3] - (*projected)[0]) * turned->pitch() == doctest::Approx(14));
  const auto level = echo::make_scan_line({2, 20}, {20, 20}, {}, 40, 30);
  CHECK_FALSE(example.samples(*level));  // all four in one place
  CHECK_FALSE(example.line_at(0.5));
}
