#pragma once
// A recording beside an earlier one of the same patient: figures, and median beats laid over each other.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/median_beat.hpp"
#include "systolic/report/canvas.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/svg.hpp"
#include "systolic/report/trace.hpp"
#include "systolic/signal/filter.hpp"

namespace systolic::report {

/// The median beat of a window [5000][12] (mV, 500 Hz, finite) in the band in which intervals are measured, 0.5-40 Hz;
/// empty where no R peak has room for a beat.
template <class = void>
inline Tensor<double> diagnostic_median_beat(TensorView<const double> window, const std::vector<Index>& r_peaks) {
  Tensor<double> filtered(window.shape());
  std::copy(window.begin(), window.end(), filtered.begin());
  for (const signal::TransferFunction& filter :
       {signal::butterworth_highpass(0.5, analysis_rate), signal::butterworth_lowpass(40, analysis_rate)})
    if (!signal::filtfilt(filter, filtered)) return {};
  return median_beat(filtered, r_peaks).samples;
}

struct ComparisonRow {
  std::string label, now, before, change;
};

/// Score, percentile and intervals, now and before; the change where both are known.
template <class = void>
inline std::vector<ComparisonRow> comparison_rows(const ReportInput& input, const Earlier& earlier) {
  std::vector<ComparisonRow> rows;
  const auto text = [](const std::optional<double>& value) { return value ? significant(*value) : std::string("–"); };
  ComparisonRow score{"Anomaly score", text(input.score), text(earlier.score), "–"};
  if (input.score && earlier.score) {
    const double change = *input.score - *earlier.score;
    const std::size_t point = score.now.find('.');  // as many decimals as the score has
    const int decimals = point == std::string::npos ? 0 : static_cast<int>(score.now.size() - point - 1);
    score.change = (change > 0 ? "+" : "") + fixed(change, decimals);
  }
  rows.push_back(score);
  const auto share = [](const std::optional<double>& p) { return p ? fixed(*p, 1) + " %" : std::string("–"); };
  rows.push_back({"Normals below", share(input.percentile), share(earlier.percentile), "–"});
  if (input.percentile && earlier.percentile) {
    const double change = *input.percentile - *earlier.percentile;
    rows.back().change = (change > 0 ? "+" : "") + fixed(change, 1);
  }
  const std::vector<Fact> now = interval_facts(input.intervals.value_or(Intervals{}));
  const std::vector<Fact> before = interval_facts(earlier.intervals);
  for (std::size_t i = 0; i < now.size(); ++i) {
    ComparisonRow row{now[i].label, fact_text(now[i]), fact_text(before[i]), "–"};
    if (now[i].value && before[i].value) {
      double change = *now[i].value - *before[i].value;
      if (std::string_view(now[i].unit) == "°") change = std::remainder(change, 360);
      row.change = (change >= 0.5 ? "+" : "") + number(change, 0);
    }
    rows.push_back(row);
  }
  return rows;
}

// mm of one lead's pair of median beats at 25 mm/s and 10 mm/mV.
inline constexpr double beat_width = 32, beat_height = 50;
inline constexpr const char* earlier_color = "#0072b2";  ///< blue, told from black by every eye

/// The median beats of lead `lead`, now in black over the earlier one, about the level 0.1 s before the R peak.
template <class = void>
inline void draw_beat_pair(Canvas& canvas, const Tensor<double>& now, const Tensor<double>& before, std::size_t lead,
                           double left, double top) {
  draw_grid(canvas, {left, top, beat_width, beat_height});
  const Tensor<double>* beats[] = {&before, &now};
  // Room above and below as the taller of both needs it.
  double low = 0, high = 0;
  const auto level = [&](const Tensor<double>& beat) { return beat(median_before - 50, static_cast<Index>(lead)); };
  for (const Tensor<double>* beat : beats)
    for (Index t = 0; t < (beat->empty() ? 0 : beat->shape()[0]); ++t) {
      const double value = (*beat)(t, static_cast<Index>(lead)) - level(*beat);
      low = std::min(low, value);
      high = std::max(high, value);
    }
  const double line = top + std::clamp(std::round(beat_height / 2 + 5 * (low + high)), 5.0, beat_height - 5);
  for (const Tensor<double>* beat : beats) {
    if (beat->empty()) continue;
    std::vector<double> y;
    for (Index t = 0; t < beat->shape()[0]; ++t)
      y.push_back(
          std::clamp(line - 10 * ((*beat)(t, static_cast<Index>(lead)) - level(*beat)), top, top + beat_height));
    canvas.lines(trace_lines(y, mm_per_second / analysis_rate, trace_tolerance),
                 beat == &now ? Stroke{"#111", 0.3} : Stroke{earlier_color, 0.3}, {left + 0.6, 0});
  }
  canvas.text(left + 1, top + 3.4, standard_leads[lead], {3, true, "start", "#222", true});
}

/// All of it, some 165 mm high: the table at (left, top), the beats beside it.
template <class = void>
inline void draw_comparison(Canvas& canvas, const ReportInput& input, double left, double top) {
  const Earlier& earlier = *input.earlier;
  const Group group(canvas, "comparison");
  canvas.text(left, top, "Compared with the earlier recording " + shortened(earlier.record, 60), {3.6, true});
  const double columns[] = {left, left + 48, left + 74, left + 94};
  double y = top + 8;
  const char* heads[] = {"", "this one", "earlier", "change"};
  for (std::size_t c = 1; c < 4; ++c) canvas.text(columns[c], y, heads[c], {2.6, true, "end"});
  canvas.line({left, y + 1.2}, {columns[3], y + 1.2}, {"#222", 0.15});
  for (const ComparisonRow& row : comparison_rows(input, earlier)) {
    y += 4.6;
    canvas.text(columns[0], y, row.label, {2.7});
    canvas.text(columns[1], y, row.now, {2.7, true, "end"});
    canvas.text(columns[2], y, row.before, {2.7, false, "end", earlier_color});
    canvas.text(columns[3], y, row.change, {2.7, false, "end"});
  }
  if (!earlier.reason.empty()) {
    y += 6;
    for (const std::string& line : wrapped("The earlier recording was not analysed: " + earlier.reason, 94, 2.6)) {
      canvas.text(left, y, line, {2.6});
      y += 3.6;
    }
  }
  const double beats_left = left + 118;
  canvas.line({beats_left, top - 1}, {beats_left + 6, top - 1}, {"#111", 0.4});
  canvas.text(beats_left + 7.5, top, "this one", {2.6});
  canvas.line({beats_left + 26, top - 1}, {beats_left + 32, top - 1}, {earlier_color, 0.4});
  canvas.text(beats_left + 33.5, top, "earlier", {2.6});
  canvas.text(beats_left + 4 * beat_width + 18, top, "median beats · 25 mm/s · 10 mm/mV", {2.4, false, "end", "#555"});
  for (std::size_t lead = 0; lead < 12; ++lead)
    draw_beat_pair(canvas, input.median_beat, earlier.median_beat, lead,
                   beats_left + static_cast<double>(lead / 3) * (beat_width + 6),
                   top + 3 + static_cast<double>(lead % 3) * (beat_height + 3));
}

}  // namespace systolic::report
