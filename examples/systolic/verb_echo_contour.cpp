// systolic echo contour: contours, volumes, ejection fraction and attributes of clips.

#include <string>
#include <utility>
#include <vector>

#include "echo_contour_report.hpp"
#include "echo_contours.hpp"
#include "echo_report_output.hpp"
#include "echo_study.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/tracings_write.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;

Json points(const echo::KeyPoints& contour) {
  Json list = Json::array();
  for (const echo::Point p : contour) list.add(std::vector<double>{p.x, p.y});
  return list;
}

Json fields_of(const EchoClip& clip, const EchoTracingOptions& options) {
  const echo::ClipMeasurement* found = clip.measurement ? &*clip.measurement : nullptr;
  const auto value = [&](const auto& of) { return found != nullptr ? Json(of(*found)) : Json(); };
  using Found = const echo::ClipMeasurement&;
  Json volumes = Json::array();
  if (found != nullptr)
    for (const echo::FrameMeasurement& frame : found->frames) volumes.add(frame.volumes.disks_ml);
  return Json::object()
      .set("file", clip.file)
      .set("status", found != nullptr ? "ok" : "not analysable")
      .set("reason", found != nullptr ? Json() : Json(clip.measurement.error().message))
      .set("ed_frame", value([](Found f) { return f.ed_frame; }))
      .set("es_frame", value([](Found f) { return f.es_frame; }))
      .set("edv_ml", value([](Found f) { return f.ejection.ed_volumes.disks_ml; }))
      .set("esv_ml", value([](Found f) { return f.ejection.es_volumes.disks_ml; }))
      .set("ef", value([](Found f) { return f.fraction_head; }))
      .set("ef_contour", value([](Found f) { return f.ejection.fraction; }))
      .set("ef_difference", value([](Found f) { return f.fraction_head - f.ejection.fraction; }))
      .set("ef_area_length", value([](Found f) { return f.ejection.fraction_area_length; }))
      .set("mm_per_pixel", Json(std::vector<double>{options.pixel.row, options.pixel.column}))
      .set("mm_per_pixel_known", !options.millimetres.empty())
      .set("ed_contour", value([](Found f) { return points(f.ed_points); }))
      .set("es_contour", value([](Found f) { return points(f.es_points); }))
      .set("volumes_ml", std::move(volumes))
      .set("attributes",
           attribute_fields(found != nullptr ? found->ejection.attributes : echo::Attributes{}, clip.verdicts));
}

std::string line_of(const EchoClip& clip) {
  if (!clip.measurement) return clip.file + "  not analysable: " + clip.measurement.error().message + "\n";
  const echo::ClipMeasurement& found = *clip.measurement;
  std::string findings;
  for (std::size_t t = 1; t < echo::topic_count; ++t)
    if (clip.verdicts.of[t] == echo::Verdict::pathological)
      findings += (findings.empty() ? "  " : ", ") + std::string(echo::topic_names[t]);
  std::replace(findings.begin(), findings.end(), '_', ' ');
  return clip.file + "  ED frame " + std::to_string(found.ed_frame) + "  ES frame " + std::to_string(found.es_frame) +
         "  EDV " + fixed(found.ejection.ed_volumes.disks_ml, 1) + " ml  ESV " +
         fixed(found.ejection.es_volumes.disks_ml, 1) + " ml  EF " + fixed(100 * found.fraction_head, 1) +
         " %  (contours " + fixed(100 * found.ejection.fraction, 1) + " %)" + findings + "\n";
}

}  // namespace

int run_echo_contour(const EchoTracingOptions& options) {
  Printer printer(options.common.quiet);
  EchoReports reports(options.report, options.tables);
  if (const int status = reports.prepare(); status != exit_done) return status;
  auto contours = EchoContours::load(options);
  if (!contours) {
    printer.print_error(contours.error());
    return printer.exit_status();
  }
  std::vector<systolic::io::TracedClip> tracings;
  const echo::ContourFinder& finder = contours->finder();
  const EchoContourWords words{!options.millimetres.empty(), options.common.seed,
                               finder.name() + " " + finder.checksum().substr(0, 12), contours->warning()};
  for (std::size_t i = 0; i < options.tables.size(); ++i) {
    const std::string& path = options.tables[i];
    Outcome outcome;
    const auto clip = contours->measure(path);
    if (!clip) {
      outcome.fail(clip.error());
    } else {
      if (clip->measurement && !options.out.empty()) {
        const echo::ClipMeasurement& found = *clip->measurement;
        systolic::io::TracedClip traced{systolic::io::split_path(path).second, {}, {}};
        for (const auto& [frame, contour] :
             {std::pair(found.ed_frame, &found.ed_points), std::pair(found.es_frame, &found.es_points)})
          traced.frames.push_back({frame, static_cast<Index>(echo::traced_rows), echo::tracing_of(*contour), {}});
        tracings.push_back(std::move(traced));
      }
      outcome.add(options.common.format, fields_of(*clip, options), line_of(*clip));
      if (reports.wanted())
        if (auto status = reports.write(i, contour_report(path, clip->clip, clip->measurement, words)); !status)
          outcome.fail(status.error());
    }
    printer.print(outcome);
    if (!printer.open()) return printer.exit_status();
  }
  if (auto status = reports.finish(); !status) printer.print_error(status.error());
  if (!options.out.empty())
    if (const auto status = systolic::io::write_tracings(options.out, tracings); !status)
      printer.print_error(status.error());
  return printer.exit_status();
}

}  // namespace program
