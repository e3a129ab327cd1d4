#include "systolic/ecg/quality_figures.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::detail;

namespace {

std::vector<double> sine(double amplitude, double frequency, double rate, std::size_t length) {
  std::vector<double> x(length);
  for (std::size_t t = 0; t < length; ++t)
    x[t] = amplitude * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(t) / rate + 0.3);
  return x;
}

}  // namespace

TEST_CASE("a probe measures its own sine, not another, and the quietest second counts") {
  const double rate = 500;
  std::vector<double> x = sine(0.2, 50, rate, 5000);
  CHECK(SineProbe(50, rate).amplitude(x) == doctest::Approx(0.2).epsilon(1e-6));
  CHECK(SineProbe(60, rate).amplitude(x) < 1e-6);
  for (std::size_t t = 1000; t < 1500; ++t) x[t] /= 4;
  CHECK(SineProbe(50, rate).amplitude(x) == doctest::Approx(0.05).epsilon(1e-6));
  CHECK(SineProbe(50, 100).amplitude(x) == 0);  // beyond what the rate can show
  CHECK(SineProbe(50, rate).amplitude({1, 2, 3}) == 0);
}

TEST_CASE("leads that are filtered side by side are those that are filtered alone") {
  const double rate = 250;
  const Index length = 2500, leads = 3;
  Tensor<double> all(Shape{length, leads});
  for (Index lead = 0; lead < leads; ++lead) {
    const std::vector<double> x = sine(1 + static_cast<double>(lead), 3 * static_cast<double>(lead + 1), rate, 2500);
    for (Index t = 0; t < length; ++t) all(t, lead) = x[static_cast<std::size_t>(t)];
  }
  const std::vector<LeadBands> together = bands_of(all, rate);
  REQUIRE(together.size() == 3);
  for (Index lead = 0; lead < leads; ++lead) {
    Tensor<double> one(Shape{length, 1});
    for (Index t = 0; t < length; ++t) one(t, 0) = all(t, lead);
    const LeadBands alone = bands_of(one, rate)[0], &found = together[static_cast<std::size_t>(lead)];
    CHECK(found.heart == alone.heart);
    CHECK(found.slow == alone.slow);
    CHECK(found.above == alone.above);
    CHECK(peak_to_peak(found.heart) > 2 * (1 + static_cast<double>(lead)) * 0.9);
  }
}

TEST_CASE("at a rate without anything above 40 Hz nothing is left there") {
  const LeadBands found = bands_of(Tensor<double>(Shape{500, 1}), 80)[0];
  CHECK(found.above == std::vector<double>(500));
}

TEST_CASE("the deviation of noise ignores rare beats, and samples that stand still at the top are saturated") {
  std::vector<double> x(1000);
  for (std::size_t t = 0; t < x.size(); ++t) x[t] = t % 2 == 0 ? 0.1 : -0.1;
  for (std::size_t t = 0; t < 50; ++t) x[20 * t] = 5;
  CHECK(robust_deviation(x) == doctest::Approx(0.14826));
  CHECK(robust_deviation({}) == 0);
  CHECK(share_at_extremes(x, 500) == 0);
  std::fill(x.begin() + 100, x.begin() + 200, 5.0);
  CHECK(share_at_extremes(x, 500) == doctest::Approx(0.1).epsilon(0.02));
}
