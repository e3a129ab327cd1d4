#pragma once
// The report as one HTML file that needs nothing else: no network, no font, no library. Without JavaScript it still
// shows everything in the default layout.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/close_up.hpp"
#include "systolic/report/comparison.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/findings_list.hpp"
#include "systolic/report/html_page.hpp"
#include "systolic/report/html_script.hpp"
#include "systolic/report/html_style.hpp"
#include "systolic/report/map_legend.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/quality_table.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/score_plot.hpp"
#include "systolic/report/sheet_layout.hpp"
#include "systolic/report/statements_list.hpp"
#include "systolic/report/summary.hpp"
#include "systolic/report/svg_canvas.hpp"

namespace systolic::report {

/// A canvas for one layout on a page that holds each lead once: it refers to it, and keeps the parts that it needs.
class SharingCanvas : public SvgCanvas {
 public:
  SharingCanvas(double seconds, double band, std::vector<std::pair<double, double>>& clips)
      : seconds_(seconds), band_(band), clips_(clips) {}

  bool reuse(LeadPart part, std::size_t lead, double from, double to, Point origin) override {
    std::string use = "<use href=\"#" +
                      std::string(1, part == LeadPart::map     ? 'm'
                                     : part == LeadPart::trace ? 't'
                                                               : 'r') +
                      std::to_string(lead) + "\" transform=\"translate(" + number(origin.x) + " " + number(origin.y) +
                      ")";
    if (part == LeadPart::map) use += " scale(1 " + number(band_) + ")";
    use += "\"";
    if (from > 0 || to < seconds_) {
      const std::pair<double, double> clip{from, to};
      const auto place = std::find(clips_.begin(), clips_.end(), clip);
      use += " clip-path=\"url(#c" + std::to_string(place - clips_.begin()) + ")\"";
      if (place == clips_.end()) clips_.push_back(clip);
    }
    append(use + "/>\n");
    return true;
  }

 private:
  double seconds_, band_;
  std::vector<std::pair<double, double>>& clips_;
};

namespace detail {

class HtmlReport {
 public:
  explicit HtmlReport(const ReportInput& input) : input_(input), paper_(input, Layout::three_by_four, 115) {}

  template <class = void>
  std::string page(Layout first) const {
    std::string text =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'\">\n";
    text +=
        html_element("title", "Electrocardiogram " + input_.record) + "\n<style>" + html_style + "</style>\n</head>\n";
    text += "<body>\n" + head() + recording(first) + statements() + findings() + signal() + comparison() + footer();
    return text + "<script>" + html_script + "</script>\n</body>\n</html>\n";
  }

 private:
  template <class = void>
  std::string head() const {
    std::string text = "<header>\n";
    if (!input_.index.empty())
      text += "<p class=\"soft\"><a href=\"" + escape(input_.index) + "\">All recordings</a></p>\n";
    text += "<div class=\"head\">\n<div>" + html_element("h1", input_.record);
    text += html_element("p", summary_line(input_, paper_.seconds()));
    for (const std::string& line : input_.identity) text += html_element("p", line);
    text += html_element("p", input_.processing, "class=\"soft\"") + "</div>\n<div>";
    if (!input_.reason.empty()) {
      text += html_element("p", "Not analysed", "class=\"score\"") + html_element("p", input_.reason);
    } else if (input_.score) {
      text += html_element("p", "Anomaly score " + significant(*input_.score), "class=\"score\"");
      text += html_element("p", standing(input_.percentile));
      if (input_.threshold) text += html_element("p", threshold_line(input_), "class=\"soft\"");
    }
    text += "</div>\n";
    if (input_.abnormal)
      text +=
          html_element("div", verdict(input_), *input_.abnormal ? "class=\"verdict abnormal\"" : "class=\"verdict\"");
    text += "</div>\n<dl class=\"facts\">\n";
    if (input_.intervals)
      for (const Fact& fact : interval_facts(*input_.intervals))
        text += "<div>" + html_element("dt", fact.label) +
                html_element("dd", fact_text(fact), fact.value ? "" : "class=\"absent\"") + "</div>\n";
    return text + "</dl>\n</header>\n";
  }

  /// The drawing in all layouts, with its switches.
  template <class = void>
  std::string recording(Layout first) const {
    std::vector<std::pair<double, double>> clips;
    std::string sheets, buttons;
    for (const Layout layout : all_layouts) {
      const double height = layout == Layout::three_by_four ? 115 : layout == Layout::six_by_two ? 135 : 170;
      const Paper paper(input_, layout, height);
      SharingCanvas canvas(paper.seconds(), paper.band(), clips);
      paper.draw(canvas, 0, true);
      std::string cells;
      for (const Cell& cell : paper.cells())
        cells += (cells.empty() ? "" : ";") + std::to_string(cell.lead) + "," + number(cell.from * paper.seconds(), 4) +
                 "," + number(cell.to * paper.seconds(), 4) + "," + number(paper.line(cell));
      const std::string name = layout_name(layout);
      sheets +=
          "<div class=\"sheet" + std::string(layout == first ? " shown" : "") + "\" data-layout=\"" + name + "\">\n" +
          svg_element(paper.width(), paper.height(), canvas.elements(),
                      "role=\"img\" aria-label=\"Electrocardiogram, " + name + "\" data-cells=\"" + cells + "\"") +
          "</div>\n";
      buttons += "<button type=\"button\" data-layout=\"" + name + "\" aria-pressed=\"" +
                 (layout == first ? "true" : "false") + "\">" + name + "</button>";
    }
    std::string text = "<section>\n<div class=\"controls\">\n<div class=\"set\">" + buttons + "</div>\n";
    const auto overlay = [&](const char* name, const char* label, bool on) {
      text += std::string("<label><input type=\"checkbox\" data-overlay=\"") + name + "\"" + (on ? " checked" : "") +
              ">" + label + "</label>\n";
    };
    if (input_.map.size() > 0) overlay("map", "Map", true);
    if (input_.residual.size() > 0) overlay("restored", "Restored trace", false);
    if (!input_.findings.empty()) overlay("findings", "Findings", true);
    if (!input_.r_peaks.empty()) overlay("peaks", "R peaks", true);
    text +=
        "<div class=\"set\"><button type=\"button\" data-zoom=\"out\" aria-label=\"smaller\">−</button>"
        "<button type=\"button\" data-zoom=\"true\" title=\"25 mm/s on a calibrated screen\">1:1</button>"
        "<button type=\"button\" data-zoom=\"fit\">Fit</button>"
        "<button type=\"button\" data-zoom=\"in\" aria-label=\"larger\">+</button></div>\n"
        "<span class=\"soft\">25 mm/s · " +
        number(input_.mm_per_mv) + " mm/mV</span>\n</div>\n";
    text +=
        "<div class=\"paper hide-restored\" tabindex=\"0\"" + values() + ">\n" + shared(clips) + sheets + "</div>\n";
    text +=
        "<p class=\"readout soft\" aria-live=\"off\">Point at a trace to read its values; Ctrl and wheel zoom.</p>\n";
    const std::string cut = paper_.cut_leads();
    if (!cut.empty())
      text += html_element("p", "Cut at " + number(trace_room / input_.mm_per_mv) + " mV: " + cut, "class=\"soft\"");
    text += "<div class=\"under\">\n";
    if (input_.map.size() > 0) {
      SvgCanvas legend;
      draw_map_legend(legend, paper_.scale(), input_.map_threshold, 1, 3, 70);
      text += "<div class=\"legend\">" + svg_element(72, 15, legend.elements()) + "</div>\n";
    }
    if (input_.normal_scores.size() > 1) {
      SvgCanvas plot;
      draw_score_plot(plot, input_.normal_scores, input_.score, input_.threshold, {1, 0, 70, 26});
      text += "<div class=\"plot\">" + svg_element(72, 26.5, plot.elements());
      if (!input_.normal_data.empty()) text += html_element("p", "Normal: " + input_.normal_data, "class=\"soft\"");
      text += "</div>\n";
    }
    return text + "</div>\n</section>\n";
  }

  /// What the script needs to know beyond the drawing.
  template <class = void>
  std::string values() const {
    std::string names, lines;
    for (std::size_t lead = 0; lead < 12; ++lead) {
      names += (lead > 0 ? " " : "") + std::string(standard_leads[lead]);
      lines += (lead > 0 ? " " : "") + number(paper_.trace(lead).line, 4);
    }
    std::string text = " data-left=\"" + number(trace_left) + "\" data-gain=\"" + number(input_.mm_per_mv) +
                       "\" data-start=\"" + number(input_.from, 3) + "\" data-leads=\"" + names + "\" data-lines=\"" +
                       lines + "\"";
    if (input_.map.size() == 0) return text;
    const Index bin = std::max<Index>(1, static_cast<Index>(std::lround(0.02 * input_.rate)));
    const Index bins = input_.map.shape()[0] / bin;
    std::vector<double> means;
    double top = 0;
    for (Index b = 0; b < bins; ++b)
      for (Index lead = 0; lead < standard_lead_count; ++lead) {
        double sum = 0;
        for (Index t = b * bin; t < (b + 1) * bin; ++t) sum += static_cast<double>(input_.map(t, lead));
        means.push_back(std::isfinite(sum) ? std::fmax(0, sum / static_cast<double>(bin)) : 0);
        top = std::fmax(top, means.back());
      }
    std::vector<unsigned char> bytes;
    for (const double mean : means)
      bytes.push_back(static_cast<unsigned char>(top > 0 ? std::lround(255 * mean / top) : 0));
    return text + " data-map-from=\"" + number(static_cast<double>(input_.map_start) / input_.rate, 4) +
           "\" data-map-top=\"" + significant(top) + "\" data-map=\"" +
           base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) + "\"";
  }

  /// Each lead's map, trace and restored trace once, and the windows through which layouts look at them.
  template <class = void>
  std::string shared(const std::vector<std::pair<double, double>>& clips) const {
    SvgCanvas canvas;
    for (std::size_t lead = 0; lead < 12; ++lead)
      for (const auto& [part, name] :
           {std::pair{LeadPart::map, "m"}, {LeadPart::trace, "t"}, {LeadPart::restored, "r"}}) {
        if (part == LeadPart::restored && input_.residual.size() == 0) continue;
        canvas.append("<g id=\"" + std::string(name) + std::to_string(lead) + "\">");
        if (input_.samples.size() > 0) paper_.draw_part(canvas, part, lead, 0, paper_.seconds(), {0, 0}, 1);
        canvas.append("</g>\n");
      }
    std::string text = "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>\n";
    for (std::size_t i = 0; i < clips.size(); ++i)
      text += "<clipPath id=\"c" + std::to_string(i) + "\"><rect x=\"" + number(clips[i].first * mm_per_second, 3) +
              "\" y=\"-50\" width=\"" + number((clips[i].second - clips[i].first) * mm_per_second, 3) +
              "\" height=\"100\"/></clipPath>\n";
    return text + canvas.elements() + "</defs></svg>\n";
  }

  template <class = void>
  std::string statements() const {
    if (input_.statements.empty()) return "";
    std::string text = "<section id=\"statements\">\n<h2>Statements</h2>\n" +
                       html_element("p", superclass_text(input_)) +
                       "\n<div class=\"wide\"><table class=\"list\">\n<thead><tr><th class=\"number\">Probability</th>"
                       "<th class=\"number\">Threshold</th><th>Statement</th><th>What speaks for it</th></tr></thead>\n"
                       "<tbody>\n";
    for (const Statement* statement : shown_statements(input_, 8)) {
      const std::string tag = statement->present ? "class=\"number strong\"" : "class=\"number\"";
      text += "<tr>" + html_element("td", number(100 * statement->probability, 1) + " %", tag) +
              html_element("td", number(100 * statement->threshold, 1) + " %", "class=\"number soft\"") + "<td>" +
              html_element(statement->present ? "b" : "span", statement->name) + " " +
              html_element("span", statement->code, "class=\"soft\"") + "</td>" +
              html_element("td", evidence_text(input_, *statement, 3)) + "</tr>\n";
    }
    return text + "</tbody>\n</table></div>\n" +
           html_element(
               "p", "Bold: the probability reaches the statement's own threshold. Weights: " + input_.diagnosis_weights,
               "class=\"soft\"") +
           "\n</section>\n";
  }

  template <class = void>
  std::string findings() const {
    std::string text = "<section class=\"new-page\">\n<h2>Most abnormal stretches</h2>\n";
    if (input_.findings.empty()) return text + html_element("p", why_no_findings(input_)) + "\n</section>\n";
    text +=
        "<div class=\"wide\"><table class=\"list\">\n<thead><tr><th></th><th>Lead</th><th>Time, s</th><th "
        "class=\"number\">Map</th><th>What is unusual</th></tr></thead>\n<tbody>\n";
    const std::vector<FindingGroup> groups = group_findings(input_);
    constexpr std::size_t open_rows = 12, most = 60;
    for (std::size_t i = 0; i < std::min(most, groups.size()); ++i) {
      if (i == open_rows) text += "</tbody>\n<tbody class=\"more\" hidden>\n";
      const Finding& finding = input_.findings[groups[i].first];
      text += "<tr><td>" + go_button(groups[i].first) + "</td>" + html_element("td", finding_lead(finding)) +
              html_element("td", finding_time(input_, finding)) +
              html_element("td", significant(finding.score), "class=\"number\"") + "<td>" + escape(groups[i].text);
      if (!groups[i].others.empty()) text += html_element("div", others_text(input_, groups[i], 24), "class=\"soft\"");
      text += "</td></tr>\n";
    }
    text += "</tbody>\n</table></div>\n";
    if (groups.size() > open_rows)
      text += "<p><button type=\"button\" class=\"all\">Show " +
              std::to_string(std::min(most, groups.size()) - open_rows) + " further kinds</button></p>\n";
    const std::vector<std::size_t> shown =
        input_.samples.size() > 0 ? close_up_choice(input_, 6) : std::vector<std::size_t>();
    if (shown.empty()) return text + "</section>\n";
    text += "<h2>Close-ups</h2>\n<p class=\"key soft\"><i style=\"border-color:#111\"></i>measured";
    if (input_.residual.size() > 0)
      text += "<i style=\"border-color:" + std::string(restored_color) +
              "\"></i>restored by the network, with what the filters removed put back";
    text += "</p>\n<div class=\"close-ups\">\n";
    for (const std::size_t i : shown) {
      SvgCanvas canvas;
      draw_close_up(canvas, input_, paper_, i, 0, 0);
      text += "<figure>" + svg_element(close_up_width, close_up_height + 0.2, canvas.elements()) + "</figure>\n";
    }
    return text + "</div>\n</section>\n";
  }

  template <class = void>
  std::string go_button(std::size_t i) const {
    const Finding& finding = input_.findings[i];
    return "<button type=\"button\" class=\"go\" data-lead=\"" + std::to_string(finding.lead) + "\" data-from=\"" +
           number(finding.from, 3) + "\" data-to=\"" + number(finding.to, 3) + "\">" + std::to_string(i + 1) +
           "</button>";
  }

  template <class = void>
  std::string signal() const {
    std::string text = "<section>\n";
    if (input_.quality) {
      text += "<h2>Quality of the signal</h2>\n";
      const std::vector<std::string> problems = quality_problems(*input_.quality);
      text += problems.empty() ? "<p>No problem in any lead.</p>\n" : html_list(problems);
      text += "<div class=\"wide\"><table>\n<thead><tr><th></th>";
      for (const char* lead : standard_leads) text += html_element("th", lead, "class=\"number\"");
      text += "</tr></thead>\n<tbody>\n";
      for (const QualityRow& row : quality_rows(*input_.quality)) {
        text += "<tr>" + html_element("td", row.label);
        for (std::size_t lead = 0; lead < 12; ++lead)
          text += html_element("td", row.cells[lead].empty() ? "–" : row.cells[lead],
                               row.problem[lead] ? "class=\"number bad\"" : "class=\"number\"");
        text += "</tr>\n";
      }
      text += "</tbody>\n</table></div>\n";
    }
    if (!input_.steps.empty()) text += "<h2>What was done</h2>\n" + html_list(input_.steps);
    if (!input_.warnings.empty()) text += "<h2>Warnings</h2>\n" + html_list(input_.warnings);
    return text + "</section>\n";
  }

  template <class = void>
  std::string comparison() const {
    if (!input_.earlier) return "";
    const Earlier& earlier = *input_.earlier;
    std::string text = "<section class=\"new-page\" id=\"comparison\">\n" +
                       html_element("h2", "Compared with the earlier recording " + earlier.record) +
                       "\n<div class=\"compare\">\n<div>";
    if (!earlier.reason.empty()) text += html_element("p", "The earlier recording was not analysed: " + earlier.reason);
    text +=
        "<table>\n<thead><tr><th></th><th class=\"number\">this one</th><th class=\"number\">earlier</th><th "
        "class=\"number\">change</th></tr></thead>\n<tbody>\n";
    for (const ComparisonRow& row : comparison_rows(input_, earlier))
      text += "<tr>" + html_element("td", row.label) + html_element("td", row.now, "class=\"number\"") +
              html_element("td", row.before, "class=\"number earlier\"") +
              html_element("td", row.change, "class=\"number\"") + "</tr>\n";
    text +=
        "</tbody>\n</table></div>\n<div><p class=\"key soft\">Median beats<i style=\"border-color:#111\"></i>this "
        "one<i "
        "style=\"border-color:" +
        std::string(earlier_color) + "\"></i>earlier · 25 mm/s · 10 mm/mV</p>\n<div class=\"beats\">\n";
    for (std::size_t lead = 0; lead < 12; ++lead) {
      SvgCanvas canvas;
      draw_beat_pair(canvas, input_.median_beat, earlier.median_beat, lead, 0, 0);
      text += svg_element(beat_width, beat_height, canvas.elements());
    }
    return text + "</div></div>\n</div>\n</section>\n";
  }

  template <class = void>
  std::string footer() const {
    const std::string weights = input_.weights.empty() ? "" : " · weights " + input_.weights;
    return "<footer>" + html_element("span", input_.program + weights, "class=\"soft\"") +
           html_element("b", disclaimer) + "</footer>\n";
  }

  const ReportInput& input_;
  Paper paper_;
};

}  // namespace detail

/// UTF-8. All text is escaped; the page asks for nothing from any network and forbids itself to. Requires what
/// svg_report() requires.
template <class = void>
inline std::string html_report(const ReportInput& input, Layout layout = Layout::three_by_four) {
  return detail::HtmlReport(input).page(layout);
}

}  // namespace systolic::report
