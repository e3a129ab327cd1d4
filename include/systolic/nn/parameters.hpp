#pragma once
// Weights by name, as a file holds them: the currency between the models and the readers and writers of weights.

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"

namespace systolic::nn {

/// A tensor with its checkpoint name, for example "global_encoder.main.0.weight", in PyTorch's layout.
struct NamedTensor {
  std::string name;
  Tensor<float> tensor;
};

/// The tensors of a weights file in file order, with its metadata (text by key, in file order).
struct StateDict {
  std::vector<NamedTensor> tensors;
  std::vector<std::pair<std::string, std::string>> metadata;

  /// The tensor of that name, or nullptr.
  template <class = void>
  const Tensor<float>* find(std::string_view name) const noexcept {
    for (const NamedTensor& entry : tensors)
      if (entry.name == name) return &entry.tensor;
    return nullptr;
  }
  /// The metadata of that key, or nullptr.
  template <class = void>
  const std::string* find_metadata(std::string_view key) const noexcept {
    for (const auto& [name, text] : metadata)
      if (name == key) return &text;
    return nullptr;
  }
  template <class = void>
  void set_metadata(std::string_view key, std::string text) {
    for (auto& entry : metadata)
      if (entry.first == key) {
        entry.second = std::move(text);
        return;
      }
    metadata.emplace_back(key, std::move(text));
  }
};

namespace detail {

/// Calls take(tensor of the model, tensor of the file) for each pair of a name; what does not fit is an error.
template <class Model, class State, class Take>
Status match_parameters(Model& model, State& state, const std::string& file, const Take& take) {
  std::string problems;
  int problem_count = 0;
  const auto complain = [&](const std::string& problem) {
    if (++problem_count <= 6) problems += (problems.empty() ? "" : "; ") + problem;
  };
  std::vector<const NamedTensor*> used;
  visit_parameters(model, [&](const std::string& name, auto& tensor) {
    const auto entry = std::find_if(state.tensors.begin(), state.tensors.end(),
                                    [&](const NamedTensor& candidate) { return candidate.name == name; });
    if (entry == state.tensors.end()) return complain("missing " + name + " " + tensor.shape().text());
    used.push_back(&*entry);
    auto& source = entry->tensor;
    if (!(source.shape() == tensor.shape()))
      return complain(name + " is " + source.shape().text() + ", not " + tensor.shape().text());
    if (!std::all_of(source.begin(), source.end(), [](float value) { return std::isfinite(value); }))
      return complain(name + " holds a value that is not finite");
    take(tensor, source);
  });
  for (const NamedTensor& entry : state.tensors)
    if (!entry.name.ends_with(".num_batches_tracked") && !entry.name.starts_with("score.") &&
        std::find(used.begin(), used.end(), &entry) == used.end())
      complain("surplus " + entry.name);
  if (problem_count == 0) return {};
  if (problem_count > 6) problems += "; and " + std::to_string(problem_count - 6) + " more";
  return error_at(file, "weights do not fit the model", problems);
}

}  // namespace detail

/// Copies the tensors of a file into a model, by name. Every tensor of the model must be there with its shape and
/// finite values, and none beside (PyTorch's num_batches_tracked counters and the tensors "score.*" of
/// ecg/normality.hpp are passed over); the error names what is missing, surplus or mis-shaped, and the model is then
/// left half filled. Requires visit_parameters(model, visitor) for the model, and prepare() afterwards.
template <class Model>
Status load_parameters(Model& model, const StateDict& state, const std::string& file) {
  return detail::match_parameters(model, state, file, [](auto& tensor, const Tensor<float>& source) {
    std::copy(source.begin(), source.end(), tensor.begin());
  });
}

/// The same for a model of floats, which takes the tensors themselves: theirs in `state` are empty afterwards.
template <class Model>
Status take_parameters(Model& model, StateDict& state, const std::string& file) {
  return detail::match_parameters(model, state, file, [](Tensor<float>& tensor, Tensor<float>& source) {
    tensor = std::move(source);
    source = {};
  });
}

/// The tensors of a model under their checkpoint names, converted to float.
template <class Model>
StateDict save_parameters(Model& model) {
  StateDict state;
  visit_parameters(model, [&](const std::string& name, auto& tensor) {
    state.tensors.push_back({name, convert<float>(tensor)});
  });
  return state;
}

}  // namespace systolic::nn
