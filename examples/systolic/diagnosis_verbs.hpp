#pragma once
// What evaluate and calibrate do with a diagnosis network.

#include <string>

#include "options.hpp"
#include "systolic/nn/parameters.hpp"

namespace program {

/// systolic evaluate --task diagnose; the exit status.
int evaluate_diagnosis(const EvaluateOptions& options);

/// systolic calibrate of diagnosis weights, read from `path` and rounded to the type that will be written:
/// probabilities and thresholds; the exit status.
int calibrate_diagnosis(const CalibrateOptions& options, const std::string& path, systolic::nn::StateDict state);

}  // namespace program
