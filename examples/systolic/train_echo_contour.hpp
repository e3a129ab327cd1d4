#pragma once
// systolic train --task echo-contour.

#include "train_job.hpp"
#include "train_options.hpp"

namespace program {

/// The exit status.
int train_echo_contour(const TrainOptions& options, const Job& job);

}  // namespace program
