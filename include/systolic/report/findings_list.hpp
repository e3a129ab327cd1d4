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

/// The groups of findings, at most `most` lines, with a title at (left, top); `width` mm wide. The last line says how
/// many are left out. Returns the height, mm.
template <class = void>
inline double draw_findings_list(Canvas& canvas, const ReportInput& input, double left, double top, double width,
                                 std::size_t most) {
  constexpr double pitch = 3.7, letter = 0.49 * 2.5;
  const Group group(canvas, "list");
  canvas.text(left, top, "Most abnormal stretches", {2.7, true});
  if (input.findings.empty()) {
    const auto lines = wrapped(why_no_findings(input), width, 2.6);
    for (std::size_t i = 0; i < lines.size(); ++i)
      canvas.text(left, top + pitch * static_cast<double>(i + 1), lines[i], {2.6});
    return pitch * static_cast<double>(lines.size() + 1);
  }
  const std::vector<FindingGroup> groups = group_findings(input);
  const std::size_t listed = groups.size() <= most ? groups.size() : most - 1;
  // Late in a long recording the times are longer: 1.45 mm a digit.
  const double time_width = 2.6 + 2.9 * static_cast<double>(std::max<std::size_t>(fixed(input.from + 9, 2).size(), 4));
  const double words_left = left + 13.5 + time_width + 12;
  const auto room = static_cast<std::size_t>(std::max(10.0, (left + width - words_left) / letter));
  std::size_t left_out = input.findings.size();
  for (std::size_t i = 0; i < listed; ++i) {
    const FindingGroup& kind = groups[i];
    const Finding& finding = input.findings[kind.first];
    const double y = top + pitch * static_cast<double>(i + 1);
    canvas.text(left + 4, y, std::to_string(kind.first + 1), {2.5, true, "end", finding_color});
    canvas.text(left + 5.5, y, finding_lead(finding), {2.5, true});
    canvas.text(left + 13, y, finding_time(input, finding) + " s", {2.5});
    canvas.text(words_left - 3, y, significant(finding.score), {2.5, false, "end", "#555"});
    std::string text = kind.text;
    if (const std::string others = others_text(input, kind, 3); !others.empty())
      text += (text.empty() ? "" : "; ") + others;
    canvas.text(words_left, y, shortened(text, room), {2.5});
    left_out -= 1 + kind.others.size();
  }
  if (left_out > 0)
    canvas.text(left + 5.5, top + pitch * static_cast<double>(listed + 1), "and " + std::to_string(left_out) + " more",
                {2.5, false, "start", "#555"});
  return pitch * static_cast<double>(std::min(groups.size(), most) + 1);
}

}  // namespace systolic::report
