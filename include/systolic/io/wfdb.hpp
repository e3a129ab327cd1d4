#pragma once
// WFDB records: headers and signal files become one Record in mV.

#include <string>

#include "systolic/core/result.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/wfdb_header.hpp"
#include "systolic/io/wfdb_record.hpp"
#include "systolic/io/wfdb_segments.hpp"
#include "systolic/io/wfdb_signals.hpp"

namespace systolic::io {

/// Reads the record `path` (with or without ".hea"), or `range` of it, in mV.
/// Ensures samples [time][lead] that are finite, or NaN where nothing was recorded: marked so, in a gap between
/// segments, or in a segment that lacks the lead. Signals that are no voltage (a blood pressure) are left out and named
/// in `comments`; leads of another rate than most, in `warnings`. Skewed signals are moved into place. A whole record
/// is checked against the checksums that its headers state. Refused with "FILE: PLACE: CAUSE": signal files that are
/// missing or short, or whose name leads out of the folder; numbers that are none; segments in segments.
template <class = void>
[[gnu::cold]] inline Result<Record> read_wfdb(const std::string& path, WfdbRange range = {}) {
  auto header = read_wfdb_header(path);
  if (!header) return header.error();
  const std::string header_path = wfdb_header_path(path);
  if (!header->segments.empty()) return detail::read_wfdb_segments(std::move(*header), header_path, range);
  return detail::read_wfdb_signals(std::move(*header), header_path, range);
}

}  // namespace systolic::io
