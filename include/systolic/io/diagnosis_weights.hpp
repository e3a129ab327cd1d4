#pragma once
// From a weights file to a Diagnoser.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/formula.hpp"
#include "systolic/ecg/diagnoser.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/safetensors.hpp"

namespace systolic::io {

inline constexpr double diagnosis_tolerance = 1e-3;  ///< of a logit, in the self-check

/// Whether these tensors are of the slim diagnosis network.
inline bool is_diagnosis(const nn::StateDict& state) { return state.find("diagnosis.classes.weight") != nullptr; }

/// The options of the diagnosis network whose tensors these are; `file` names it in errors. Limits keep a hostile file
/// from asking for more memory than its own tensors take.
template <class = void>
inline Result<DiagnosisOptions> find_diagnosis_options(const nn::StateDict& state, const std::string& file) {
  DiagnosisOptions options;
  const auto extent = [&](const char* name, int axis, Index most, Index& value) {
    const Tensor<float>* tensor = state.find(name);
    if (tensor == nullptr || tensor->shape().rank() <= axis) return false;
    value = tensor->shape()[axis];
    return value >= 1 && value <= most;
  };
  const bool known = extent("global_encoder.main.0.weight", 0, 256, options.width) &&
                     extent("global_encoder.main.0.weight", 1, 64, options.leads) &&
                     extent("diagnosis.reduce.weight", 0, 1024, options.channels) &&
                     extent("diagnosis.blocks.0.first.weight", 2, 31, options.kernel) &&
                     extent("diagnosis.measured.weight", 0, 4096, options.measured) &&
                     extent("diagnosis.measured.weight", 1, 4096, options.measurements) &&
                     extent("diagnosis.classes.weight", 0, 1024, options.classes);
  if (!known) return error_at(file, "weights", "these are not of the diagnosis network");
  if (options.leads != standard_lead_count || options.measurements != measurement_count || options.kernel % 2 == 0)
    return error_at(file, "weights",
                    "a diagnosis network of " + std::to_string(options.leads) + " leads, " +
                        std::to_string(options.measurements) + " measurements and kernel " +
                        std::to_string(options.kernel) + " is not one of this version");
  return options;
}

/// Every eighth logit for the inputs "self_check.global" and "self_check.measurements" of core/formula.hpp.
template <class = void>
inline std::vector<float> diagnosis_self_check(const Diagnosis<float>& network, Workspace& workspace) {
  const auto global = formula_tensor("self_check.global", {1, global_length, network.options.leads});
  auto measurements = formula_tensor("self_check.measurements", {1, 1, network.options.measurements});
  Workspace::Scope scope(workspace);
  const auto encoded = network.encode(nn::as_sequence(global.view()), workspace);
  const nn::Sequence<float> measured{measurements.data(), 1, 1, network.options.measurements, 0};
  const auto read = network.read(encoded, measured, workspace);
  std::vector<float> values;
  for (Index c = 0; c < network.options.classes; c += 8) values.push_back(read.logits.data[c]);
  return values;
}

/// Writes the network's self-check into a weights file's metadata, key "self_check".
template <class = void>
inline void set_diagnosis_self_check(nn::StateDict& state, const Diagnosis<float>& network, Workspace& workspace) {
  state.set_metadata("self_check", numbers_to_text(diagnosis_self_check(network, workspace)));
}

/// A diagnoser from the tensors of a weights file. The file's self-check, if it has one, is run.
template <class = void>
inline Result<Diagnoser> make_diagnoser(const nn::StateDict& state, const std::string& file) {
  const auto options = find_diagnosis_options(state, file);
  if (!options) return options.error();
  Diagnosis<float> network(*options);
  if (Status status = nn::load_parameters(network, state, file); !status) return status.error();
  auto scales = find_diagnosis_scales(state, options->classes, options->measurements, file);
  if (!scales) return scales.error();
  const std::string* name = state.find_metadata("name");
  Diagnoser diagnoser(std::move(network), std::move(*scales), name != nullptr ? *name : split_path(file).second,
                      weights_checksum(state));
  Workspace workspace;
  const auto computed = [&] { return diagnosis_self_check(diagnoser.network(), workspace); };
  if (Status status = compare_self_check(state, file, computed, diagnosis_tolerance); !status) return status.error();
  return diagnoser;
}

/// A diagnoser from a .safetensors file.
template <class = void>
inline Result<Diagnoser> load_diagnoser(const std::string& path) {
  auto state = read_safetensors(path);
  if (!state) return state.error();
  return make_diagnoser(*state, path);
}

}  // namespace systolic::io
