#include "systolic/signal/quantile.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "systolic/core/random.hpp"

using namespace systolic;
using signal::quantile;
using signal::Sample;

namespace {

/// `count` values, of which few differ where `kinds` is small.
std::vector<double> some_values(Index count, Index kinds, Random& random) {
  std::vector<double> values;
  for (Index i = 0; i < count; ++i) values.push_back(static_cast<double>(random.below(kinds)) - 3);
  return values;
}

}  // namespace

TEST_CASE("a selected value is the one that sorting puts there, and splits the others") {
  Random random(1, 1);
  for (const Index count : {1, 2, 11, 12, 13, 14, 50, 200, 1000})
    for (const Index kinds : {1, 2, 5, 1000000})
      for (const Index k : {Index{0}, count / 4, count / 2, count - 1}) {
        CAPTURE(count);
        CAPTURE(kinds);
        CAPTURE(k);
        std::vector<double> values = some_values(count, kinds, random), sorted = values;
        std::sort(sorted.begin(), sorted.end());
        const double found = signal::detail::select(values.data(), count, k);
        CHECK(found == sorted[static_cast<std::size_t>(k)]);
        CHECK(std::all_of(values.begin(), values.begin() + k, [&](double value) { return value <= found; }));
        CHECK(std::all_of(values.begin() + k, values.end(), [&](double value) { return value >= found; }));
        std::sort(values.begin(), values.end());
        CHECK(values == sorted);
      }
}

TEST_CASE("ascending and descending values are selected as well") {
  std::vector<double> up(5000);
  for (std::size_t i = 0; i < up.size(); ++i) up[i] = static_cast<double>(i);
  std::vector<double> down(up.rbegin(), up.rend());
  CHECK(quantile(up, 0.9) == 4499);
  CHECK(quantile(down, 0.9) == 4499);
}

TEST_CASE("quantiles of few values") {
  std::vector<double> none, one{7}, five{5, 1, 4, 2, 3};
  CHECK(quantile(none, 0.5) == 0);
  CHECK(quantile(one, 0.9) == 7);
  CHECK(quantile(five, 0) == 1);
  CHECK(quantile(five, 0.5) == 3);
  CHECK(quantile(five, 1) == 5);
}

TEST_CASE("a sample's quantile is that of all its values, or its floor") {
  Random random(2, 1);
  Sample sample;
  for (const double floor : {-10.0, 0.0, 40.0, 2000.0}) {
    const std::vector<double> values = some_values(300, 1000, random);
    for (const double q : {0.1, 0.5, 0.9}) {
      CAPTURE(floor);
      CAPTURE(q);
      sample.clear(floor);
      sample.add(values.data(), 100, 1);
      sample.add(values.data() + 100, 100, 2);
      sample.add(values.data(), 0, 1);
      CHECK(sample.size() == 200);
      std::vector<double> taken(values.begin(), values.begin() + 100);
      for (std::size_t i = 100; i < 300; i += 2) taken.push_back(values[i]);
      CHECK(sample.quantile(q) == std::max(floor, quantile(taken, q)));
    }
  }
}
