#pragma once
// From a weights file to a Detector.

#include <string>
#include <utility>

#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/normality_tensors.hpp"
#include "systolic/ecg/restoration_metadata.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/safetensors.hpp"

namespace systolic::io {

/// A detector from the tensors of a weights file (which it takes: a caller that moves them in saves their memory),
/// whose network computes in `precision`; `file` names it in errors. The file's self-check, if it has one, is run,
/// unless the caller has no time for a forward pass.
template <class = void>
inline Result<Detector> make_detector(nn::StateDict state, const std::string& file,
                                      Precision precision = Precision::f32, bool self_check = true) {
  const auto options = find_restoration_options(state, file);
  if (!options) return options.error();
  std::string checksum = weights_checksum(state);
  Restoration<float> model(*options);
  if (Status status = nn::take_parameters(model, state, file); !status) return status.error();
  auto calibration = find_calibration(state, file);
  if (!calibration) return calibration.error();
  auto normality = find_normality(state, feature_counts(model.options), file);
  if (!normality) return normality.error();
  const std::string* name = state.find_metadata("name");
  const auto preparation = find_preparation(state, *calibration);
  Detector detector(std::move(model), std::move(*calibration), name != nullptr ? *name : split_path(file).second,
                    std::move(checksum), std::move(*normality), precision, preparation);
  if (!self_check) return detector;
  Workspace workspace;
  if (Status status = run_self_check(state, detector.model(), file, workspace); !status) return status.error();
  return detector;
}

/// A detector from a .safetensors file. A published .pt checkpoint is read by io/torch_checkpoint.hpp (it needs
/// libzip) and goes through make_detector.
template <class = void>
inline Result<Detector> load_detector(const std::string& path, Precision precision = Precision::f32,
                                      bool self_check = true) {
  auto state = read_safetensors(path);
  if (!state) return state.error();
  return make_detector(std::move(*state), path, precision, self_check);
}

}  // namespace systolic::io
