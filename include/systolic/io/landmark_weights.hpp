#pragma once
// From a weights file to a LandmarkNetwork.

#include <string>
#include <utility>
#include <vector>

#include "systolic/ecg/self_check.hpp"
#include "systolic/echo/landmark_metadata.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/safetensors.hpp"

namespace systolic::io {

inline constexpr double landmark_tolerance = 1e-2;  ///< of a logit, in the self-check

/// Eight logits for the input "self_check.image" of core/formula.hpp.
template <class = void>
inline std::vector<float> landmark_self_check(const echo::LandmarkNetwork& network, Workspace& workspace) {
  const Index rows = network.options().rows, columns = network.options().columns();
  auto input = formula_tensor("self_check.image", {1, rows, columns, 1});
  Workspace::Scope scope(workspace);
  const auto logits = echo::run_unet(network.network(), nn::as_image(input.view()), workspace);
  std::vector<float> values;
  for (Index i = 0; i < 8; ++i) values.push_back(logits.pixels.data[(2 * i + 1) * rows * columns / 16 * 4 + i % 4]);
  return values;
}

/// Writes the network's self-check into a weights file's metadata, key "self_check".
template <class = void>
inline void set_landmark_self_check(nn::StateDict& state, const echo::LandmarkNetwork& network, Workspace& workspace) {
  state.set_metadata("self_check", numbers_to_text(landmark_self_check(network, workspace)));
}

/// A network from the tensors of a weights file. The file's self-check, if it has one, is run.
template <class = void>
inline Result<echo::LandmarkNetwork> make_landmark_network(const nn::StateDict& state, const std::string& file) {
  const auto options = echo::find_landmark_options(state, file);
  if (!options) return options.error();
  echo::UNet<float> unet(options->network);
  if (Status status = nn::load_parameters(unet, state, file); !status) return status.error();
  const std::string* name = state.find_metadata("name");
  echo::LandmarkNetwork network(*options, std::move(unet), name != nullptr ? *name : split_path(file).second,
                                weights_checksum(state));
  Workspace workspace;
  const auto computed = [&] { return landmark_self_check(network, workspace); };
  if (Status status = compare_self_check(state, file, computed, landmark_tolerance); !status) return status.error();
  return network;
}

/// A network from a .safetensors file.
template <class = void>
inline Result<echo::LandmarkNetwork> load_landmark_network(const std::string& path) {
  auto state = read_safetensors(path);
  if (!state) return state.error();
  return make_landmark_network(*state, path);
}

}  // namespace systolic::io
