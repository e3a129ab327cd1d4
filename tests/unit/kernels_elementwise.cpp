#include "systolic/kernels/elementwise.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "systolic/core/formula.hpp"
#include "systolic/kernels/reference.hpp"

using namespace systolic;
using simd::Isa;

namespace {

/// The instruction sets that this machine has.
std::vector<Isa> instruction_sets() {
  std::vector<Isa> sets;
  for (const Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
    if (isa <= simd::hardware_isa()) sets.push_back(isa);
  return sets;
}

/// Every 2^k-th float between the two, which have the same sign: as dense near zero as far from it.
std::vector<float> sweep(float from, float to, float factor) {
  std::vector<float> x;
  for (float value = from; std::abs(value) < std::abs(to); value *= factor) x.push_back(value);
  return x;
}

double relative_error(float value, double exact) { return std::abs(static_cast<double>(value) / exact - 1); }

}  // namespace

TEST_CASE("exp and tanh are right on every instruction set, from tiny to large arguments") {
  for (const Isa isa : instruction_sets())
    for (const float sign : {-1.0f, 1.0f}) {
      CAPTURE(simd::isa_name(isa));
      const std::vector<float> x = sweep(sign * 1e-10f, sign * 87.9f, 1.0003f);
      std::vector<float> e = x, t = x;
      kernels::exp_in_place(e.data(), static_cast<Index>(e.size()), 1, 0, isa);
      kernels::tanh_in_place(t.data(), static_cast<Index>(t.size()), isa);
      double worst_exp = 0, worst_tanh = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double argument = static_cast<double>(x[i]);
        if (x[i] > -87) worst_exp = std::max(worst_exp, relative_error(e[i], std::exp(argument)));
        worst_tanh = std::max(worst_tanh, relative_error(t[i], std::tanh(argument)));
      }
      CHECK(worst_exp < 1.5e-7);
      CHECK(worst_tanh < 2.5e-7);
    }
}

TEST_CASE("exp takes a factor and a shift") {
  for (const Isa isa : instruction_sets()) {
    std::vector<float> x = {-1, 0, 0.5f, 2};
    kernels::exp_in_place(x.data(), 4, -2, 1, isa);
    for (std::size_t i = 0; i < 4; ++i)
      CHECK(relative_error(x[i], std::exp(1 - 2 * std::vector<double>{-1, 0, 0.5, 2}[i])) < 3e-7);
  }
}

TEST_CASE("any number of values, and none beyond them is touched") {
  for (const Isa isa : instruction_sets())
    for (Index count = 0; count < 40; ++count) {
      CAPTURE(count);
      std::vector<float> x(static_cast<std::size_t>(count) + 1, 0.25f);
      kernels::tanh_in_place(x.data(), count, isa);
      for (Index i = 0; i < count; ++i)
        REQUIRE(relative_error(x[static_cast<std::size_t>(i)], std::tanh(0.25)) < 2.5e-7);
      REQUIRE(x.back() == 0.25f);
    }
}

TEST_CASE("a NaN stays where it is and one") {
  for (const Isa isa : instruction_sets()) {
    std::vector<float> x(20, 0.0f), y = x;
    x[3] = y[18] = std::numeric_limits<float>::quiet_NaN();
    kernels::tanh_in_place(x.data(), 20, isa);
    kernels::exp_in_place(y.data(), 20, 1, 0, isa);
    CHECK(std::isnan(x[3]));
    CHECK(x[4] == 0);
    CHECK(std::isnan(y[18]));
    CHECK(y[17] == 1);
  }
}

TEST_CASE("softmax equals its reference in double") {
  for (const Isa isa : instruction_sets())
    for (const Index columns : {1, 2, 7, 16, 33, 137}) {
      CAPTURE(columns);
      Tensor<float> x = formula_tensor("softmax", {5, columns});
      for (float& value : x) value *= 30;
      Tensor<double> expected = convert<double>(x);
      kernels::softmax_rows(x.data(), 5, columns, 0.2f, isa);
      kernels::softmax_rows_reference(expected.data(), 5, columns, 0.2);
      for (Index r = 0; r < 5; ++r)
        for (Index n = 0; n < columns; ++n) REQUIRE(std::abs(static_cast<double>(x(r, n)) - expected(r, n)) < 1e-6);
    }
}

TEST_CASE("softmax of huge values does not overflow") {
  for (const Isa isa : instruction_sets()) {
    std::vector<float> x = {1e30f, -1e30f, 1e30f, 0};
    kernels::softmax_rows(x.data(), 1, 4, 1, isa);
    CHECK(x[0] == doctest::Approx(0.5));
    CHECK(x[2] == doctest::Approx(0.5));
    CHECK(std::abs(x[1]) < 1e-30f);
  }
}

TEST_CASE("softmax with a NaN is NaN, not a probability") {
  for (const Isa isa : instruction_sets()) {
    std::vector<float> x = {1, std::numeric_limits<float>::quiet_NaN(), 2};
    kernels::softmax_rows(x.data(), 1, 3, 1, isa);
    CHECK(std::isnan(x[0]));
    CHECK(std::isnan(x[1]));
  }
}

TEST_CASE("differences, whole vectors and the rest, also in place") {
  for (const Isa isa : instruction_sets())
    for (const Index count : {0, 1, 15, 16, 50}) {
      const Tensor<float> a = formula_tensor("a", {count}), b = formula_tensor("b", {count});
      Tensor<float> y = a;
      kernels::subtract(y.data(), b.data(), y.data(), count, isa);
      for (Index i = 0; i < count; ++i) CHECK(y.data()[i] == a.data()[i] - b.data()[i]);
    }
}
