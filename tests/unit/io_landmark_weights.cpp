#include "systolic/io/landmark_weights.hpp"

#include <doctest/doctest.h>

#include "support/files.hpp"
#include "systolic/train/initialize.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("a landmark network is written, read, and checks itself") {
  const LandmarkOptions options{.network = {.width = 2, .levels = 2}, .rows = 16};
  UNet<float> unet(options.network);
  train::initialize(unet, 9);
  nn::StateDict state = nn::save_parameters(unet);
  set_landmark_options(state, options);
  state.set_metadata("name", "small");
  Workspace workspace;
  const auto network = io::make_landmark_network(state, "memory");
  REQUIRE(network);
  io::set_landmark_self_check(state, *network, workspace);
  const testing::TemporaryFolder folder;
  REQUIRE(io::write_safetensors(folder.path("w.safetensors"), state, io::DataType::f32));
  const auto again = io::load_landmark_network(folder.path("w.safetensors"));
  REQUIRE(again);
  CHECK(again->name() == "small");
  CHECK(again->checksum() == io::weights_checksum(state));
  CHECK(io::landmark_self_check(*again, workspace) == io::landmark_self_check(*network, workspace));

  for (auto& [name, tensor] : state.tensors)
    if (name == "conv_final.bias") tensor.data()[1] += 1;
  const auto damaged = io::make_landmark_network(state, "memory");
  CHECK_FALSE(damaged);
  CHECK(damaged.error().message.find("self-check") != std::string::npos);
  state.tensors.pop_back();
  CHECK_FALSE(io::make_landmark_network(state, "memory"));
}
