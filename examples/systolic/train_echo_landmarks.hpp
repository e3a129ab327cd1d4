#pragma once
// systolic train --task echo-m-mode and echo-landmarks.

#include "train_job.hpp"
#include "train_options.hpp"

namespace program {

/// The exit status.
int train_echo_landmarks(const TrainOptions& options, const Job& job);

}  // namespace program
