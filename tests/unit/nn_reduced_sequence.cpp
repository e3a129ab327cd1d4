#include "systolic/nn/reduced_sequence.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/formula_model.hpp"
#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::nn;

namespace {

/// Root mean square of a - b, over that of b.
double relative_error(const Sequence<float>& a, const Sequence<float>& b) {
  double difference = 0, size = 0;
  for (Index item = 0; item < b.batch; ++item)
    for (Index i = 0; i < b.length * b.channels; ++i) {
      const double x = static_cast<double>(a.item(item)[i]), y = static_cast<double>(b.item(item)[i]);
      difference += (x - y) * (x - y);
      size += y * y;
    }
  return std::sqrt(difference / size);
}

/// What rounding to a precision may cost a layer.
double bar(Precision precision) { return precision == Precision::bf16 ? 0.005 : 0.02; }

template <class Layer>
void check_layer(Layer layer, Index length) {
  visit_parameters(layer, "layer", [](const std::string& name, Tensor<float>& tensor) {
    tensor = formula_tensor(name, tensor.shape());
  });
  ChannelAffine<float> affine;
  for (Index c = 0; c < layer.options.out; ++c) {
    affine.scale.push_back(0.5f + 0.01f * static_cast<float>(c));
    affine.shift.push_back(0.1f * static_cast<float>(c % 3));
  }
  const Activation leaky{Activation::Kind::leaky_relu};
  const auto x = formula_tensor("x", {3, length, layer.options.in});
  Workspace workspace;
  Workspace::Scope scope(workspace);
  layer.prepare(&affine);
  const Sequence<float> expected = layer(as_sequence(x.view()), workspace, leaky, 2);
  for (const Precision precision : {Precision::bf16, Precision::int8}) {
    CAPTURE(precision_name(precision));
    layer.prepare(&affine, precision);
    REQUIRE(layer.prepared());
    const Sequence<float> found = layer(as_sequence(x.view()), workspace, leaky, 2);
    CHECK(relative_error(found, expected) < bar(precision));
    CHECK(relative_error(found, expected) > 1e-6);  // it is another way to compute
    // A recording's numbers do not depend on what shares its batch, nor on the threads.
    const Sequence<const float> alone{x.data() + length * layer.options.in, 1, length, layer.options.in, 0};
    Workspace several(3);
    Workspace::Scope several_scope(several);
    const Sequence<float> second = layer(alone, several, leaky, 2);
    CHECK(std::equal(second.data, second.data + second.length * second.channels, found.item(1)));
  }
  layer.prepare(&affine);
  CHECK(relative_error(layer(as_sequence(x.view()), workspace, leaky, 2), expected) == 0);
}

}  // namespace

TEST_CASE("a sequence in fewer bits has its margins of zeros") {
  const auto x = formula_tensor("x", {2, 5, 3});
  Workspace workspace;
  Workspace::Scope scope(workspace);
  const ReducedSequence bytes = reduce(as_sequence(x.view()), Precision::int8, 2, 3, workspace);
  CHECK(bytes.batch_stride == 9 * 3);
  for (Index b = 0; b < 2; ++b)
    for (Index i = 0; i < 27; ++i) {
      const std::uint8_t found = bytes.data[b * 27 + i];
      if (i < 6 || i >= 21)
        CHECK(found == kernels::int8_zero);
      else
        CHECK(static_cast<float>(found - 128) * bytes.scales[b] ==
              doctest::Approx(x.data()[b * 15 + i - 6]).epsilon(0.01).scale(1));
    }
}

TEST_CASE("convolutions in bf16 and int8 stay near f32") {
  check_layer(Conv1d<float>({.in = 12, .out = 32, .kernel = 4, .stride = 2, .padding = 1}), 100);
  check_layer(Conv1d<float>({.in = 64, .out = 50, .kernel = 15, .bias = true}), 40);
  check_layer(Conv1d<float>({.in = 7, .out = 20, .kernel = 5, .stride = 3, .same = true}), 31);
}

TEST_CASE("transposed convolutions in bf16 and int8 stay near f32") {
  check_layer(ConvTranspose1d<float>({.in = 50, .out = 64, .kernel = 15}), 21);
  check_layer(ConvTranspose1d<float>({.in = 32, .out = 13, .kernel = 4, .stride = 2, .padding = 1, .bias = true}), 77);
}

TEST_CASE("the network in bf16 and int8 stays near f32") {
  auto model = testing::formula_model<float>({.hidden = 8, .width = 8});
  const auto global = formula_tensor("g", {1, 4800, 12}), local = formula_tensor("l", {1, 480, 12});
  const auto view = [](const Tensor<float>& x) {
    return Sequence<float>{const_cast<float*>(x.data()), 1, x.shape()[1], 12, 0};
  };
  Workspace workspace;
  Workspace::Scope scope(workspace);
  model.prepare();
  CHECK(model.precision() == Precision::f32);
  const auto expected = model(view(global), view(local), view(global), workspace);
  for (const Precision precision : {Precision::bf16, Precision::int8}) {
    CAPTURE(precision_name(precision));
    model.prepare(precision);
    CHECK(model.precision() == precision);
    const auto found = model(view(global), view(local), view(global), workspace);
    const double most = precision == Precision::bf16 ? 0.03 : 0.15;
    CHECK(relative_error(found.global, expected.global) < most);
    CHECK(relative_error(found.local, expected.local) < most);
    CHECK(relative_error(found.trend, expected.trend) < most);
  }
}
