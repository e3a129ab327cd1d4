#pragma once
// What a weights file says about the shape of its network: part follows from the tensors, the rest stands in metadata
// (network.*), without which the network is the published one.

#include <cmath>
#include <string>

#include "systolic/core/numbers.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic {

/// Writes what does not follow from the tensors.
template <class = void>
inline void set_restoration_options(nn::StateDict& state, const RestorationOptions& options) {
  state.set_metadata("network.amplitude", number_to_text(options.amplitude));
  state.set_metadata("network.log_variance_range", number_to_text(options.log_variance_range));
  state.set_metadata("network.beats", options.beats_in_millivolt ? "mV" : "normalized");
}

/// The options of the network whose tensors these are; `file` names them in errors. Limits keep a hostile file from
/// asking for more memory than its own tensors take.
template <class = void>
inline Result<RestorationOptions> find_restoration_options(const nn::StateDict& state, const std::string& file) {
  RestorationOptions options;
  const Tensor<float>* first = state.find("global_encoder.main.0.weight");
  const Tensor<float>* last = state.find("global_encoder.main.14.weight");
  if (first == nullptr || last == nullptr || first->shape().rank() != 3 || last->shape().rank() != 3)
    return error_at(file, "weights", "these are not of the restoration network");
  if (first->shape()[1] != standard_lead_count)
    return error_at(file, "weights",
                    "the network takes " + std::to_string(first->shape()[1]) + " leads, analysis needs 12");
  options.hidden = last->shape()[0];
  if (options.hidden < 2 || options.hidden > 1024 || options.hidden % options.heads != 0)
    return error_at(file, "weights", "a latent of " + std::to_string(options.hidden) + " channels is not possible");
  options.width = first->shape()[0];
  if (options.width < 1 || options.width > 256 || last->shape()[1] != 16 * options.width)
    return error_at(file, "weights", "a network of " + std::to_string(options.width) + " channels is not possible");
  options.attributes = state.find("predictor.0.weight") != nullptr;
  std::string wrong;
  const auto number = [&](const char* key, double& value) {
    const std::string* text = state.find_metadata(key);
    if (text == nullptr) return;
    const auto found = number_from_text<double>(*text);
    if (!found || !(*found > 0 && *found <= 1000)) wrong = key;
    value = found.value_or(1);
  };
  number("network.amplitude", options.amplitude);
  number("network.log_variance_range", options.log_variance_range);
  if (const std::string* beats = state.find_metadata("network.beats")) {
    options.beats_in_millivolt = *beats == "mV";
    if (*beats != "mV" && *beats != "normalized") wrong = "network.beats";
  }
  if (!wrong.empty())
    return error_at(file, "metadata " + wrong, "'" + state.find_metadata(wrong)->substr(0, 40) + "' is not valid");
  return options;
}

}  // namespace systolic
