#pragma once
// The head of a report: whose, how abnormal, which intervals.

#include <optional>
#include <string>

#include "systolic/report/canvas.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

/// How high draw_summary draws, mm.
inline double summary_height(const ReportInput& input) {
  return 31 + 3.6 * static_cast<double>((input.identity.size() + 1) / 2);
}

/// "10–20 s · 11 R peaks · as recorded, ..."
template <class = void>
inline std::string summary_line(const ReportInput& input, double seconds) {
  std::string line = number(input.from, 1) + "–" + number(input.from + seconds, 1) + " s";
  if (!input.r_peaks.empty()) line += "  ·  " + std::to_string(input.r_peaks.size()) + " R peaks";
  return line;
}

/// "threshold 0.191 · rhythm 1.2, restoration 3.4"
template <class = void>
inline std::string threshold_line(const ReportInput& input) {
  std::string line = "threshold " + significant(*input.threshold);
  if (!input.score_parts.empty()) line += "  ·  " + input.score_parts;
  return shortened(line, 96);
}

/// Draws it from the top of a page of `width` mm.
template <class = void>
inline void draw_summary(Canvas& canvas, const ReportInput& input, double seconds, double width) {
  const double left = page_margin, right = width - page_margin, middle = 128;
  const Group group(canvas, "summary");
  canvas.text(left, 9.6, shortened(input.record, 40), {4.6, true});
  canvas.text(left, 14.6, summary_line(input, seconds), {3});
  canvas.text(left, 18.8, shortened(input.processing, 75), {2.6, false, "start", "#555"});

  if (!input.reason.empty()) {
    canvas.text(middle, 9.6, "Not analysed", {4.6, true});
    const auto lines = wrapped(input.reason, 105, 3);
    for (std::size_t i = 0; i < std::min<std::size_t>(2, lines.size()); ++i)
      canvas.text(middle, 14.6 + 4.2 * static_cast<double>(i), lines[i], {3});
  } else if (input.score) {
    canvas.text(middle, 9.6, "Anomaly score " + significant(*input.score), {4.6, true});
    canvas.text(middle, 14.6, standing(input.percentile), {3});
    if (input.threshold) canvas.text(middle, 18.8, threshold_line(input), {2.6, false, "start", "#555"});
  }
  if (const std::string word = verdict(input); input.abnormal && !word.empty()) {
    const bool filled = word == "ABNORMAL";
    const double badge = 34;
    canvas.frame({right - badge, 4.6, badge, 7.2}, {"#222", 0.3}, filled ? "#222" : "#fff");
    canvas.text(right - badge / 2, 9.6, word, {4, true, "middle", filled ? "#fff" : "#222"});
  }
  canvas.text(right, 18.8, "25 mm/s  ·  " + number(input.mm_per_mv) + " mm/mV", {3, true, "end"});

  double y = 18.8;
  for (std::size_t i = 0; i < input.identity.size(); ++i) {
    if (i % 2 == 0) y += 3.6;
    canvas.text(i % 2 == 0 ? left : middle, y, shortened(input.identity[i], 75), {2.6});
  }
  y += 2.6;
  canvas.line({left, y}, {right, y}, {"#222", 0.15});
  if (!input.intervals) {
    canvas.text(left, y + 5, "Intervals: not measured", {2.7, false, "start", "#555"});
    return;
  }
  const std::vector<Fact> facts = interval_facts(*input.intervals);
  const double pitch = (right - left) / static_cast<double>(facts.size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const double x = left + pitch * static_cast<double>(i);
    canvas.text(x, y + 3.4, facts[i].label, {2.3, false, "start", "#555"});
    const bool absent = !facts[i].value;
    canvas.text(x, y + 7.9, fact_text(facts[i]), {absent ? 3.0 : 3.8, !absent, "start", absent ? "#777" : "#222"});
  }
}

}  // namespace systolic::report
