#pragma once
// From the weights file of a published diagnosis network to a PublishedDiagnoser, and its self-check.

#include <string>
#include <utility>
#include <vector>

#include "systolic/core/formula.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/ecg/diagnosis_published_classify.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/safetensors.hpp"

namespace systolic::io {

inline constexpr double published_tolerance = 1e-3;  ///< of an output, in the self-check; logits may be large

/// Three values of each restored signal and of the logits (at 1/4, 1/2 and 3/4, flat), and the attributes, for the
/// inputs "self_check.global", "self_check.local" and "self_check.trend" of core/formula.hpp. Requires a prepared
/// network.
template <class = void>
inline std::vector<float> published_self_check_values(const PublishedDiagnosisNetwork<float>& network,
                                                      Workspace& workspace) {
  const RestorationOptions& options = network.options.backbone;
  auto global = formula_tensor("self_check.global", {1, options.length, options.leads});
  auto local = formula_tensor("self_check.local", {1, options.beat_length, options.leads});
  auto trend = formula_tensor("self_check.trend", {1, options.length, options.leads});
  Workspace::Scope scope(workspace);
  const auto output =
      network(nn::as_sequence(global.view()), nn::as_sequence(local.view()), nn::as_sequence(trend.view()), workspace);
  std::vector<float> values;
  for (const nn::Sequence<float>* signal : {&output.global, &output.local, &output.trend, &output.logits})
    for (Index quarter = 1; quarter <= 3; ++quarter)
      values.push_back(signal->data[signal->length * signal->channels * quarter / 4]);
  values.insert(values.end(), output.attributes.data, output.attributes.data + output.attributes.channels);
  return values;
}

/// Writes the network's self-check into a weights file's metadata, key "self_check".
template <class = void>
inline void set_published_self_check(nn::StateDict& state, const PublishedDiagnosisNetwork<float>& network,
                                     Workspace& workspace) {
  state.set_metadata("self_check", numbers_to_text(published_self_check_values(network, workspace)));
}

/// The published network from the tensors of a weights file (.safetensors, or a .pt read by io/torch_checkpoint.hpp);
/// `file` names it in errors. The file's self-check, if it has one, is run.
template <class = void>
inline Result<PublishedDiagnoser> make_published_diagnoser(const nn::StateDict& state, const std::string& file) {
  const auto options = find_published_diagnosis_options(state, file);
  if (!options) return options.error();
  PublishedDiagnosisNetwork<float> network(*options);
  if (Status status = nn::load_parameters(network, state, file); !status) return status.error();
  const auto scale = find_published_attribute_scale(state, file);
  if (!scale) return scale.error();
  const std::string* name = state.find_metadata("name");
  PublishedDiagnoser diagnoser(std::move(network), *scale, name != nullptr ? *name : split_path(file).second,
                               weights_checksum(state));
  Workspace workspace;
  const auto computed = [&] { return published_self_check_values(diagnoser.network(), workspace); };
  if (Status status = compare_self_check(state, file, computed, published_tolerance); !status) return status.error();
  return diagnoser;
}

}  // namespace systolic::io
