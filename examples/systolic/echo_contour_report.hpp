#pragma once
// The report of `systolic echo contour`: contours, volumes, attributes and the explanation of a clip.

#include <cstdint>
#include <string>

#include "systolic/core/result.hpp"
#include "systolic/echo/contour_finder.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/report/echo_report_input.hpp"

namespace program {

/// What the report shows beside the measurement.
struct EchoContourWords {
  bool millimetres_known = false;     ///< the size of a pixel
  std::uint64_t seed = 1;             ///< chooses the wording of the explanation
  std::string weights, weights_note;  ///< name and checksum; what they say of themselves
};

/// The measurement of a clip, or why there is none, as a report. The Error (the cause only) is that of a picture.
systolic::Result<systolic::report::EchoReportInput> contour_report(
    const std::string& file, const systolic::io::Clip& clip,
    const systolic::Result<systolic::echo::ClipMeasurement>& found, const EchoContourWords& words);

}  // namespace program
