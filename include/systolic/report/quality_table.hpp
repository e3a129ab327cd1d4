#pragma once
// The quality of each lead in figures, what is a problem in bold.

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/quality.hpp"
#include "systolic/report/canvas.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

/// One measured quantity of all leads.
struct QualityRow {
  const char* label;
  std::array<std::string, 12> cells;
  std::array<bool, 12> problem{};
};

/// The rows of the table, amplitude first. Cells of leads that are missing are empty.
template <class = void>
inline std::vector<QualityRow> quality_rows(const WindowQuality& quality) {
  const QualityLimits limits;
  std::vector<QualityRow> rows;
  const auto add = [&](const char* label, const auto& value, int decimals, const auto& bad) {
    QualityRow row{label, {}, {}};
    for (std::size_t lead = 0; lead < 12; ++lead) {
      const LeadQuality& q = quality.leads[lead];
      if (q.missing) continue;
      row.cells[lead] = fixed(value(q), decimals);
      row.problem[lead] = bad(q);
    }
    rows.push_back(row);
  };
  using Q = LeadQuality;
  add(
      "amplitude, mV", [](const Q& q) { return q.amplitude; }, 2,
      [&](const Q& q) { return q.amplitude > limits.off_amplitude || q.amplitude < limits.weak_amplitude; });
  add(
      "noise, mV", [](const Q& q) { return q.noise; }, 3, [&](const Q& q) { return q.noise > limits.noise; });
  add(
      "baseline wander, mV", [](const Q& q) { return q.wander; }, 2,
      [&](const Q& q) { return q.wander > limits.wander; });
  add(
      "powerline 50 Hz, mV", [](const Q& q) { return q.mains_50; }, 3,
      [&](const Q& q) { return q.mains_50 > limits.mains; });
  add(
      "powerline 60 Hz, mV", [](const Q& q) { return q.mains_60; }, 3,
      [&](const Q& q) { return q.mains_60 > limits.mains; });
  add(
      "saturated, %", [](const Q& q) { return 100 * q.saturated_share; }, 1,
      [&](const Q& q) { return q.saturated_share > limits.saturated_share; });
  add(
      "invalid, s", [](const Q& q) { return q.invalid_seconds; }, 2, [](const Q& q) { return q.invalid_seconds > 0; });
  return rows;
}

/// "V3: flat" and so on, one a line; empty where nothing is wrong.
template <class = void>
inline std::vector<std::string> quality_problems(const WindowQuality& quality) {
  std::vector<std::string> lines;
  for (std::size_t lead = 0; lead < 12; ++lead)
    if (!quality.leads[lead].ok)
      lines.push_back(std::string(standard_leads[lead]) + ": " + quality.leads[lead].problem);
  return lines;
}

/// The table with its title at (left, top), `width` mm wide. Returns its height, mm.
template <class = void>
inline double draw_quality_table(Canvas& canvas, const WindowQuality& quality, double left, double top, double width) {
  constexpr double pitch = 3.5, labels = 27;
  const Group group(canvas, "quality");
  canvas.text(left, top, "Quality of the signal", {2.7, true});
  canvas.text(left + width, top, quality_problems(quality).empty() ? "no problem in any lead" : "problems in bold",
              {2.4, false, "end", "#555"});
  const double column = (width - labels) / 12;
  const auto right_of = [&](std::size_t lead) { return left + labels + column * static_cast<double>(lead + 1); };
  double y = top + 4.2;
  for (std::size_t lead = 0; lead < 12; ++lead)
    canvas.text(right_of(lead), y, standard_leads[lead],
                {2.3, true, "end", quality.leads[lead].ok ? "#222" : finding_color});
  canvas.line({left, y + 1}, {left + width, y + 1}, {"#222", 0.12});
  for (const QualityRow& row : quality_rows(quality)) {
    y += pitch;
    canvas.text(left, y + 0.6, row.label, {2.3, false, "start", "#444"});
    for (std::size_t lead = 0; lead < 12; ++lead)
      canvas.text(right_of(lead), y + 0.6, row.cells[lead].empty() ? "–" : row.cells[lead],
                  {2.2, row.problem[lead], "end", row.problem[lead] ? finding_color : "#444"});
  }
  return y + pitch - top;
}

}  // namespace systolic::report
