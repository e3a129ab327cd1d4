#include "systolic/metrics/point_counts.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace systolic::metrics;

TEST_CASE("counts give the figures of the exact curve, to their resolution") {
  PointCounts counts;
  std::vector<double> scores;
  std::vector<std::uint8_t> positive;
  std::uint64_t state = 5;
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const bool is_positive = (state >> 60) == 3;
    const auto draw = static_cast<double>((state >> 20) & 0xFFFFFF) * 0x1p-24;
    const auto score = static_cast<float>((draw - 0.3) * std::exp(6 * draw) * (is_positive ? 2 : 1));
    counts.add(score, is_positive);
    scores.push_back(static_cast<double>(score));
    positive.push_back(is_positive);
  }
  const auto exact = roc_curve(scores, positive), counted = counts.curve();
  REQUIRE(exact);
  REQUIRE(counted);
  CHECK(counted->positives == exact->positives);
  CHECK(counted->negatives == exact->negatives);
  CHECK(auroc(*counted) == doctest::Approx(auroc(*exact)).epsilon(1e-4));
  CHECK(average_precision(*counted) == doctest::Approx(average_precision(*exact)).epsilon(5e-3));
  CHECK(best_f1(*counted).value == doctest::Approx(best_f1(*exact).value).epsilon(2e-3));
}

TEST_CASE("signs, zeros and infinities are in order, and parts add up") {
  PointCounts first, second;
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float negative : {-infinity, -2.0f, -0.0f}) first.add(negative, false);
  for (const float positive : {0.0f, 1e-30f, infinity}) second.add(positive, true);
  CHECK_FALSE(first.curve());
  first.add(second);
  const auto curve = first.curve();
  REQUIRE(curve);
  CHECK(auroc(*curve) == doctest::Approx(8.5 / 9));  // the two zeros tie
}

TEST_CASE("Dice at a threshold") {
  PointCounts counts;
  for (const float score : {4.0f, 2.0f}) counts.add(score, true);
  counts.add(3.0f, false);
  counts.add(0.5f, false);
  const auto curve = counts.curve();
  REQUIRE(curve);
  CHECK(dice_at(*curve, 1) == doctest::Approx(2 * 2 / 5.0));
  CHECK(dice_at(*curve, 3.5) == doctest::Approx(2 * 1 / 3.0));
  CHECK(dice_at(*curve, 9) == 0);
  CHECK(best_f1(*curve).value == doctest::Approx(0.8));
}
