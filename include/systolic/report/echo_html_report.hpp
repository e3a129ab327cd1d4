#pragma once
// The report of an echocardiogram as one HTML file that needs nothing else: no network, no font, no script.

#include <algorithm>
#include <string>
#include <vector>

#include "systolic/report/echo_curve.hpp"
#include "systolic/report/echo_picture.hpp"
#include "systolic/report/echo_report_input.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/html_page.hpp"
#include "systolic/report/html_style.hpp"
#include "systolic/report/svg_canvas.hpp"

namespace systolic::report {

/// What differs from the report of a recording.
inline constexpr const char* echo_style = R"css(
.pictures { display: flex; flex-wrap: wrap; gap: 18px 20px; margin-top: 12px; }
.pictures svg, .curve svg { display: block; width: 100%; height: auto; }
figcaption { font-size: 13px; line-height: 1.5; }
figcaption .axes { display: flex; justify-content: space-between; gap: 12px; color: var(--soft); }
figcaption .marks span { display: inline-block; margin-right: 14px; }
figcaption .marks i { display: inline-block; width: 24px; height: 11px; background: #333; margin-right: 6px; vertical-align: -1px; }
figcaption .marks i svg { width: 24px; height: 11px; }
.curve { max-width: 580px; margin-top: 16px; }
.explanation { max-width: 68ch; font-size: 16px; }
.facts { grid-template-columns: repeat(auto-fit, minmax(130px, max-content)); gap: 4px 28px; }
.note { border-left: 4px solid var(--mark); padding: 4px 0 4px 10px; margin: 12px 0; }
@page { size: portrait; margin: 10mm 4mm; }
@media print {
  .pictures { gap: 4mm; }
  .pictures figure { flex-grow: 0 !important; width: calc(70mm * var(--wide)); min-width: 0; flex-basis: auto !important; }
  .pictures figure, .curve, .note { break-inside: avoid; }
  .curve { max-width: 112mm; }
  section > .note, section > .curve, section > .pictures { margin-left: 6mm; margin-right: 6mm; }
  .facts { justify-content: flex-start; }
}
)css";

namespace detail {

template <class = void>
inline std::string echo_caption(const EchoPicture& picture) {
  std::string text;
  if (!picture.across.empty())
    text +=
        "<div class=\"axes\">" + html_element("span", picture.across) + html_element("span", picture.down) + "</div>";
  const auto key = key_of(picture);
  if (key.empty()) return text;
  text += "<div class=\"marks\">";
  for (const EchoOverlay* entry : key) {
    SvgCanvas sample;
    if (entry->kind == EchoOverlay::Kind::line)
      sample.line({0.6, 1.4}, {5.8, 1.4}, {entry->color, 0.5, 1, entry->dashed});
    else
      sample.box({2.5, 0.7, 1.4, 1.4}, entry->color);
    text += "<span><i>" + svg_element(6.4, 2.8, sample.elements()) + "</i>" + escape(entry->name) + "</span>";
  }
  return text + "</div>";
}

/// The pictures in rows of one height, as many a row as fit.
template <class = void>
inline std::string echo_pictures(const std::vector<EchoPicture>& pictures) {
  if (pictures.empty()) return "";
  std::string text = "<div class=\"pictures\">\n";
  for (const EchoPicture& picture : pictures) {
    const double wide = 1 / picture.aspect, width = 85 * wide;
    SvgCanvas canvas;
    draw_echo_image(canvas, picture, 0, 0, width);
    text += "<figure style=\"--wide: " + number(wide, 3) + "; flex: " + number(wide, 3) + " 1 " +
            number(300 * wide, 0) + "px; max-width: min(100%, " + number(420 * wide, 0) + "px)\">" +
            html_element("b", picture.title) +
            svg_element(width, 85, canvas.elements(), "role=\"img\" aria-label=\"" + escape(picture.title) + "\"") +
            "<figcaption>" + echo_caption(picture) + "</figcaption></figure>\n";
  }
  return text + "</div>\n";
}

template <class = void>
inline std::string echo_table(const EchoTable& table) {
  std::string text = html_element("h2", table.title) + "\n<div class=\"wide\"><table>\n<thead><tr>";
  for (std::size_t i = 0; i < table.head.size(); ++i)
    text += html_element("th", table.head[i], i == 0 ? "" : "class=\"number\"");
  text += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    text += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) text += html_element("td", row[i], i == 0 ? "" : "class=\"number\"");
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table></div>\n";
}

template <class = void>
inline std::string echo_judgements(const std::vector<EchoJudgement>& judgements) {
  std::string text = "<h2>Attributes</h2>\n<div class=\"wide\"><table>\n<tbody>\n";
  for (const EchoJudgement& j : judgements)
    text += "<tr>" + html_element("td", j.attribute) + html_element("td", j.value) +
            html_element("td", j.verdict, j.pathological ? "class=\"bad\"" : "") + "</tr>\n";
  return text + "</tbody>\n</table></div>\n";
}

}  // namespace detail

/// UTF-8. All text is escaped; the page asks for nothing from any network and forbids itself to. Requires pictures
/// whose `png` is a PNG file, with at least one row and column.
template <class = void>
inline std::string echo_html_report(const EchoReportInput& input) {
  std::string text =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "img-src data:\">\n" +
      html_element("title", "Echocardiogram " + input.file) + "\n<style>" + html_style + echo_style +
      "</style>\n</head>\n<body>\n";
  text += "<header>\n";
  if (!input.index.empty()) text += "<p class=\"soft\"><a href=\"" + escape(input.index) + "\">All clips</a></p>\n";
  text += "<div class=\"head\">\n<div>" + html_element("h1", input.file) + html_element("p", input.summary) +
          "</div>\n<div>" + html_element("p", input.reason.empty() ? input.kind : "Not analysed", "class=\"score\"") +
          (input.reason.empty() ? "" : html_element("p", input.reason)) + "</div>\n</div>\n<dl class=\"facts\">\n";
  for (const EchoFact& fact : input.facts)
    text +=
        "<div>" + html_element("dt", fact.label) +
        html_element("dd", fact.value.empty() ? "absent" : fact.value, fact.value.empty() ? "class=\"absent\"" : "") +
        "</div>\n";
  text += "</dl>\n</header>\n<section>\n";
  if (!input.weights_note.empty()) text += html_element("p", input.weights_note, "class=\"note\"") + "\n";
  text += detail::echo_pictures(input.pictures);
  if (input.curve) {
    SvgCanvas canvas;
    draw_echo_curve(canvas, *input.curve, {0, 0, 112, 56});
    text += "<div class=\"curve\">" + svg_element(112, 56, canvas.elements()) + "</div>\n";
  }
  text += "</section>\n<section>\n";
  if (!input.text.empty())
    text += "<h2>Explanation</h2>\n" + html_element("p", input.text, "class=\"explanation\"") + "\n";
  for (const EchoTable& table : input.tables) text += detail::echo_table(table);
  if (!input.judgements.empty()) text += detail::echo_judgements(input.judgements);
  if (!input.steps.empty()) text += "<h2>What was done</h2>\n" + html_list(input.steps);
  const std::string weights = input.weights.empty() ? "" : " · weights " + input.weights;
  return text + "</section>\n<footer>" + html_element("span", input.program + weights, "class=\"soft\"") +
         html_element("b", disclaimer) + "</footer>\n</body>\n</html>\n";
}

}  // namespace systolic::report
