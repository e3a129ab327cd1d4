#include "systolic/nn/parameters.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace systolic;

namespace {

template <class T>
struct Two {
  Tensor<T> weight = Tensor<T>({2, 2});
  Tensor<T> bias = Tensor<T>({2});
};
using TwoTensors = Two<double>;
template <class T, class Visitor>
void visit_parameters(Two<T>& model, Visitor&& visitor) {
  visitor("layer.weight", model.weight);
  visitor("layer.bias", model.bias);
}

nn::StateDict fitting() {
  nn::StateDict state;
  state.tensors.push_back({"layer.bias", Tensor<float>({2}, {5, 6})});
  state.tensors.push_back({"layer.weight", Tensor<float>({2, 2}, {1, 2, 3, 4})});
  return state;
}

std::string problem(const nn::StateDict& state) {
  TwoTensors model;
  const Status status = nn::load_parameters(model, state, "w.safetensors");
  return status ? "" : status.error().message;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("tensors are found by name, in any order") {
  TwoTensors model;
  REQUIRE(nn::load_parameters(model, fitting(), "w"));
  CHECK(model.weight(1, 0) == 3);
  CHECK(model.bias(1) == 6);
}

TEST_CASE("tensors that a model takes are its own, and gone from the state") {
  Two<float> model;
  nn::StateDict state = fitting();
  REQUIRE(nn::take_parameters(model, state, "w"));
  CHECK(model.weight(1, 0) == 3);
  CHECK(model.bias(1) == 6);
  for (const nn::NamedTensor& entry : state.tensors) CHECK(entry.tensor.empty());
  state = fitting();
  state.tensors.erase(state.tensors.begin());
  CHECK_FALSE(nn::take_parameters(model, state, "w"));
}

TEST_CASE("counters of PyTorch's batch norms are passed over") {
  nn::StateDict state = fitting();
  state.tensors.push_back({"layer.num_batches_tracked", Tensor<float>({1})});
  CHECK(problem(state).empty());
}

TEST_CASE("a missing tensor is named with its shape") {
  nn::StateDict state = fitting();
  state.tensors.erase(state.tensors.begin());
  CHECK(problem(state) == "w.safetensors: weights do not fit the model: missing layer.bias [2]");
}

TEST_CASE("a surplus tensor is named") {
  nn::StateDict state = fitting();
  state.tensors.push_back({"head.weight", Tensor<float>({1})});
  CHECK(contains(problem(state), "surplus head.weight"));
}

TEST_CASE("a tensor of another shape is named with both shapes") {
  nn::StateDict state = fitting();
  state.tensors[1].tensor = Tensor<float>({4, 1});
  CHECK(contains(problem(state), "layer.weight is [4, 1], not [2, 2]"));
}

TEST_CASE("weights that are not finite are refused") {
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    nn::StateDict state = fitting();
    state.tensors[0].tensor(1) = value;
    CHECK(contains(problem(state), "layer.bias holds a value that is not finite"));
  }
}

TEST_CASE("all problems are counted, the first six are named") {
  nn::StateDict state = fitting();
  for (int i = 0; i < 9; ++i) state.tensors.push_back({"extra" + std::to_string(i), Tensor<float>({1})});
  CHECK(contains(problem(state), "surplus extra5"));
  CHECK_FALSE(contains(problem(state), "surplus extra6"));
  CHECK(contains(problem(state), "and 3 more"));
}

TEST_CASE("what is saved loads again") {
  TwoTensors model;
  REQUIRE(nn::load_parameters(model, fitting(), "w"));
  const nn::StateDict saved = nn::save_parameters(model);
  CHECK(saved.tensors.size() == 2);
  REQUIRE(saved.find("layer.weight") != nullptr);
  CHECK((*saved.find("layer.weight"))(0, 1) == 2);
}

TEST_CASE("metadata is found by key and replaced in place") {
  nn::StateDict state;
  CHECK(state.find_metadata("seed") == nullptr);
  state.set_metadata("seed", "1");
  state.set_metadata("data", "PTB-XL");
  state.set_metadata("seed", "2");
  REQUIRE(state.find_metadata("seed") != nullptr);
  CHECK(*state.find_metadata("seed") == "2");
  CHECK(state.metadata.size() == 2);
}
