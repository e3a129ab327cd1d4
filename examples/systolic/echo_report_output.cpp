#include "echo_report_output.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "folders.hpp"
#include "options.hpp"
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

namespace {

/// A name for each clip's report: the end of its path without its ending, or all of it where two would share one.
std::vector<std::string> report_names(const std::vector<std::string>& clips) {
  namespace fs = std::filesystem;
  const auto plain = [](const std::string& clip) {
    const fs::path path = fs::path(clip).lexically_normal();
    return (path.has_filename() ? path : path.parent_path());
  };
  std::map<std::string, std::set<std::string>> owners;
  for (const std::string& clip : clips) owners[plain(clip).stem().string()].insert(plain(clip).string());
  std::vector<std::string> names;
  for (const std::string& clip : clips) {
    std::string name = plain(clip).stem().string();
    if (owners[name].size() > 1) {
      name = plain(clip).relative_path().string();
      std::replace(name.begin(), name.end(), '/', '_');
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

EchoReports::EchoReports(const std::string& path, const std::vector<std::string>& clips)
    : path_(path),
      clips_(clips),
      names_(report_names(clips)),
      target_("--report", path, path.ends_with(".svg") ? ".svg" : ".html") {}

int EchoReports::prepare() {
  std::string problem;
  if (path_.ends_with(".pdf")) problem = "--report " + path_ + ": echo reports are .html or .svg";
#ifndef SYSTOLIC_WITH_PNG
  if (wanted())
    problem = "--report " + path_ +
              ": its pictures need libpng (component systolic::png), which this program was built without";
#endif
  const auto kind = problem.empty() ? target_.prepare(clips_.size() > 1, problem) : Target::Problem::usage;
  if (kind == Target::Problem::none) return exit_done;
  print_message(problem);
  return kind == Target::Problem::usage ? exit_usage : exit_failed;
}

systolic::Status EchoReports::write(std::size_t clip, Result<EchoReportInput> input) {
  if (!input) return systolic::error_at(clips_[clip], "", input.error().message);
  if (target_.is_folder()) input->index = "index.html";
  const std::string file = target_.file(names_[clip]);
  const auto status =
      systolic::io::write_file_atomically(file, file.ends_with(".svg") ? systolic::report::echo_svg_report(*input)
                                                                       : systolic::report::echo_html_report(*input));
  if (status)
    entries_.push_back({clips_[clip], systolic::io::split_path(file).second, input->reason, std::move(input->facts)});
  return status;
}

systolic::Status EchoReports::finish() const {
  if (!wanted() || !target_.is_folder()) return {};
  const std::string page = systolic::report::echo_index_page(entries_, std::string("systolic ") + systolic::version);
  return systolic::io::write_file_atomically(in_folder(path_, "index.html"), page);
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

void add_weights(EchoReportInput& input, const std::string& weights, const std::string& note) {
  input.weights = weights;
  if (!note.empty()) input.weights_note = "The weights say of themselves: " + note + ".";
}

Result<EchoReportInput> with_reason(EchoReportInput input, const systolic::io::Clip& clip,
                                    const systolic::Error& reason) {
  input.reason = reason.message;
  auto first = echo_frame_picture("The first frame", clip, 0, {});
  if (!first) return first.error();
  input.pictures.push_back(std::move(*first));
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

}  // namespace program
