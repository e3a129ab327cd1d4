#pragma once
// What is unusual about a finding, in words: which wave of which beat, and how it departs from what was restored.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "systolic/ecg/leads.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

/// Lead of a finding, for people.
inline std::string finding_lead(const Finding& finding) {
  const bool known = finding.lead >= 0 && finding.lead < standard_lead_count;
  return known ? standard_leads[static_cast<std::size_t>(finding.lead)] : "?";
}

/// "3.10–3.24", seconds of the recording.
template <class = void>
inline std::string finding_time(const ReportInput& input, const Finding& finding) {
  return fixed(input.from + finding.from, 2) + "–" + fixed(input.from + finding.to, 2);
}

namespace detail {

/// How far the measured trace lies from the restored one over a finding, mV.
struct Departure {
  double mean = 0;  ///< signed
  double peak = 0;  ///< signed, the largest by size
};

template <class = void>
inline std::optional<Departure> departure(const ReportInput& input, const Finding& finding) {
  if (input.residual.size() == 0 || finding.lead < 0 || finding.lead >= standard_lead_count) return std::nullopt;
  const Index length = input.residual.shape()[0];
  const auto place = [&](double second) {
    return std::clamp<Index>(static_cast<Index>(std::lround(second * input.rate)) - input.map_start, 0, length);
  };
  Departure result;
  const Index from = place(finding.from), to = place(finding.to);
  for (Index t = from; t < to; ++t) {
    const double value = static_cast<double>(input.residual(t, finding.lead));
    if (!std::isfinite(value)) return std::nullopt;
    result.mean += value / static_cast<double>(to - from);
    if (std::fabs(value) > std::fabs(result.peak)) result.peak = value;
  }
  return to > from ? std::optional<Departure>(result) : std::nullopt;
}

inline double seconds_of(const ReportInput& input, Index samples) { return static_cast<double>(samples) / input.rate; }

/// The waves that a stretch, in samples from the R peak, lies on: each of which it covers a third, or which holds a
/// third of it.
template <class = void>
inline std::string waves_under(const Delineation& waves, Index from, Index to) {
  std::string names;
  const auto add = [&](const char* name, Index onset, Index offset) {
    const Index common = std::min(to, offset) - std::max(from, onset);
    if (common <= 0 || (3 * common < to - from && 3 * common < offset - onset)) return;
    names += (names.empty() ? "" : ", ") + std::string(name);
  };
  if (waves.p) add("P wave", waves.p->onset, waves.p->offset);
  if (waves.p && waves.qrs) add("PR segment", waves.p->offset, waves.qrs->onset);
  if (waves.qrs) add("QRS complex", waves.qrs->onset, waves.qrs->offset);
  if (waves.qrs && waves.t) add("ST segment", waves.qrs->offset, waves.t->onset);
  if (waves.t) add("T wave", waves.t->onset, waves.t->offset);
  return names;
}

}  // namespace detail

/// What is unusual about a finding.
struct FindingWords {
  std::string place;      ///< "QRS complex"
  std::string departure;  ///< "up to 0.83 mV above the restored trace"
  std::string remarks;    ///< "beat 0.24 s early, beat of another shape"
  std::string kind;       ///< the same for findings that differ in figures only

  /// All of it in a line; empty where nothing is known.
  template <class = void>
  std::string text() const {
    std::string line = place;
    if (!departure.empty()) line += (line.empty() ? "" : ": ") + departure;
    if (!remarks.empty()) line += (line.empty() ? "" : "; ") + remarks;
    return line;
  }
};

/// Only what was measured; without intervals and residual nothing.
template <class = void>
inline FindingWords describe(const ReportInput& input, const Finding& finding) {
  FindingWords words;
  words.kind = std::to_string(finding.lead);
  const std::vector<Index>& peaks = input.r_peaks;
  const auto remark = [&](const std::string& text, char kind) {
    words.remarks += (words.remarks.empty() ? "" : ", ") + text;
    words.kind += kind;
  };
  if (!peaks.empty()) {
    // The beat whose time it is: each reaches from 0.3 s before its R peak to 0.3 s before the next one.
    const Index middle = static_cast<Index>(std::lround((finding.from + finding.to) / 2 * input.rate));
    const Index lead_in = static_cast<Index>(std::lround(0.3 * input.rate));
    std::size_t beat = 0;
    while (beat + 1 < peaks.size() && peaks[beat + 1] - lead_in <= middle) ++beat;
    const Index from = static_cast<Index>(std::lround(finding.from * input.rate)) - peaks[beat];
    const Index to = static_cast<Index>(std::lround(finding.to * input.rate)) - peaks[beat];
    bool usual = false;
    if (input.intervals && input.intervals->waves.qrs) {
      const auto near = [&](Index r) { return std::abs(r - peaks[beat]) <= largest_shift; };
      usual = std::any_of(input.intervals->beats.begin(), input.intervals->beats.end(), near);
      words.place = detail::waves_under(input.intervals->waves, from, to);
      // Of a beat of another shape the waves of the usual beat tell the QRS complex at most.
      if (!usual && words.place != "QRS complex") words.place = to > -30 && from < 40 ? "QRS complex" : "";
    }
    std::vector<Index> cycles;
    for (std::size_t i = 1; i < peaks.size(); ++i) cycles.push_back(peaks[i] - peaks[i - 1]);
    if (cycles.size() >= 3 && beat > 0) {
      const double cycle = static_cast<double>(peaks[beat] - peaks[beat - 1]);
      std::nth_element(cycles.begin(), cycles.begin() + static_cast<Index>(cycles.size() / 2), cycles.end());
      const double usual_cycle = static_cast<double>(cycles[cycles.size() / 2]);
      if (cycle < 0.85 * usual_cycle) remark("beat " + fixed((usual_cycle - cycle) / input.rate, 2) + " s early", 'e');
      if (cycle > 1.5 * usual_cycle) remark("after a pause of " + fixed(cycle / input.rate, 2) + " s", 'p');
    }
    const bool measurable = peaks[beat] >= median_before + largest_shift && input.samples.size() > 0 &&
                            peaks[beat] + median_length - median_before + largest_shift <= input.samples.shape()[0];
    if (input.intervals && !input.intervals->beats.empty() && !usual && measurable)
      remark("beat of another shape", 's');
    if (input.intervals)
      for (const Index spike : input.intervals->pacemaker_spikes)
        if (std::abs(static_cast<double>(peaks[beat] - spike)) < 0.12 * input.rate) {
          remark("paced", 'm');
          break;
        }
  }
  if (const auto departure = detail::departure(input, finding)) {
    const bool steady = std::fabs(departure->mean) > 0.6 * std::fabs(departure->peak);
    const double size = steady ? departure->mean : departure->peak;
    words.departure = std::string(steady ? "on average " : "up to ") + fixed(std::fabs(size), 2) + " mV " +
                      (size > 0 ? "above" : "below") + " the restored trace";
    words.kind += size > 0 ? '+' : '-';
  }
  words.kind += words.place;
  return words;
}

/// The same in a line: "QRS complex: up to 0.83 mV above the restored trace; beat 0.24 s early".
template <class = void>
inline std::string finding_text(const ReportInput& input, const Finding& finding) {
  return describe(input, finding).text();
}

/// Findings of one kind: the same wave of a lead departs in the same direction, beat after beat.
struct FindingGroup {
  std::size_t first;                ///< the most important one
  std::vector<std::size_t> others;  ///< the rest
  std::string text;                 ///< of the first
};

/// All findings in groups, the most important group first.
template <class = void>
inline std::vector<FindingGroup> group_findings(const ReportInput& input) {
  std::vector<FindingGroup> groups;
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < input.findings.size(); ++i) {
    const FindingWords words = describe(input, input.findings[i]);
    const auto place = std::find(kinds.begin(), kinds.end(), words.kind);
    if (place != kinds.end()) {
      groups[static_cast<std::size_t>(place - kinds.begin())].others.push_back(i);
      continue;
    }
    kinds.push_back(words.kind);
    groups.push_back({i, {}, words.text()});
  }
  return groups;
}

/// "also at 2.46, 1.60 s and 5 times more"; empty where there are no others.
template <class = void>
inline std::string others_text(const ReportInput& input, const FindingGroup& group, std::size_t most) {
  if (group.others.empty()) return "";
  std::string text = "also at ";
  const std::size_t listed = std::min(most, group.others.size());
  for (std::size_t k = 0; k < listed; ++k)
    text += (k > 0 ? ", " : "") + fixed(input.from + input.findings[group.others[k]].from, 2);
  text += " s";
  if (listed < group.others.size()) text += " and " + std::to_string(group.others.size() - listed) + " more";
  return text;
}

}  // namespace systolic::report
