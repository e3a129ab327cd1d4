#pragma once
// The results of detect as WFDB annotations, beside the recording in any viewer that knows them.

#include <vector>

#include "analysis.hpp"
#include "systolic/io/wfdb_annotation.hpp"

namespace program {

/// The annotations of a window, ascending, at the recording's own sample numbers: a note at its start with score and
/// decision or the reason why there are none; N at each R peak, ^ at each pacemaker spike; at the start of each finding
/// a note with lead, length and score, on that lead's signal.
std::vector<systolic::io::Annotation> window_annotations(const Recording& recording, const Analysis& analysis);

/// The annotations of all windows of a recording, with a note of their time resolution in front.
systolic::Status write_annotations(const std::string& path, const Recording& recording,
                                   const std::vector<systolic::io::Annotation>& annotations);

}  // namespace program
