#pragma once
// What the recording may show, statement by statement, with the stretch that speaks for each.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/finding_text.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

/// The statements to show, in order: those present, and the most probable until there are `few`.
template <class = void>
inline std::vector<const Statement*> shown_statements(const ReportInput& input, std::size_t few) {
  std::vector<const Statement*> shown;
  for (const bool present : {true, false})
    for (const Statement& statement : input.statements)
      if (!statement.superclass && statement.present == present && (present || shown.size() < few))
        shown.push_back(&statement);
  return shown;
}

/// "normal ECG 3 %, myocardial infarction 81 %": the superclasses.
template <class = void>
inline std::string superclass_text(const ReportInput& input) {
  std::string text;
  for (const Statement& statement : input.statements)
    if (statement.superclass)
      text += (text.empty() ? "" : ", ") + statement.name + " " + number(100 * statement.probability, 0) + " %";
  return text;
}

/// "V2 3.10–3.42 s": where a statement's strongest evidence lies.
template <class = void>
inline std::string evidence_text(const ReportInput& input, const Statement& statement, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, statement.evidence.size()); ++i)
    text += (text.empty() ? "" : ", ") + finding_lead(statement.evidence[i]) + " " +
            finding_time(input, statement.evidence[i]) + " s";
  return text;
}

/// At most `most` statements with a title at (left, top), `width` mm wide: those present in bold. Returns the height,
/// mm.
template <class = void>
inline double draw_statements_list(Canvas& canvas, const ReportInput& input, double left, double top, double width,
                                   std::size_t most) {
  constexpr double pitch = 3.7, figures = 10, letter = 0.49 * 2.5;
  const Group group(canvas, "statements");
  canvas.text(left, top, "Statements and their probability", {2.7, true});
  double y = top;
  std::size_t lines = 0;
  for (const Statement* statement : shown_statements(input, most)) {
    if (lines++ == most) break;
    y += pitch;
    canvas.text(left + figures - 1.5, y, number(100 * statement->probability, 0) + " %",
                {2.5, statement->present, "end", statement->present ? "#222" : "#555"});
    const auto room = static_cast<std::size_t>((width - figures) / letter);
    canvas.text(left + figures, y, shortened(statement->name, room),
                {2.5, statement->present, "start", statement->present ? "#222" : "#555"});
  }
  return y + pitch - top;
}

}  // namespace systolic::report
