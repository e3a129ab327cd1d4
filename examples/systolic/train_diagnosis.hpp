#pragma once
// systolic train --task diagnose.

#include "train_job.hpp"
#include "train_options.hpp"

namespace program {

/// Trains the diagnosis network on a pretrained encoder; the exit status.
int train_diagnosis(const TrainOptions& options, const Job& job);

}  // namespace program
