#pragma once
// systolic train --task echo-contour-refine.

#include "train_job.hpp"
#include "train_options.hpp"

namespace program {

/// The exit status.
int train_echo_refine(const TrainOptions& options, const Job& job);

}  // namespace program
