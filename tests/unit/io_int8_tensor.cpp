#include "systolic/io/int8_tensor.hpp"

#include <doctest/doctest.h>

#include "support/files.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/io/safetensors.hpp"

using namespace systolic;

namespace {

nn::StateDict weights() {
  nn::StateDict state;
  state.tensors.push_back({"a.bias", formula_tensor("a.bias", {7})});
  state.tensors.push_back({"a.weight", formula_tensor("a.weight", {33, 5, 17})});  // an odd number of bytes
  state.tensors.push_back({"score.whitening", formula_tensor("score.whitening", {64, 64})});
  state.tensors.push_back({"b.weight", formula_tensor("b.weight", {4, 700})});
  state.set_metadata("name", "small");
  return state;
}

}  // namespace

TEST_CASE("each row has its own scale, and the largest number of a row is kept") {
  Tensor<float> x({3, 2}, {1.5f, -2.0f, 0.0f, 0.0f, 1e-6f, 0.25e-6f});
  const io::Int8Tensor reduced = io::to_int8(x);
  CHECK(reduced.values == std::vector<std::int8_t>{95, -127, 0, 0, 127, 32});
  Tensor<float> back({3, 2}, {95, -127, 0, 0, 127, 32});
  io::from_int8(back, reduced.scale);
  CHECK(back(0, 1) == doctest::Approx(-2));
  CHECK(back(1, 0) == 0);
  CHECK(back(2, 0) == doctest::Approx(1e-6));
}

TEST_CASE("a file of int8 weights is a quarter as large and reads back within half a unit") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path("w.safetensors"), again = folder.path("again.safetensors");
  const nn::StateDict state = weights();
  REQUIRE(io::write_safetensors(path, state, io::DataType::int8).ok());
  const auto read = io::read_safetensors(path);
  REQUIRE(read);
  REQUIRE(read->tensors.size() == state.tensors.size());
  for (const nn::NamedTensor& entry : state.tensors) {
    CAPTURE(entry.name);
    const Tensor<float>* found = read->find(entry.name);
    REQUIRE(found != nullptr);
    REQUIRE(found->shape() == entry.tensor.shape());
    const bool rounded = io::goes_into_int8(entry);
    CHECK(rounded == (entry.name == "a.weight" || entry.name == "b.weight"));
    float worst = 0;
    for (Index i = 0; i < found->size(); ++i)
      worst = std::max(worst, std::abs(found->data()[i] - entry.tensor.data()[i]));
    CHECK(worst <= (rounded ? 0.51f / 127 : 0.0f));
  }
  // What was rounded once is not rounded again.
  REQUIRE(io::write_safetensors(again, *read, io::DataType::int8).ok());
  const auto twice = io::read_safetensors(again);
  REQUIRE(twice);
  for (const nn::NamedTensor& entry : read->tensors) {
    const Tensor<float>& other = *twice->find(entry.name);
    for (Index i = 0; i < other.size(); ++i)
      REQUIRE(other.data()[i] == doctest::Approx(entry.tensor.data()[i]).epsilon(1e-6));
  }
}

TEST_CASE("a scale that fits no tensor is refused") {
  for (const Shape& shape : {Shape{5}, Shape{4, 1}}) {
    nn::StateDict state;
    state.tensors.push_back({"w", Tensor<float>({4, 3})});
    state.tensors.push_back({"w.int8_scale", Tensor<float>(shape)});
    const Status status = io::join_int8(state);
    REQUIRE_FALSE(status);
    CHECK(status.error().message.find("w.int8_scale") != std::string::npos);
  }
  nn::StateDict alone;
  alone.tensors.push_back({"w.int8_scale", Tensor<float>({4})});
  CHECK_FALSE(io::join_int8(alone));
}
