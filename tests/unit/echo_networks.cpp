// The echocardiography networks against the authors' own classes: weights by the fixtures' recipe, outputs, losses and
// gradient norms by PyTorch in double.

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/files.hpp"
#include "support/shared.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/echo/graph_decoder.hpp"
#include "systolic/echo/unet.hpp"
#include "systolic/grad/conv3d.hpp"
#include "systolic/grad/conv_transpose2d.hpp"
#include "systolic/grad/graph_mixing.hpp"
#include "systolic/grad/heat_map.hpp"

using namespace systolic;
using namespace systolic::echo;
using nlohmann::json;

namespace {

const json& fixtures() {
  static const json all =
      json::parse(testing::read_bytes(testing::shared_folder() + "/golden/echo/torch_fixtures.json"));
  return all;
}

/// Fills every tensor of the model that the fixture names; its place in the fixture's list chooses the numbers.
template <class Model, class Visit>
void set_weights(const json& fixture, Model& model, const Visit& visit) {
  Index filled = 0;
  visit(model, [&](const std::string& name, auto& tensor) {
    for (std::size_t t = 0; t < fixture["tensors"].size(); ++t) {
      if (fixture["tensors"][t][0] != name) continue;
      const auto shape = fixture["tensors"][t][1].template get<std::vector<Index>>();
      REQUIRE(static_cast<int>(shape.size()) == tensor.shape().rank());
      double fan = 1;
      for (std::size_t d = 0; d < shape.size(); ++d) {
        REQUIRE(shape[d] == tensor.shape()[static_cast<int>(d)]);
        if (d > 0) fan *= static_cast<double>(shape[d]);
      }
      std::uint32_t state = 12345 + static_cast<std::uint32_t>(t);
      for (auto& value : tensor) {
        state = state * 1664525u + 1013904223u;
        const double v = static_cast<double>(state) / 2147483648.0 - 1;
        const bool gain = name.find("norm") != std::string::npos && name.ends_with("weight");
        value = static_cast<std::remove_reference_t<decltype(value)>>(shape.size() > 1 ? v * std::sqrt(6 / fan)
                                                                      : gain           ? 1 + 0.1 * v
                                                                                       : 0.1 * v);
      }
      filled += tensor.size();
    }
  });
  CHECK(filled > 0);
}

template <class T>
Tensor<T> cosines(const Shape& shape) {
  Tensor<T> x(shape);
  for (Index k = 0; k < x.size(); ++k) x.data()[k] = static_cast<T>(std::cos(0.05 * static_cast<double>(k)));
  return x;
}

template <class T>
double norm(const T* values, Index count) {
  double squares = 0;
  for (Index i = 0; i < count; ++i) squares += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return std::sqrt(squares);
}

/// Gradient norms by name; those that the normalisation after them makes zero are compared with the scale of the rest.
template <class T>
void check_gradients(const json& fixture, grad::Parameters<T>& parameters, double tolerance) {
  std::size_t seen = 0;
  for (const auto& parameter : parameters) {
    if (!fixture["grad_l2"].contains(parameter.name)) continue;
    ++seen;
    const double expected = fixture["grad_l2"][parameter.name];
    CAPTURE(parameter.name);
    CHECK(norm(parameter.gradient.data(), parameter.gradient.size()) ==
          doctest::Approx(expected).epsilon(tolerance).scale(expected < 1e-9 ? 1 : 0));
  }
  CHECK(seen == fixture["grad_l2"].size());
}

template <class Model>
struct Visited {
  Model& model;
  std::string prefix;
};
template <class Model, class Visitor>
void visit_parameters(Visited<Model>& visited, Visitor&& visitor) {
  visit_parameters(visited.model, visited.prefix, visitor);
}

/// A head on features: outputs, the linear functional L of the recipe and its gradient.
template <class T, class Model, class Run>
void check_head(const std::string& name, Model& model, const std::string& prefix, Index features, double tolerance,
                const Run& run) {
  CAPTURE(name);
  const json& fixture = fixtures()[name];
  Visited<Model> visited{model, prefix};
  set_weights(fixture, visited, [](auto& m, const auto& visitor) { visit_parameters(m, visitor); });
  grad::Parameters<T> parameters(visited);
  grad::Tape<T> tape(parameters);
  const Tensor<T> x = cosines<T>({2, 1, features});
  const auto y = run(model, tape.leaf(nn::as_sequence(x.view())), tape);
  const Index count = y.value.batch * y.value.batch_stride();
  Tensor<T> seed({count});
  double sum = 0, functional = 0;
  for (Index k = 0; k < count; ++k) {
    seed.data()[k] = static_cast<T>(std::sin(static_cast<double>(k)));
    sum += static_cast<double>(y.value.data[k]);
    functional += static_cast<double>(y.value.data[k]) * std::sin(static_cast<double>(k));
  }
  const double size = fixture["out_l2"];
  for (std::size_t k = 0; k < fixture["out_head"].size(); ++k)
    CHECK(y.value.data[k] == doctest::Approx(fixture["out_head"][k].template get<double>()).epsilon(tolerance));
  CHECK(norm(y.value.data, count) == doctest::Approx(size).epsilon(tolerance));
  CHECK(std::abs(sum - fixture["out_sum"].template get<double>()) < tolerance * size * std::sqrt(count));
  CHECK(std::abs(functional - fixture["L"].template get<double>()) < tolerance * size * std::sqrt(count));
  tape.backward(y, seed.view());
  check_gradients(fixture, parameters, tolerance);
}

template <class T>
void check_unet(const std::string& name, const UNetOptions& options, double tolerance, double gradient_tolerance) {
  CAPTURE(name);
  const json& fixture = fixtures()[name];
  UNet<T> model(options);
  set_weights(fixture, model, [](auto& m, const auto& visitor) { visit_parameters(m, visitor); });
  grad::Parameters<T> parameters(model);
  grad::Tape<T> tape(parameters, 2);
  const Index batch = fixture["in_shape"][0], rows = fixture["in_shape"][2], columns = fixture["in_shape"][3];
  const Tensor<T> x = cosines<T>({batch, rows * columns, 1});
  const nn::ImageExtent extent{1, rows, columns};
  const auto logits = run_unet(model, grad::ImageVariable<T>{tape.input(nn::as_sequence(x.view())), extent}, tape);
  const nn::Image<T> maps = logits.value();
  CHECK(norm(maps.item(0), batch * maps.pixels.batch_stride()) ==
        doctest::Approx(fixture["logit_l2"].get<double>()).epsilon(tolerance));
  // The fixture's order is [channel][row][column].
  for (std::size_t k = 0; k < fixture["logit_head"].size(); ++k)
    CHECK(maps.item(0)[4 * k] == doctest::Approx(fixture["logit_head"][k].get<double>()).epsilon(tolerance));
  const auto points = landmark_coordinates(logits, tape);
  const auto rows_at = nn::expected_rows_at<T>(maps, 16, tape.workspace());
  for (Index b = 0; b < batch; ++b) {
    const auto item = static_cast<std::size_t>(b);
    for (std::size_t i = 0; i < 8; ++i)
      CHECK(points.value.item(b)[i] == doctest::Approx(fixture["coords"][item][i].get<double>()).epsilon(tolerance));
    for (std::size_t i = 0; i < 4; ++i)
      CHECK(rows_at.item(b)[i] ==
            doctest::Approx(fixture["cond_y_at_col16"][item][i].get<double>()).epsilon(tolerance));
  }
  // The fixture's landmarks lie in rows 10, 20, 40 and 50 of column 16.
  Tensor<T> target({batch, 4, 2});
  for (Index b = 0; b < batch; ++b)
    for (Index i = 0; i < 4; ++i) {
      target(b, i, 0) = static_cast<T>(i < 2 ? 10 * (i + 1) : 10 * (i + 2));
      target(b, i, 1) = 16;
    }
  const auto loss = landmark_distance(points, nn::as_sequence(std::as_const(target).view()), tape);
  CHECK(loss.value.data[0] == doctest::Approx(fixture["loss"].get<double>()).epsilon(tolerance));
  const Tensor<T> one({1}, {T(1)});
  tape.backward(loss, one.view());
  check_gradients(fixture, parameters, gradient_tolerance);
}

template <class T>
void check_decoder(const std::string& name, Index features, const nn::GraphTable& table,
                   const std::vector<Index>& channels, double tolerance) {
  GraphDecoder<T> decoder(features, table, channels);
  check_head<T>(name, decoder, "decoder_layers", features, tolerance,
                [](const auto& model, const auto& x, auto& tape) { return run_decoder(model, x, tape); });
}

}  // namespace

TEST_CASE("key point decoders equal the published ones: outputs and gradients") {
  SKIP_WITHOUT_SHARED();
  const std::vector<Index> deep = {4, 8, 8, 16, 16, 32, 32, 48}, wide = {16, 32, 32, 48};
  check_decoder<double>("kpts_decoder_f32_V3", 32, nn::complete_graph(40), deep, 1e-9);
  check_decoder<double>("kpts_decoder_EFGCN_f512_80", 512, nn::complete_graph(80), {2, 3, 4}, 1e-9);
  check_decoder<double>("kpts_decoder_temporal_f32_80", 32, nn::temporal_graph(40), wide, 1e-9);
  check_decoder<float>("kpts_decoder_f32_V3", 32, nn::complete_graph(40), deep, 1e-5);
  check_decoder<float>("kpts_decoder_f1280_V3", 1280, nn::complete_graph(40), deep, 1e-5);
  check_decoder<float>("kpts_decoder_EFGCN_f512_80", 512, nn::complete_graph(80), {2, 3, 4}, 1e-5);
  check_decoder<float>("kpts_decoder_EFGCNV2_f512_80", 512, nn::complete_graph(80), wide, 1e-5);
  check_decoder<float>("kpts_decoder_temporal_f32_80", 32, nn::temporal_graph(40), wide, 1e-5);
}

TEST_CASE("the heads for ejection fraction and frames equal the published ones") {
  SKIP_WITHOUT_SHARED();
  const auto run = [](const auto& model, const auto& x, auto& tape) { return run_head(model, x, tape); };
  FractionHead<double> fraction(512);
  check_head<double>("MLP_ef_512", fraction, "layers", 512, 1e-9, run);
  FractionHead<float> fraction_f32(512);
  check_head<float>("MLP_ef_512", fraction_f32, "layers", 512, 1e-5, run);
  FrameHead<double> frames(512, 16);
  check_head<double>("SDNet_512", frames, "net", 512, 1e-9, run);
  FrameHead<float> frames_f32(512, 16);
  check_head<float>("SDNet_512", frames_f32, "net", 512, 1e-5, run);
}

TEST_CASE("the U-Net equals the published one: logits, landmarks, loss and gradients") {
  SKIP_WITHOUT_SHARED();
  check_unet<double>("UNet_start4", {.width = 4}, 1e-9, 1e-9);
  check_unet<double>("UNet_paper_start64", {.width = 64}, 1e-9, 1e-9);
  // In float gradients are as good as PyTorch's; docs/echo.md shows that the fixture's weights rounded to float move
  // them by half a per cent at the published width, whoever computes them.
  check_unet<float>("UNet_start4", {.width = 4}, 1e-5, 3e-5);
  check_unet<float>("UNet_paper_start64", {.width = 64}, 1e-5, 1e-2);
}

TEST_CASE("inference with running statistics gives what training with them gives; the sizes are the published ones") {
  UNet<float> model;
  Index count = 0;
  visit_parameters(model, [&](const std::string& name, Tensor<float>& tensor) {
    if (name.find("running") == std::string::npos) count += tensor.size();
  });
  CHECK(count == 7702916);  // without the three convolutions that are never used

  UNet<float> slim({.width = 8});
  visit_parameters(slim, [](const std::string& name, Tensor<float>& tensor) {
    tensor = formula_tensor(name, tensor.shape());
    if (name.ends_with("running_var"))
      for (float& value : tensor) value = 1.5f + value;
  });
  const Tensor<float> x = formula_tensor("x", {2, 32, 16, 1});
  Workspace one, two(2);
  const auto plain = run_unet(slim, nn::as_image(x.view()), one);
  slim.prepare();
  const auto fast = run_unet(slim, nn::as_image(x.view()), two);
  CHECK(fast.channels() == 4);
  double size = 0, worst = 0;
  for (Index i = 0; i < 2 * plain.pixels.batch_stride(); ++i) {
    size = std::max(size, std::abs(static_cast<double>(plain.pixels.data[i])));
    worst = std::max(worst, std::abs(static_cast<double>(plain.pixels.data[i] - fast.pixels.data[i])));
  }
  CHECK(worst < 1e-5 * size);
}
