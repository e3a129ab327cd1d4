#pragma once
// The overview of many reports: a page whose columns sort, and the same as a table in text.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/html_report.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

/// One window.
struct IndexEntry {
  std::string record;  ///< name
  Index window = 0;
  double from = 0;     ///< s
  std::string file;    ///< its report, beside the index; empty: none
  std::string reason;  ///< why it was not analysed; empty: it was
  std::optional<double> score, percentile;
  std::optional<bool> abnormal;
  std::optional<double> heart_rate, pr, qrs, qtc;  ///< 1/min, ms
  Index findings = 0;
  std::string most;      ///< the most abnormal stretch, "V3 3.10–3.24 s: ..."
  std::string problems;  ///< of the signal's quality
};

inline constexpr const char* index_columns =
    "record,window,from,status,score,percentile,abnormal,heart_rate,pr,qrs,qtc,findings,most_abnormal,problems,reason,"
    "report";

/// The address of a file beside the page: everything but plain letters is percent-encoded.
template <class = void>
inline std::string file_address(std::string_view name) {
  std::string address = "./";
  for (const char c : name) {
    const unsigned byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                       c == '-' || c == '_' || c == '.';
    if (plain)
      address += c;
    else
      address += std::string("%") + "0123456789ABCDEF"[byte >> 4] + "0123456789ABCDEF"[byte & 15];
  }
  return address;
}

/// The windows as CSV (RFC 4180), in their order, a line each under a header. Unknown figures are empty cells.
template <class = void>
inline std::string index_csv(const std::vector<IndexEntry>& entries) {
  const auto cell = [](std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
  };
  const auto figure = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? number_to_text(*value) : std::string();
  };
  std::string text = std::string(index_columns) + "\n";
  for (const IndexEntry& e : entries) {
    text += cell(e.record) + "," + std::to_string(e.window) + "," + number_to_text(e.from) + "," +
            (e.reason.empty() ? "ok" : "not analysable");
    for (const std::optional<double>& value : {e.score, e.percentile}) text += "," + figure(value);
    text += e.abnormal ? (*e.abnormal ? ",true" : ",false") : ",";
    for (const std::optional<double>& value : {e.heart_rate, e.pr, e.qrs, e.qtc}) text += "," + figure(value);
    text += "," + std::to_string(e.findings);
    for (const std::string* words : {&e.most, &e.problems, &e.reason, &e.file}) text += "," + cell(*words);
    text += "\n";
  }
  return text;
}

inline constexpr const char* index_script = R"js(
'use strict';
(() => {
  const table = document.querySelector('table.index'), body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column, numeric) => {
    const cell = row.cells[column], text = cell.dataset.value ?? cell.textContent;
    return numeric ? (text === '' ? -Infinity : Number(text)) : text;
  };
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const numeric = head.classList.contains('number');
    const down = head.getAttribute('aria-sort') ? head.getAttribute('aria-sort') === 'ascending' : numeric;
    heads.forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const rows = [...body.rows], sign = down ? -1 : 1;
    rows.sort((a, b) => {
      const x = value(a, column, numeric), y = value(b, column, numeric);
      return sign * (numeric ? (x === y ? 0 : x - y) : x.localeCompare(y, 'en', {numeric: true}));
    });
    body.append(...rows);
  }));
  document.documentElement.classList.add('ready');
})();
)js";

inline constexpr const char* index_style = R"css(
table.index th { padding: 0 10px 0 0; white-space: nowrap; }
table.index td { border-bottom: 1px solid #eceef0; }
table.index td:first-child { min-width: 120px; max-width: 260px; overflow-wrap: break-word; }
table.index th button { border: 0; padding: 2px 0; min-width: 0; font-weight: bold; }
th[aria-sort] button::after { content: " \25B2"; font-size: 10px; }
th[aria-sort="descending"] button::after { content: " \25BC"; }
tr.abnormal td:first-child { border-left: 4px solid var(--mark); padding-left: 8px; }
tr.normal td:first-child, tr.unknown td:first-child { border-left: 4px solid transparent; padding-left: 8px; }
td.words { min-width: 260px; font-size: 13px; }
@media print { table.index { font-size: 7.5pt; } table.index th button { padding: 0; min-height: 0; } }
)css";

/// The overview as one HTML file: the highest score first, windows without one last; a click on a column's head sorts
/// by it. All text is escaped. `source` names program and weights.
template <class = void>
inline std::string index_page(const std::vector<IndexEntry>& entries, const std::string& source) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) { return entries[i].score.value_or(-INFINITY); };
    return key(a) > key(b);
  });
  std::size_t abnormal = 0, refused = 0;
  for (const IndexEntry& entry : entries) {
    abnormal += entry.abnormal.value_or(false);
    refused += !entry.reason.empty();
  }
  std::string text =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'\">\n<title>Electrocardiograms by anomaly score</title>\n<style>" +
      std::string(html_style) + index_style +
      "</style>\n</head>\n<body>\n<header>\n<h1>Electrocardiograms by anomaly score</h1>\n";
  text += html_element("p", std::to_string(entries.size()) + " windows of 10 s, " + std::to_string(abnormal) +
                                " abnormal, " + std::to_string(refused) + " not analysed");
  text += "</header>\n<div class=\"wide\"><table class=\"index\">\n<thead><tr>";
  const auto head = [&](const char* name, bool numeric, bool sorted = false) {
    text += std::string("<th") + (numeric ? " class=\"number\"" : "") + (sorted ? " aria-sort=\"descending\"" : "") +
            "><button type=\"button\">" + name + "</button></th>";
  };
  head("Recording", false);
  head("From, s", true);
  head("Score", true, true);
  head("Normals below, %", true);
  head("Result", false);
  head("Rate, /min", true);
  head("PR, ms", true);
  head("QRS, ms", true);
  head("QTc, ms", true);
  head("Findings", true);
  head("Most abnormal", false);
  head("Signal", false);
  text += "</tr></thead>\n<tbody>\n";
  const auto figure = [&](const std::optional<double>& value, const std::string& shown) {
    const bool known = value && std::isfinite(*value);
    text += "<td class=\"number\" data-value=\"" + (known ? number_to_text(*value) : std::string()) + "\">" +
            (known ? shown : "–") + "</td>";
  };
  for (const std::size_t i : order) {
    const IndexEntry& e = entries[i];
    // Of a path its end says enough; the name of the report is unique.
    const std::string name = escape(e.file.empty() ? e.record : e.file.substr(0, e.file.rfind('.')));
    text += std::string("<tr class=\"") +
            (!e.abnormal   ? "unknown"
             : *e.abnormal ? "abnormal"
                           : "normal") +
            "\"><td title=\"" + escape(e.record) + "\">";
    text += e.file.empty() ? name : "<a href=\"" + file_address(e.file) + "\">" + name + "</a>";
    text += "</td>";
    figure(e.from, number(e.from, 1));
    figure(e.score, significant(e.score.value_or(0)));
    figure(e.percentile, fixed(e.percentile.value_or(0), 1));
    text += html_element("td", !e.reason.empty() ? "not analysed"
                               : !e.abnormal     ? ""
                               : *e.abnormal     ? "abnormal"
                                                 : "normal");
    for (const std::optional<double>& value : {e.heart_rate, e.pr, e.qrs, e.qtc})
      figure(value, number(value.value_or(0), 0));
    figure(static_cast<double>(e.findings), std::to_string(e.findings));
    text += html_element("td", e.reason.empty() ? e.most : e.reason, "class=\"words\"");
    text += html_element("td", e.problems, "class=\"words\"") + "</tr>\n";
  }
  text += "</tbody>\n</table></div>\n<footer>" + html_element("span", source, "class=\"soft\"") +
          html_element("b", disclaimer) + "</footer>\n<script>" + index_script + "</script>\n</body>\n</html>\n";
  return text;
}

}  // namespace systolic::report
