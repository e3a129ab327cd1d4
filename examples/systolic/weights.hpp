#pragma once
// Where weights are, and reading them.

#include <string>

#include "options.hpp"
#include "systolic/core/result.hpp"
#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/diagnoser.hpp"
#include "systolic/nn/parameters.hpp"

namespace program {

struct WeightsPlace {
  std::string path;
  std::string why;  ///< how it was found, for people
};

/// The weights file to use: `named` (--weights) if not empty, else the file `shipped` in the folder
/// $SYSTOLIC_WEIGHTS, in share/systolic/weights of the installation that the program belongs to, or in the source tree
/// it was built from. A variable that names a folder without the file is an error: whoever set it meant it.
systolic::Result<WeightsPlace> find_weights(const std::string& named,
                                            const std::string& shipped = "restoration.safetensors");

/// The tensors of a .safetensors or .pt file, told apart by content.
systolic::Result<systolic::nn::StateDict> read_weights(const std::string& path);

/// The detector of the weights file that find_weights names; its self-check was run.
systolic::Result<systolic::Detector> load_weights(const std::string& named,
                                                  systolic::Precision precision = systolic::Precision::f32);

/// The diagnoser of the weights file that is named, else of the shipped diagnosis.safetensors; its self-check was run.
systolic::Result<systolic::Diagnoser> load_diagnoser(const std::string& named);

/// How recordings are prepared where the user does not say: as the weights' metadata names it, else the library's own
/// peaks and mV. Reads no tensors. An error only where `named` cannot be read.
systolic::Result<systolic::Preparation> find_preparation(const CommonOptions& options);

}  // namespace program
