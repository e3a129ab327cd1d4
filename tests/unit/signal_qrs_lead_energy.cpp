#include "systolic/signal/qrs_lead_energy.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

using namespace systolic;
using namespace systolic::signal::qrs;

TEST_CASE("running sums give the mean around a place, with zeros beyond the ends") {
  const std::vector<double> sums{0, 1, 3, 6, 10};  // of 1, 2, 3, 4
  CHECK(mean_around(sums, 1, 1) == 2);
  CHECK(mean_around(sums, 0, 1) == 1);
  CHECK(mean_around(sums, 3, 1) == doctest::Approx(7.0 / 3));
  CHECK(mean_around(sums, 2, 0) == 3);
}

TEST_CASE("the energy of a wave is its mean slope, its bend that of a wave of 10 Hz") {
  const double rate = 1000;
  for (const double frequency : {5.0, 10.0, 20.0}) {
    CAPTURE(frequency);
    Tensor<double> band(Shape{4000, 2});
    for (Index t = 0; t < 4000; ++t)
      band(t, 1) = std::sin(2 * std::numbers::pi * frequency * static_cast<double>(t) / rate);
    const LeadEnergy energy = lead_energy(band, 1, rate);
    REQUIRE(energy.energy.size() == 4000);
    // The slope spans 8 ms; its magnitude is 2 / pi of its largest in the mean.
    const double slope = 2 * std::sin(2 * std::numbers::pi * frequency * 0.004) * 2 / std::numbers::pi;
    CHECK(energy.energy[2000] == doctest::Approx(slope).epsilon(0.02));
    CHECK(mean_around(energy.bend_sums, 2000, 50) / energy.energy[2000] ==
          doctest::Approx(frequency / 10).epsilon(0.03));
    CHECK(energy.scale == doctest::Approx(slope).epsilon(0.03));
    CHECK(energy.root[2000] == doctest::Approx(std::sqrt(energy.energy[2000] / energy.scale)));
  }
}

TEST_CASE("a lead without a signal has no scale") {
  const LeadEnergy energy = lead_energy(Tensor<double>(Shape{300, 1}), 0, 100);
  CHECK(energy.scale == 0);
  CHECK(energy.root.empty());
}
