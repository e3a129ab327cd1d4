#pragma once
// How well the localization map finds what is abnormal, over recordings with point-level truth.

#include <string>

#include "options.hpp"

namespace program {

/// `systolic evaluate --localization DIR`: every NAME.truth.npy below `folder` ([time][lead] of 0 and 1, at the
/// recording's rate, in the order of its leads) with the recording NAME beside it. Prints figures by kind of anomaly
/// and over all; returns the exit status.
int evaluate_localization(const CommonOptions& options, const std::string& folder);

}  // namespace program
