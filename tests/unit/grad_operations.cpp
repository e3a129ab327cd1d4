#include "systolic/grad/operations.hpp"

#include <doctest/doctest.h>

#include "support/gradients.hpp"
#include "support/shared.hpp"
#include "systolic/grad/objective.hpp"

using namespace systolic;
using namespace systolic::grad;
using testing::TensorList;
using testing::worst_gradient_error;

namespace {

constexpr double tolerance = 1e-6;

template <class Layer>
TensorList tensors_of(Layer& layer) {
  TensorList list;
  visit_parameters(layer, std::string("layer"), [&](const std::string& name, Tensor<double>& tensor) {
    tensor = formula_tensor<double>(name, tensor.shape());
    list.tensors.emplace_back(name, &tensor);
  });
  return list;
}

template <class Layer>
double block_error(Layer layer, bool norm, nn::Activation::Kind kind, const Shape& input) {
  nn::Block<double, Layer> block{std::move(layer), {}, {kind}};
  TensorList list = tensors_of(block.layer);
  if (norm) {
    block.norm.emplace(block.layer.out_channels());
    for (auto& entry : tensors_of(*block.norm).tensors) list.tensors.push_back({"norm." + entry.first, entry.second});
  }
  return worst_gradient_error(formula_tensor<double>("x", input), list,
                              [&](const Variable<double>& x, Tape<double>& tape) { return apply(block, x, tape); });
}

}  // namespace

TEST_CASE("blocks of convolutions") {
  using Conv = nn::Conv1d<double>;
  using Kind = nn::Activation::Kind;
  const Conv strided({.in = 3, .out = 4, .kernel = 4, .stride = 2, .padding = 1});
  CHECK(block_error(strided, false, Kind::none, {2, 10, 3}) < tolerance);
  CHECK(block_error(strided, false, Kind::tanh, {2, 11, 3}) < tolerance);
  CHECK(block_error(strided, true, Kind::leaky_relu, {3, 10, 3}) < tolerance);
  const Conv grouped({.in = 4, .out = 6, .kernel = 5, .stride = 2, .groups = 2, .same = true, .bias = true});
  CHECK(block_error(grouped, false, Kind::none, {2, 9, 4}) < tolerance);
}

TEST_CASE("blocks of transposed convolutions") {
  using Transposed = nn::ConvTranspose1d<double>;
  using Kind = nn::Activation::Kind;
  CHECK(block_error(Transposed({.in = 4, .out = 3, .kernel = 4, .stride = 2, .padding = 1}), true, Kind::relu,
                    {2, 6, 4}) < tolerance);
  CHECK(block_error(Transposed({.in = 2, .out = 3, .kernel = 5, .bias = true}), false, Kind::tanh, {2, 4, 2}) <
        tolerance);
}

TEST_CASE("linear layers") {
  nn::Linear<double> layer(5, 7);
  const TensorList list = tensors_of(layer);
  for (const auto kind : {nn::Activation::Kind::none, nn::Activation::Kind::relu, nn::Activation::Kind::tanh})
    CHECK(worst_gradient_error(formula_tensor<double>("x", {2, 3, 5}), list,
                               [&](const Variable<double>& x, Tape<double>& tape) {
                                 return apply(layer, x, nn::Activation{kind}, tape);
                               }) < tolerance);
}

TEST_CASE("layer norm, both forms") {
  for (const auto form : {nn::LayerNormForm::standard, nn::LayerNormForm::unbiased_std}) {
    nn::LayerNorm<double> layer(6, form);
    const TensorList list = tensors_of(layer);
    CHECK(worst_gradient_error(formula_tensor<double>("x", {2, 3, 6}), list,
                               [&](const Variable<double>& x, Tape<double>& tape) { return apply(layer, x, tape); }) <
          tolerance);
  }
}

TEST_CASE("attention") {
  nn::MultiHeadAttention<double> layer(2, 6);
  const TensorList list = tensors_of(layer);
  CHECK(worst_gradient_error(formula_tensor<double>("x", {2, 5, 6}), list,
                             [&](const Variable<double>& x, Tape<double>& tape) { return apply(layer, x, tape); }) <
        tolerance);
}

TEST_CASE("moving and adding") {
  const auto x = formula_tensor<double>("x", {2, 4, 3});
  CHECK(worst_gradient_error(x, {}, [](const Variable<double>& v, Tape<double>& tape) {
          return transpose(add(v, v, tape), tape);
        }) < tolerance);
  CHECK(worst_gradient_error(x, {}, [](const Variable<double>& v, Tape<double>& tape) {
          return concatenate_channels(concatenate_time(v, v, tape), concatenate_time(v, v, tape), tape);
        }) < tolerance);
}

TEST_CASE("the restoration objective") {
  const auto target = formula_tensor<double>("target", {2, 5, 3});
  const nn::Sequence<const double> wanted = nn::as_sequence(target.view());
  CHECK(worst_gradient_error(formula_tensor<double>("x", {2, 5, 4}), {},
                             [&](const Variable<double>& x, Tape<double>& tape) {
                               return uncertain_restoration_loss(x, wanted, tape);
                             }) < tolerance);
  CHECK(worst_gradient_error(formula_tensor<double>("x", {2, 5, 3}), {},
                             [&](const Variable<double>& x, Tape<double>& tape) {
                               return mean_squared_error(x, wanted, tape);
                             }) < tolerance);
}

TEST_CASE("an input whose gradient nobody wants gets none") {
  nn::Linear<double> layer(2, 2);
  TensorList list = tensors_of(layer);
  Parameters<double> parameters(list);
  Tape<double> tape(parameters);
  const auto x = formula_tensor<double>("x", {1, 1, 2});
  const auto input = tape.input(nn::as_sequence(x.view()));
  const auto y = apply(layer, input, nn::Activation{}, tape);
  const Tensor<double> one({2}, {1, 1});
  tape.backward(y, one.view());
  CHECK(parameters.find(layer.bias)->gradient(0) == 1);
  CHECK_FALSE(tape.wanted(input));
}

TEST_CASE("scaling and pooling") {
  const auto x = formula_tensor<double>("x", {2, 4, 3});
  CHECK(worst_gradient_error(x, {}, [](const Variable<double>& v, Tape<double>& tape) {
          return pool_moments(scale_channels(v, 2, 3.0, 0.5, tape), tape);
        }) < tolerance);
}

TEST_CASE("dropout, with the same draws each time") {
  const auto x = formula_tensor<double>("x", {2, 4, 6});
  nn::MultiHeadAttention<double> layer(2, 6);
  const TensorList list = tensors_of(layer);
  CHECK(worst_gradient_error(x, list, [&](const Variable<double>& v, Tape<double>& tape) {
          Random random(7, 1);
          tape.set_random(&random);
          const auto y = apply(nn::Dropout{0.5f}, apply(layer, v, tape), tape);
          tape.set_random(nullptr);
          return y;
        }) < tolerance);
}

TEST_CASE("dropout keeps the mean and drops its share") {
  TensorList none;
  Parameters<double> parameters(none);
  Tape<double> tape(parameters);
  Tensor<double> ones({1, 100, 100});
  std::fill(ones.begin(), ones.end(), 1.0);
  const auto x = tape.input(nn::as_sequence(std::as_const(ones).view()));
  CHECK(apply(nn::Dropout{0.25f}, x, tape).value.data == x.value.data);
  Random random(3, 4);
  tape.set_random(&random);
  const auto y = apply(nn::Dropout{0.25f}, x, tape);
  Index dropped = 0;
  for (Index i = 0; i < 10000; ++i) {
    CHECK((y.value.data[i] == 0.0 || y.value.data[i] == doctest::Approx(4.0 / 3)));
    dropped += y.value.data[i] == 0.0 ? 1 : 0;
  }
  CHECK(std::abs(static_cast<double>(dropped) - 2500) < 200);
}

TEST_CASE("losses of labels") {
  const auto x = formula_tensor<double>("x", {3, 1, 4});
  Tensor<double> target({3, 1, 4});
  target.data()[1] = std::nan("");
  CHECK(worst_gradient_error(x, {}, [&](const Variable<double>& v, Tape<double>& tape) {
          return known_mean_squared_error(v, nn::as_sequence(std::as_const(target).view()), tape);
        }) < tolerance);
  CHECK(worst_gradient_error(x, {}, [&](const Variable<double>& v, Tape<double>& tape) {
          return cross_entropy(v, {2, 0, 3}, tape);
        }) < tolerance);
  // Without focusing the weight is 1 and there is nothing to hold constant.
  Tensor<double> present({3, 1, 4});
  for (const Index i : {0, 5, 6}) present.data()[i] = 1;
  CHECK(worst_gradient_error(x, {}, [&](const Variable<double>& v, Tape<double>& tape) {
          return asymmetric_loss(v, nn::as_sequence(std::as_const(present).view()),
                                 {.focus_positive = 0, .focus_negative = 0, .shift = 0.05}, tape);
        }) < tolerance);
}

TEST_CASE("the asymmetric loss holds its focal weight constant") {
  TensorList none;
  Parameters<double> parameters(none);
  Tape<double> tape(parameters);
  const Tensor<double> logits({1, 1, 2}, {0.4, -0.3}), present({1, 1, 2}, {1, 0}), one({1}, {1});
  const auto x = tape.leaf(nn::as_sequence(logits.view()));
  tape.backward(asymmetric_loss(x, nn::as_sequence(present.view()), {}, tape), one.view());
  const double p = 1 / (1 + std::exp(-0.4)), n = 1 / (1 + std::exp(0.3)), q = 1 - n + 0.05;
  CHECK(tape.gradient(x).data[0] == doctest::Approx(-std::pow(1 - p, 10) * (1 - p)));
  CHECK(tape.gradient(x).data[1] == doctest::Approx(std::pow(1 - q, 4) * n * (1 - n) / q));
}

TEST_CASE("the gradient of the asymmetric loss equals PyTorch's") {
  SKIP_WITHOUT_SHARED();
  TensorList none;
  Parameters<double> parameters(none);
  Tape<double> tape(parameters);
  auto logits = formula_tensor<double>("asymmetric_loss.x", {3, 1, 116});
  for (double& value : logits) value *= 4;
  auto target = convert<double>(testing::golden<float>("layers/asymmetric_loss/target"));
  target.reshape({3, 1, 116});
  // The golden gradient is of gy times the loss with respect to what the logits are four times of.
  auto seed = formula_tensor<double>("asymmetric_loss.gy", {1});
  seed(0) *= 4;
  const auto x = tape.leaf(nn::as_sequence(std::as_const(logits).view()));
  tape.backward(asymmetric_loss(x, nn::as_sequence(std::as_const(target).view()), {}, tape), seed.view());
  const TensorView<const double> gradient(tape.gradient(x).data, {3, 116});
  const auto expected = testing::golden<float>("layers/asymmetric_loss/grad_x");
  CHECK(testing::largest_difference(gradient, expected) <= 2e-6 * testing::largest(expected));
}
