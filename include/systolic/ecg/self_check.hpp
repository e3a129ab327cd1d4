#pragma once
// A weights file carries a few outputs of its network for an input that follows from a name. They are computed again
// when the file is loaded: weights that were damaged, or a machine that computes otherwise, are found before a patient
// is.

#include <cmath>
#include <string>
#include <vector>

#include "systolic/core/formula.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/core/result.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic {

/// Largest difference of an output of the network, whose range is (-amplitude, amplitude).
inline double self_check_tolerance(Precision precision) noexcept {
  return precision == Precision::f32 ? 1e-4 : precision == Precision::bf16 ? 0.05 : 0.2;
}

/// Three values of each of the restored global, local and trend signals (at 1/4, 1/2 and 3/4 of each, flat) for the
/// inputs "self_check.global", "self_check.local" and "self_check.trend" of core/formula.hpp.
template <class = void>
inline std::vector<float> self_check_values(const Restoration<float>& model, Workspace& workspace) {
  const RestorationOptions& options = model.options;
  const auto global = formula_tensor("self_check.global", {1, options.length, options.leads});
  const auto local = formula_tensor("self_check.local", {1, options.beat_length, options.leads});
  const auto trend = formula_tensor("self_check.trend", {1, options.length, options.leads});
  Workspace::Scope scope(workspace);
  const auto input = [](const Tensor<float>& x) {
    return nn::Sequence<float>{const_cast<float*>(x.data()), 1, x.shape()[1], x.shape()[2], 0};
  };
  const auto restored = model(input(global), input(local), input(trend), workspace);
  std::vector<float> values;
  for (const nn::Sequence<float>* output : {&restored.global, &restored.local, &restored.trend})
    for (Index quarter = 1; quarter <= 3; ++quarter)
      values.push_back(output->data[output->length * output->channels * quarter / 4]);
  return values;
}

/// Writes the network's self-check into a weights file's metadata, key "self_check".
template <class = void>
inline void set_self_check(nn::StateDict& state, const Restoration<float>& model, Workspace& workspace) {
  state.set_metadata("self_check", numbers_to_text(self_check_values(model, workspace)));
}

/// Compares what compute() gives with the metadata's self-check. No metadata: nothing to check, nothing is computed.
template <class Compute>
Status compare_self_check(const nn::StateDict& state, const std::string& file, const Compute& compute,
                          double tolerance) {
  const std::string* text = state.find_metadata("self_check");
  if (text == nullptr) return {};
  const auto expected = numbers_from_text<float>(*text);
  const std::vector<float> computed = compute();
  if (!expected || expected->size() != computed.size()) return error_at(file, "metadata self_check", "is malformed");
  for (std::size_t i = 0; i < computed.size(); ++i)
    if (!(std::abs(static_cast<double>(computed[i] - (*expected)[i])) <= tolerance))
      return error_at(file, "self-check",
                      "output " + std::to_string(i) + " is " + number_to_text(computed[i]) + ", the file expects " +
                          number_to_text((*expected)[i]));
  return {};
}

/// Computes the self-check of the metadata again.
template <class = void>
inline Status run_self_check(const nn::StateDict& state, const Restoration<float>& model, const std::string& file,
                             Workspace& workspace) {
  return compare_self_check(
      state, file, [&] { return self_check_values(model, workspace); }, self_check_tolerance(model.precision()));
}

}  // namespace systolic
