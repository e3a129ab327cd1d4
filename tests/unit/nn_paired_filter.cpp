#include "systolic/nn/paired_filter.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "systolic/core/formula.hpp"
#include "systolic/nn/conv1d.hpp"
#include "systolic/nn/conv_transpose1d.hpp"

using namespace systolic;
using namespace systolic::nn;

namespace {

/// The largest difference between a layer that computes its outputs in pairs and the plain loops in double precision,
/// relative to the largest output.
template <template <class> class Layer, class Options>
double pairing_error(const Options& options, Index batch, Index length, bool folded, const Activation& activation) {
  Layer<float> layer(options);
  Layer<double> plain(options);
  layer.weight = formula_tensor("w", layer.weight.shape());
  for (Index i = 0; i < layer.weight.size(); ++i) plain.weight.data()[i] = static_cast<double>(layer.weight.data()[i]);
  const Tensor<float> x = formula_tensor("x", {batch, length, options.in});
  Tensor<double> wide(x.shape());
  std::copy(x.begin(), x.end(), wide.begin());
  ChannelAffine<float> affine;
  for (Index n = 0; n < options.out; ++n) {
    affine.scale.push_back(1 + 0.01f * static_cast<float>(n));
    affine.shift.push_back(0.1f * static_cast<float>(n % 5));
  }
  layer.prepare(folded ? &affine : nullptr, Precision::f32, 1000);  // pretends that many outputs are to come
  Workspace workspace;
  const Sequence<float> y = layer(as_sequence(x.view()), workspace, activation, 3);
  const Sequence<double> expected = plain(as_sequence(Tensor<double>(wide).view()), workspace);
  double worst = 0, largest = 0;
  for (Index b = 0; b < batch; ++b)
    for (Index i = 0; i < y.length * y.channels; ++i) {
      double value = expected.item(b)[i];
      const auto n = static_cast<std::size_t>(i % y.channels);
      if (folded) value = value * static_cast<double>(affine.scale[n]) + static_cast<double>(affine.shift[n]);
      value = activate(activation, value);
      worst = std::max(worst, std::abs(value - static_cast<double>(y.item(b)[i])));
      largest = std::max(largest, std::abs(value));
    }
  return worst / largest;
}

}  // namespace

TEST_CASE("which filters are computed in pairs") {
  CHECK(PairedFilter::pays(64, 4, 2, 600));
  CHECK(PairedFilter::pays(512, 15, 1, 136));
  CHECK_FALSE(PairedFilter::pays(64, 4, 2, 15));    // a short signal
  CHECK_FALSE(PairedFilter::pays(12, 4, 2, 2400));  // few channels
  CHECK_FALSE(PairedFilter::pays(512, 3, 1, 1000));
}

TEST_CASE("convolutions in pairs equal the plain loops, for odd and even numbers of outputs") {
  const Activation leaky{Activation::Kind::leaky_relu};
  for (const Index length : {1, 2, 9, 40, 41, 42, 43})
    for (const bool folded : {false, true}) {
      CAPTURE(length);
      CAPTURE(folded);
      CHECK(pairing_error<Conv1d>(Conv1dOptions{.in = 64, .out = 35, .kernel = 4, .stride = 2, .padding = 2}, 2, length,
                                  folded, leaky) < 1e-6);
      CHECK(pairing_error<Conv1d>(Conv1dOptions{.in = 128, .out = 7, .kernel = 2, .stride = 1, .padding = 1}, 1, length,
                                  folded, leaky) < 1e-6);
      for (const Index kernel : {8, 9, 15})
        CHECK(pairing_error<Conv1d>(Conv1dOptions{.in = 6, .out = 50, .kernel = kernel, .padding = 7}, 3, length,
                                    folded, leaky) < 1e-6);
    }
}

TEST_CASE("transposed convolutions in pairs equal the plain loops") {
  const Activation relu{Activation::Kind::relu};
  for (const Index length : {1, 2, 20, 21})
    for (const bool folded : {false, true}) {
      CAPTURE(length);
      CAPTURE(folded);
      CHECK(pairing_error<ConvTranspose1d>(
                ConvTranspose1dOptions{.in = 128, .out = 33, .kernel = 4, .stride = 2, .padding = 1}, 2, length, folded,
                relu) < 1e-6);
      CHECK(pairing_error<ConvTranspose1d>(ConvTranspose1dOptions{.in = 10, .out = 64, .kernel = 15}, 2, length, folded,
                                           relu) < 1e-6);
    }
}

TEST_CASE("a share of the sums that was made elsewhere is added before the activation") {
  const Activation relu{Activation::Kind::relu};
  ConvTranspose1d<float> layer({.in = 10, .out = 64, .kernel = 15}), direct = layer;
  layer.weight = direct.weight = formula_tensor("w", layer.weight.shape());
  const Tensor<float> x = formula_tensor("x", {2, 21, 10}), share = formula_tensor("s", {1, 35, 64});
  const ChannelAffine<float> affine{std::vector<float>(64, 1.5f), std::vector<float>(64, 0.5f)};
  layer.prepare(&affine, Precision::f32, 1000);
  direct.prepare(&affine);
  Workspace workspace;
  const Sequence<const float> initial = as_sequence(share.view());
  const Sequence<float> y = layer(as_sequence(x.view()), workspace, relu, 0, &initial);
  const Sequence<float> expected = direct(as_sequence(x.view()), workspace, relu, 0, &initial);
  for (Index i = 0; i < 2 * y.batch_stride(); ++i) REQUIRE(std::abs(y.data[i] - expected.data[i]) < 2e-5f);
}

TEST_CASE("pairs are the same bits for any number of threads") {
  Conv1d<float> layer({.in = 64, .out = 100, .kernel = 4, .stride = 2, .padding = 1});
  layer.weight = formula_tensor("w", layer.weight.shape());
  layer.prepare(nullptr, Precision::f32, 1000);
  const Tensor<float> x = formula_tensor("x", {1, 301, 64});
  Workspace one(1), three(3);
  const Sequence<float> y = layer(as_sequence(x.view()), one), again = layer(as_sequence(x.view()), three);
  CHECK(std::equal(y.data, y.data + y.batch_stride(), again.data));
}
