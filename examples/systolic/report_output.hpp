#pragma once
// The report of detect: a drawing of each window.

#include <string>

#include "analysis.hpp"

namespace program {

/// Writes the report of a window to `path`. `name` is the record's without its folder. Requires
/// analysis.window.samples.
systolic::Status write_report(const std::string& path, const Recording& recording, const std::string& name,
                              const Analysis& analysis, const systolic::Detector& detector);

}  // namespace program
