#pragma once
// The findings as a list: lead, time, and what is unusual there.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/finding_text.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/report_input.hpp"

namespace systolic::report {

/// Findings from number `first` (counted from 0) on, at most `most` lines, with a title at (left, top); `width` mm
/// wide. The last line says how many are left out. Returns the height, mm.
inline double draw_findings_list(Canvas& canvas, const ReportInput& input, double left, double top, double width,
                                 std::size_t first, std::size_t most) {
  constexpr double pitch = 3.7;
  const Group group(canvas, "list");
  if (input.findings.empty()) {
    canvas.text(left, top, "Findings", {2.7, true});
    const auto lines = wrapped(why_no_findings(input), width, 2.6);
    for (std::size_t i = 0; i < lines.size(); ++i)
      canvas.text(left, top + pitch * static_cast<double>(i + 1), lines[i], {2.6});
    return pitch * static_cast<double>(lines.size() + 1);
  }
  canvas.text(left, top, first == 0 ? "Most abnormal stretches" : "Further stretches", {2.7, true});
  const std::size_t count = input.findings.size() - std::min(first, input.findings.size());
  const std::size_t listed = count <= most ? count : most - 1;
  // Late in a long recording the times are longer: 1.45 mm a digit.
  const double time_width = 2.6 + 2.9 * static_cast<double>(std::max<std::size_t>(fixed(input.from + 9, 2).size(), 4));
  const double words_left = left + 13.5 + time_width + 12;
  for (std::size_t i = 0; i < listed; ++i) {
    const Finding& finding = input.findings[first + i];
    const double y = top + pitch * static_cast<double>(i + 1);
    canvas.text(left + 4, y, std::to_string(first + i + 1), {2.5, true, "end", finding_color});
    canvas.text(left + 5.5, y, finding_lead(finding), {2.5, true});
    canvas.text(left + 13, y, finding_time(input, finding) + " s", {2.5});
    canvas.text(words_left - 3, y, significant(finding.score), {2.5, false, "end", "#555"});
    const double letter = 0.5 * 2.5;
    const auto room = static_cast<std::size_t>(std::max(10.0, (left + width - words_left) / letter));
    canvas.text(words_left, y, shortened(finding_text(input, finding), room), {2.5});
  }
  if (listed < count)
    canvas.text(left + 5.5, top + pitch * static_cast<double>(listed + 1),
                "and " + std::to_string(count - listed) + " more", {2.5, false, "start", "#555"});
  return pitch * static_cast<double>(std::min(count, most) + 1);
}

}  // namespace systolic::report
