#pragma once
// The report of an echocardiogram as one SVG file, as wide as a sheet of paper in landscape and as long as it needs.

#include <algorithm>
#include <string>
#include <vector>

#include "systolic/report/echo_curve.hpp"
#include "systolic/report/echo_picture.hpp"
#include "systolic/report/echo_report_input.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/svg_canvas.hpp"

namespace systolic::report {

namespace detail {

/// Places the parts of the report one below the other.
class EchoSheet {
 public:
  static constexpr double width = 279, margin = 6, inside = width - 2 * margin;

  template <class = void>
  std::string draw(const EchoReportInput& input) {
    head(input);
    pictures(input.pictures);
    if (input.curve) {
      draw_echo_curve(canvas_, *input.curve, {margin, y_, 175, 62});
      y_ += 66;
    }
    if (!input.text.empty()) {
      heading("Explanation");
      paragraph(input.text, 3);
    }
    for (const EchoTable& table : input.tables) rows(table.title, table.head, table.rows, {});
    if (!input.judgements.empty()) {
      std::vector<std::vector<std::string>> cells;
      std::vector<bool> marked;
      for (const EchoJudgement& j : input.judgements) {
        cells.push_back({j.attribute, j.value, j.verdict});
        marked.push_back(j.pathological);
      }
      rows("Attributes", {}, cells, marked);
    }
    if (!input.steps.empty()) {
      heading("What was done");
      for (const std::string& step : input.steps) paragraph(step, 2.7);
    }
    y_ += 3;
    canvas_.line({margin, y_}, {width - margin, y_}, {"#222", 0.15});
    const std::string weights = input.weights.empty() ? "" : " · weights " + input.weights;
    canvas_.text(margin, y_ + 4, input.program + weights, {2.6, false, "start", "#555"});
    canvas_.text(width - margin, y_ + 4, disclaimer, {2.7, true, "end"});
    y_ += 8;
    const std::string title = "<title>" + escape("Echocardiogram " + input.file) + "</title>\n";
    const std::string paper = "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg_element(width, y_, title + paper + canvas_.elements());
  }

 private:
  template <class = void>
  void head(const EchoReportInput& input) {
    canvas_.text(margin, 10, shortened(input.file, 60), {4.6, true});
    canvas_.text(margin, 15, input.summary, {3});
    canvas_.text(width / 2 + 10, 10, input.reason.empty() ? input.kind : "Not analysed", {4.6, true});
    y_ = 15;
    if (!input.reason.empty())
      for (const std::string& line : wrapped(input.reason, inside / 2 - 12, 3)) {
        canvas_.text(width / 2 + 10, y_, line, {3});
        y_ += 4.2;
      }
    y_ = std::max(y_, 15.0) + 3;
    canvas_.line({margin, y_}, {width - margin, y_}, {"#222", 0.15});
    const double pitch = inside / std::max<double>(7, static_cast<double>(input.facts.size()));
    for (std::size_t i = 0; i < input.facts.size(); ++i) {
      const double x = margin + pitch * static_cast<double>(i);
      const EchoFact& fact = input.facts[i];
      canvas_.text(x, y_ + 4.4, fact.label, {2.5, false, "start", "#555"});
      canvas_.text(x, y_ + 9.2, fact.value.empty() ? "absent" : fact.value,
                   {3.8, !fact.value.empty(), "start", fact.value.empty() ? "#777" : "#222"});
    }
    y_ += input.facts.empty() ? 3 : 14;
    if (input.weights_note.empty()) return;
    for (const std::string& line : wrapped(input.weights_note, inside, 2.9)) {
      canvas_.text(margin, y_ + 2, line, {2.9, true, "start", "#7a1f00"});
      y_ += 4;
    }
    y_ += 2;
  }

  /// Rows of one height, as many a row as fit.
  template <class = void>
  void pictures(const std::vector<EchoPicture>& all) {
    constexpr double gap = 6, height = 82;
    for (std::size_t start = 0; start < all.size();) {
      std::size_t end = start;
      double needed = -gap;
      while (end < all.size() && (end == start || needed + gap + height / all[end].aspect <= inside + 1)) {
        needed += gap + height / all[end].aspect;
        ++end;
      }
      const double scale = std::min(1.0, (inside - gap * static_cast<double>(end - start - 1)) /
                                             (needed - gap * static_cast<double>(end - start - 1)));
      double x = margin, tallest = 0;
      for (; start < end; ++start) {
        const double each = scale * height / all[start].aspect;
        draw_echo_picture(canvas_, all[start], x, y_, each);
        tallest = std::max(tallest, echo_picture_height(all[start], each));
        x += each + gap;
      }
      y_ += tallest + 5;
    }
  }

  template <class = void>
  void heading(const std::string& words) {
    canvas_.text(margin, y_ + 5.5, words, {3.6, true});
    y_ += 8.5;
  }
  template <class = void>
  void paragraph(const std::string& words, double size) {
    for (const std::string& line : wrapped(words, 200, size)) {
      canvas_.text(margin, y_ + 2.2, line, {size});
      y_ += 1.45 * size;
    }
  }
  /// The first column takes 60 mm, the others what their longest cell needs.
  template <class = void>
  void rows(const std::string& title, const std::vector<std::string>& head,
            const std::vector<std::vector<std::string>>& cells, const std::vector<bool>& marked) {
    heading(title);
    std::vector<double> places = {margin};
    const auto widen = [&](const std::vector<std::string>& row) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i >= widths_.size()) widths_.push_back(12);
        widths_[i] = std::max(widths_[i], words_width(row[i], 2.9) + 6);
      }
    };
    widths_.clear();
    widen(head);
    for (const auto& row : cells) widen(row);
    for (const double each : widths_) places.push_back(places.back() + each);
    for (std::size_t i = 0; i < head.size(); ++i)
      canvas_.text(places[i], y_ + 2, head[i], {2.7, false, "start", "#555"});
    if (!head.empty()) y_ += 4.4;
    for (std::size_t r = 0; r < cells.size(); ++r) {
      const bool bad = r < marked.size() && marked[r];
      for (std::size_t i = 0; i < cells[r].size(); ++i)
        canvas_.text(
            places[i], y_ + 2, cells[r][i],
            {2.9, bad && i + 1 == cells[r].size(), "start", bad && i + 1 == cells[r].size() ? "#7a1f00" : "#222"});
      y_ += 4.4;
    }
    y_ += 2;
  }

  SvgCanvas canvas_;
  std::vector<double> widths_;
  double y_ = 0;
};

}  // namespace detail

/// UTF-8, true to scale; all text is escaped. Requires what echo_html_report() requires.
template <class = void>
inline std::string echo_svg_report(const EchoReportInput& input) {
  return detail::EchoSheet().draw(input);
}

}  // namespace systolic::report
