#include "systolic/nn/block.hpp"

#include <doctest/doctest.h>

#include "support/sequences.hpp"
#include "support/shared.hpp"
#include "systolic/nn/pool.hpp"
#include "systolic/nn/sequence_operations.hpp"

using namespace systolic;
using testing::largest;
using testing::largest_difference;
using Kind = nn::Activation::Kind;

namespace {

template <class T>
nn::BatchNorm1d<T> formula_norm(Index channels) {
  nn::BatchNorm1d<T> norm(channels);
  norm.weight = formula_tensor<T>("norm.weight", {channels});
  norm.bias = formula_tensor<T>("norm.bias", {channels});
  norm.running_mean = formula_tensor<T>("norm.mean", {channels});
  norm.running_var = formula_tensor<T>("norm.var", {channels});
  for (T& variance : norm.running_var) variance += T(1.5);
  return norm;
}

template <class T, class Layer>
Tensor<T> run(const nn::Block<T, Layer>& block, const Tensor<T>& x) {
  Workspace workspace;
  Workspace::Scope scope(workspace);
  const auto y = apply(block, testing::sequence_of(x, 0, workspace), workspace);
  CHECK(y.margin == block.output_margin);
  CHECK(testing::margin_is_zero(y));
  return testing::tensor_of(y);
}

/// A prepared block against the same steps one after the other in double.
template <template <class> class Layer, class Options>
void check_folding(const Options& options) {
  for (const Kind kind : {Kind::none, Kind::relu, Kind::leaky_relu, Kind::tanh})
    for (const bool with_norm : {false, true}) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(with_norm);
      const Tensor<float> x = formula_tensor("x", {2, 20, options.in});
      nn::Block<double, Layer<double>> plain{Layer<double>(options), {}, {kind}};
      nn::Block<float, Layer<float>> fast{Layer<float>(options), {}, {kind}, 3};
      plain.layer.weight = formula_tensor<double>("w", plain.layer.weight.shape());
      fast.layer.weight = formula_tensor<float>("w", fast.layer.weight.shape());
      if (with_norm) {
        plain.norm = formula_norm<double>(options.out);
        fast.norm = formula_norm<float>(options.out);
      }
      const Tensor<double> expected = run(plain, convert<double>(x));
      CHECK(largest_difference(run(fast, x), expected) <= 2e-6 * largest(expected));
      fast.prepare();
      CHECK(largest_difference(run(fast, x), expected) <= 2e-6 * largest(expected));
    }
}

}  // namespace

TEST_CASE("convolution, batch norm and activation in one step") {
  check_folding<nn::Conv1d>(nn::Conv1dOptions{.in = 4, .out = 9, .kernel = 4, .stride = 2, .padding = 1});
}

TEST_CASE("transposed convolution, batch norm and activation in one step") {
  check_folding<nn::ConvTranspose1d>(
      nn::ConvTranspose1dOptions{.in = 4, .out = 9, .kernel = 4, .stride = 2, .padding = 1});
}

// relu, SAME convolution kernel 16 stride 2 in 4 groups, relu, the same with stride 1; beside it the input pooled by 2,
// its 8 channels between 4 and 4 channels of zeros.
TEST_CASE_TEMPLATE("the diagnosis network's residual block at an odd length equals PyTorch", T, float, double) {
  SKIP_WITHOUT_SHARED();
  const auto expected = testing::golden<float>("layers/residual_block_odd/y");
  const std::string name = "residual_block_odd.";
  nn::Conv1d<T> first({.in = 8, .out = 16, .kernel = 16, .stride = 2, .groups = 4, .same = true, .bias = true});
  nn::Conv1d<T> second({.in = 16, .out = 16, .kernel = 16, .groups = 4, .same = true, .bias = true});
  first.weight = formula_tensor<T>(name + "w1", {16, 2, 16});
  first.bias = formula_tensor<T>(name + "b1", {16});
  second.weight = formula_tensor<T>(name + "w2", {16, 4, 16});
  second.bias = formula_tensor<T>(name + "b2", {16});

  for (const bool prepared : {false, true}) {
    CAPTURE(prepared);
    if (prepared) {
      first.prepare();
      second.prepare();
    }
    Workspace workspace;
    Workspace::Scope scope(workspace);
    const nn::Activation relu{Kind::relu};
    const Tensor<T> input = testing::time_major_input<T>(name + "x", 2, 8, 17);
    const auto x = testing::sequence_of(input, 0, workspace);
    const auto hidden = nn::copy(x, workspace);
    nn::activate_in_place(relu, hidden);
    const auto middle = first(hidden, workspace, relu, second.input_margin());
    if (!first.prepared()) nn::activate_in_place(relu, middle);
    const auto branch = second(middle, workspace);
    const auto pooled = nn::max_pool1d<T>(x, 2, workspace);
    const auto zeros = nn::make_sequence<T>(workspace, 2, 9, 4);
    std::fill_n(zeros.data, 2 * 9 * 4, T(0));
    const auto identity =
        nn::concatenate_channels(nn::concatenate_channels(zeros, pooled, workspace), zeros, workspace);
    const Tensor<T> y = testing::tensor_of(nn::add(branch, identity, workspace));
    CHECK(largest_difference(testing::swap_last_two(y), expected) <= 2e-6 * largest(expected));
  }
}

TEST_CASE("blocks that take turns give what they give one after the other") {
  std::vector<nn::Block<float, nn::Conv1d<float>>> blocks;
  for (const Index out : {8, 3, 12, 5}) {  // sizes that grow and shrink
    const Index in = blocks.empty() ? 4 : blocks.back().layer.options.out;
    nn::Conv1d<float> layer({.in = in, .out = out, .kernel = 4, .stride = out == 3 ? 2 : 1, .padding = 2});
    layer.weight = formula_tensor<float>("w", layer.weight.shape());
    blocks.push_back({std::move(layer), {}, {Kind::leaky_relu}, out % 4});
    blocks.back().prepare();
  }
  const Tensor<float> input = formula_tensor("x", {3, 21, 4});
  Workspace workspace;
  Workspace::Scope scope(workspace);
  const auto x = testing::sequence_of(input, 0, workspace);
  for (std::size_t first = 0; first < blocks.size(); ++first) {
    CAPTURE(first);
    nn::Sequence<float> start = x;
    for (std::size_t i = 0; i < first; ++i) start = apply(blocks[i], start, workspace);
    nn::Sequence<float> expected = start;
    for (std::size_t i = first; i < blocks.size(); ++i) expected = apply(blocks[i], expected, workspace);
    const auto found = apply_in_turns(blocks, first, start, workspace);
    CHECK(found.margin == blocks.back().output_margin);
    CHECK(testing::margin_is_zero(found));
    CHECK(largest_difference(testing::tensor_of(found), testing::tensor_of(expected)) == 0);
  }
}
