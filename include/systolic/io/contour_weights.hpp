#pragma once
// From a weights file to a ContourFinder.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/formula.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/echo/contour_finder.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/safetensors.hpp"

namespace systolic::io {

inline constexpr double contour_tolerance = 1e-3;  ///< of a coordinate (share of the image), in the self-check

/// Whether these tensors are of the contour network.
inline bool is_contour_network(const nn::StateDict& state) {
  return state.find("encoder.stem.0.weight") != nullptr && state.find("decoder.0.weight") != nullptr;
}

/// Writes what the tensors' shapes do not tell into a weights file's metadata.
template <class = void>
inline void set_contour_options(nn::StateDict& state, const echo::ContourNetworkOptions& options) {
  state.set_metadata("contour.frames", std::to_string(options.frames));
  state.set_metadata("contour.size", std::to_string(options.size));
}

/// The options of the contour network whose tensors these are; `file` names it in errors. Limits keep a hostile file
/// from asking for more memory than its own tensors take.
template <class = void>
inline Result<echo::ContourNetworkOptions> find_contour_options(const nn::StateDict& state, const std::string& file) {
  echo::ContourNetworkOptions options;
  const auto extent = [&](const std::string& name, int axis, Index most, Index& value) {
    const Tensor<float>* tensor = state.find(name);
    if (tensor == nullptr || tensor->shape().rank() <= axis) return false;
    value = tensor->shape()[axis];
    return value >= 1 && value <= most;
  };
  const auto metadata = [&](const char* key, Index most, Index& value) {
    const std::string* text = state.find_metadata(key);
    const auto number = text == nullptr ? std::optional<Index>() : number_from_text<Index>(*text);
    value = number.value_or(0);
    return value >= 2 && value <= most;
  };
  bool known = metadata("contour.frames", 128, options.frames) && metadata("contour.size", 512, options.size) &&
               extent("encoder.stem.0.weight", 1, 1, options.encoder.in);
  for (std::size_t stage = 0; stage < echo::encoder_stages; ++stage)
    known = known && extent("encoder.layer" + std::to_string(stage + 1) + ".0.conv1.0.weight", 0, 2048,
                            options.encoder.widths[stage]);
  options.encoder.blocks = 0;
  while (options.encoder.blocks < 64 &&
         state.find("encoder.layer1." + std::to_string(options.encoder.blocks) + ".conv1.0.weight") != nullptr)
    ++options.encoder.blocks;
  options.features = 0;
  if (state.find("read_out.weight") != nullptr) known = known && extent("read_out.weight", 0, 4096, options.features);
  options.decoder.clear();
  for (Index layer = 2, out = 0; layer < 32; ++layer) {
    // Layer 1 keeps the width of the first of these, the last one gives two coordinates.
    const std::string name = "decoder." + std::to_string(layer) + ".layer.weight";
    if (state.find("decoder." + std::to_string(layer + 1) + ".layer.weight") == nullptr) break;
    known = known && extent(name, 0, 1024, out);
    options.decoder.insert(options.decoder.begin(), out);
  }
  Index widest = 0;
  known = known && extent("decoder.1.layer.weight", 0, 1024, widest);
  options.decoder.push_back(widest);
  if (!known) return error_at(file, "weights", "these are not of the contour network");
  return options;
}

/// Writes the refiners' strips, which their tensors do not tell, into a weights file's metadata.
template <class = void>
inline void set_refiner_options(nn::StateDict& state, const std::vector<echo::WallStripOptions>& strips) {
  std::vector<double> numbers;
  for (const echo::WallStripOptions& strip : strips) {
    numbers.push_back(static_cast<double>(strip.rows));
    numbers.push_back(strip.reach);
  }
  state.set_metadata("contour.strips", numbers_to_text(numbers));
}

/// The refiners whose tensors these are, named as visit_parameters names them; none where there are none. No more
/// memory than the tensors take is asked for.
template <class = void>
inline Result<echo::WallRefiners<float>> load_refiners(const nn::StateDict& state, const std::string& file) {
  echo::WallRefiners<float> refiners;
  const auto wrong = [&](const char* what) { return error_at(file, "refiners", what); };
  const std::string* text = state.find_metadata("contour.strips");
  const auto numbers = numbers_from_text<double>(text == nullptr ? "" : *text);
  if (!numbers || numbers->size() % 2 != 0 || numbers->size() > 16) return wrong("metadata contour.strips is damaged");
  for (std::size_t i = 0; i < numbers->size(); i += 2) {
    const double rows = (*numbers)[i], reach = (*numbers)[i + 1];
    const std::string name = "refiner." + std::to_string(i / 2);
    const Tensor<float>* last = state.find(name + ".conv_final.weight");
    const Tensor<float>* deepest = state.find(name + ".down_blocks.3.conv2.weight");  // the largest of all
    const Index width = last != nullptr && last->shape().rank() > 1 ? last->shape()[1] : 0;
    if (width < 1 || width > 256 || deepest == nullptr || !(deepest->shape() == Shape{8 * width, 8 * width, 3, 3}))
      return wrong("a tensor is missing or of another shape");
    if (!(rows >= 8 && rows <= 512 && reach > 0 && reach <= 1) || std::fmod(rows, 8) != 0)
      return wrong("metadata contour.strips has a strip that cannot be");
    refiners.steps.emplace_back(echo::WallStripOptions{static_cast<Index>(rows), reach}, width);
  }
  if (Status status = nn::load_parameters(refiners, state, file); !status) return status.error();
  return refiners;
}

/// Some key points and the ejection fraction for the clip "self_check.clip" of core/formula.hpp, and of each refiner
/// some steps for "self_check.strip".
template <class = void>
inline std::vector<float> contour_self_check(const echo::ContourFinder& finder, Workspace& workspace) {
  const echo::ContourNetwork<float>& network = finder.network();
  const echo::ContourNetworkOptions& o = network.options;
  auto clip = formula_tensor("self_check.clip", {1, o.frames, o.size, o.size, 1});
  Workspace::Scope scope(workspace);
  const auto read = run_network(network, nn::as_image(clip.view()), workspace);
  std::vector<float> values;
  for (Index i = 0; i < read.points.length; i += 10) values.push_back(read.points.data[2 * i + 1]);
  values.push_back(read.fraction.data[0]);
  const std::vector<Index> columns = echo::strip_columns_of_key_points();
  for (const echo::WallRefiner<float>& refiner : finder.refiners().steps) {
    auto strip = formula_tensor("self_check.strip", {1, refiner.strip.rows, echo::strip_columns, 2});
    const auto steps = run_refiner(refiner, nn::as_image(strip.view()), columns, workspace);
    for (Index i = 0; i < steps.length; i += 20) {
      values.push_back(steps.data[2 * i]);
      values.push_back(steps.data[2 * i + 1]);
    }
  }
  return values;
}

/// Writes a finder's self-check into the metadata of its weights file, key "self_check".
template <class = void>
inline void set_contour_self_check(nn::StateDict& state, const echo::ContourFinder& finder, Workspace& workspace) {
  state.set_metadata("self_check", numbers_to_text(contour_self_check(finder, workspace)));
}

/// A finder from the tensors of a weights file. The file's self-check, if it has one, is run.
template <class = void>
inline Result<echo::ContourFinder> make_contour_finder(const nn::StateDict& state, const std::string& file) {
  const auto options = find_contour_options(state, file);
  if (!options) return options.error();
  nn::StateDict coarse, fine;
  fine.metadata = state.metadata;
  for (const nn::NamedTensor& entry : state.tensors)
    (entry.name.starts_with("refiner.") ? fine : coarse).tensors.push_back(entry);
  echo::ContourNetwork<float> network(*options);
  if (Status status = nn::load_parameters(network, coarse, file); !status) return status.error();
  auto refiners = load_refiners(fine, file);
  if (!refiners) return refiners.error();
  const std::string* name = state.find_metadata("name");
  echo::ContourFinder finder(std::move(network), std::move(*refiners),
                             name != nullptr ? *name : split_path(file).second, weights_checksum(state));
  Workspace workspace;
  const auto computed = [&] { return contour_self_check(finder, workspace); };
  if (Status status = compare_self_check(state, file, computed, contour_tolerance); !status) return status.error();
  return finder;
}

/// A finder from a .safetensors file.
template <class = void>
inline Result<echo::ContourFinder> load_contour_finder(const std::string& path) {
  auto state = read_safetensors(path);
  if (!state) return state.error();
  return make_contour_finder(*state, path);
}

}  // namespace systolic::io
