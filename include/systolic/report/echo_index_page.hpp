#pragma once
// The overview of many reports of echocardiograms: a page whose columns sort.

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "systolic/report/echo_report_input.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/html_page.hpp"
#include "systolic/report/html_style.hpp"
#include "systolic/report/index_page.hpp"

namespace systolic::report {

/// One clip.
struct EchoIndexEntry {
  std::string clip;             ///< its path
  std::string file;             ///< its report, beside the index
  std::string reason;           ///< why it was not analysed; empty: it was
  std::vector<EchoFact> facts;  ///< as its report shows them
};

/// The clips in their order as one HTML file; a click on a column's head sorts by it. All text is escaped. The columns
/// are the facts of the first clip that was analysed. `source` names the program.
template <class = void>
inline std::string echo_index_page(const std::vector<EchoIndexEntry>& entries, const std::string& source) {
  const auto known = std::find_if(entries.begin(), entries.end(), [](const auto& e) { return e.reason.empty(); });
  const std::size_t columns = known == entries.end() ? 0 : known->facts.size();
  std::string text =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'\">\n<title>Echocardiograms</title>\n<style>" +
      std::string(html_style) + index_style + "</style>\n</head>\n<body>\n<header>\n<h1>Echocardiograms</h1>\n";
  const auto refused = std::count_if(entries.begin(), entries.end(), [](const auto& e) { return !e.reason.empty(); });
  text += html_element("p", std::to_string(entries.size()) + " clips, " + std::to_string(refused) + " not analysed");
  text += "</header>\n<div class=\"wide\"><table class=\"index\">\n<thead><tr>";
  const auto head = [&](const std::string& name, bool numeric) {
    text += std::string("<th") + (numeric ? " class=\"number\"" : "") + "><button type=\"button\">" + escape(name) +
            "</button></th>";
  };
  head("Clip", false);
  for (std::size_t i = 0; i < columns; ++i) head(known->facts[i].label, true);
  head("Result", false);
  text += "</tr></thead>\n<tbody>\n";
  for (const EchoIndexEntry& e : entries) {
    text += "<tr class=\"unknown\"><td title=\"" + escape(e.clip) + "\"><a href=\"" + file_address(e.file) + "\">" +
            escape(e.file.substr(0, e.file.rfind('.'))) + "</a></td>";
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string value = i < e.facts.size() ? e.facts[i].value : "";
      const std::string figure = value.substr(0, value.find(' '));
      const bool number = !figure.empty() && figure.find_first_not_of("0123456789.-") == std::string::npos;
      text += "<td class=\"number\" data-value=\"" + (number ? figure : "") + "\">" +
              (value.empty() ? "–" : escape(value)) + "</td>";
    }
    text += html_element("td", e.reason.empty() ? "" : "not analysed: " + e.reason, "class=\"words\"") + "</tr>\n";
  }
  return text + "</tbody>\n</table></div>\n<footer>" + html_element("span", source, "class=\"soft\"") +
         html_element("b", disclaimer) + "</footer>\n<script>" + index_script + "</script>\n</body>\n</html>\n";
}

}  // namespace systolic::report
