#include "systolic/nn/minimal_filter.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "systolic/core/formula.hpp"
#include "systolic/nn/conv1d.hpp"
#include "systolic/nn/conv_transpose1d.hpp"

using namespace systolic;
using namespace systolic::nn;

namespace {

/// The largest difference between a layer that computes its outputs in fours and the plain loops in double precision,
/// relative to the largest output.
template <template <class> class Layer, class Options>
double filtering_error(const Options& options, Index batch, Index length, bool folded, const Activation& activation) {
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

TEST_CASE("which filters are computed in fours") {
  CHECK(MinimalFilter::pays(64, 4, 2, 600));
  CHECK(MinimalFilter::pays(512, 15, 1, 136));
  CHECK_FALSE(MinimalFilter::pays(64, 4, 2, 15));    // a short signal
  CHECK_FALSE(MinimalFilter::pays(12, 4, 2, 2400));  // few channels
  CHECK_FALSE(MinimalFilter::pays(512, 3, 1, 1000));
}

TEST_CASE("the factors are those of a filter: four sums of products of neighbouring inputs") {
  const auto check = [](const auto& scheme) {
    for (int i = 0; i < scheme.outputs; ++i)
      for (int k = 0; k < scheme.taps; ++k)
        for (int q = 0; q < scheme.products; ++q) {
          double share = 0;  // of input q times tap k in output i
          for (int a = 0; a < scheme.products; ++a)
            share +=
                static_cast<double>(scheme.output[i][a]) * scheme.tap[a][k] * static_cast<double>(scheme.input[a][q]);
          CHECK(share == doctest::Approx(q == i + k ? 1 : 0).scale(1).epsilon(1e-14));
        }
  };
  check(nn::detail::MinimalScheme<2>());
  check(nn::detail::MinimalScheme<4>());
}

TEST_CASE("convolutions in fours equal the plain loops, for any number of outputs") {
  const Activation leaky{Activation::Kind::leaky_relu};
  for (const Index length : {1, 2, 3, 5, 7, 9, 11, 13, 40, 41, 42, 43})
    for (const Index batch : {1, 3})
      for (const bool folded : {false, true}) {
        CAPTURE(length);
        CAPTURE(batch);
        CAPTURE(folded);
        for (const Index padding : {1, 2})
          CHECK(filtering_error<Conv1d>(
                    Conv1dOptions{.in = 64, .out = 35, .kernel = 4, .stride = 2, .padding = padding + (length < 2)},
                    batch, length, folded, leaky) < 2e-6);
        CHECK(filtering_error<Conv1d>(Conv1dOptions{.in = 128, .out = 7, .kernel = 2, .stride = 1, .padding = 1}, batch,
                                      length, folded, leaky) < 2e-6);
        for (const Index kernel : {8, 9, 11, 15, 16})
          CHECK(filtering_error<Conv1d>(Conv1dOptions{.in = 6, .out = 50, .kernel = kernel, .padding = 8}, batch,
                                        length, folded, leaky) < 2e-6);
      }
}

TEST_CASE("transposed convolutions in fours equal the plain loops") {
  const Activation relu{Activation::Kind::relu};
  for (const Index length : {1, 2, 3, 5, 20, 21, 22, 23})
    for (const Index batch : {1, 2})
      for (const bool folded : {false, true}) {
        CAPTURE(length);
        CAPTURE(batch);
        CAPTURE(folded);
        for (const Index padding : {0, 1, 4})  // 4: more than the output's margin
          if (2 * length + 2 > 2 * padding)
            CHECK(filtering_error<ConvTranspose1d>(
                      ConvTranspose1dOptions{.in = 128, .out = 33, .kernel = 4, .stride = 2, .padding = padding}, batch,
                      length, folded, relu) < 2e-6);
        CHECK(filtering_error<ConvTranspose1d>(ConvTranspose1dOptions{.in = 10, .out = 64, .kernel = 15}, batch, length,
                                               folded, relu) < 2e-6);
        CHECK(filtering_error<ConvTranspose1d>(
                  ConvTranspose1dOptions{.in = 129, .out = 5, .kernel = 6, .stride = 3, .padding = 2}, batch, length,
                  folded, relu) < 2e-6);
      }
}

TEST_CASE("a share of the sums that was made elsewhere is added before the activation") {
  const Activation relu{Activation::Kind::relu};
  for (const ConvTranspose1dOptions& options :
       {ConvTranspose1dOptions{.in = 10, .out = 64, .kernel = 15},
        ConvTranspose1dOptions{.in = 128, .out = 64, .kernel = 4, .stride = 2, .padding = 1}})
    for (const Index shares : {1, 2}) {  // one for all items, one each
      ConvTranspose1d<float> layer(options), direct = layer;
      layer.weight = direct.weight = formula_tensor("w", layer.weight.shape());
      const Tensor<float> x = formula_tensor("x", {2, 21, options.in}),
                          share = formula_tensor("s", {shares, layer.output_length(21), 64});
      const ChannelAffine<float> affine{std::vector<float>(64, 1.5f), std::vector<float>(64, 0.5f)};
      layer.prepare(&affine, Precision::f32, 1000);
      direct.prepare(&affine);
      Workspace workspace;
      const Sequence<const float> initial = as_sequence(share.view());
      const Sequence<float> y = layer(as_sequence(x.view()), workspace, relu, 0, &initial);
      const Sequence<float> expected = direct(as_sequence(x.view()), workspace, relu, 0, &initial);
      for (Index i = 0; i < 2 * y.batch_stride(); ++i) REQUIRE(std::abs(y.data[i] - expected.data[i]) < 5e-5f);
    }
}

TEST_CASE("what a layer writes beyond its output is zero again") {
  ConvTranspose1d<float> layer({.in = 128, .out = 16, .kernel = 4, .stride = 2, .padding = 1});
  layer.weight = formula_tensor("w", layer.weight.shape());
  layer.prepare(nullptr, Precision::f32, 1000);
  const Tensor<float> x = formula_tensor("x", {2, 9, 128});
  Workspace workspace;
  for (const Index margin : {1, 3}) {
    const Sequence<float> y = layer(as_sequence(x.view()), workspace, {}, margin);
    for (Index b = 0; b < 2; ++b)
      for (Index i = 0; i < margin * 16; ++i) {
        REQUIRE(y.item(b)[-1 - i] == 0);
        REQUIRE(y.item(b)[y.length * 16 + i] == 0);
      }
  }
}

TEST_CASE("fours are the same bits for any number of threads") {
  const auto check = [](auto layer, Index in) {
    layer.weight = formula_tensor("w", layer.weight.shape());
    layer.prepare(nullptr, Precision::f32, 1000);
    const Tensor<float> x = formula_tensor("x", {2, 301, in});
    Workspace one(1);
    const Sequence<float> y = layer(as_sequence(x.view()), one);
    for (const int threads : {2, 3, 7}) {
      Workspace several(threads);
      CHECK(std::equal(y.data, y.data + 2 * y.batch_stride(), layer(as_sequence(x.view()), several).data));
    }
  };
  check(Conv1d<float>({.in = 64, .out = 100, .kernel = 4, .stride = 2, .padding = 1}), 64);
  check(Conv1d<float>({.in = 5, .out = 50, .kernel = 15}), 5);
  check(ConvTranspose1d<float>({.in = 128, .out = 20, .kernel = 4, .stride = 2, .padding = 1}), 128);
}
