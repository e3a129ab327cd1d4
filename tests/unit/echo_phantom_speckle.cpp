#include "systolic/echo/phantom_speckle.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using systolic::echo::SpeckleField;

TEST_CASE("the speckle field has mean square 1, repeats, and is smooth between texels") {
  const SpeckleField& field = SpeckleField::get();
  double power = 0, neighbours = 0, distant = 0;
  for (Index y = 0; y < SpeckleField::size; ++y)
    for (Index x = 0; x < SpeckleField::size; ++x) {
      const auto u = static_cast<double>(x), v = static_cast<double>(y);
      const auto here = field.at(u, v), next = field.at(u + 1, v), far = field.at(u + 12, v);
      power += static_cast<double>(here[0] * here[0] + here[1] * here[1]);
      neighbours += static_cast<double>(here[0] * next[0] + here[1] * next[1]);
      distant += static_cast<double>(here[0] * far[0] + here[1] * far[1]);
    }
  CHECK(power / (256 * 256) == doctest::Approx(1).epsilon(1e-4));
  CHECK(neighbours / power > 0.7);
  CHECK(std::abs(distant / power) < 0.05);
  CHECK(field.at(3.25, 7.5) == field.at(3.25 + 256, 7.5 - 512));
  const auto a = field.at(3, 7), b = field.at(4, 7), middle = field.at(3.5, 7);
  CHECK(middle[0] == doctest::Approx((a[0] + b[0]) / 2));
}
