#include "systolic/grad/grouped_convolution.hpp"

#include <doctest/doctest.h>

#include "support/gradients.hpp"
#include "support/sequences.hpp"
#include "support/shared.hpp"
#include "systolic/grad/convolution.hpp"
#include "systolic/grad/norm_activation.hpp"
#include "systolic/grad/operations.hpp"
#include "systolic/grad/pool.hpp"

using namespace systolic;
using namespace systolic::grad;
using testing::largest;
using testing::largest_difference;
using testing::TensorList;
using testing::worst_gradient_error;

namespace {

constexpr double tolerance = 1e-6;

template <class T>
struct Gradients {
  Tensor<T> weight, x;
};

/// Gradients of sum(y gy) of a convolution with formula weights and input, by backward().
template <class T>
Gradients<T> gradients_of(const nn::Conv1dOptions& options, Index batch, Index length, int threads = 1) {
  nn::Conv1d<T> layer(options);
  layer.weight = formula_tensor<T>("w", layer.weight.shape());
  layer.prepare();
  const auto x = formula_tensor<T>("x", {batch, length, options.in});
  const auto dy = formula_tensor<T>("dy", {batch, layer.output_length(length), options.out});
  Gradients<T> result{Tensor<T>(layer.weight.shape()), Tensor<T>(x.shape())};
  nn::Sequence<T> dx = testing::sequence_of(result.x);
  Workspace workspace(threads);
  add_weight_gradient<T>(layer, nn::as_sequence(x.view()), nn::as_sequence(dy.view()), result.weight.data(), workspace);
  InputGradient<T, nn::Conv1d<T>>(layer, length)(nn::as_sequence(dy.view()), dx, true, workspace);
  return result;
}

void check_fast(const nn::Conv1dOptions& options, Index batch, Index length) {
  CAPTURE(options.kernel);
  CAPTURE(options.stride);
  CAPTURE(options.groups);
  CAPTURE(length);
  const auto exact = gradients_of<double>(options, batch, length);
  const auto fast = gradients_of<float>(options, batch, length);
  CHECK(largest_difference(fast.weight, exact.weight) <= 2e-6 * largest(exact.weight));
  CHECK(largest_difference(fast.x, exact.x) <= 2e-6 * largest(exact.x));
}

TensorList tensors_of(auto& layer, const std::string& name) {
  TensorList list;
  visit_parameters(layer, name, [&](const std::string& tensor_name, Tensor<double>& tensor) {
    tensor = formula_tensor<double>(tensor_name, tensor.shape());
    list.tensors.emplace_back(tensor_name, &tensor);
  });
  return list;
}

}  // namespace

TEST_CASE("the fast gradients equal the plain loops: groups, strides, paddings, channels that fill no vector") {
  for (const Index stride : {1, 2, 3})
    for (const Index length : {1, 17, 40}) {
      check_fast({.in = 16, .out = 16, .kernel = 16, .stride = stride, .groups = 4, .same = true}, 2, length);
      check_fast({.in = 8, .out = 40, .kernel = 5, .stride = stride, .groups = 4, .same = true}, 3, length);
      check_fast({.in = 6, .out = 6, .kernel = 3, .stride = stride, .padding = 1, .groups = 6}, 2, length);
      check_fast({.in = 40, .out = 40, .kernel = 4, .stride = stride, .padding = 3, .groups = 2}, 1, length);
    }
}

TEST_CASE("the fast gradients of SAME padding without groups equal the plain loops") {
  for (const Index stride : {1, 2, 3})
    for (const Index kernel : {1, 4, 16})
      for (const Index length : {1, 17, 40})
        check_fast({.in = 5, .out = 7, .kernel = kernel, .stride = stride, .same = true}, 2, length);
}

TEST_CASE("two threads give the same bits as one") {
  const nn::Conv1dOptions options{.in = 48, .out = 48, .kernel = 16, .stride = 2, .groups = 12, .same = true};
  const auto one = gradients_of<float>(options, 3, 33), two = gradients_of<float>(options, 3, 33, 2);
  CHECK(largest_difference(one.weight, two.weight) == 0);
  CHECK(largest_difference(one.x, two.x) == 0);
}

TEST_CASE("gradients equal PyTorch: kernel 16, 4 groups, SAME padding, bias") {
  SKIP_WITHOUT_SHARED();
  const std::string name = "conv1d_k16_groups_same.", golden = "layers/conv1d_k16_groups_same/grad_";
  nn::Conv1d<float> layer({.in = 16, .out = 16, .kernel = 16, .groups = 4, .same = true, .bias = true});
  layer.weight = formula_tensor(name + "w", {16, 4, 16});
  const auto x = testing::time_major_input<float>(name + "x", 2, 16, 37);
  const auto gy = testing::time_major_input<float>(name + "gy", 2, 16, 37);
  Tensor<float> dw({16, 4, 16}), dx({2, 37, 16}), db({16});
  nn::Sequence<float> dx_view = testing::sequence_of(dx);
  Workspace workspace;
  add_weight_gradient<float>(layer, nn::as_sequence(x.view()), nn::as_sequence(gy.view()), dw.data(), workspace);
  InputGradient<float, nn::Conv1d<float>>(layer, x.shape()[1])(nn::as_sequence(gy.view()), dx_view, true, workspace);
  add_bias_gradient<float>(nn::as_sequence(gy.view()), db.data());
  const auto check = [&](const Tensor<float>& computed, const char* which) {
    const auto expected = testing::golden<float>(golden + which);
    CHECK(largest_difference(computed, expected) <= 2e-6 * largest(expected));
  };
  check(dw, "w");
  check(db, "b");
  check(testing::swap_last_two(dx), "x");
}

namespace {

/// ReLU, strided convolution, ReLU, convolution, beside the pooled input between channels of zeros: the published
/// residual block without its batch norms.
template <class T>
struct ResidualBlock {
  using Conv = nn::Block<T, nn::Conv1d<T>>;
  static constexpr auto relu = nn::Activation::Kind::relu;
  Conv first{nn::Conv1d<T>({.in = 8, .out = 16, .kernel = 16, .stride = 2, .groups = 4, .same = true, .bias = true}),
             {},
             {relu}};
  Conv second{nn::Conv1d<T>({.in = 16, .out = 16, .kernel = 16, .groups = 4, .same = true, .bias = true}), {}, {}};
};
template <class T, class Visitor>
void visit_parameters(ResidualBlock<T>& block, Visitor&& visitor) {
  visitor("w1", block.first.layer.weight);
  visitor("b1", block.first.layer.bias);
  visitor("w2", block.second.layer.weight);
  visitor("b2", block.second.layer.bias);
}

}  // namespace

TEST_CASE("gradients of the residual block at an odd length equal PyTorch") {
  SKIP_WITHOUT_SHARED();
  const std::string name = "residual_block_odd.", golden = "layers/residual_block_odd/grad_";
  ResidualBlock<float> block;
  visit_parameters(block, [&](const std::string& tensor, Tensor<float>& values) {
    values = formula_tensor(name + tensor, values.shape());
  });
  Parameters<float> parameters(block);
  for (const int threads : {1, 2}) {
    parameters.clear_gradients();
    Tape<float> tape(parameters, threads);
    auto input = testing::time_major_input<float>(name + "x", 2, 8, 17);
    const auto gy = testing::time_major_input<float>(name + "gy", 2, 16, 9);
    const auto x = tape.leaf(testing::sequence_of(input));
    Tensor<float> rectified = input;  // a leaf of its own: its gradient passes where x is positive
    nn::activate_in_place(nn::Activation{ResidualBlock<float>::relu}, rectified.data(), rectified.size());
    const auto positive = tape.leaf(testing::sequence_of(rectified));
    const auto branch = apply(block.second, apply(block.first, positive, tape), tape);
    const auto y = add(branch, pad_channels(max_pool1d(x, 2, tape), 4, 4, tape), tape);
    tape.backward(y, gy.view());
    const auto expected_y = testing::golden<float>("layers/residual_block_odd/y");
    CHECK(largest_difference(testing::swap_last_two(testing::tensor_of(y.value)), expected_y) <=
          2e-6 * largest(expected_y));
    for (const auto& parameter : parameters) {
      CAPTURE(parameter.name);
      const auto expected = testing::golden<float>(golden + parameter.name);
      CHECK(largest_difference(parameter.gradient, expected) <= 4e-6 * largest(expected));
    }
    Tensor<float> dx(input.shape());
    for (Index i = 0; i < dx.size(); ++i)
      dx.data()[i] = tape.gradient(x).data[i] + (input.data()[i] > 0 ? tape.gradient(positive).data[i] : 0.0f);
    const auto expected = testing::golden<float>(golden + "x");
    CHECK(largest_difference(testing::swap_last_two(dx), expected) <= 4e-6 * largest(expected));
  }
}

TEST_CASE("pooling, padding and flattening") {
  const auto x = formula_tensor<double>("x", {2, 7, 3});
  for (const Index kernel : {1, 2, 3})
    CHECK(worst_gradient_error(x, {}, [=](const Variable<double>& v, Tape<double>& tape) {
            return max_pool1d(v, kernel, tape);
          }) < tolerance);
  CHECK(worst_gradient_error(x, {}, [](const Variable<double>& v, Tape<double>& tape) {
          return flatten(pad_channels(v, 2, 1, tape), tape);
        }) < tolerance);
  CHECK(worst_gradient_error(
            x, {}, [](const Variable<double>& v, Tape<double>& tape) { return mean_over_time(v, tape); }) < tolerance);
}

TEST_CASE("the padding of an incomplete window takes no gradient away from anybody") {
  TensorList none;
  Parameters<double> parameters(none);
  Tape<double> tape(parameters);
  const Tensor<double> values({1, 3, 2}, {1, -1, 1, -2, -3, 4}), gy({4}, {1, 2, 3, 5});
  const auto x = tape.leaf(nn::as_sequence(values.view()));
  tape.backward(max_pool1d(x, 2, tape), gy.view());
  // Equal samples: the first; a negative last sample beside the zero: none.
  const Tensor<double> expected({6}, {1, 2, 0, 0, 0, 5});
  CHECK(std::equal(expected.begin(), expected.end(), tape.gradient(x).data));
}

TEST_CASE("batch norm and activation before a convolution") {
  nn::NormActivation<double> layer{nn::BatchNorm1d<double>(3), {nn::Activation::Kind::relu}};
  const TensorList list = tensors_of(layer.norm, "norm");
  CHECK(worst_gradient_error(formula_tensor<double>("x", {3, 5, 3}), list,
                             [&](const Variable<double>& x, Tape<double>& tape) { return apply(layer, x, tape); }) <
        tolerance);
}

TEST_CASE("in inference it uses the running statistics, prepared or not, in float and double") {
  nn::NormActivation<float> layer{nn::BatchNorm1d<float>(3), {nn::Activation::Kind::relu}, 2};
  layer.norm.running_mean = Tensor<float>({3}, {0.5f, -1, 0});
  layer.norm.running_var = Tensor<float>({3}, {4, 1, 0.25f});
  layer.norm.bias = Tensor<float>({3}, {0, 0.5f, 0.1f});
  const auto x = formula_tensor("x", {2, 5, 3});
  Workspace workspace;
  for (const bool prepared : {false, true}) {
    if (prepared) layer.prepare();
    const auto y = apply(layer, nn::as_sequence(x.view()), workspace);
    CHECK(testing::margin_is_zero(y));
    const Tensor<float> values = testing::tensor_of(y);
    for (Index i = 0; i < x.size(); ++i) {
      const Index c = i % 3;
      const double norm = static_cast<double>(x.data()[i] - layer.norm.running_mean(c)) /
                              std::sqrt(static_cast<double>(layer.norm.running_var(c)) + 1e-5) +
                          static_cast<double>(layer.norm.bias(c));
      CHECK(static_cast<double>(values.data()[i]) == doctest::Approx(std::max(norm, 0.0)));
    }
  }
}
