#pragma once
// The report of `systolic echo measure`: scan lines, M-mode images with their landmarks, dimensions.

#include <string>

#include "systolic/core/result.hpp"
#include "systolic/echo/linear_measurement.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/report/echo_report_input.hpp"

namespace program {

/// What the report shows beside the measurement.
struct EchoMeasureWords {
  bool line_given = false;
  systolic::echo::ScanLineChange change;
  std::string weights, weights_note;  ///< names and checksums; what they say of themselves
};

/// The measurement of a clip, or why there is none, as a report. The Error (the cause only) is that of a picture.
systolic::Result<systolic::report::EchoReportInput> measure_report(
    const std::string& file, const systolic::io::Clip& clip, const systolic::Result<systolic::echo::LinearStudy>& found,
    const EchoMeasureWords& words);

}  // namespace program
