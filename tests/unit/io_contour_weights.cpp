#include "systolic/io/contour_weights.hpp"

#include <doctest/doctest.h>

using namespace systolic;

namespace {

nn::StateDict weights(const echo::ContourNetworkOptions& options) {
  echo::ContourNetwork<float> network(options);
  visit_parameters(network, [](const std::string& name, Tensor<float>& tensor) {
    tensor = formula_tensor(name, tensor.shape());
    for (float& value : tensor) value = name.ends_with("running_var") ? value + 1.5f : 0.2f * value;
  });
  nn::StateDict state = nn::save_parameters(network);
  io::set_contour_options(state, options);
  return state;
}

echo::ContourNetworkOptions options(Index features) {
  echo::ContourNetworkOptions result;
  result.frames = 5;
  result.size = 20;
  result.encoder = {1, {2, 3, 4, 5}, 2};
  result.features = features;
  result.decoder = {3, 3, 4, 7};
  return result;
}

}  // namespace

TEST_CASE("the options of a contour network are found from its tensors") {
  for (const Index features : {0, 9}) {
    const auto found = io::find_contour_options(weights(options(features)), "w");
    REQUIRE(found);
    CHECK(found->frames == 5);
    CHECK(found->size == 20);
    CHECK(found->encoder.widths == options(features).encoder.widths);
    CHECK(found->encoder.blocks == 2);
    CHECK(found->features == features);
    CHECK(found->decoder == options(features).decoder);
    CHECK(io::make_contour_finder(weights(options(features)), "w"));
  }
}

TEST_CASE("a self-check finds changed weights, other files are refused by name") {
  nn::StateDict state = weights(options(9));
  Workspace workspace;
  io::set_contour_self_check(state, *io::make_contour_finder(state, "w"), workspace);
  CHECK(io::make_contour_finder(state, "w"));
  for (nn::NamedTensor& entry : state.tensors)
    if (entry.name == "fraction.5.bias") entry.tensor.data()[0] += 3;
  const auto changed = io::make_contour_finder(state, "w");
  REQUIRE(!changed);
  CHECK(changed.error().message.find("self-check") != std::string::npos);
  CHECK(!io::make_contour_finder({}, "w"));
  state.set_metadata("contour.size", "100000");
  CHECK(!io::make_contour_finder(state, "w"));
  CHECK(io::is_contour_network(state));
  CHECK(!io::is_contour_network({}));
}

TEST_CASE("refiners come with the network; damaged ones are refused by name") {
  nn::StateDict state = weights(options(9));
  const auto plain = io::make_contour_finder(state, "w");
  REQUIRE(plain);
  CHECK(plain->refiners().steps.empty());
  echo::WallRefiners<float> refiners;
  refiners.steps.emplace_back(echo::WallStripOptions{24, 0.15}, 3);
  visit_parameters(refiners, [](const std::string& name, Tensor<float>& tensor) {
    tensor = formula_tensor(name, tensor.shape());
    for (float& value : tensor) value = name.ends_with("running_var") ? value + 1.5f : 0.2f * value;
  });
  for (nn::NamedTensor& entry : nn::save_parameters(refiners).tensors) state.tensors.push_back(std::move(entry));
  CHECK(!io::make_contour_finder(state, "w"));  // tensors of which nothing is said
  io::set_refiner_options(state, {refiners.steps[0].strip});
  const auto found = io::make_contour_finder(state, "w");
  REQUIRE(found);
  REQUIRE(found->refiners().steps.size() == 1);
  CHECK(found->refiners().steps[0].strip.rows == 24);
  CHECK(found->refiners().steps[0].strip.reach == 0.15);
  Workspace workspace;
  io::set_contour_self_check(state, *found, workspace);
  CHECK(io::make_contour_finder(state, "w"));
  nn::StateDict changed = state;
  for (nn::NamedTensor& entry : changed.tensors)
    if (entry.name == "refiner.0.conv_final.bias") entry.tensor.data()[1] += 3;
  CHECK(!io::make_contour_finder(changed, "w"));
  changed = state;
  for (nn::NamedTensor& entry : changed.tensors)
    if (entry.name == "refiner.0.conv_final.weight") entry.tensor = Tensor<float>({4, 200, 1, 1});
  CHECK(!io::make_contour_finder(changed, "w"));  // would be large
  for (const char* text :
       {"24", "24 0.15 24", "24 x", "7 0.15", "24 0", "24 nan", "1e9 0.1", "25 0.1", "24 0.15 24 0.1"}) {
    state.set_metadata("contour.strips", text);
    const auto refused = io::make_contour_finder(state, "w");
    CAPTURE(text);
    REQUIRE(!refused);
    CHECK(refused.error().message.find("refiners") != std::string::npos);
  }
}
