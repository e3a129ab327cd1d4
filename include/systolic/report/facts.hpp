#pragma once
// The figures of a report as words: the same in every file format.

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/ecg/intervals.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

/// A measured quantity.
struct Fact {
  const char* label;
  std::optional<double> value;
  const char* unit;
};

/// Rate, intervals and axis, in the order in which they are read out.
template <class = void>
inline std::vector<Fact> interval_facts(const Intervals& intervals) {
  return {{"Heart rate", intervals.heart_rate, "/min"},
          {"P", intervals.p, "ms"},
          {"PR", intervals.pr, "ms"},
          {"QRS", intervals.qrs, "ms"},
          {"QT", intervals.qt, "ms"},
          {"QTc Bazett", intervals.qtc_bazett, "ms"},
          {"QTc Fridericia", intervals.qtc_fridericia, "ms"},
          {"QRS axis", intervals.axis, "°"}};
}

/// "156 ms"; "absent" where a wave is absent.
template <class = void>
inline std::string fact_text(const Fact& fact) {
  if (!fact.value || !std::isfinite(*fact.value)) return "absent";
  const std::string unit = fact.unit;
  return number(*fact.value, 0) + (unit == "°" || unit == "/min" ? "" : " ") + unit;
}

/// How the score lies among those of normal records, in a sentence without a full stop.
template <class = void>
inline std::string standing(const std::optional<double>& percentile) {
  if (!percentile) return "not compared with normal recordings: no calibration";
  if (*percentile >= 100) return "higher than all normal recordings of the calibration";
  return "higher than " + number(std::fmin(*percentile, 99.9), 1) + " % of normal recordings";
}

/// "ABNORMAL", "NORMAL", "NOT ANALYSED", or nothing where no decision was made.
template <class = void>
inline std::string verdict(const ReportInput& input) {
  if (!input.reason.empty()) return "NOT ANALYSED";
  if (!input.abnormal) return "";
  return *input.abnormal ? "ABNORMAL" : "NORMAL";
}

inline constexpr const char* disclaimer = "For research, not for diagnosis";

/// Why there are no findings.
template <class = void>
inline std::string why_no_findings(const ReportInput& input) {
  if (!input.reason.empty()) return "Not looked for: the recording was not analysed";
  if (!input.map_threshold) return "Not looked for: no calibration of the map";
  return "None: nowhere does the map exceed the 99th percentile of normal recordings for 40 ms";
}

/// `text` in lines of some `width` mm, broken at blanks, in letters of `size` mm. Letters are some 0.5 of their size
/// wide.
template <class = void>
inline std::vector<std::string> wrapped(const std::string& text, double width, double size) {
  const std::size_t most = static_cast<std::size_t>(std::fmax(8, width / (0.51 * size)));
  std::vector<std::string> lines;
  std::string line;
  std::size_t letters = 0;
  for (std::size_t start = 0; start < text.size();) {
    std::size_t end = text.find(' ', start);
    if (end == std::string::npos) end = text.size();
    std::string word = shortened(text.substr(start, end - start), most);
    std::size_t count = 0;
    for (const char c : word) count += (static_cast<unsigned char>(c) & 0xC0u) != 0x80;
    if (letters > 0 && letters + 1 + count > most) {
      lines.push_back(line);
      line.clear();
      letters = 0;
    }
    line += (letters > 0 ? " " : "") + word;
    letters += count + (letters > 0 ? 1 : 0);
    start = end + 1;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace systolic::report
