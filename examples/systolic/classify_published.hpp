#pragma once
// systolic classify with the weights of a published diagnosis network.

#include "options.hpp"
#include "systolic/ecg/diagnosis_published_classify.hpp"

namespace program {

/// Prints what every window of every recording shows, as run_classify does; statements have no thresholds, since none
/// are published. Returns the exit status.
int classify_published(const ClassifyOptions& options, const systolic::PublishedDiagnoser& diagnoser);

}  // namespace program
