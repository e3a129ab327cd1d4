#include "echo_contour_report.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "echo_report_output.hpp"
#include "output.hpp"
#include "systolic/echo/narration.hpp"
#include "systolic/echo/sentences.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::Index;
using systolic::Result;
using namespace systolic::report;

/// The contour as a line from the lateral base over the apex to the septal base.
std::vector<echo::Point> wall_line(const echo::KeyPoints& points) {
  std::vector<echo::Point> line(points.begin() + echo::chord_count, points.end());
  line.push_back(echo::tracing_of(points)[0].from);
  line.insert(line.end(), points.begin(), points.begin() + echo::chord_count);
  return line;
}

EchoOverlay contour_overlay(const echo::KeyPoints& points, const char* color, const std::string& name) {
  return {EchoOverlay::Kind::line, wall_line(points), color, false, name};
}

Result<EchoPicture> frame_picture(const char* moment, const systolic::io::Clip& clip, Index frame,
                                  const echo::KeyPoints& points, const char* color, const echo::PixelSize& pixel) {
  auto picture = echo_frame_picture(std::string(moment) + ", " + frame_words(clip, frame), clip, frame, pixel);
  if (!picture) return picture;
  const echo::Segment axis = echo::tracing_of(points)[0];
  picture->overlays.push_back(contour_overlay(points, color, "contour"));
  picture->overlays.push_back(line_overlay(axis.from, axis.to, echo_white, "long axis", true));
  picture->overlays.push_back({EchoOverlay::Kind::dots, {points.begin(), points.end()}, color, false, "key points"});
  return picture;
}

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

}  // namespace

Result<EchoReportInput> contour_report(const std::string& file, const systolic::io::Clip& clip,
                                       const Result<echo::ClipMeasurement>& found, const EchoContourWords& words) {
  EchoReportInput input = echo_report_of(file, clip, "Contours and ejection fraction");
  add_weights(input, words.weights, words.weights_note);
  if (!found) return with_reason(std::move(input), clip, found.error());
  const echo::ClipMeasurement& measured = *found;
  const echo::Ejection& e = measured.ejection;
  const std::string unit = words.millimetres_known ? "ml" : "× 1000 px³";
  const auto volume = [&](double ml) { return fixed(ml, 1) + " " + unit; };
  input.facts = {{"Ejection fraction", percent(measured.fraction_head)},
                 {"From the contours", percent(e.fraction)},
                 {"End-diastolic volume", volume(e.ed_volumes.disks_ml)},
                 {"End-systolic volume", volume(e.es_volumes.disks_ml)},
                 {"Length over width", e.attributes.length_width_ed ? fixed(*e.attributes.length_width_ed, 2) : ""}};

  auto ed = frame_picture("End-diastole", clip, measured.ed_frame, measured.ed_points, echo_yellow, measured.pixel);
  if (!ed) return ed.error();
  auto es = frame_picture("End-systole", clip, measured.es_frame, measured.es_points, echo_cyan, measured.pixel);
  if (!es) return es.error();
  auto both = echo_frame_picture("The wall's way", clip, measured.es_frame, measured.pixel);
  if (!both) return both.error();
  both->overlays = {contour_overlay(measured.ed_points, echo_yellow, "end-diastole"),
                    contour_overlay(measured.es_points, echo_cyan, "end-systole")};
  if (measured.sector.size() > 2) {
    EchoOverlay sector{EchoOverlay::Kind::line, measured.sector, echo_pink, true, "sector"};
    sector.points.push_back(sector.points.front());
    both->overlays.push_back(std::move(sector));
  }
  for (auto* picture : {&ed, &es, &both}) input.pictures.push_back(std::move(**picture));

  if (!measured.frames.empty()) {
    EchoCurve curve;
    curve.title = "Volume by disks";
    curve.unit = unit;
    for (const echo::FrameMeasurement& frame : measured.frames) curve.values.push_back(frame.volumes.disks_ml);
    curve.moments = {{measured.ed_frame, "end-diastole"}, {measured.es_frame, "end-systole"}};
    curve.frames_a_second = clip.frames_a_second;
    input.curve = std::move(curve);
  }
  input.tables.push_back(
      {"Volumes",
       {"", "End-diastole", "End-systole", "Ejection fraction"},
       {{"By disks", volume(e.ed_volumes.disks_ml), volume(e.es_volumes.disks_ml), percent(e.fraction)},
        {"By area and length", volume(e.ed_volumes.area_length_ml), volume(e.es_volumes.area_length_ml),
         percent(e.fraction_area_length)},
        {"By the network, without contours", "", "", percent(measured.fraction_head)}}});

  // Words and verdicts go by the network's ejection fraction, as those of the verb do.
  echo::Ejection said = e;
  said.fraction = measured.fraction_head;
  const echo::Findings findings = echo::findings_of(said);
  for (std::size_t t = 0; t < echo::topic_count; ++t) {
    const auto topic = static_cast<echo::Topic>(t);
    std::string name(echo::topic_names[t]);
    std::replace(name.begin(), name.end(), '_', ' ');
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    input.judgements.push_back({name, echo::plain_sentence(findings, topic),
                                std::string(echo::verdict_name(findings.verdicts[topic])),
                                findings.verdicts[topic] == echo::Verdict::pathological});
  }
  input.text = echo::narrate(findings, file, words.seed);
  input.steps = {
      "End-diastole and end-systole: the frames between which the volume of a beat falls most, or those that "
      "were named.",
      "The contours of both come from one pass of the network over the frames between them; the curve is the "
      "mean of passes over shorter stretches.",
      "The two ejection fractions differ by " + fixed(100 * std::abs(e.fraction - measured.fraction_head), 1) +
          " points: one comes from the contours, the other from the network without them."};
  if (!words.millimetres_known)
    input.steps.push_back(
        "The size of a pixel is not known (--mm-per-pixel): volumes count pixels; the ejection "
        "fraction does not depend on it.");
  input.steps.push_back(
      "The explanation is put together by rules from the measurements; no language model is involved.");
  return input;
}

}  // namespace program
