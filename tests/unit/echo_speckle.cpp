#include "systolic/echo/speckle.hpp"

#include <doctest/doctest.h>

using namespace systolic;

TEST_CASE("speckle has mean 1, the spread of a Rayleigh distribution, and grains") {
  Random random(3, 0);
  const echo::Speckle speckle(random);
  double sum = 0, squares = 0, neighbours = 0, count = 0;
  for (int y = 0; y < 128; ++y)
    for (int x = 0; x < 128; ++x) {
      const double value = speckle.at(x, y);
      CHECK(value >= 0);
      sum += value;
      squares += value * value;
      neighbours += value * speckle.at(x + 1, y);
      count += 1;
    }
  const double mean = sum / count, variance = squares / count - mean * mean;
  CHECK(mean == doctest::Approx(1).epsilon(1e-4));
  CHECK(std::sqrt(variance) == doctest::Approx(0.523).epsilon(0.05));
  CHECK((neighbours / count - mean * mean) / variance > 0.3);
  CHECK(speckle.at(-5.25, 300.5) == doctest::Approx(speckle.at(122.75, 44.5)));
}
