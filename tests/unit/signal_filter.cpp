#include "systolic/signal/filter.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

#include "support/shared.hpp"
#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::signal;

namespace {

double worst_coefficient(const TransferFunction& filter, const std::string& name) {
  const Tensor<double> expected = testing::golden<double>("signal/" + name);
  double worst = 0;
  for (Index k = 0; k < 3; ++k) {
    worst = std::max(worst, std::abs(filter.b[static_cast<std::size_t>(k)] - expected(0, k)));
    worst = std::max(worst, std::abs(filter.a[static_cast<std::size_t>(k)] - expected(1, k)));
  }
  return worst;
}

double magnitude(const TransferFunction& filter, double frequency, double rate) {
  const std::complex<double> z = std::polar(1.0, -2 * std::numbers::pi * frequency / rate);
  std::complex<double> above = 0, below = 0;
  for (std::size_t k = 0; k < filter.b.size(); ++k) above += filter.b[k] * std::pow(z, static_cast<int>(k));
  for (std::size_t k = 0; k < filter.a.size(); ++k) below += filter.a[k] * std::pow(z, static_cast<int>(k));
  return std::abs(above / below);
}

double wave(double frequency, Index t, double rate) {
  return std::cos(2 * std::numbers::pi * frequency * static_cast<double>(t) / rate + 0.3);
}

}  // namespace

TEST_CASE("the designs equal the published coefficients") {
  SKIP_WITHOUT_SHARED();
  CHECK(worst_coefficient(butterworth_highpass(1, 500), "butter_highpass_1hz") < 1e-12);
  CHECK(worst_coefficient(butterworth_lowpass(25, 500), "butter_lowpass_25hz") < 1e-12);
  CHECK(worst_coefficient(iir_notch(35, 0.005, 500), "iirnotch_35hz") < 1e-12);
}

TEST_CASE("a Butterworth filter has half the power at its cutoff, at any rate") {
  for (const double rate : {100.0, 257.3, 500.0, 2000.0}) {
    CAPTURE(rate);
    CHECK(magnitude(butterworth_lowpass(25, rate), 25, rate) == doctest::Approx(std::sqrt(0.5)));
    CHECK(magnitude(butterworth_highpass(1, rate), 1, rate) == doctest::Approx(std::sqrt(0.5)));
    CHECK(magnitude(butterworth_lowpass(25, rate), 0, rate) == doctest::Approx(1));
    CHECK(magnitude(butterworth_highpass(1, rate), rate / 2, rate) == doctest::Approx(1));
  }
}

TEST_CASE("a notch removes its frequency and is as wide as its quality says") {
  const TransferFunction notch = iir_notch(50, 25, 500);
  CHECK(magnitude(notch, 50, 500) < 1e-12);
  CHECK(magnitude(notch, 49, 500) == doctest::Approx(std::sqrt(0.5)).epsilon(0.02));
  CHECK(magnitude(notch, 10, 500) == doctest::Approx(1).epsilon(1e-3));
}

TEST_CASE("forward and backward: the gain is squared and nothing is delayed") {
  const TransferFunction filter = butterworth_lowpass(25, 500);
  for (const double frequency : {2.0, 25.0, 40.0}) {
    CAPTURE(frequency);
    Tensor<double> x(Shape{3000, 1});
    for (Index t = 0; t < 3000; ++t) x(t, 0) = wave(frequency, t, 500);
    REQUIRE(filtfilt(filter, x).ok());
    const double gain = std::pow(magnitude(filter, frequency, 500), 2);
    double worst = 0;
    for (Index t = 500; t < 2500; ++t) worst = std::max(worst, std::abs(x(t, 0) - gain * wave(frequency, t, 500)));
    CHECK(worst < 1e-9);
  }
}

TEST_CASE("a constant passes a low-pass unchanged and a high-pass not at all, up to the ends") {
  Tensor<double> low(Shape{100, 5}), high(Shape{100, 5});
  std::fill(low.begin(), low.end(), 3.5);
  std::fill(high.begin(), high.end(), 3.5);
  REQUIRE(filtfilt(butterworth_lowpass(25, 500), low).ok());
  REQUIRE(filtfilt(butterworth_highpass(1, 500), high).ok());
  for (const double value : low) CHECK(std::abs(value - 3.5) < 1e-10);
  for (const double value : high) CHECK(std::abs(value) < 1e-10);
}

TEST_CASE("a straight line stays one, because the ends are extended by odd reflection") {
  Tensor<double> x(Shape{400});
  for (Index t = 0; t < 400; ++t) x(t) = 0.01 * static_cast<double>(t) - 1;
  REQUIRE(filtfilt(butterworth_lowpass(25, 500), x).ok());
  double worst = 0;
  for (Index t = 0; t < 400; ++t) worst = std::max(worst, std::abs(x(t) - (0.01 * static_cast<double>(t) - 1)));
  CHECK(worst < 5e-3);
}

TEST_CASE("channels do not touch each other, whatever their number") {
  const Index length = 200;
  for (const Index channels : {1, 3, 4, 12, 13}) {
    CAPTURE(channels);
    Tensor<double> together = formula_tensor<double>("filter.x", {length, channels});
    std::vector<Tensor<double>> alone;
    for (Index c = 0; c < channels; ++c) {
      Tensor<double> lead(Shape{length});
      for (Index t = 0; t < length; ++t) lead(t) = together(t, c);
      REQUIRE(filtfilt(butterworth_lowpass(25, 500), lead).ok());
      alone.push_back(lead);
    }
    REQUIRE(filtfilt(butterworth_lowpass(25, 500), together).ok());
    bool equal = true;
    for (Index c = 0; c < channels; ++c)
      for (Index t = 0; t < length; ++t) equal = equal && together(t, c) == alone[static_cast<std::size_t>(c)](t);
    CHECK(equal);
  }
}

TEST_CASE("an order known only at run time gives the same result as the biquad") {
  const TransferFunction biquad = butterworth_lowpass(25, 500);
  // The same filter times (1 - 0.5 z^-1) above and below: order 3, but its longer extension changes the ends.
  const auto lift = [](const std::vector<double>& p) {
    return std::vector<double>{p[0], p[1] - 0.5 * p[0], p[2] - 0.5 * p[1], -0.5 * p[2]};
  };
  Tensor<double> expected = formula_tensor<double>("filter.x", {600, 2}), actual = expected;
  REQUIRE(filtfilt(biquad, expected).ok());
  REQUIRE(filtfilt({lift(biquad.b), lift(biquad.a)}, actual).ok());
  double worst = 0;
  for (Index t = 250; t < 350; ++t) worst = std::max(worst, std::abs(expected(t, 1) - actual(t, 1)));
  CHECK(worst < 1e-12);
}

TEST_CASE("a leading coefficient other than 1 scales both sides") {
  TransferFunction filter = butterworth_lowpass(25, 500);
  Tensor<double> expected = formula_tensor<double>("filter.x", {100, 1}), actual = expected;
  REQUIRE(filtfilt(filter, expected).ok());
  for (std::vector<double>* side : {&filter.a, &filter.b})
    for (double& value : *side) value *= 4;
  REQUIRE(filtfilt(filter, actual).ok());
  CHECK(testing::largest_difference(expected, actual) < 1e-15);
}

TEST_CASE("the signal must be longer than its extension") {
  const TransferFunction filter = butterworth_lowpass(25, 500);
  Tensor<double> ten(Shape{10, 2}), nine(Shape{9, 2}), none(Shape{0, 2});
  CHECK(filtfilt(filter, ten).ok());
  CHECK_FALSE(filtfilt(filter, nine).ok());
  CHECK_FALSE(filtfilt(filter, none).ok());
  CHECK(filtfilt(filter, nine).error().message == "filtfilt: 9 samples; more than 9 are needed");
}

TEST_CASE("filters that cannot be run are refused") {
  Tensor<double> x(Shape{1000, 1});
  CHECK_FALSE(filtfilt({{1}, {}}, x).ok());
  CHECK_FALSE(filtfilt({{}, {1}}, x).ok());
  CHECK_FALSE(filtfilt({{1}, {0, 1}}, x).ok());
  CHECK_FALSE(filtfilt({{1}, {1, -1}}, x).ok());
  CHECK_FALSE(filtfilt({{1}, std::vector<double>(40, 1.0)}, x).ok());
  CHECK_FALSE(denoise(x, 70).ok());
  CHECK_FALSE(denoise(x, NAN).ok());
}

TEST_CASE("denoising removes drift and mains and keeps what lies between") {
  Tensor<double> x(Shape{5000, 3});
  for (Index t = 0; t < 5000; ++t) {
    x(t, 0) = wave(0.1, t, 500);
    x(t, 1) = wave(8, t, 500);
    x(t, 2) = wave(60, t, 500);
  }
  REQUIRE(denoise(x, 500).ok());
  double drift = 0, middle = 0, mains = 0;
  for (Index t = 1000; t < 4000; ++t) {
    drift = std::max(drift, std::abs(x(t, 0)));
    middle = std::max(middle, std::abs(x(t, 1) - wave(8, t, 500)));
    mains = std::max(mains, std::abs(x(t, 2)));
  }
  CHECK(drift < 0.02);
  CHECK(middle < 0.03);
  CHECK(mains < 0.03);
}
