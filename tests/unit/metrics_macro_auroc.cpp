#include "systolic/metrics/macro_auroc.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace systolic::metrics;

namespace {

// Positives 0.9, 0.4; negatives 0.5, 0.3, 0.4: won 3 + (1 + 0.5) of 6. The record at -1 is left out.
const ClassScores first({0.9, 0.5, 0.4, 0.3, 0.99, 0.4}, {1, 0, 1, 0, -1, 0});
// One positive, below three of five negatives.
const ClassScores second({0.2, 0.5, 0.4, 0.3, 0.1, 0.0}, {1, 0, 0, 0, 0, 0});
const ClassScores without({0.2, 0.5, 0.4, 0.3, 0.1, 0.0}, {0, 0, 0, 0, 0, 0});

}  // namespace

TEST_CASE("the area of a class counts ties by half and leaves out what nobody looked at") {
  REQUIRE(first.area());
  CHECK(first.area()->value == doctest::Approx(4.5 / 6));
  CHECK(first.area()->positives == 2);
  CHECK(first.positives() == 2);
  CHECK_FALSE(without.area());
}

TEST_CASE("a resample counts each record as often as it was drawn") {
  const std::array<std::uint32_t, 6> times = {0, 1, 2, 0, 5, 1};  // positives 0.4 twice; negatives 0.5, 0.4
  REQUIRE(first.area(times));
  CHECK(first.area(times)->value == doctest::Approx(0.25));
  const std::array<std::uint32_t, 6> none = {0, 1, 0, 1, 5, 1};
  CHECK_FALSE(first.area(none));
}

TEST_CASE("the macro mean counts classes, the pooled one findings") {
  const std::array<const ClassScores*, 3> all = {&first, &second, &without};
  CHECK(*mean_auroc(all, ClassMean::macro) == doctest::Approx((0.75 + 0.4) / 2));
  CHECK(*mean_auroc(all, ClassMean::pooled) == doctest::Approx((2 * 0.75 + 0.4) / 3));
  const std::array<const ClassScores*, 1> nothing = {&without};
  CHECK_FALSE(mean_auroc(nothing, ClassMean::macro));
}

TEST_CASE("the interval of a difference of a group with itself is zero, and other intervals hold the figure") {
  const std::array<const ClassScores*, 2> group = {&first, &second};
  const auto same = bootstrap_mean_auroc_difference(group, group, ClassMean::macro, {.replicates = 50});
  REQUIRE(same);
  CHECK(same->difference == 0);
  CHECK(same->interval.lower == 0);
  CHECK(same->interval.upper == 0);
  const auto interval = bootstrap_mean_auroc(group, ClassMean::macro, {.replicates = 200});
  REQUIRE(interval);
  CHECK(interval->lower < 0.575);
  CHECK(interval->upper > 0.575);
}

TEST_CASE("the calibration error is the distance of stated and observed shares") {
  const std::array<double, 6> probabilities = {0.1, 0.1, 0.1, 0.1, 0.9, 0.5};
  const std::array<std::int8_t, 6> truth = {0, 0, 0, 1, 1, -1};
  CHECK(*calibration_error(probabilities, truth, 10) == doctest::Approx((4 * 0.15 + 0.1) / 5));
  const std::array<std::int8_t, 6> unknown = {-1, -1, -1, -1, -1, -1};
  CHECK_FALSE(calibration_error(probabilities, unknown));
}
