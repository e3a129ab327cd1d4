// systolic echo amm: the anatomical M-mode image of a clip.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "echo_options.hpp"
#include "echo_report_output.hpp"
#include "json.hpp"
#include "output.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/echo/m_mode.hpp"
#include "systolic/io/frames.hpp"
#include "systolic/io/npy.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::Result;
using systolic::io::Clip;

/// What the line saw, for a person.
Result<systolic::report::EchoReportInput> report_input(const EchoAmmOptions& options, const Clip& clip,
                                                       const echo::ScanLine& line) {
  using namespace systolic::report;
  EchoReportInput input = echo_report_of(options.clip, clip, "Anatomical M-mode image");
  const std::string key = frame_words(clip, options.key_frame);
  input.facts = {{"Key frame", std::to_string(options.key_frame)},
                 {"Length of the line", fixed(echo::distance(line.from, line.to), 1) + " pixels"},
                 {"Samples", std::to_string(line.count)},
                 {"Pixels a sample", significant(line.pitch())}};
  auto frame = echo_frame_picture("The line in " + key, clip, options.key_frame, {});
  if (!frame) return frame.error();
  frame->overlays.push_back(line_overlay(line.from, line.to, echo_yellow, "line"));
  input.pictures.push_back(std::move(*frame));
  auto image = echo_m_mode_picture("What the line sees", clip, line, options.key_frame);
  if (!image) return image.error();
  input.pictures.push_back(std::move(*image));
  const auto point = [](echo::Point p) { return "(" + fixed(p.y, 1) + ", " + fixed(p.x, 1) + ")"; };
  input.steps.push_back("The line runs from row and column " + point(line.from) + " to " + point(line.to) +
                        ", as far as the image reaches.");
  if (options.change.degrees != 0 || options.change.shift != 0)
    input.steps.push_back("It was turned clockwise by " + significant(options.change.degrees) + " degrees about its " +
                          options.pivot + " point, then shifted by " + significant(options.change.shift) + " pixels.");
  input.steps.push_back(
      "Grey values are interpolated between pixels; 32 frames lie before the key frame, 31 behind it.");
  input.steps.push_back("Nothing was measured: echo measure finds the walls.");
  return input;
}

/// Makes and writes the image, and the report.
Result<echo::ScanLine> run(const EchoAmmOptions& options, EchoReports& reports) {
  const auto clip = systolic::io::read_clip_and_rate(options.clip);
  if (!clip) return clip.error();
  const systolic::Shape& size = clip->frames.shape();
  if (options.key_frame >= size[0])
    return systolic::error_at(
        options.clip, "", "has " + std::to_string(size[0]) + " frames, no frame " + std::to_string(options.key_frame));
  echo::ScanLineChange change = options.change;
  change.pivot = parse_pivot(options.pivot);
  const auto line = echo::make_scan_line(options.points.from, options.points.to, change, size[1], size[2]);
  if (!line) return systolic::error_at(options.clip, "", line.error().message);
  const auto image = echo::anatomical_m_mode(clip->frames.view(), *line, options.key_frame);
  if (auto status = systolic::io::write_npy(options.out, image); !status) return status.error();
  if (reports.wanted())
    for (auto status : {reports.write(0, report_input(options, *clip, *line)), reports.finish()})
      if (!status) return status.error();
  return line;
}

}  // namespace

std::string parse_line(const std::string& text, echo::Segment& points) {
  std::array<double, 4> numbers{};
  std::size_t start = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    const auto number = systolic::number_from_text<double>(text.substr(std::min(start, text.size()), end - start));
    const bool last = i + 1 == numbers.size();
    if (!number || !(std::abs(*number) <= 1e6) || last != (end == text.size()))
      return "'" + text + "' is no line: row and column of two points, such as 40,120,210,130";
    numbers[i] = *number;
    start = end + 1;
  }
  points = {{numbers[1], numbers[0]}, {numbers[3], numbers[2]}};
  return "";
}

echo::Pivot parse_pivot(const std::string& name) {
  return name == "top" ? echo::Pivot::top : name == "bottom" ? echo::Pivot::bottom : echo::Pivot::middle;
}

int run_echo_amm(const EchoAmmOptions& options) {
  Printer printer(options.common.quiet);
  Outcome outcome;
  EchoReports reports(options.report, {options.clip});
  if (const int status = reports.prepare(); status != exit_done) return status;
  const auto line = run(options, reports);
  if (!line) {
    outcome.fail(line.error());
  } else {
    const std::vector<double> ends = {line->from.y, line->from.x, line->to.y, line->to.x};
    outcome.add(options.common.format,
                Json::object()
                    .set("file", options.clip)
                    .set("status", "ok")
                    .set("key_frame", options.key_frame)
                    .set("line", ends)
                    .set("samples", line->count)
                    .set("pixels_a_sample", line->pitch())
                    .set("out", options.out),
                options.clip + ": line from (" + fixed(line->from.y, 1) + ", " + fixed(line->from.x, 1) + ") to (" +
                    fixed(line->to.y, 1) + ", " + fixed(line->to.x, 1) + "), " + std::to_string(line->count) +
                    " samples of " + significant(line->pitch()) + " pixels: " + options.out + "\n");
  }
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
