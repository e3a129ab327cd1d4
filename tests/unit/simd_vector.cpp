// Every vector type must do the same: the compiler's vectors of each width, and xsimd's batch.
#define SYSTOLIC_WITH_XSIMD
#include "systolic/simd/vector.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "systolic/core/formula.hpp"

using namespace systolic::simd;

#define VECTOR_TYPES FloatVector<4>, FloatVector<8>, FloatVector<16>, XsimdVector

namespace {

template <class V>
using Lanes = std::array<float, V::width>;

template <class V>
Lanes<V> numbers(const char* name) {
  Lanes<V> lanes;
  for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = 4 * systolic::formula_unit(name, i);
  return lanes;
}

/// The lanes of a after `operation` on vectors that hold a and b.
template <class V, class Operation>
Lanes<V> after(const Lanes<V>& a, const Lanes<V>& b, Operation operation) {
  V x, y;
  x.load(a.data());
  y.load(b.data());
  operation(x, y);
  Lanes<V> result;
  x.store(result.data());
  return result;
}

template <class V, class Operation, class Expected>
void check_each(Operation operation, Expected expected, float tolerance = 0) {
  const Lanes<V> a = numbers<V>("a"), b = numbers<V>("b");
  const Lanes<V> result = after<V>(a, b, operation);
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(result[i] - expected(a[i], b[i])) <= tolerance);
  }
}

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE_TEMPLATE("arithmetic works lane by lane", V, VECTOR_TYPES) {
  check_each<V>([](V& x, V& y) { x.add(y); }, [](float a, float b) { return a + b; });
  check_each<V>([](V& x, V& y) { x.subtract(y); }, [](float a, float b) { return a - b; });
  check_each<V>([](V& x, V& y) { x.multiply(y); }, [](float a, float b) { return a * b; });
  check_each<V>([](V& x, V& y) { x.divide(y); }, [](float a, float b) { return a / b; });
}

TEST_CASE_TEMPLATE("a product is added, in one rounding or two", V, VECTOR_TYPES) {
  check_each<V>([](V& x, V& y) { x.add_product(y, y); }, [](float a, float b) { return a + b * b; }, 4e-6f);
}

TEST_CASE_TEMPLATE("maximum and minimum", V, VECTOR_TYPES) {
  check_each<V>([](V& x, V& y) { x.maximum(y); }, [](float a, float b) { return std::max(a, b); });
  check_each<V>([](V& x, V& y) { x.minimum(y); }, [](float a, float b) { return std::min(a, b); });
}

TEST_CASE_TEMPLATE("maximum and minimum keep this vector's NaN", V, VECTOR_TYPES) {
  Lanes<V> nan, one;
  nan.fill(nan_value);
  one.fill(1);
  for (const float lane : after<V>(nan, one, [](V&x, V&y) { x.maximum(y); })) CHECK(std::isnan(lane));
  for (const float lane : after<V>(nan, one, [](V&x, V&y) { x.minimum(y); })) CHECK(std::isnan(lane));
}

TEST_CASE_TEMPLATE("leak multiplies what is negative", V, VECTOR_TYPES) {
  for (const float slope : {0.0f, 0.2f, 1.0f}) {
    CAPTURE(slope);
    check_each<V>(
        [slope](V& x, V&) {
          V factor;
          factor.fill(slope);
          x.leak(factor);
        },
        [slope](float a, float) { return a > 0 ? a : slope * a; });
  }
}

TEST_CASE_TEMPLATE("choose_below takes the first where the lane lies below the limit", V, VECTOR_TYPES) {
  check_each<V>(
      [](V& x, V& y) {
        V minus_one, plus_one;
        minus_one.fill(-1);
        plus_one.fill(1);
        x.choose_below(y, minus_one, plus_one);
      },
      [](float a, float b) { return a < b ? -1.0f : 1.0f; });
}

TEST_CASE_TEMPLATE("fill and clear set every lane", V, VECTOR_TYPES) {
  check_each<V>([](V& x, V&) { x.fill(2.5f); }, [](float, float) { return 2.5f; });
  check_each<V>([](V& x, V&) { x.clear(); }, [](float, float) { return 0.0f; });
}

TEST_CASE_TEMPLATE("signs are taken and given", V, VECTOR_TYPES) {
  check_each<V>([](V& x, V&) { x.magnitude(); }, [](float a, float) { return std::abs(a); });
  check_each<V>([](V& x, V& y) { x.copy_sign(y); }, [](float a, float b) { return std::copysign(a, b); });
}

TEST_CASE_TEMPLATE("truncate goes towards zero", V, VECTOR_TYPES) {
  check_each<V>([](V& x, V&) { x.truncate(); }, [](float a, float) { return std::trunc(a); });
}

TEST_CASE_TEMPLATE("powers of two scale exactly, to both ends of the normal numbers", V, VECTOR_TYPES) {
  for (const float n : {-126.0f, -1.0f, 0.0f, 5.0f, 127.0f}) {
    CAPTURE(n);
    Lanes<V> one, powers;
    one.fill(1);
    powers.fill(n);
    for (const float lane : after<V>(one, powers, [](V&x, V&y) { x.scale_by_power_of_two(y); }))
      CHECK(lane == std::ldexp(1.0f, static_cast<int>(n)));
  }
}

TEST_CASE_TEMPLATE("the sum of all lanes", V, VECTOR_TYPES) {
  const Lanes<V> a = numbers<V>("a");
  V x;
  x.load(a.data());
  double expected = 0;
  for (const float lane : a) expected += static_cast<double>(lane);
  CHECK(std::abs(static_cast<double>(x.sum()) - expected) < 1e-5);
}

TEST_CASE_TEMPLATE("vectors load and store at any address", V, VECTOR_TYPES) {
  std::array<float, V::width + 2> source, target{};
  for (std::size_t i = 0; i < source.size(); ++i) source[i] = static_cast<float>(i);
  V x;
  x.load(source.data() + 1);
  x.store(target.data() + 1);
  CHECK(std::equal(source.begin() + 1, source.end() - 1, target.begin() + 1));
  CHECK(target.front() == 0);
  CHECK(target.back() == 0);
}
