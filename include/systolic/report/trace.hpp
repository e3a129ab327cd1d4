#pragma once
// A sampled signal as an SVG path: as few points as the eye allows, in whole hundredths of a millimetre.

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/report/canvas.hpp"

namespace systolic::report {

/// The points of `line` (x rising) that are needed so that every point left out lies within `tolerance` (in y) of the
/// segment that bridges it. The first and last stay. One pass: the slopes that still serve all points since the last
/// kept one form a cone, which each point narrows; a point outside it starts the next segment at its predecessor.
template <class = void>
inline Polyline simplified(const Polyline& line, double tolerance) {
  if (line.size() < 3) return line;
  Polyline kept = {line.front()};
  double low = -std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const double run = line[i].x - kept.back().x;
    const double slope = (line[i].y - kept.back().y) / run;
    if (slope >= low && slope <= high) {
      low = std::fmax(low, slope - tolerance / run);
      high = std::fmin(high, slope + tolerance / run);
      continue;
    }
    kept.push_back(line[i - 1]);
    const double step = line[i].x - kept.back().x, first = (line[i].y - kept.back().y) / step;
    low = first - tolerance / step;
    high = first + tolerance / step;
  }
  kept.push_back(line.back());
  return kept;
}

/// Path data of `line` in hundredths, relative after the first point: "M0 -12l5 3 5-2". Each point is rounded by
/// itself, so errors do not add up.
template <class = void>
inline std::string path_data(const Polyline& line) {
  std::string data;
  const auto append = [&data](long long value, bool separated) {
    if (!separated && value >= 0) data += ' ';  // a minus sign separates by itself
    data += std::to_string(value);
  };
  long long last_x = 0, last_y = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const long long x = std::llround(100 * line[i].x), y = std::llround(100 * line[i].y);
    if (i < 2) data += i == 0 ? "M" : "l";
    append(x - last_x, i < 2);
    append(y - last_y, false);
    last_x = x;
    last_y = y;
  }
  return data;
}

/// The lines of a signal y [time] drawn at `step` a sample, simplified: broken where a sample is NaN, so that nothing
/// is drawn that was not measured.
template <class = void>
inline std::vector<Polyline> trace_lines(const std::vector<double>& y, double step, double tolerance) {
  std::vector<Polyline> lines;
  Polyline piece;
  for (std::size_t i = 0; i <= y.size(); ++i) {
    if (i < y.size() && std::isfinite(y[i])) {
      piece.push_back({static_cast<double>(i) * step, y[i]});
      continue;
    }
    if (!piece.empty()) lines.push_back(simplified(piece, tolerance));
    piece.clear();
  }
  return lines;
}

}  // namespace systolic::report
