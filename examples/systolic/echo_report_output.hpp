#pragma once
// The reports of the echo verbs: pictures of a clip with what was found, on a page or as a drawing.

#include <cstddef>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/scan_line.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/report/echo_index_page.hpp"
#include "systolic/report/echo_report_input.hpp"
#include "targets.hpp"

namespace program {

/// Where --report writes: a .html or .svg, or a folder of .html for several clips.
class EchoReports {
 public:
  EchoReports(const std::string& path, const std::vector<std::string>& clips);

  /// Says on standard error what speaks against writing them and returns the exit status for that; exit_done: nothing.
  /// Pictures need libpng; PDF is not written.
  int prepare();
  bool wanted() const noexcept { return target_.wanted(); }
  /// Writes the report of the clip with this number, as the ending says.
  systolic::Status write(std::size_t clip, systolic::Result<systolic::report::EchoReportInput> input);
  /// In a folder: writes index.html, which lists all reports that were written.
  systolic::Status finish() const;

 private:
  std::string path_;
  std::vector<std::string> clips_, names_;
  Target target_;
  std::vector<systolic::report::EchoIndexEntry> entries_;
};

/// The report of a clip `file` before anything was found: its name, size and length, and the program.
systolic::report::EchoReportInput echo_report_of(const std::string& file, const systolic::io::Clip& clip,
                                                 const std::string& kind);

/// Names the weights, and what they say of themselves where that is not empty.
void add_weights(systolic::report::EchoReportInput& input, const std::string& weights, const std::string& note);

/// The report of a clip in which nothing was found: the reason, and the first frame.
systolic::Result<systolic::report::EchoReportInput> with_reason(systolic::report::EchoReportInput input,
                                                                const systolic::io::Clip& clip,
                                                                const systolic::Error& reason);

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

}  // namespace program
