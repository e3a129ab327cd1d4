#include "detect_output.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "output.hpp"
#include "systolic/core/version.hpp"

namespace program {
namespace {

using systolic::Detection;

/// A figure of an interval as a person reads it.
std::string figure(const std::string& name, const std::optional<double>& value, const char* unit) {
  return name + (value ? fixed(*value, 0) + " " + unit : std::string("absent"));
}

std::string quality_text(const systolic::WindowQuality& quality) {
  std::string text;
  for (std::size_t lead = 0; lead < quality.leads.size(); ++lead)
    if (quality.leads[lead].usable && !quality.leads[lead].ok)  // what is not usable is named by the reason
      text += "  " + std::string(systolic::standard_leads[lead]) + ": " + quality.leads[lead].problem + "\n";
  return text;
}

/// What makes the score: the parts, in standard deviations above the mean of normal recordings.
std::string parts_text(const Detection& found) {
  std::string text;
  for (const systolic::ScorePart& part : found.parts)
    text += (text.empty() ? " " : ", ") + std::string(part.name) + (part.z < 0 ? " " : " +") + fixed(part.z, 1);
  return text;
}

std::string findings_text(const Analysis& analysis) {
  std::string text;
  constexpr std::size_t most = 10;
  const auto& findings = analysis.detection.findings;
  for (std::size_t i = 0; i < std::min(most, findings.size()); ++i) {
    const systolic::Finding& finding = findings[i];
    std::string lead = systolic::standard_leads[static_cast<std::size_t>(finding.lead)];
    lead.resize(4, ' ');
    text += "  " + lead + fixed(analysis.window.from + finding.from, 2) + " to " +
            fixed(analysis.window.from + finding.to, 2) + " s: " + significant(finding.score) + "\n";
  }
  if (findings.size() > most) text += "  and " + std::to_string(findings.size() - most) + " more findings\n";
  return text;
}

}  // namespace

std::string intervals_text(const systolic::Intervals& found) {
  if (!found.heart_rate) return "";
  std::string text = "  " + figure("", found.heart_rate, "beats/min");
  if (found.reason.empty()) {
    text += ", " + figure("PR ", found.pr, "ms") + ", " + figure("QRS ", found.qrs, "ms") + ", " +
            figure("QT ", found.qt, "ms");
    if (found.qtc_bazett && found.qtc_fridericia)
      text += " (QTc " + fixed(*found.qtc_bazett, 0) + " Bazett, " + fixed(*found.qtc_fridericia, 0) + " Fridericia)";
    if (found.axis) text += ", " + figure("axis ", found.axis, "degrees");
  }
  if (!found.pacemaker_spikes.empty())
    text += ", " + std::to_string(found.pacemaker_spikes.size()) + " pacemaker spikes";
  return text + "\n";
}

Json quality_fields(const std::optional<systolic::WindowQuality>& quality) {
  Json result = Json::object();
  for (std::size_t lead = 0; lead < systolic::standard_leads.size(); ++lead) {
    Json ok, problem;
    if (quality) ok = quality->leads[lead].ok;
    if (quality && !quality->leads[lead].ok) problem = quality->leads[lead].problem;
    result.set(systolic::standard_leads[lead],
               Json::object().set("ok", std::move(ok)).set("problem", std::move(problem)));
  }
  return result;
}

Json interval_fields(const std::optional<systolic::Intervals>& intervals) {
  const systolic::Intervals found = intervals.value_or(systolic::Intervals{});
  const bool measured = intervals && found.reason.empty();
  const auto value = [&](const std::optional<double>& number) {
    return number ? Json(*number) : measured ? Json("absent") : Json();
  };
  return Json::object()
      .set("heart_rate", found.heart_rate)
      .set("p", value(found.p))
      .set("pr", value(found.pr))
      .set("qrs", value(found.qrs))
      .set("qt", value(found.qt))
      .set("qtc", value(found.qtc_bazett))
      .set("qtc_fridericia", value(found.qtc_fridericia))
      .set("axis", found.axis)
      .set("pacemaker_spikes", found.pacemaker_spikes);
}

Json detection_fields(const Recording& recording, const Analysis& analysis, const systolic::Detector& detector) {
  const Detection& found = analysis.detection;
  const bool analysed = found.reason.empty();
  const auto known = [&](const auto& value) { return analysed ? Json(value) : Json(); };
  const std::string& remark = analysed ? analysis.remark : found.reason;
  Json beats = Json::array(), findings = Json::array(), parts = Json::object();
  for (std::size_t part = 0; part < systolic::score_part_names.size(); ++part)
    parts.set(systolic::score_part_names[part], part < found.parts.size() ? Json(found.parts[part].z) : Json());
  for (const systolic::BeatScore& beat : found.beats)
    beats.add(Json::object().set("r_peak", beat.r_peak).set("score", beat.score));
  for (const systolic::Finding& finding : found.findings)
    findings.add(Json::object()
                     .set("lead", systolic::standard_leads[static_cast<std::size_t>(finding.lead)])
                     .set("from", finding.from)
                     .set("to", finding.to)
                     .set("score", finding.score));
  return Json::object()
      .set("record", recording.name())
      .set("window", analysis.window.number)
      .set("from", analysis.window.from)
      .set("status", analysed ? "ok" : "not analysable")
      .set("reason", remark.empty() ? Json() : Json(remark))
      .set("score", known(found.score))
      .set("percentile", known(found.percentile))
      .set("abnormal", known(found.abnormal))
      .set("threshold", known(found.threshold))
      .set("r_peaks", found.r_peaks)
      .set("beats", std::move(beats))
      .set("findings", std::move(findings))
      .set("quality", quality_fields(analysis.quality))
      .set("intervals", interval_fields(analysis.intervals))
      .set("left_out_seconds", recording.left_out_seconds())
      .set("weights", Json::object().set("name", detector.weights_name()).set("checksum", detector.weights_checksum()))
      .set("version", systolic::version)
      .set("score_kind", analysed ? Json(systolic::score_kind_name(found.kind)) : Json())
      .set("parts", std::move(parts));
}

std::string detection_text(const Recording& recording, const Analysis& analysis) {
  const Detection& found = analysis.detection;
  std::string text = recording.name();
  if (recording.windows() > 1)
    text += ", " + fixed(analysis.window.from, 0) + " to " + fixed(analysis.window.from + systolic::window_seconds, 0) +
            " s";
  const std::string intervals = analysis.intervals ? intervals_text(*analysis.intervals) : "";
  const std::string quality = analysis.quality ? quality_text(*analysis.quality) : "";
  if (!found.reason.empty()) return text + ": not analysable: " + found.reason + "\n" + intervals + quality;
  text += ": score " + significant(found.score);
  if (found.abnormal && found.percentile && found.threshold)
    text += std::string(*found.abnormal ? ", ABNORMAL" : ", normal") + " (threshold " + significant(*found.threshold) +
            "; " + fixed(*found.percentile, 1) + " % of normal recordings score lower)";
  if (!found.parts.empty()) text += "\n " + parts_text(found);
  text += "\n  " + std::to_string(found.r_peaks.size()) + " R peaks, " + std::to_string(found.beats.size()) +
          (found.beats.size() == 1 ? " beat scored" : " beats scored");
  if (!analysis.remark.empty()) text += "; " + analysis.remark;
  return text + "\n" + intervals + quality + findings_text(analysis);
}

}  // namespace program
