#include "systolic/grad/block.hpp"

#include <doctest/doctest.h>

#include "support/shared.hpp"
#include "systolic/core/formula.hpp"

using namespace systolic;

namespace {

template <class T>
struct Model {
  nn::Block<T, nn::Conv1d<T>> block{nn::Conv1d<T>({.in = 4, .out = 4, .kernel = 3, .padding = 1}), {}, {}};
};
template <class T, class Visitor>
void visit_parameters(Model<T>& model, Visitor&& visitor) {
  visitor("w", model.block.layer.weight);
}

/// The gradient of the weight of sum(block(block(x)) gy).
template <class T>
Tensor<T> gradient_of_two_uses(int threads) {
  Model<T> model;
  model.block.layer.weight = formula_tensor<T>("w", {4, 4, 3});
  grad::Parameters<T> parameters(model);
  grad::Tape<T> tape(parameters, threads);
  const auto x = formula_tensor<T>("x", {3, 20, 4}), gy = formula_tensor<T>("gy", {3, 20, 4});
  const auto once = apply(model.block, tape.input(nn::as_sequence(x.view())), tape);
  tape.backward(apply(model.block, once, tape), gy.view());
  return parameters[0].gradient;
}

}  // namespace

TEST_CASE("a block that is used twice in a step, first on what needs no gradient, passes both back") {
  const auto exact = gradient_of_two_uses<double>(1);
  for (const int threads : {1, 2})
    CHECK(testing::largest_difference(gradient_of_two_uses<float>(threads), exact) <= 2e-6 * testing::largest(exact));
}
