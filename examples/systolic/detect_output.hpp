#pragma once
// The result of detect for one window, for programs and for people.

#include <string>

#include "analysis.hpp"
#include "json.hpp"

namespace program {

/// {lead: {ok, problem}} in canonical order; members are null where nothing was judged.
Json quality_fields(const std::optional<systolic::WindowQuality>& quality);

/// Heart rate, intervals (ms) and axis (degrees): "absent" where the wave is absent, null where nothing was measured.
Json interval_fields(const std::optional<systolic::Intervals>& intervals);

/// The same in a line for a person; empty where not even the rate could be measured.
std::string intervals_text(const systolic::Intervals& found);

/// Every member that the contract names.
Json detection_fields(const Recording& recording, const Analysis& analysis, const systolic::Detector& detector);

/// The same in lines for a person.
std::string detection_text(const Recording& recording, const Analysis& analysis);

}  // namespace program
