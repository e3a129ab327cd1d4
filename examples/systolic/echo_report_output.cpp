#include "echo_report_output.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "output.hpp"
#include "systolic/core/version.hpp"
#include "systolic/echo/m_mode.hpp"
#include "systolic/io/file.hpp"
#include "systolic/report/echo_html_report.hpp"
#include "systolic/report/echo_svg_report.hpp"
#ifdef SYSTOLIC_WITH_PNG
#include "systolic/io/png.hpp"
#endif

namespace program {

namespace echo = systolic::echo;
using systolic::Index;
using systolic::Result;
using systolic::io::Clip;
using systolic::report::EchoOverlay;
using systolic::report::EchoPicture;
using systolic::report::EchoReportInput;

Target echo_report_target(const std::string& path) {
  return {"--report", path, path.ends_with(".svg") ? ".svg" : ".html"};
}

std::string echo_report_problem([[maybe_unused]] const std::string& path) {
  if (path.ends_with(".pdf")) return "--report " + path + ": echo reports are .html or .svg";
#ifndef SYSTOLIC_WITH_PNG
  if (!path.empty())
    return "--report " + path +
           ": its pictures need libpng (component systolic::png), which this program was built without";
#endif
  return "";
}

EchoReportInput echo_report_of(const std::string& file, const Clip& clip, const std::string& kind) {
  EchoReportInput input;
  std::string path = file;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  input.file = systolic::io::split_path(path).second;
  input.kind = kind;
  const systolic::Shape& s = clip.frames.shape();
  input.summary = std::to_string(s[0]) + " frames, " + std::to_string(s[1]) + " x " + std::to_string(s[2]) + " pixels";
  if (clip.frames_a_second > 0)
    input.summary += ", " + significant(clip.frames_a_second, 3) + " frames/s, " +
                     fixed(static_cast<double>(s[0]) / clip.frames_a_second, 2) + " s";
  input.program = std::string("systolic ") + systolic::version;
  return input;
}

Result<EchoPicture> echo_picture(const std::string& title, systolic::TensorView<const std::uint8_t> image,
                                 double aspect) {
  EchoPicture picture;
  picture.title = title;
  picture.rows = image.shape()[0];
  picture.columns = image.shape()[1];
  picture.aspect = aspect;
#ifdef SYSTOLIC_WITH_PNG
  auto png = systolic::io::png_bytes(image);
  if (!png) return png.error();
  picture.png = std::move(*png);
  return picture;
#else
  return systolic::Error{"pictures need libpng (component systolic::png), which this program was built without"};
#endif
}

Result<EchoPicture> echo_frame_picture(const std::string& title, const Clip& clip, Index frame,
                                       const echo::PixelSize& pixel) {
  const systolic::Shape& s = clip.frames.shape();
  const systolic::TensorView<const std::uint8_t> image(clip.frames.data() + frame * s[1] * s[2], {s[1], s[2]});
  const double aspect = static_cast<double>(s[1]) * pixel.row / (static_cast<double>(s[2]) * pixel.column);
  return echo_picture(title, image, std::clamp(aspect, 0.1, 10.0));
}

Result<EchoPicture> echo_m_mode_picture(const std::string& title, const Clip& clip, const echo::ScanLine& line,
                                        Index frame) {
  const auto grey = echo::anatomical_m_mode(clip.frames.view(), line, frame);
  systolic::Tensor<std::uint8_t> image(grey.shape());
  std::transform(grey.begin(), grey.end(), image.begin(),
                 [](float value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f))); });
  auto picture = echo_picture(title, std::as_const(image).view(), 0.62);
  if (!picture) return picture;
  const double last = static_cast<double>(line.count) - 0.5, key = static_cast<double>(echo::anchor_column);
  EchoOverlay anchor{EchoOverlay::Kind::line, {{key, -0.5}, {key, last}}, systolic::report::echo_white, true, {}};
  anchor.name = "frame " + std::to_string(frame);
  picture->overlays.push_back(std::move(anchor));
  picture->across = std::to_string(grey.shape()[1]) + " frames, the clip taken for a cycle";
  if (clip.frames_a_second > 0)
    picture->across = fixed(static_cast<double>(grey.shape()[1]) / clip.frames_a_second, 2) + " s, " + picture->across;
  picture->down = "down the line: " + fixed(echo::distance(line.from, line.to), 0) + " pixels";
  return picture;
}

EchoOverlay line_overlay(echo::Point from, echo::Point to, const char* color, const std::string& name, bool dashed) {
  return {EchoOverlay::Kind::line, {from, to}, color, dashed, name};
}

std::string frame_words(const Clip& clip, Index frame) {
  std::string words = "frame " + std::to_string(frame);
  if (clip.frames_a_second > 0) words += " (" + fixed(static_cast<double>(frame) / clip.frames_a_second, 2) + " s)";
  return words;
}

systolic::Status write_echo_report(const std::string& path, const EchoReportInput& input) {
  return systolic::io::write_file_atomically(path, path.ends_with(".svg") ? systolic::report::echo_svg_report(input)
                                                                          : systolic::report::echo_html_report(input));
}

}  // namespace program
