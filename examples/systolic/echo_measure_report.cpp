#include "echo_measure_report.hpp"

#include <utility>
#include <vector>

#include "echo_report_output.hpp"
#include "output.hpp"
#include "systolic/echo/m_mode.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::Result;
using namespace systolic::report;

/// The frame with line, axis, walls and landmarks.
Result<EchoPicture> frame_picture(const std::string& moment, const systolic::io::Clip& clip,
                                  const echo::LinearMeasurement& m, const echo::PixelSize& pixel) {
  auto picture = echo_frame_picture(moment + ", " + frame_words(clip, m.frame), clip, m.frame, pixel);
  if (!picture) return picture;
  if (m.axis) {
    EchoOverlay walls{EchoOverlay::Kind::dots, {}, echo_cyan, false, "inner walls"};
    for (const echo::WallPair& pair : m.axis->walls)
      if (pair.used) walls.points.insert(walls.points.end(), {pair.septum, pair.posterior});
    if (!walls.points.empty()) picture->overlays.push_back(std::move(walls));
    picture->overlays.push_back(line_overlay(m.axis->axis.from, m.axis->axis.to, echo_white, "long axis", true));
  }
  picture->overlays.push_back(line_overlay(m.line.from, m.line.to, echo_yellow, "scan line"));
  picture->overlays.push_back(
      {EchoOverlay::Kind::dots, {m.landmarks.begin(), m.landmarks.end()}, echo_pink, false, "walls on the line"});
  return picture;
}

/// What the line sees, with the landmarks in the frame's column.
Result<EchoPicture> m_mode_picture(const std::string& moment, const systolic::io::Clip& clip,
                                   const echo::LinearMeasurement& m) {
  auto picture = echo_m_mode_picture("M-mode image at " + moment, clip, m.line, m.frame);
  if (!picture) return picture;
  EchoOverlay landmarks{EchoOverlay::Kind::dots, {}, echo_pink, false, "walls on the line"};
  for (const double sample : m.samples) landmarks.points.push_back({static_cast<double>(echo::anchor_column), sample});
  picture->overlays.push_back(std::move(landmarks));
  return picture;
}

}  // namespace

Result<EchoReportInput> measure_report(const std::string& file, const systolic::io::Clip& clip,
                                       const Result<echo::LinearStudy>& found, const EchoMeasureWords& words) {
  EchoReportInput input = echo_report_of(file, clip, "Linear measurements of the left ventricle");
  add_weights(input, words.weights, words.weights_note);
  if (!found) return with_reason(std::move(input), clip, found.error());
  const echo::LinearStudy& study = *found;
  const echo::Dimensions &ed = study.end_diastole.dimensions, &es = study.end_systole.dimensions;
  const auto length = [&](double value) { return fixed(value, 1) + " mm"; };
  const std::string shortening = ed.lvid_mm > 0 ? fixed(100 * (ed.lvid_mm - es.lvid_mm) / ed.lvid_mm, 0) + " %" : "";
  input.facts = {{"IVS, end-diastole", length(ed.ivs_mm)},   {"LVID, end-diastole", length(ed.lvid_mm)},
                 {"LVPW, end-diastole", length(ed.lvpw_mm)}, {"LVID, end-systole", length(es.lvid_mm)},
                 {"Fractional shortening", shortening},      {"Confidence", fixed(study.confidence, 2)}};
  for (const bool diastole : {true, false}) {
    const echo::LinearMeasurement& m = diastole ? study.end_diastole : study.end_systole;
    auto frame = frame_picture(diastole ? "End-diastole" : "End-systole", clip, m, study.pixel);
    if (!frame) return frame.error();
    auto image = m_mode_picture(diastole ? "end-diastole" : "end-systole", clip, m);
    if (!image) return image.error();
    input.pictures.push_back(std::move(*frame));
    input.pictures.push_back(std::move(*image));
  }
  if (!study.cavity_mm.empty()) {
    EchoCurve curve{"Inner diameter along the line", "mm", study.cavity_mm, {}, 0};
    curve.moments = {{study.end_diastole.frame, "end-diastole"}, {study.end_systole.frame, "end-systole"}};
    curve.frames_a_second = clip.frames_a_second;
    input.curve = std::move(curve);
  }
  const auto row = [&](const char* name, double at_diastole, double at_systole) {
    const double change = at_diastole > 0 ? 100 * (at_systole / at_diastole - 1) : 0;
    return std::vector<std::string>{name, length(at_diastole), length(at_systole),
                                    (change > 0 ? "+" : "") + fixed(change, 0) + " %"};
  };
  input.tables.push_back(
      {"Measurements",
       {"", "End-diastole", "End-systole", "Change"},
       {row("Interventricular septum (IVS)", ed.ivs_mm, es.ivs_mm),
        row("Inner diameter (LVID)", ed.lvid_mm, es.lvid_mm), row("Posterior wall (LVPW)", ed.lvpw_mm, es.lvpw_mm)}});
  input.steps.push_back(words.line_given
                            ? "The scan line was given."
                            : "The scan line was found: at the basal level, at a right angle to the long axis, which "
                              "runs in the middle between the inner walls.");
  if (words.change.degrees != 0 || words.change.shift != 0)
    input.steps.push_back("It was turned clockwise by " + significant(words.change.degrees) +
                          " degrees, then shifted by " + significant(words.change.shift) + " pixels.");
  input.steps.push_back("All four walls are read on the line, in the column of the frame in its M-mode image.");
  if (!study.cavity_mm.empty())
    input.steps.push_back(
        "End-diastole is the frame with the largest inner diameter, end-systole that with the "
        "smallest, unless they were named.");
  return input;
}

}  // namespace program
