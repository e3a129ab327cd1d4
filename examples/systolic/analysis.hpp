#pragma once
// One window of a recording with all that detect finds out about it.

#include <optional>
#include <string>

#include "recording.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/quality.hpp"

namespace program {

struct Analysis {
  systolic::Window window;
  std::optional<systolic::WindowQuality> quality;  ///< absent where there is no window
  systolic::Detection detection;                   ///< its reason says all that stood in the way
  std::optional<systolic::Intervals> intervals;    ///< absent where the window has no samples
  std::string remark;                              ///< what the reader of a score must know; usually empty
};

/// Looks at window `number` of a recording: quality first, then intervals, and the network where both samples and
/// quality allow it. An Error where the samples cannot be read.
systolic::Result<Analysis> analyse(const Recording& recording, Index number, const systolic::Detector& detector,
                                   systolic::DetectOptions settings, bool allow_missing,
                                   systolic::Workspace& workspace);

}  // namespace program
