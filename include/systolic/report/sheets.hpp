#pragma once
// The pages of a printed report, 279 mm x 210 mm, which fit A4 and letter paper, both landscape: the recording with
// what matters most; close-ups, quality and what was done; where asked for, the comparison with an earlier recording.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/close_up.hpp"
#include "systolic/report/comparison.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/findings_list.hpp"
#include "systolic/report/map_legend.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/quality_table.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/score_plot.hpp"
#include "systolic/report/statements_list.hpp"
#include "systolic/report/summary.hpp"

namespace systolic::report {

inline constexpr double sheet_height = 210;

/// Draws the pages of one report. Keeps a reference to the input.
class Sheets {
 public:
  template <class = void>
  Sheets(const ReportInput& input, Layout layout) : input_(input), paper_(input, layout, paper_height(input, layout)) {
    const double used = summary_height(input) + paper_.height();
    overview_below_ = used + overview_height + 6 <= sheet_height + 0.01;
    first_height_ = std::max(sheet_height, used + (overview_below_ ? overview_height : 0) + 6);
  }

  std::size_t count() const { return input_.earlier ? 3 : 2; }
  double width() const { return paper_.width(); }
  double height(std::size_t sheet) const { return sheet == 0 ? first_height_ : sheet_height; }

  template <class = void>
  void draw(Canvas& canvas, std::size_t sheet) const {
    canvas.box({0, 0, width(), height(sheet)}, "#fff");
    if (sheet == 0) draw_first(canvas);
    if (sheet == 1) draw_details(canvas);
    if (sheet == 2) draw_earlier(canvas);
    draw_footer(canvas, sheet);
  }

 private:
  // mm that the list of findings, the plot and the legend take.
  static constexpr double overview_height = 46;

  template <class = void>
  static double paper_height(const ReportInput& input, Layout layout) {
    const double free = sheet_height - summary_height(input) - Paper::above - Paper::below - 7;
    const double height = layout == Layout::twelve_by_one ? free : free - overview_height;
    return 5 * std::floor(height / 5);
  }

  template <class = void>
  void draw_first(Canvas& canvas) const {
    draw_summary(canvas, input_, paper_.seconds(), width());
    paper_.draw(canvas, summary_height(input_));
    if (overview_below_) draw_overview(canvas, summary_height(input_) + paper_.height() + 4);
  }

  template <class = void>
  void draw_overview(Canvas& canvas, double top) const {
    const double right = 70, right_left = width() - page_margin - right;
    const double middle = input_.statements.empty() ? 0 : 66;  // mm for the statements
    draw_findings_list(canvas, input_, page_margin, top, right_left - 6 - page_margin - middle, 9);
    if (middle > 0) draw_statements_list(canvas, input_, right_left - middle, top, middle - 4, 9);
    draw_score_plot(canvas, input_.normal_scores, input_.score, input_.threshold, {right_left, top - 2.7, right, 26});
    if (input_.map.size() > 0)
      draw_map_legend(canvas, paper_.scale(), input_.map_threshold, right_left, top + 28, right);
  }

  template <class = void>
  void draw_details(Canvas& canvas) const {
    const double left = page_margin, right = width() - page_margin;
    double y = 9.6;
    canvas.text(left, y, shortened(input_.record, 60), {4.6, true});
    canvas.text(right, y, summary_line(input_, paper_.seconds()), {3, false, "end"});
    y += 8;
    if (!overview_below_) {
      draw_overview(canvas, y);
      y += overview_height + 1;
    }
    const std::vector<std::size_t> shown = close_up_choice(input_, overview_below_ ? 6 : 3);
    if (!shown.empty()) {
      canvas.text(left, y, "Close-ups", {3.4, true});
      canvas.line({left + 24, y - 1.1}, {left + 30, y - 1.1}, {"#111", 0.4});
      canvas.text(left + 31.5, y, "measured", {2.6});
      canvas.line({left + 47, y - 1.1}, {left + 53, y - 1.1}, {restored_color, 0.4});
      canvas.text(left + 54.5, y, "restored by the network, with what the filters removed put back", {2.6});
      y += 3;
    }
    const double pitch = (right - left - close_up_width) / 2;
    for (std::size_t k = 0; k < shown.size(); ++k)
      draw_close_up(canvas, input_, paper_, shown[k], left + pitch * static_cast<double>(k % 3),
                    y + (close_up_height + 3) * static_cast<double>(k / 3));
    y += (close_up_height + 3) * static_cast<double>((shown.size() + 2) / 3) + (shown.empty() ? 0 : 4);
    if (shown.empty() && overview_below_) y += draw_findings_list(canvas, input_, left, y, right - left, 2) + 6;
    const double table = 128;
    if (input_.quality) draw_quality_table(canvas, *input_.quality, left, y, table);
    draw_steps(canvas, left + table + 9, y, right - left - table - 9);
  }

  template <class = void>
  void draw_steps(Canvas& canvas, double left, double top, double width_of_text) const {
    const Group group(canvas, "steps");
    double y = top;
    const auto list = [&](const char* title, const std::vector<std::string>& entries) {
      if (entries.empty()) return;
      canvas.text(left, y, title, {2.7, true});
      y += 3.7;
      for (const std::string& entry : entries)
        for (const std::string& line : wrapped(entry, width_of_text, 2.4)) {
          if (y > sheet_height - 9) return;
          canvas.text(left, y, line, {2.4});
          y += 3.2;
        }
      y += 2;
    };
    list("What was done", input_.steps);
    list("Warnings", input_.warnings);
  }

  template <class = void>
  void draw_earlier(Canvas& canvas) const {
    canvas.text(page_margin, 9.6, shortened(input_.record, 60), {4.6, true});
    draw_comparison(canvas, input_, page_margin, 22);
  }

  template <class = void>
  void draw_footer(Canvas& canvas, std::size_t sheet) const {
    const double y = height(sheet) - 4;
    std::string source = input_.program;
    if (!input_.weights.empty()) source += "  ·  weights " + shortened(input_.weights, 70);
    const std::string cut = paper_.cut_leads();
    if (sheet == 0 && !cut.empty()) source += "  ·  cut at " + number(trace_room / input_.mm_per_mv) + " mV: " + cut;
    canvas.text(page_margin, y, source, {2.4, false, "start", "#555"});
    canvas.text(width() - page_margin, y,
                std::string(disclaimer) + "  ·  page " + std::to_string(sheet + 1) + " of " + std::to_string(count()),
                {2.6, true, "end"});
  }

  const ReportInput& input_;
  Paper paper_;
  bool overview_below_ = true;
  double first_height_ = sheet_height;
};

}  // namespace systolic::report
