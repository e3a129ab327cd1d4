#include "systolic/train/fit_probability.hpp"

#include <doctest/doctest.h>

#include <array>

#include "systolic/core/random.hpp"

using namespace systolic::train;

TEST_CASE("slope and intercept of logits that are wrong by both are found again") {
  systolic::Random random(3, 1);
  std::vector<double> logits;
  std::vector<std::int8_t> truth;
  for (int i = 0; i < 20000; ++i) {
    const double x = random.uniform(-4, 4);
    logits.push_back(x);
    truth.push_back(random.uniform() < 1 / (1 + std::exp(-(0.7 * x - 0.5))) ? 1 : 0);
  }
  const ProbabilityFit fit = fit_probability(logits, truth);
  CHECK(fit.slope == doctest::Approx(0.7).epsilon(0.05));
  CHECK(fit.intercept == doctest::Approx(-0.5).epsilon(0.1));
}

TEST_CASE("a class that nobody has keeps its order, and unknown recordings do not count") {
  const std::array<double, 4> logits = {-3, 2, -1, 50};
  const std::array<std::int8_t, 4> truth = {0, 0, 0, -1};
  const ProbabilityFit fit = fit_probability(logits, truth);
  CHECK(fit.slope >= 0.1);
  CHECK(std::isfinite(fit.intercept));
  CHECK(fit.intercept < 0);
  const std::array<double, 3> known = {-3, 2, -1};
  const ProbabilityFit same = fit_probability(known, std::array<std::int8_t, 3>{0, 0, 0});
  CHECK(fit.slope == same.slope);
  CHECK(fit.intercept == same.intercept);
}

TEST_CASE("the threshold of a class with enough recordings is that of the best F1") {
  const std::array<double, 5> probabilities = {0.9, 0.8, 0.7, 0.6, 0.1};
  // F1 after each: 2/3, 1/2... the best is after the fourth: 2 * 3 / (4 + 3).
  const std::array<std::int8_t, 5> truth = {1, 0, 1, 1, 0};
  CHECK(choose_threshold(probabilities, truth, 3) == 0.6);
}

TEST_CASE("the threshold of a rare class lets as many through as are expected, at least one") {
  const std::array<double, 5> probabilities = {0.9, 0.8, 0.3, 0.05, 0.02};  // sum 2.07
  CHECK(choose_threshold(probabilities, std::array<std::int8_t, 5>{1, 0, 0, 0, 0}) == 0.8);
  const std::array<double, 3> low = {0.01, 0.02, 0.005};
  CHECK(choose_threshold(low, std::array<std::int8_t, 3>{0, 0, 0}) == 0.02);
  CHECK(choose_threshold({}, {}) == 0.5);
}
