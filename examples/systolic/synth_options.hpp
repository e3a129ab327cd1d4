#pragma once
// What `systolic synth` was asked for.

#include <optional>
#include <string>

#include "options.hpp"

namespace program {

struct SynthOptions {
  CommonOptions common;
  std::string out;
  std::string anomaly = "none";
  double severity = 1;
  std::string into;  ///< a recording to put the anomaly into; empty: a made-up one
  std::optional<double> seconds, rate, heart_rate, rr_deviation, noise, baseline_wander;  ///< of a made-up one
};

/// Returns the exit status.
int run_synth(const SynthOptions& options);

}  // namespace program
