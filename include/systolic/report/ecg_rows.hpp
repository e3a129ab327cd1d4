#pragma once
// Where each lead stands on the page: rows as close as their traces allow, at one scale for all.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic::report {

/// A lead in mm about its row's line, y up.
struct LeadTrace {
  std::vector<double> heights;   ///< [time] mm; NaN stays NaN
  double line = 0;               ///< mV at height 0
  std::vector<double> up, down;  ///< [column of 1 mm] how far the trace reaches above and below the line, >= 0
  bool cut = false;              ///< the trace left the page's room and was cut
};

/// Lead `lead` of `samples` [time][lead] mV, about its median (an ECG has no absolute zero), at `mm_per_mv` and
/// `mm_per_sample`. What reaches further than `room` mm from the line is cut there.
template <class = void>
inline LeadTrace lead_trace(TensorView<const double> samples, Index lead, double mm_per_mv, double mm_per_sample,
                            double room) {
  const Index length = samples.size() > 0 ? samples.shape()[0] : 0;
  std::vector<double> sorted;
  for (Index t = 0; t < length; ++t)
    if (std::isfinite(samples(t, lead))) sorted.push_back(samples(t, lead));
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double line = sorted.empty() ? 0 : *middle;

  LeadTrace trace;
  trace.line = line;
  const std::size_t columns = static_cast<std::size_t>(static_cast<double>(length) * mm_per_sample) + 1;
  trace.up.assign(columns, 0);
  trace.down.assign(columns, 0);
  for (Index t = 0; t < length; ++t) {
    const double height = (samples(t, lead) - line) * mm_per_mv;
    const double shown = std::isfinite(height) ? std::clamp(height, -room, room) : NAN;
    trace.cut = trace.cut || (std::isfinite(height) && shown != height);
    trace.heights.push_back(shown);
    const std::size_t column = static_cast<std::size_t>(static_cast<double>(t) * mm_per_sample);
    trace.up[column] = std::fmax(trace.up[column], shown);
    trace.down[column] = std::fmax(trace.down[column], -shown);
  }
  return trace;
}

/// How far a row reaches from its line.
struct RowReach {
  std::vector<double> up, down;  ///< [column of 1 mm] >= 0
};

/// The lines of the rows, mm below the top of the grid, and the height of the grid, a multiple of 5 mm.
struct Rows {
  std::vector<double> lines;
  double height;
};

/// Rows, each line on a line of the grid, spaced so that no two traces come nearer than 1 mm, rows `pitch` mm or more
/// apart and with `margin` mm or more at the edges; what is left of `height` is spread evenly. The grid grows beyond
/// `height` where the traces need it. Requires at least one row.
template <class = void>
inline Rows place_rows(const std::vector<RowReach>& reaches, double height, double pitch, double margin) {
  const auto largest = [](const std::vector<double>& reach) {
    return reach.empty() ? 0.0 : *std::max_element(reach.begin(), reach.end());
  };
  std::vector<double> gaps = {std::fmax(margin, largest(reaches.front().up) + 1)};
  for (std::size_t row = 1; row < reaches.size(); ++row) {
    const RowReach &upper = reaches[row - 1], &lower = reaches[row];
    double gap = pitch;
    // A column beside the trace's own counts too: a spike may lean over.
    for (std::size_t c = 0; c < upper.down.size(); ++c)
      for (std::size_t other = c > 0 ? c - 1 : 0; other <= c + 1 && other < lower.up.size(); ++other)
        gap = std::fmax(gap, upper.down[c] + lower.up[other] + 1);
    gaps.push_back(gap);
  }
  gaps.push_back(std::fmax(margin, largest(reaches.back().down) + 1));
  double needed = 0;
  for (double& gap : gaps) needed += gap = std::ceil(gap);
  const double spare = std::fmax(0, height - needed);

  Rows rows;
  double y = 0;
  for (std::size_t row = 0; row < reaches.size(); ++row) {
    y += gaps[row];
    rows.lines.push_back(y + std::floor(spare * static_cast<double>(row + 1) / static_cast<double>(gaps.size())));
  }
  rows.height = 5 * std::ceil(std::fmax(height, needed) / 5);
  return rows;
}

}  // namespace systolic::report
