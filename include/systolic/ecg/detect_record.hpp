#pragma once
// A whole recording in one call.

#include <algorithm>
#include <utility>
#include <vector>

#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/window.hpp"

namespace systolic {

/// What is known about one window of a recording.
struct WindowDetection {
  double from;  ///< seconds from the start of the recording
  Detection detection;
};

/// Analyses every window of 10 s of a recording of any rate from 50 to 2000 Hz and any order of leads, in order. A
/// recording without a whole window gives one result, with the reason.
/// For recordings too long to be held, call cut_window and Detector::detect window by window instead.
template <class = void>
inline std::vector<WindowDetection> detect(const Detector& detector, const Record& record, Workspace& workspace,
                                           DetectOptions options = {}, bool allow_missing = false) {
  std::vector<WindowDetection> results;
  for (Index number = 0; number < std::max<Index>(window_count(record), 1); ++number) {
    const Window window = cut_window(record, number, allow_missing);
    options.missing = window.missing;
    if (window.reason.empty()) {
      results.push_back({window.from, detector.detect(window.samples, options, workspace)});
    } else {
      results.push_back({window.from, {}});
      results.back().detection.reason = window.reason;
    }
  }
  return results;
}

}  // namespace systolic
