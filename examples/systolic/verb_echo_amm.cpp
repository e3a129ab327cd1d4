// systolic echo amm: the anatomical M-mode image of a clip.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "echo_options.hpp"
#include "json.hpp"
#include "output.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/echo/m_mode.hpp"
#include "systolic/io/frames.hpp"
#include "systolic/io/npy.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;

/// Makes and writes the image.
systolic::Result<echo::ScanLine> run(const EchoAmmOptions& options) {
  const auto clip = systolic::io::read_clip(options.clip);
  if (!clip) return clip.error();
  const systolic::Shape& size = clip->shape();
  if (options.key_frame >= size[0])
    return systolic::error_at(
        options.clip, "", "has " + std::to_string(size[0]) + " frames, no frame " + std::to_string(options.key_frame));
  echo::ScanLineChange change = options.change;
  change.pivot = options.pivot == "top"      ? echo::Pivot::top
                 : options.pivot == "bottom" ? echo::Pivot::bottom
                                             : echo::Pivot::middle;
  const auto line = echo::make_scan_line(options.points.from, options.points.to, change, size[1], size[2]);
  if (!line) return systolic::error_at(options.clip, "", line.error().message);
  const auto image = echo::anatomical_m_mode(clip->view(), *line, options.key_frame);
  if (auto status = systolic::io::write_npy(options.out, image); !status) return status.error();
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

int run_echo_amm(const EchoAmmOptions& options) {
  Printer printer(options.common.quiet);
  Outcome outcome;
  const auto line = run(options);
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
