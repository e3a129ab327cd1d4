#pragma once
// What a weights file says about the shape of a landmark network: part follows from the tensors, the rest stands in
// metadata (network.image, network.rows).

#include <string>

#include "systolic/core/numbers.hpp"
#include "systolic/echo/landmark_network.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic::echo {

/// Whether these tensors are of a U-Net for landmarks.
inline bool is_landmark_network(const nn::StateDict& state) {
  return state.find("down_blocks.0.conv1.weight") != nullptr;
}

/// Writes what does not follow from the tensors.
template <class = void>
inline void set_landmark_options(nn::StateDict& state, const LandmarkOptions& options) {
  state.set_metadata("network.image", options.image == LandmarkImage::m_mode ? "m-mode" : "frame");
  state.set_metadata("network.rows", std::to_string(options.rows));
}

/// The options of the network whose tensors these are; `file` names it in errors. Limits keep a hostile file from
/// asking for more memory than its own tensors take.
template <class = void>
inline Result<LandmarkOptions> find_landmark_options(const nn::StateDict& state, const std::string& file) {
  LandmarkOptions options;
  const Tensor<float>* first = state.find("down_blocks.0.conv1.weight");
  const Tensor<float>* last = state.find("conv_final.weight");
  if (first == nullptr || last == nullptr || first->shape().rank() != 4 || last->shape().rank() != 4)
    return error_at(file, "weights", "these are not of a network for landmarks of echocardiograms");
  options.network.width = first->shape()[0];
  options.network.in = first->shape()[1];
  options.network.landmarks = last->shape()[0];
  Index levels = 1;
  while (levels < 8 && state.find("down_blocks." + std::to_string(levels) + ".conv1.weight") != nullptr) ++levels;
  options.network.levels = levels;
  const Tensor<float>* deepest = state.find("down_blocks." + std::to_string(levels - 1) + ".conv2.weight");
  if (options.network.width < 1 || options.network.width > 256 || options.network.in != 1 ||
      options.network.landmarks != 4 || deepest == nullptr || deepest->shape().rank() != 4 ||
      deepest->shape()[0] != options.network.width << (levels - 1))
    return error_at(file, "weights", "a U-Net of such channels is not one of this version");
  const std::string* image = state.find_metadata("network.image");
  if (image == nullptr || (*image != "m-mode" && *image != "frame"))
    return error_at(file, "metadata network.image", "is neither m-mode nor frame");
  options.image = *image == "m-mode" ? LandmarkImage::m_mode : LandmarkImage::frame;
  const std::string* text = state.find_metadata("network.rows");
  const auto rows = text == nullptr ? std::optional<Index>() : number_from_text<Index>(*text);
  if (!rows || *rows < 16 || *rows > 1024 || *rows % options.network.granularity() != 0 ||
      m_mode_columns % options.network.granularity() != 0)
    return error_at(file, "metadata network.rows", "is no number of rows that the network can take");
  options.rows = *rows;
  return options;
}

}  // namespace systolic::echo
