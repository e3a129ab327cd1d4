#include "systolic/signal/recursion.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::signal::detail;

namespace {

Recursion recursion_of_order(Index order) {
  Recursion recursion;
  recursion.order = order;
  for (Index k = 0; k <= order; ++k) {
    recursion.b[k] = 0.3 / static_cast<double>(1 + k);
    recursion.a[k] = k == 0 ? 1 : 0.2 / static_cast<double>(k * k);
    recursion.steady[k] = k < order ? 0.1 * static_cast<double>(order - k) : 0;
  }
  return recursion;
}

/// The definition: y[t] = sum of b[k] x[t - k] - sum of a[k] y[t - k], from the state that `steady` times x[0] is.
void filter_plainly(const Recursion& r, std::vector<double>& x) {
  std::vector<double> y(x.size());
  for (std::size_t t = 0; t < x.size(); ++t) {
    y[t] = t < static_cast<std::size_t>(r.order) ? r.steady[t] * x[0] : 0;
    for (std::size_t k = 0; k <= std::min(t, static_cast<std::size_t>(r.order)); ++k)
      y[t] += r.b[k] * x[t - k] - (k > 0 ? r.a[k] * y[t - k] : 0);
  }
  x = y;
}

}  // namespace

TEST_CASE("the recursion is the filter's definition, forward and then backward") {
  const Index length = 60;
  for (const Index width : {few_lanes, lanes})
    for (const Index order : {0, 1, 2, 3, 9, 32}) {
      if (width == lanes && order > 2) continue;
      CAPTURE(width);
      CAPTURE(order);
      const Recursion recursion = recursion_of_order(order);
      Tensor<double> x = formula_tensor<double>("recursion.x", {length, width});
      const Tensor<double> input = x;
      filter_both_ways(recursion, width, x.data(), length);
      double worst = 0;
      for (Index lane = 0; lane < width; ++lane) {
        std::vector<double> expected;
        for (Index t = 0; t < length; ++t) expected.push_back(input(t, lane));
        for (int direction = 0; direction < 2; ++direction) {
          filter_plainly(recursion, expected);
          std::reverse(expected.begin(), expected.end());
        }
        for (Index t = 0; t < length; ++t)
          worst = std::max(worst, std::abs(x(t, lane) - expected[static_cast<std::size_t>(t)]));
      }
      CHECK(worst < 1e-12);
    }
}

TEST_CASE("every instruction set and either width give the same bits") {
  const Index length = 100;
  const Recursion recursion = recursion_of_order(2);
  const Tensor<double> input = formula_tensor<double>("recursion.x", {length, lanes});
  Tensor<double> baseline = input, active = input, few(Shape{length, few_lanes});
  filter_both_ways(recursion, lanes, baseline.data(), length, simd::Isa::baseline);
  filter_both_ways(recursion, lanes, active.data(), length);
  CHECK(std::equal(baseline.begin(), baseline.end(), active.begin()));
  for (Index first = 0; first < lanes; first += few_lanes) {
    for (Index t = 0; t < length; ++t)
      for (Index lane = 0; lane < few_lanes; ++lane) few(t, lane) = input(t, first + lane);
    filter_both_ways(recursion, few_lanes, few.data(), length);
    bool equal = true;
    for (Index t = 0; t < length; ++t)
      for (Index lane = 0; lane < few_lanes; ++lane) equal = equal && few(t, lane) == baseline(t, first + lane);
    CHECK(equal);
  }
}
