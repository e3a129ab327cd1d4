#pragma once
// A finding at twice the scale: the restored trace over the measured one.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/finding_text.hpp"
#include "systolic/report/map_bands.hpp"
#include "systolic/report/paper.hpp"
#include "systolic/report/report_input.hpp"

namespace systolic::report {

/// The findings that close-ups show, at most `most`: the first of each lead, then the others; in order of importance.
template <class = void>
inline std::vector<std::size_t> close_up_choice(const ReportInput& input, std::size_t most) {
  std::vector<std::size_t> chosen, others;
  std::vector<int> leads;
  for (std::size_t i = 0; i < input.findings.size(); ++i) {
    const int lead = input.findings[i].lead;
    if (lead < 0 || lead >= standard_lead_count) continue;
    const bool seen = std::find(leads.begin(), leads.end(), lead) != leads.end();
    (seen ? others : chosen).push_back(i);
    leads.push_back(lead);
  }
  if (chosen.size() > most) chosen.resize(most);
  others.resize(std::min(others.size(), most - chosen.size()));
  chosen.insert(chosen.end(), others.begin(), others.end());
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

// mm of a close-up.
inline constexpr double close_up_width = 85, close_up_grid = 45, close_up_height = 61;
inline constexpr double close_up_mm_per_second = 50;

/// Finding `i` with its surroundings at 50 mm/s and 20 mm/mV, or 10 mm/mV where that is too tall, at (left, top); the
/// words over it. `paper` is of the same input.
template <class = void>
inline void draw_close_up(Canvas& canvas, const ReportInput& input, const Paper& paper, std::size_t i, double left,
                          double top) {
  const Finding& finding = input.findings[i];
  const double shown = close_up_width / close_up_mm_per_second;
  const double middle = (finding.from + finding.to) / 2;
  const double from = std::clamp(middle - shown / 2, 0.0, std::max(0.0, paper.seconds() - shown));
  const Index begin = static_cast<Index>(std::lround(from * input.rate));
  const Index end =
      std::min<Index>(input.samples.shape()[0], static_cast<Index>(std::lround((from + shown) * input.rate)));

  // Both traces in mV, and the middle of what they span on a strong line of the grid.
  std::vector<double> measured, restored;
  double low = INFINITY, high = -INFINITY;
  for (Index t = begin; t < end; ++t) {
    const double value = input.samples(t, finding.lead);
    const Index place = t - input.map_start;
    const bool known = input.residual.size() > 0 && place >= 0 && place < input.residual.shape()[0];
    const double other = known ? value - static_cast<double>(input.residual(place, finding.lead)) : NAN;
    measured.push_back(value);
    restored.push_back(other);
    for (const double y : {value, other})
      if (std::isfinite(y)) {
        low = std::min(low, y);
        high = std::max(high, y);
      }
  }
  if (!(high >= low)) return;
  double gain = 20;
  while (gain > 2.5 && (high - low) * gain > close_up_grid - 2) gain /= 2;
  const double grid_top = top + close_up_height - close_up_grid;
  const double centre = grid_top + close_up_grid / 2 + (low + high) / 2 * gain;
  const auto heights = [&](std::vector<double> values) {
    for (double& value : values)
      if (std::isfinite(value)) value = std::clamp(centre - value * gain, grid_top, grid_top + close_up_grid);
    return values;
  };

  const Group group(canvas, "close-up");
  canvas.text(left, top + 3.2, std::to_string(i + 1), {3.6, true, "start", finding_color});
  canvas.text(left + (i < 9 ? 4 : 6), top + 3.2, finding_lead(finding) + ", " + finding_time(input, finding) + " s",
              {3.2, true});
  canvas.text(left + close_up_width, top + 3.2, "50 mm/s · " + number(gain) + " mm/mV", {2.4, false, "end", "#555"});
  std::vector<std::string> words = wrapped(finding_text(input, finding), close_up_width, 2.7);
  for (std::size_t line = 0; line < std::min<std::size_t>(2, words.size()); ++line)
    canvas.text(left, top + 7.4 + 3.6 * static_cast<double>(line), words[line], {2.7});
  canvas.text(left, top + 14.6, "mean of the map " + significant(finding.score), {2.4, false, "start", "#555"});

  const double mark_from = left + (finding.from - from) * close_up_mm_per_second;
  const double mark_to = left + (finding.to - from) * close_up_mm_per_second;
  if (input.map.size() > 0) {
    const Index bin = std::max<Index>(1, static_cast<Index>(std::lround(0.02 * input.rate)));
    for (const Band& band : map_bands(input.map, finding.lead, paper.scale(), bin)) {
      const auto x_of = [&](Index t) {
        const double x = left + (static_cast<double>(input.map_start + t) / input.rate - from) * close_up_mm_per_second;
        return std::clamp(x, left, left + close_up_width);
      };
      const double x = x_of(band.from), width = x_of(band.to) - x;
      if (width > 0) canvas.box({x, grid_top, width, close_up_grid}, paper.scale().color(band.step).text());
    }
  }
  draw_grid(canvas, {left, grid_top, close_up_width, close_up_grid});
  for (const double x : {mark_from, mark_to})
    canvas.line({x, grid_top}, {x, grid_top + close_up_grid}, {finding_color, 0.25, 1, true});
  const double step = close_up_mm_per_second / input.rate;
  canvas.lines(trace_lines(heights(measured), step, trace_tolerance), {"#111", 0.35}, {left, 0});
  canvas.lines(trace_lines(heights(restored), step, trace_tolerance), {restored_color, 0.35}, {left, 0});
}

}  // namespace systolic::report
