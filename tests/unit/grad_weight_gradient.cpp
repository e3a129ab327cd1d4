#include "systolic/grad/weight_gradient.hpp"

#include <doctest/doctest.h>

#include "support/shared.hpp"
#include "systolic/core/formula.hpp"

using namespace systolic;
using testing::largest;
using testing::largest_difference;

namespace {

struct Case {
  Index batch, length, in, out, kernel, stride, padding;
  Index outputs() const { return (length + 2 * padding - kernel) / stride + 1; }
};

/// The gradient of sum(y dy) added to a tensor that is not zero; x and dy are read out of sequences with margins.
template <class T>
Tensor<T> gradient_of(const Case& c, int threads = 1) {
  Tensor<T> dw = formula_tensor<T>("dw", {c.out, c.in, c.kernel});
  Workspace workspace(threads), inputs;
  const auto x = formula_tensor<T>("x", {c.batch, c.length, c.in});
  const auto dy = formula_tensor<T>("dy", {c.batch, c.outputs(), c.out});
  const auto wide = nn::with_margin<T>(nn::as_sequence(x.view()), 2, inputs);
  grad::add_weight_gradient<T>(wide, nn::as_sequence(dy.view()), c.kernel, c.stride, c.padding, dw.data(), workspace);
  return dw;
}

void check(const Case& c) {
  CAPTURE(c.batch);
  CAPTURE(c.length);
  CAPTURE(c.in);
  CAPTURE(c.out);
  CAPTURE(c.kernel);
  CAPTURE(c.stride);
  CAPTURE(c.padding);
  const auto exact = gradient_of<double>(c);
  CHECK(largest_difference(gradient_of<float>(c), exact) <= 3e-6 * largest(exact));
}

grad::detail::GradientLine line_of(const Case& c, const Tensor<float>& x, const Tensor<float>& dy) {
  return {nn::as_sequence(x.view()), nn::as_sequence(dy.view()), c.kernel, c.stride, c.padding};
}

bool in_pairs(const Case& c) {
  const Tensor<float> x({c.batch, c.length, c.in}), dy({c.batch, c.outputs(), c.out});
  return grad::detail::gradient_in_pairs(line_of(c, x, dy));
}

}  // namespace

TEST_CASE("the sum over all items at once is the sum of the plain loops: strides, paddings, odd lengths") {
  for (const Index stride : {1, 2, 3})
    for (const Index kernel : {1, 2, 4, 7})
      for (const Index padding : {0, 1})
        for (const Index length : {7, 24, 35}) check({3, length, 5, 7, kernel, stride, padding});
}

TEST_CASE("items with one output each") {
  check({5, 15, 6, 9, 15, 1, 0});
  check({4, 3, 6, 9, 4, 2, 1});
}

TEST_CASE("more samples than a piece holds") { check({4, 700, 12, 40, 4, 2, 1}); }

TEST_CASE("two samples at a time") {
  const Case runs{4, 1100, 64, 34, 4, 2, 1}, taps{9, 260, 128, 18, 15, 1, 0}, odd{5, 823, 64, 5, 6, 2, 0},
      part_of_a_step{7, 620, 130, 3, 3, 2, 1};
  for (const Case& c : {runs, taps, odd, part_of_a_step}) {
    CHECK(in_pairs(c));
    check(c);
  }
}

TEST_CASE("no items add nothing") {
  const Case none{0, 40, 12, 7, 4, 2, 1};
  CHECK(largest_difference(gradient_of<float>(none), formula_tensor("dw", {7, 12, 4})) == 0);
}

TEST_CASE("any number of threads gives the same bits") {
  for (const Case& c : {Case{4, 1100, 64, 34, 4, 2, 1}, Case{3, 40, 12, 70, 4, 2, 1}, Case{3, 40, 30, 8, 5, 1, 0}}) {
    const auto one = gradient_of<float>(c);
    for (const int threads : {2, 3, 7}) CHECK(largest_difference(gradient_of<float>(c, threads), one) == 0);
  }
}
