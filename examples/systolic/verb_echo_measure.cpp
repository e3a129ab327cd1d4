// systolic echo measure: septum, inner diameter and posterior wall of the left ventricle from clips of the long axis.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "echo_measure_report.hpp"
#include "echo_measurement.hpp"
#include "echo_report_output.hpp"
#include "json.hpp"
#include "output.hpp"
#include "systolic/core/version.hpp"
#include "systolic/io/frames.hpp"
#include "systolic/io/landmark_weights.hpp"
#include "weights.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::Result;

Json point_fields(echo::Point p) { return Json(std::vector<double>{p.y, p.x}); }

Json segment_fields(echo::Point from, echo::Point to) { return Json(std::vector<double>{from.y, from.x, to.y, to.x}); }

/// A frame's member; every part is null where nothing was measured.
Json frame_fields(const echo::LinearMeasurement* m) {
  Json landmarks = Json::array();
  if (m != nullptr)
    for (const echo::Point p : m->landmarks) landmarks.add(point_fields(p));
  const bool axis = m != nullptr && m->axis;
  return Json::object()
      .set("frame", m ? Json(m->frame) : Json())
      .set("ivs_mm", m ? Json(m->dimensions.ivs_mm) : Json())
      .set("lvid_mm", m ? Json(m->dimensions.lvid_mm) : Json())
      .set("lvpw_mm", m ? Json(m->dimensions.lvpw_mm) : Json())
      .set("landmarks", m ? std::move(landmarks) : Json())
      .set("line", m ? segment_fields(m->line.from, m->line.to) : Json())
      .set("axis", axis ? segment_fields(m->axis->axis.from, m->axis->axis.to) : Json())
      .set("spread_mm", m ? Json(m->spread_mm) : Json());
}

std::string frame_text(const char* name, const echo::LinearMeasurement& m) {
  return std::string("  ") + name + " (frame " + std::to_string(m.frame) + "): IVS " + fixed(m.dimensions.ivs_mm, 1) +
         " mm, LVID " + fixed(m.dimensions.lvid_mm, 1) + " mm, LVPW " + fixed(m.dimensions.lvpw_mm, 1) + " mm\n";
}

void add_result(const EchoMeasureOptions& options, const std::string& file, const Result<echo::LinearStudy>& study,
                const echo::LinearMeasurer& measurer, Outcome& outcome) {
  const bool given = !options.line.empty();
  const Json fields =
      Json::object()
          .set("file", file)
          .set("status", study ? "ok" : "not analysable")
          .set("reason", study ? Json() : Json(study.error().message))
          .set("ed", frame_fields(study ? &study->end_diastole : nullptr))
          .set("es", frame_fields(study ? &study->end_systole : nullptr))
          .set("line_found", !given)
          .set("confidence", study ? Json(study->confidence) : Json())
          .set("mm_per_pixel", Json(std::vector<double>{options.pixel.row, options.pixel.column}))
          .set("weights", measurer.m_mode().name() + " " + measurer.m_mode().checksum())
          .set("line_weights",
               measurer.frames() ? Json(measurer.frames()->name() + " " + measurer.frames()->checksum()) : Json())
          .set("version", systolic::version);
  if (!study)
    return outcome.add(options.common.format, fields, file + ": not analysable: " + study.error().message + "\n");
  outcome.add(options.common.format, fields,
              file + ": line " + (given ? "given" : "found") + ", confidence " + fixed(study->confidence, 2) + "\n" +
                  frame_text("end-diastole", study->end_diastole) + frame_text("end-systole", study->end_systole));
}

}  // namespace

Result<echo::LinearMeasurer> load_linear_measurer(const EchoMeasureOptions& options, std::string* warning) {
  const auto load = [warning](const std::string& named, const char* shipped,
                              echo::LandmarkImage image) -> Result<echo::LandmarkNetwork> {
    const auto place = find_weights(named, shipped);
    if (!place) return place.error();
    const auto state = read_weights(place->path);
    if (!state) return state.error();
    if (const std::string* said = state->find_metadata("warning"); said != nullptr && warning != nullptr)
      *warning = *said;
    auto network = systolic::io::make_landmark_network(*state, place->path);
    if (network && network->options().image != image)
      return systolic::error_at(place->path, "",
                                image == echo::LandmarkImage::m_mode
                                    ? "this network looks at frames, not M-mode images"
                                    : "this network looks at M-mode images, not frames");
    return network;
  };
  auto m_mode = load(options.common.weights, "echo_m_mode.safetensors", echo::LandmarkImage::m_mode);
  if (!m_mode) return m_mode.error();
  if (!options.line.empty()) return echo::LinearMeasurer(std::move(*m_mode));
  auto frames = load(options.line_weights, "echo_landmarks.safetensors", echo::LandmarkImage::frame);
  if (!frames) return frames.error();
  return echo::LinearMeasurer(std::move(*m_mode), std::move(*frames));
}

Result<Result<echo::LinearStudy>> measure_clip(const EchoMeasureOptions& options, const std::string& file,
                                               const systolic::Tensor<std::uint8_t>& clip,
                                               const echo::LinearMeasurer& measurer, systolic::Workspace& workspace) {
  const Index frames = clip.shape()[0];
  for (const std::optional<Index>& frame : {options.end_diastole, options.end_systole})
    if (frame && *frame >= frames)
      return systolic::error_at(file, "",
                                "has " + std::to_string(frames) + " frames, no frame " + std::to_string(*frame));
  echo::LinearRequest request;
  request.pixel = options.pixel;
  if (!options.line.empty()) request.line = options.points;
  request.change = options.change;
  request.change.pivot = parse_pivot(options.pivot);
  request.end_diastole = options.end_diastole;
  request.end_systole = options.end_systole;
  return measurer.measure(clip, request, workspace);
}

int run_echo_measure(const EchoMeasureOptions& options) {
  Printer printer(options.common.quiet);
  EchoReports reports(options.report, options.clips);
  if (const int status = reports.prepare(); status != exit_done) return status;
  EchoMeasureWords words{!options.line.empty(), options.change, "", ""};
  const auto measurer = load_linear_measurer(options, &words.weights_note);
  if (!measurer) {
    printer.print_error(measurer.error());
    return printer.exit_status();
  }
  for (const echo::LandmarkNetwork* network :
       {&measurer->m_mode(), measurer->frames() ? &*measurer->frames() : nullptr})
    if (network != nullptr)
      words.weights += (words.weights.empty() ? "" : ", ") + network->name() + " " + network->checksum().substr(0, 12);
  systolic::Workspace workspace(options.common.threads);
  for (std::size_t i = 0; i < options.clips.size(); ++i) {
    const std::string& file = options.clips[i];
    Outcome outcome;
    const auto clip = systolic::io::read_clip_and_rate(file);
    if (!clip) {
      outcome.fail(clip.error());
    } else {
      const auto study = measure_clip(options, file, clip->frames, *measurer, workspace);
      if (!study)
        outcome.fail(study.error());
      else
        add_result(options, file, *study, *measurer, outcome);
      if (study && reports.wanted())
        if (auto status = reports.write(i, measure_report(file, *clip, *study, words)); !status)
          outcome.fail(status.error());
    }
    printer.print(outcome);
    if (!printer.open()) break;
  }
  if (auto status = reports.finish(); !status) printer.print_error(status.error());
  return printer.exit_status();
}

}  // namespace program
