#include "systolic/nn/conv2d.hpp"

#include <doctest/doctest.h>

#include "support/gradients.hpp"
#include "support/shared.hpp"
#include "systolic/grad/conv3d.hpp"
#include "systolic/grad/conv_transpose2d.hpp"
#include "systolic/grad/graph_mixing.hpp"
#include "systolic/grad/heat_map.hpp"
#include "systolic/grad/image_block.hpp"

using namespace systolic;
using nn::Triple;
using testing::TensorList;
using testing::worst_gradient_error;

namespace {

constexpr double tolerance = 1e-6;

template <class Layer>
TensorList tensors_of(Layer& layer, const std::string& prefix = "layer") {
  TensorList list;
  visit_parameters(layer, prefix, [&](const std::string& name, Tensor<double>& tensor) {
    tensor = formula_tensor<double>(name, tensor.shape());
    list.tensors.emplace_back(name, &tensor);
  });
  return list;
}

struct Case {
  Index in, out;
  Triple kernel, stride, padding, dilation, size;
};

const std::vector<Case> cases = {
    {1, 4, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1}, {1, 9, 11}},
    {5, 3, {1, 3, 3}, {1, 2, 2}, {0, 1, 1}, {1, 1, 1}, {2, 8, 7}},
    {3, 9, {1, 3, 2}, {1, 1, 1}, {0, 2, 3}, {1, 2, 3}, {1, 10, 12}},
    {3, 16, {3, 7, 7}, {1, 2, 2}, {1, 3, 3}, {1, 1, 1}, {5, 12, 10}},
    {4, 6, {3, 3, 3}, {2, 2, 2}, {1, 1, 1}, {2, 1, 1}, {8, 6, 5}},
    {4, 6, {1, 1, 1}, {2, 2, 2}, {0, 0, 0}, {1, 1, 1}, {4, 6, 5}},
    {3, 8, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {3, 5, 8}},
};

nn::Conv3dOptions options_of(const Case& c) {
  return {.in = c.in,
          .out = c.out,
          .kernel = c.kernel,
          .stride = c.stride,
          .padding = c.padding,
          .dilation = c.dilation,
          .bias = true};
}

}  // namespace

TEST_CASE("the row product equals plain loops, for any stride, padding and dilation, and any number of threads") {
  for (const Case& c : cases) {
    nn::Conv3d<float> layer(options_of(c));
    layer.weight = formula_tensor("w", layer.weight.shape());
    layer.bias = formula_tensor("b", layer.bias.shape());
    const auto x = formula_tensor("x", {2, c.size[0], c.size[1], c.size[2], c.in});
    Workspace one, three(3);
    const auto plain = layer(nn::as_image(x.view()), one);
    layer.prepare();
    const auto fast = layer(nn::as_image(x.view()), one), threaded = layer(nn::as_image(x.view()), three);
    REQUIRE(fast.extent == plain.extent);
    for (Index i = 0; i < plain.pixels.batch * plain.pixels.batch_stride(); ++i) {
      REQUIRE(fast.pixels.data[i] == doctest::Approx(plain.pixels.data[i]).epsilon(1e-4).scale(1));
      REQUIRE(fast.pixels.data[i] == threaded.pixels.data[i]);
    }
  }
}

TEST_CASE("a folded batch norm and a slope are applied on the way out") {
  nn::Conv2d<float> layer({.in = 3, .out = 5, .kernel = 3, .padding = 1, .bias = true});
  layer.weight = formula_tensor("w", layer.weight.shape());
  CHECK(layer.weight.shape() == Shape{5, 3, 3, 3});
  const auto x = formula_tensor("x", {1, 6, 7, 3});
  Workspace workspace;
  auto plain = layer(nn::as_image(x.view()), workspace);
  nn::ChannelAffine<float> affine{{1, 2, -1, 0.5f, 3}, {0, 1, 2, 3, -4}};
  layer.prepare(&affine);
  const auto y = layer(nn::as_image(x.view()), workspace, {nn::Activation::Kind::relu});
  for (Index i = 0; i < y.pixels.batch_stride(); ++i) {
    const auto c = static_cast<std::size_t>(i % 5);
    CHECK(y.pixels.data[i] ==
          doctest::Approx(std::max(0.0f, plain.pixels.data[i] * affine.scale[c] + affine.shift[c])).epsilon(1e-4));
  }
}

TEST_CASE("gradients of image convolutions against finite differences") {
  for (const Case& c : cases) {
    nn::Conv3d<double> layer(options_of(c));
    const TensorList list = tensors_of(layer);
    const nn::ImageExtent extent{c.size[0], c.size[1], c.size[2]};
    for (const auto kind : {nn::Activation::Kind::none, nn::Activation::Kind::tanh})
      CHECK(worst_gradient_error(formula_tensor<double>("x", {2, extent.count(), c.in}), list,
                                 [&](const auto& x, auto& tape) {
                                   return apply(layer, grad::ImageVariable<double>{x, extent}, {kind}, tape).pixels;
                                 }) < tolerance);
  }
}

TEST_CASE("gradients in float are those in double, on one thread and on three") {
  for (const Case& c : cases) {
    const nn::ImageExtent extent{c.size[0], c.size[1], c.size[2]};
    const auto run = [&]<class T>(T, int threads) {
      nn::Conv3d<T> layer(options_of(c));
      layer.weight = formula_tensor<T>("w", layer.weight.shape());
      layer.bias = formula_tensor<T>("b", layer.bias.shape());
      layer.prepare();
      const auto x = formula_tensor<T>("x", {3, extent.count(), c.in});
      const nn::Image<const T> image{nn::as_sequence(x.view()), extent};
      Workspace workspace(threads);
      const nn::ImageExtent out = layer.output_extent(extent);
      const auto dy = formula_tensor<T>("dy", {3, out.count(), c.out});
      Tensor<T> result({layer.weight.size() + x.size()});
      grad::backward<T>(layer, image, {nn::as_sequence(dy.view()), out}, result.data(),
                        result.data() + layer.weight.size(), false, workspace);
      return result;
    };
    const auto exact = run(double(), 1);
    const auto one = run(float(), 1), three = run(float(), 3);
    CHECK(testing::largest_difference(one, exact) < 1e-4);
    CHECK(testing::largest_difference(one, three) == 0);
  }
}

TEST_CASE("transposed convolutions: plain loops, gradients") {
  // Kernel, stride, padding.
  for (const Triple& c : {Triple{2, 2, 0}, {3, 2, 1}, {4, 2, 1}, {3, 1, 1}, {2, 3, 0}}) {
    const nn::ConvTranspose2dOptions options{
        .in = 5, .out = 3, .kernel = c[0], .stride = c[1], .padding = c[2], .bias = true};
    nn::ConvTranspose2d<float> layer(options);
    layer.weight = formula_tensor("w", layer.weight.shape());
    layer.bias = formula_tensor("b", layer.bias.shape());
    const auto x = formula_tensor("x", {2, 2, 4, 6, 5});
    Workspace workspace(2);
    const auto plain = layer(nn::as_image(x.view()), workspace);
    layer.prepare();
    const auto fast = layer(nn::as_image(x.view()), workspace);
    for (Index i = 0; i < plain.pixels.batch * plain.pixels.batch_stride(); ++i)
      REQUIRE(fast.pixels.data[i] == doctest::Approx(plain.pixels.data[i]).epsilon(1e-4).scale(1));

    nn::ConvTranspose2d<double> exact(options);
    const nn::ImageExtent extent{2, 4, 6};
    CHECK(worst_gradient_error(formula_tensor<double>("x", {2, extent.count(), 5}), tensors_of(exact),
                               [&](const auto& v, auto& tape) {
                                 return apply(exact, grad::ImageVariable<double>{v, extent}, {}, tape).pixels;
                               }) < tolerance);
  }
}

TEST_CASE("max pooling takes the largest of each window; pixels that fill none are left out") {
  Tensor<float> x({1, 3, 5, 1}, {1, 2, 3, 4, 9, 5, 0, 1, 7, 9, 9, 9, 9, 9, 9});
  Workspace workspace;
  const auto y = nn::max_pool2d(nn::as_image(x.view()), 2, workspace);
  CHECK(y.extent == nn::ImageExtent{1, 1, 2});
  CHECK(y.pixels.data[0] == 5);
  CHECK(y.pixels.data[1] == 7);
  const nn::ImageExtent extent{2, 6, 7};
  CHECK(worst_gradient_error(formula_tensor<double>("x", {2, extent.count(), 3}), {}, [&](const auto& v, auto& tape) {
          return max_pool2d(grad::ImageVariable<double>{v, extent}, 2, tape).pixels;
        }) < tolerance);
}

TEST_CASE("batch norm over images, activations, ELU, concatenation: gradients") {
  const auto check = [](const TensorList& list, const auto& operation) {
    CHECK(worst_gradient_error(formula_tensor<double>("x", {3, 12, 4}), list, operation) < tolerance);
  };
  nn::BatchNorm1d<double> norm(4);
  TensorList list;
  for (auto& entry : tensors_of(norm).tensors)
    if (!entry.first.ends_with("running_mean") && !entry.first.ends_with("running_var")) list.tensors.push_back(entry);
  check(list, [&](const auto& x, auto& tape) { return apply(norm, x, tape); });
  check({}, [](const auto& x, auto& tape) { return grad::apply_elu(x, tape); });
  check({}, [](const auto& x, auto& tape) { return activate({nn::Activation::Kind::relu}, x, tape); });
  Workspace workspace;
  Tensor<double> x({1, 1, 3}, {-1, 0, 2});
  const auto y = nn::apply_elu(nn::as_sequence(std::as_const(x).view()), workspace);
  CHECK(y.data[0] == doctest::Approx(std::exp(-1.0) - 1));
  CHECK(y.data[1] == 0);
  CHECK(y.data[2] == 2);
}

TEST_CASE("a block of convolution, batch norm and activation: folded in inference, gradients, a sum, a mean") {
  const nn::Conv3dOptions options{.in = 3, .out = 4, .kernel = {3, 3, 3}, .stride = {2, 2, 2}, .padding = {1, 1, 1}};
  nn::ImageBlock<float> block(options);
  visit_parameters(block, "block", [](const std::string& name, Tensor<float>& tensor) {
    tensor = formula_tensor(name, tensor.shape());
    if (name.ends_with("running_var"))
      for (float& value : tensor) value += 1.5f;
  });
  const auto x = formula_tensor("x", {2, 5, 6, 7, 3});
  Workspace workspace;
  const auto plain = apply(block, nn::as_image(x.view()), workspace);
  CHECK(plain.extent == nn::ImageExtent{3, 3, 4});
  block.prepare();
  const auto fast = apply(block, nn::as_image(x.view()), workspace);
  for (Index i = 0; i < 2 * plain.pixels.batch_stride(); ++i)
    REQUIRE(fast.pixels.data[i] == doctest::Approx(plain.pixels.data[i]).epsilon(1e-4).scale(1));

  nn::ImageBlock<double> exact(options);
  TensorList list;
  visit_parameters(exact, "block", [&](const std::string& name, Tensor<double>& tensor) {
    if (name.find("running") != std::string::npos) return;
    tensor = formula_tensor<double>(name, tensor.shape());
    list.tensors.emplace_back(name, &tensor);
  });
  const nn::ImageExtent extent{5, 6, 7};
  CHECK(worst_gradient_error(formula_tensor<double>("x", {2, extent.count(), 3}), list, [&](const auto& v, auto& tape) {
          const auto once = apply(exact, grad::ImageVariable<double>{v, extent}, tape);
          return mean_over_pixels(add(once, add(once, once, tape), tape), tape);
        }) < tolerance);
}

TEST_CASE("graph tables and the mixing layer") {
  const nn::GraphTable complete = nn::complete_graph(6);
  std::vector<Index> row;
  for (Index k = 0; k < 6; ++k) row.push_back(complete(3, k));
  CHECK(row == std::vector<Index>{3, 0, 1, 2, 4, 5});
  const nn::GraphTable temporal = nn::temporal_graph(40);
  CHECK(temporal.nodes == 80);
  CHECK(temporal.neighbours == 41);
  CHECK((temporal(0, 0) == 0 && temporal(0, 39) == 39 && temporal(0, 40) == 40));
  CHECK((temporal(41, 0) == 41 && temporal(41, 1) == 40 && temporal(41, 2) == 42 && temporal(41, 40) == 1));
  for (const nn::GraphTable& table : {nn::complete_graph(5), nn::temporal_graph(3)}) {
    nn::GraphMixing<double> mixing(table, 3, 4);
    CHECK(worst_gradient_error(formula_tensor<double>("x", {2, table.nodes, 3}), tensors_of(mixing),
                               [&](const auto& x, auto& tape) { return apply(mixing, x, tape); }) < tolerance);
  }
}

TEST_CASE("heat maps: the expected place of a peak, its gradient, the row at a column, the loss") {
  Workspace workspace;
  Tensor<double> logits({1, 7, 9, 2});
  logits(0, 4, 6, 0) = 100;
  logits(0, 2, 3, 1) = logits(0, 3, 3, 1) = 100;
  const auto image = nn::as_image(std::as_const(logits).view());
  const auto points = nn::expected_coordinates<double>(nn::heat_maps<double>(image, workspace), workspace);
  CHECK(points.data[0] == doctest::Approx(4));
  CHECK(points.data[1] == doctest::Approx(6));
  CHECK(points.data[2] == doctest::Approx(2.5));
  CHECK(nn::expected_rows_at<double>(image, 3, workspace).data[1] == doctest::Approx(2.5));
  CHECK(nn::expected_rows_at<double>(image, 0, workspace).data[1] == doctest::Approx(3));
  const nn::ImageExtent extent{1, 5, 4};
  const auto target = formula_tensor<double>("target", {2, 3, 2});
  const auto loss = [&](const auto& x, auto& tape) {
    return landmark_distance(grad::landmark_coordinates(grad::ImageVariable<double>{x, extent}, tape),
                             nn::as_sequence(target.view()), tape);
  };
  CHECK(worst_gradient_error(formula_tensor<double>("x", {2, extent.count(), 3}), {}, loss) < tolerance);
  const auto target_rows = formula_tensor<double>("target", {2, 3, 1});
  const auto in_column = [&](const auto& x, auto& tape) {
    return landmark_distance(grad::landmark_rows_at(grad::ImageVariable<double>{x, extent}, 2, tape),
                             nn::as_sequence(target_rows.view()), tape);
  };
  CHECK(worst_gradient_error(formula_tensor<double>("x", {2, extent.count(), 3}), {}, in_column) < tolerance);

  // How far maps spread: all in one pixel, and in two of one column.
  Workspace::Scope scope(workspace);
  const auto maps = nn::heat_maps<double>(image, workspace);
  const auto spreads =
      nn::coordinate_spreads<double>(nn::Image<const double>(maps), nn::Sequence<const double>(points), workspace);
  CHECK(spreads.data[0] == doctest::Approx(0).epsilon(1e-9));
  CHECK(spreads.data[1] == doctest::Approx(0.5));
  const auto rows = nn::expected_rows_at<double>(image, 3, workspace);
  CHECK(nn::row_spreads_at<double>(image, 3, nn::Sequence<const double>(rows), workspace).data[1] ==
        doctest::Approx(0.5));
}
