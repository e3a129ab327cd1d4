#pragma once
// The reports of the echo verbs: pictures of a clip with what was found, on a page or as a drawing.

#include <string>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/scan_line.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/report/echo_report_input.hpp"
#include "targets.hpp"

namespace program {

/// --report as a target: a .html or .svg; in a folder .html.
Target echo_report_target(const std::string& path);

/// What speaks against such reports: they need libpng for their pictures, and PDF is not written. Empty: nothing.
std::string echo_report_problem(const std::string& path);

/// The report of a clip `file` before anything was found: its name, size and length, and the program.
systolic::report::EchoReportInput echo_report_of(const std::string& file, const systolic::io::Clip& clip,
                                                 const std::string& kind);

/// A grey picture [row][column] with pixels of the given size. The Error is that of the PNG encoder, or that there is
/// none.
systolic::Result<systolic::report::EchoPicture> echo_picture(const std::string& title,
                                                             systolic::TensorView<const std::uint8_t> image,
                                                             double aspect);
/// A frame of the clip, true to the shape of its pixels.
systolic::Result<systolic::report::EchoPicture> echo_frame_picture(const std::string& title,
                                                                   const systolic::io::Clip& clip,
                                                                   systolic::Index frame,
                                                                   const systolic::echo::PixelSize& pixel);
/// The M-mode image [sample][64] around a frame, the frame's column marked.
systolic::Result<systolic::report::EchoPicture> echo_m_mode_picture(const std::string& title,
                                                                    const systolic::io::Clip& clip,
                                                                    const systolic::echo::ScanLine& line,
                                                                    systolic::Index frame);

/// A line on a frame.
systolic::report::EchoOverlay line_overlay(systolic::echo::Point from, systolic::echo::Point to, const char* color,
                                           const std::string& name, bool dashed = false);

/// "frame 12 (0.24 s)"; the time where the clip's rate is known.
std::string frame_words(const systolic::io::Clip& clip, systolic::Index frame);

/// Writes it to `path`, as its ending says.
systolic::Status write_echo_report(const std::string& path, const systolic::report::EchoReportInput& input);

}  // namespace program
