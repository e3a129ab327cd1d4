#include "echo_study.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <utility>

#include "echo_contours.hpp"
#include "systolic/core/numbers.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using echo::Topic;
using systolic::Result;

/// A member that is null without an ejection.
template <class Value>
Json value_of(const EchoStudy& study, const Value& value) {
  return study.ejection ? Json(value(*study.ejection)) : Json();
}

}  // namespace

std::string parse_pixel_size(const std::string& text, echo::PixelSize& size) {
  const std::size_t comma = text.find(',');
  const auto row = systolic::number_from_text<double>(text.substr(0, comma));
  const auto column = comma == std::string::npos ? row : systolic::number_from_text<double>(text.substr(comma + 1));
  const auto fits = [](const auto& value) { return value && *value >= 1e-3 && *value <= 100; };
  if (!fits(row) || !fits(column))
    return "'" + text + "' is no size of a pixel: one number (mm), or two for rows and columns (0.5,0.4), 0.001 to 100";
  size = {*row, *column};
  return "";
}

int for_each_study(const EchoTracingOptions& options, const std::function<void(const EchoStudy&, Outcome&)>& visit,
                   bool clips) {
  Printer printer(options.common.quiet);
  std::optional<EchoContours> contours;
  for (const std::string& table : options.tables) {
    if (clips && !is_tracing_table(table)) {
      if (!contours) {
        auto loaded = EchoContours::load(options);
        if (!loaded) {
          printer.print_error(loaded.error());
          return printer.exit_status();
        }
        contours.emplace(std::move(*loaded));
      }
      Outcome outcome;
      const auto found = contours->measure(table);
      if (!found) {
        outcome.fail(found.error());
      } else {
        EchoStudy study{table, Result<echo::Ejection>(systolic::Error{}), {}};
        if (found->measurement) {
          echo::Ejection ejection = found->measurement->ejection;
          ejection.fraction = found->measurement->fraction_head;
          study.ejection = std::move(ejection);
          study.verdicts = found->verdicts;
        } else {
          study.ejection = found->measurement.error();
        }
        visit(study, outcome);
      }
      printer.print(outcome);
      if (!printer.open()) return printer.exit_status();
      continue;
    }
    const auto tracings = systolic::io::read_tracings(table);
    if (!tracings) {
      printer.print_error(tracings.error());
      continue;
    }
    Outcome about;
    for (const std::string& warning : tracings->warnings) about.note(table + ": " + warning);
    printer.print(about);
    for (const systolic::io::TracedClip& clip : tracings->clips) {
      EchoStudy study{clip.file, systolic::io::measure_clip(clip, options.pixel), {}};
      Outcome outcome;
      if (study.ejection) {
        study.verdicts = echo::judge_attributes(study.ejection->attributes, study.ejection->fraction,
                                                study.ejection->ed.contour.length());
        for (const std::string& problem : systolic::io::clip_contours(clip, options.pixel).problems)
          outcome.note(table + ": " + clip.file + ": " + problem + "; left out");
      }
      visit(study, outcome);
      printer.print(outcome);
      if (!printer.open()) return printer.exit_status();
    }
  }
  return printer.exit_status();
}

Json attribute_fields(const echo::Attributes& attributes, const echo::Verdicts& verdicts) {
  const auto verdict = [&](Topic topic) { return Json(std::string(echo::verdict_name(verdicts[topic]))); };
  const auto of = [](const auto& optional, auto member) { return optional ? Json((*optional).*member) : Json(); };
  Json ratios = Json::object(), motions = Json::object();
  for (std::size_t s = 0; s < echo::segment_count; ++s) {
    std::string name(echo::segment_names[s]);
    std::replace(name.begin(), name.end(), ' ', '_');
    ratios.set(name, attributes.motion ? Json(attributes.motion->ratio[s]) : Json());
  }
  Json result = Json::object();
  result.set("septal_bulge", Json::object()
                                 .set("verdict", verdict(Topic::septal_bulge))
                                 .set("area_mm2", of(attributes.bulge, &echo::SeptalBulge::area_mm2))
                                 .set("area_share", of(attributes.bulge, &echo::SeptalBulge::area_share))
                                 .set("depth_mm", of(attributes.bulge, &echo::SeptalBulge::depth_mm)));
  result.set("segment_motion", Json::object()
                                   .set("verdict", verdict(Topic::segment_motion))
                                   .set("mean_mm", of(attributes.motion, &echo::SegmentMotion::mean_mm))
                                   .set("ratio", std::move(ratios)));
  result.set("apex_motion", Json::object()
                                .set("verdict", verdict(Topic::apex_motion))
                                .set("mm", attributes.apex_motion_mm)
                                .set("share_of_length", attributes.apex_motion_share));
  result.set("length_width", Json::object()
                                 .set("verdict", verdict(Topic::length_width))
                                 .set("ed", attributes.length_width_ed)
                                 .set("es", attributes.length_width_es));
  result.set("sector_share",
             Json::object().set("verdict", verdict(Topic::sector_share)).set("share", attributes.sector_share));
  result.set("image_quality",
             Json::object().set("verdict", verdict(Topic::image_quality)).set("contrast", attributes.wall_contrast));
  return result;
}

Json study_fields(const EchoStudy& study, const EchoTracingOptions& options) {
  using echo::Ejection;
  const bool known = !options.millimetres.empty();
  return Json::object()
      .set("file", study.file)
      .set("status", study.ejection ? "ok" : "not analysable")
      .set("reason", study.ejection ? Json() : Json(study.ejection.error().message))
      .set("ed_frame", value_of(study, [](const Ejection& e) { return e.ed.frame; }))
      .set("es_frame", value_of(study, [](const Ejection& e) { return e.es.frame; }))
      .set("edv_ml", value_of(study, [](const Ejection& e) { return e.ed_volumes.disks_ml; }))
      .set("esv_ml", value_of(study, [](const Ejection& e) { return e.es_volumes.disks_ml; }))
      .set("ef", value_of(study, [](const Ejection& e) { return e.fraction; }))
      .set("edv_area_length_ml", value_of(study, [](const Ejection& e) { return e.ed_volumes.area_length_ml; }))
      .set("esv_area_length_ml", value_of(study, [](const Ejection& e) { return e.es_volumes.area_length_ml; }))
      .set("ef_area_length", value_of(study, [](const Ejection& e) { return e.fraction_area_length; }))
      .set("mm_per_pixel", Json(std::vector<double>{options.pixel.row, options.pixel.column}))
      .set("mm_per_pixel_known", known)
      .set("attributes",
           attribute_fields(study.ejection ? study.ejection->attributes : echo::Attributes{}, study.verdicts));
}

std::string study_line(const EchoStudy& study) {
  char start[400];
  std::snprintf(start, sizeof start, "%-28s", study.file.c_str());
  if (!study.ejection) return start + std::string("  not analysable: ") + study.ejection.error().message + "\n";
  const echo::Ejection& e = *study.ejection;
  char line[200];
  std::snprintf(line, sizeof line, "  EDV %7.1f ml  ESV %7.1f ml  EF %5.1f %%  (area-length %5.1f %%)",
                e.ed_volumes.disks_ml, e.es_volumes.disks_ml, 100 * e.fraction, 100 * e.fraction_area_length);
  std::string findings;
  for (std::size_t t = 1; t < echo::topic_count; ++t)
    if (study.verdicts.of[t] == echo::Verdict::pathological) {
      std::string name(echo::topic_names[t]);
      std::replace(name.begin(), name.end(), '_', ' ');
      findings += (findings.empty() ? "  " : ", ") + name;
    }
  return start + std::string(line) + findings + "\n";
}

}  // namespace program
