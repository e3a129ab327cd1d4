#pragma once
// Ten seconds of twelve leads on ECG paper: 25 mm a second and 10 mm a millivolt, fine lines 1 mm and strong lines 5 mm
// apart, the localization map behind the traces.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/report/canvas.hpp"
#include "systolic/report/color.hpp"
#include "systolic/report/ecg_rows.hpp"
#include "systolic/report/map_bands.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/sheet_layout.hpp"
#include "systolic/report/svg.hpp"
#include "systolic/report/trace.hpp"

namespace systolic::report {

// mm. The grid starts 10 mm before the traces: room for the calibration pulse.
inline constexpr double grid_left = 13, trace_left = 23, page_margin = 6;
inline constexpr double mm_per_second = 25;
inline constexpr double blank_seconds = 10;  ///< of paper where there are no samples
inline constexpr double trace_room = 45;     ///< how far a trace may reach from its line
inline constexpr double trace_tolerance = 0.015;
inline constexpr double restored_tolerance = 0.05;
inline constexpr const char* restored_color = "#d55e00";  ///< vermilion: told from blue and black by every eye
inline constexpr const char* finding_color = "#7a1f00";
inline constexpr std::size_t numbered_findings = 12;  ///< the most important ones have their number on the paper

/// With a calibration the colours mean the same in all reports; without one the scale is the record's own.
template <class = void>
inline double map_scale_top(const ReportInput& input) {
  const double top = input.map_threshold ? 3 * *input.map_threshold : map_quantile(input.map, 0.002);
  return top > 0 && std::isfinite(top) ? top : 1;
}

/// The lines of ECG paper over `area`, which starts on strong ones. Translucent: they darken a map instead of hiding
/// it.
template <class = void>
inline void draw_grid(Canvas& canvas, const Box& area) {
  std::vector<Polyline> fine, coarse;
  const int columns = static_cast<int>(std::lround(area.width)), rows = static_cast<int>(std::lround(area.height));
  for (int i = 0; i <= columns; ++i)
    (i % 5 == 0 ? coarse : fine).push_back({{area.x + i, area.y}, {area.x + i, area.y + rows}});
  for (int i = 0; i <= rows; ++i)
    (i % 5 == 0 ? coarse : fine).push_back({{area.x, area.y + i}, {area.x + columns, area.y + i}});
  const Group group(canvas, "grid");
  canvas.lines(fine, {"#c8382c", 0.08, 0.28}, {0, 0});
  canvas.lines(coarse, {"#c8382c", 0.15, 0.5}, {0, 0});
}

/// The drawing of one window in one layout. Keeps a reference to the input.
class Paper {
 public:
  /// `height` is what the grid should fill; it grows where tall traces would collide.
  template <class = void>
  Paper(const ReportInput& input, Layout layout, double height)
      : input_(input),
        cells_(layout_cells(layout)),
        seconds_(input.samples.size() > 0 ? static_cast<double>(input.samples.shape()[0]) / input.rate : blank_seconds),
        band_(layout == Layout::twelve_by_one ? 5
              : layout == Layout::six_by_two  ? 6.5
                                              : 8),
        names_beside_(layout == Layout::twelve_by_one),
        scale_(map_scale_top(input)) {
    for (Index lead = 0; lead < standard_lead_count; ++lead)
      traces_[static_cast<std::size_t>(lead)] =
          lead_trace(input.samples, lead, input.mm_per_mv, mm_per_second / input.rate, trace_room);
    std::vector<RowReach> reaches(layout_rows(layout));
    for (const Cell& cell : cells_) {
      const LeadTrace& trace = traces_[cell.lead];
      const auto column = [&](double part) {
        return static_cast<std::ptrdiff_t>(part * static_cast<double>(trace.up.size()));
      };
      const auto add = [&](std::vector<double>& reach, const std::vector<double>& part) {
        reach.insert(reach.end(), part.begin() + column(cell.from), part.begin() + column(cell.to));
      };
      add(reaches[cell.row].up, trace.up);
      add(reaches[cell.row].down, trace.down);
    }
    rows_ = place_rows(reaches, height, 2 * band_ + 1, std::fmax(band_, input.mm_per_mv) + 1);
  }

  static double width_of(double seconds) {
    return trace_left + 5 * std::ceil(seconds * mm_per_second / 5) + page_margin;
  }
  double width() const { return width_of(seconds_); }
  /// From the marks of the R peaks above the grid to the seconds below it.
  double height() const { return above + rows_.height + below; }
  double seconds() const { return seconds_; }
  const ColorScale& scale() const { return scale_; }
  const LeadTrace& trace(std::size_t lead) const { return traces_[lead]; }
  const std::vector<Cell>& cells() const { return cells_; }
  /// Where the line of a cell lies below the top of the drawing.
  double line(const Cell& cell) const { return above + rows_.lines[cell.row]; }
  double band() const { return band_; }

  /// Leads of which something was cut off, "V2, V3".
  template <class = void>
  std::string cut_leads() const {
    std::string list;
    for (std::size_t lead = 0; lead < 12; ++lead)
      if (traces_[lead].cut) list += std::string(list.empty() ? "" : ", ") + standard_leads[lead];
    return list;
  }

  /// Draws everything, the marks of the R peaks at `top`. The restored signal is drawn in the findings only, or
  /// everywhere.
  template <class = void>
  void draw(Canvas& canvas, double top, bool restored_everywhere = false) const {
    const double grid_top = top + above;
    for_cells(canvas, "map", grid_top, LeadPart::map, false);
    draw_grid(canvas, {grid_left, grid_top, width() - page_margin - grid_left, rows_.height});
    pulses(canvas, grid_top);
    for_cells(canvas, "traces", grid_top, LeadPart::trace, false);
    if (input_.residual.size() > 0) for_cells(canvas, "restored", grid_top, LeadPart::restored, !restored_everywhere);
    brackets(canvas, grid_top);
    names(canvas, grid_top);
    peaks(canvas, grid_top);
    time_axis(canvas, grid_top);
  }

  /// One part of a lead, [from, to) seconds, time 0 and line at `origin`; a map reaches `band` mm up and down.
  template <class = void>
  void draw_part(Canvas& canvas, LeadPart part, std::size_t lead, double from, double to, Point origin,
                 double band) const {
    if (part == LeadPart::map) return draw_map(canvas, lead, from, to, origin, band);
    const double step = mm_per_second / input_.rate;
    const Index begin = index(from), end = index(to);
    const std::vector<double>& all = traces_[lead].heights;
    std::vector<double> y;
    for (Index t = begin; t < end; ++t) {
      const double height = all[static_cast<std::size_t>(t)];
      y.push_back(part == LeadPart::trace ? -height : -restored(lead, t));  // y counts downwards
    }
    const Stroke stroke = part == LeadPart::trace ? Stroke{"#111", 0.24} : Stroke{restored_color, 0.2};
    canvas.lines(trace_lines(y, step, part == LeadPart::trace ? trace_tolerance : restored_tolerance), stroke,
                 {origin.x + static_cast<double>(begin) * step, origin.y});
  }

  static constexpr double above = 3.5, below = 4.5;

 private:
  Index index(double second) const {
    const Index length = input_.samples.size() > 0 ? input_.samples.shape()[0] : 0;
    return std::clamp<Index>(static_cast<Index>(std::lround(second * input_.rate)), 0, length);
  }

  /// Height of the restored signal, with what the filters removed put back: it leaves the trace only where the network
  /// restored something else. NaN outside of what was analysed.
  template <class = void>
  double restored(std::size_t lead, Index t) const {
    const Index place = t - input_.map_start;
    if (place < 0 || place >= input_.residual.shape()[0]) return NAN;
    const double residual = static_cast<double>(input_.residual(place, static_cast<Index>(lead)));
    const double height =
        (input_.samples(t, static_cast<Index>(lead)) - traces_[lead].line - residual) * input_.mm_per_mv;
    return std::isfinite(height) ? std::clamp(height, -trace_room, trace_room) : NAN;
  }

  template <class Visit>
  void for_findings(const Cell& cell, const Visit& visit) const {
    for (std::size_t i = 0; i < input_.findings.size(); ++i) {
      const Finding& finding = input_.findings[i];
      const double from = std::fmax(finding.from, cell.from * seconds_), to = std::fmin(finding.to, cell.to * seconds_);
      if (finding.lead == static_cast<int>(cell.lead) && to > from) visit(i, from, to);
    }
  }

  template <class = void>
  void for_cells(Canvas& canvas, const char* name, double grid_top, LeadPart part, bool in_findings_only) const {
    const Group group(canvas, name);
    const auto draw_cell = [&](const Cell& cell, double from, double to) {
      const Point origin{trace_left, grid_top + rows_.lines[cell.row]};
      if (!canvas.reuse(part, cell.lead, from, to, origin)) draw_part(canvas, part, cell.lead, from, to, origin, band_);
    };
    for (const Cell& cell : cells_)
      if (in_findings_only)
        for_findings(cell, [&](std::size_t, double from, double to) { draw_cell(cell, from, to); });
      else
        draw_cell(cell, cell.from * seconds_, cell.to * seconds_);
  }

  template <class = void>
  void draw_map(Canvas& canvas, std::size_t lead, double from, double to, Point origin, double half_height) const {
    if (input_.map.size() == 0) return;
    // 20 ms a cell: half a millimetre on paper, and finer than the smoothing of the map.
    const Index bin = std::max<Index>(1, static_cast<Index>(std::lround(0.02 * input_.rate)));
    const double step = mm_per_second / input_.rate, left = from * mm_per_second, right = to * mm_per_second;
    std::array<std::vector<Box>, ColorScale::steps + 1> boxes;
    for (const Band& band : map_bands(input_.map, static_cast<Index>(lead), scale_, bin)) {
      const double begin = std::fmax(left, static_cast<double>(input_.map_start + band.from) * step);
      const double end = std::fmin(right, static_cast<double>(input_.map_start + band.to) * step);
      if (end > begin)
        boxes[static_cast<std::size_t>(band.step)].push_back(
            {origin.x + begin, origin.y - half_height, end - begin, 2 * half_height});
    }
    for (int step_of_scale = 1; step_of_scale <= ColorScale::steps; ++step_of_scale)
      canvas.boxes(boxes[static_cast<std::size_t>(step_of_scale)], scale_.color(step_of_scale).text());
  }

  template <class = void>
  void pulses(Canvas& canvas, double grid_top) const {
    std::vector<Polyline> shapes;
    const double left = trace_left - 8, height = input_.mm_per_mv;
    for (const double line : rows_.lines) {
      const double y = grid_top + line;
      shapes.push_back(
          {{left, y}, {left + 1, y}, {left + 1, y - height}, {left + 6, y - height}, {left + 6, y}, {left + 7, y}});
    }
    const Group group(canvas, "pulses");
    canvas.lines(shapes, {"#444", 0.2}, {0, 0});
  }

  template <class = void>
  void brackets(Canvas& canvas, double grid_top) const {
    std::vector<Polyline> corners;
    const Group group(canvas, "findings");
    for (const Cell& cell : cells_)
      for_findings(cell, [&](std::size_t i, double from, double to) {
        const double top = grid_top + rows_.lines[cell.row] - band_, bottom = top + 2 * band_;
        const double left = trace_left + from * mm_per_second, right = trace_left + to * mm_per_second;
        const double serif = std::fmin(1.2, (right - left) / 3);
        for (const double side : {left, right}) {
          const double inward = side + (side == left ? serif : -serif);
          corners.push_back({{side, top + 2}, {side, top}, {inward, top}});
          corners.push_back({{side, bottom - 2}, {side, bottom}, {inward, bottom}});
        }
        if (i < numbered_findings)
          canvas.text((left + right) / 2, top - 0.7, std::to_string(i + 1), {2.4, true, "middle", finding_color, true});
      });
    if (!corners.empty()) canvas.lines(corners, {finding_color, 0.3}, {0, 0});
  }

  template <class = void>
  void names(Canvas& canvas, double grid_top) const {
    const Group group(canvas, "names");
    std::vector<Polyline> separators;
    for (const Cell& cell : cells_) {
      const double line = grid_top + rows_.lines[cell.row], x = trace_left + cell.from * seconds_ * mm_per_second;
      const bool missing =
          std::find(input_.missing.begin(), input_.missing.end(), static_cast<int>(cell.lead)) != input_.missing.end();
      const std::string name = std::string(standard_leads[cell.lead]) + (missing && !names_beside_ ? " (missing)" : "");
      if (names_beside_) {
        canvas.text(grid_left - 1.5, line + 1.2, name, {3.4, true, "end", missing ? "#999" : "#222"});
        continue;
      }
      // Above all that the trace does where the name stands.
      const std::vector<double>& up = traces_[cell.lead].up;
      const auto first = static_cast<std::size_t>(cell.from * static_cast<double>(up.size()));
      double clear = 4;
      for (std::size_t c = first; c < std::min(first + 7, up.size()); ++c) clear = std::fmax(clear, up[c] + 1);
      const double y = std::fmax(line - clear, grid_top + 3.2);
      canvas.text(x + 1.4, y, name, {3.4, true, "start", missing ? "#777" : "#222", true});
      if (cell.from > 0)
        for (const double end : {-1.0, 1.0}) separators.push_back({{x, line + end * 2.5}, {x, line + end * 5}});
    }
    canvas.lines(separators, {"#444", 0.18}, {0, 0});
  }

  template <class = void>
  void peaks(Canvas& canvas, double grid_top) const {
    std::vector<Polyline> marks, spikes;
    const auto place = [&](Index sample) {
      return trace_left + static_cast<double>(sample) / input_.rate * mm_per_second;
    };
    for (const Index peak : input_.r_peaks) {
      const double x = place(peak);
      marks.push_back({{x - 0.9, grid_top - 2.3}, {x + 0.9, grid_top - 2.3}, {x, grid_top - 0.4}});
    }
    if (input_.intervals)
      for (const Index spike : input_.intervals->pacemaker_spikes)
        spikes.push_back({{place(spike), grid_top - 3.3}, {place(spike), grid_top}});
    const Group group(canvas, "peaks");
    if (!marks.empty()) canvas.text(grid_left - 1.5, grid_top - 0.5, "R", {2.7, false, "end", "#555"});
    canvas.polygons(marks, "#222");
    canvas.lines(spikes, {"#a000a0", 0.35}, {0, 0});
    if (!spikes.empty()) canvas.text(grid_left, grid_top - 0.6, "| pacemaker", {2.3, false, "start", "#a000a0"});
  }

  template <class = void>
  void time_axis(Canvas& canvas, double grid_top) const {
    const Group group(canvas, "seconds");
    for (int second = 0; second <= seconds_ + 0.01; ++second)
      canvas.text(trace_left + second * mm_per_second, grid_top + rows_.height + 3.2,
                  number(input_.from + second, 1) + " s", {2.5, false, "middle", "#555"});
  }

  const ReportInput& input_;
  std::vector<Cell> cells_;
  double seconds_, band_;
  bool names_beside_;
  ColorScale scale_;
  std::array<LeadTrace, 12> traces_;
  Rows rows_;
};

}  // namespace systolic::report
