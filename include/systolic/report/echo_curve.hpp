#pragma once
// A value over the frames of a clip, such as the volume of a ventricle, with end-diastole and end-systole marked.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/echo_report_input.hpp"
#include "systolic/report/svg.hpp"
#include "systolic/report/trace.hpp"

namespace systolic::report {

namespace detail {

/// A step of 1, 2 or 5 times a power of ten that parts `span` into at most `most` pieces.
template <class = void>
inline double even_step(double span, int most) noexcept {
  double step = std::pow(10, std::floor(std::log10(std::max(span, 1e-9) / most)));
  for (const double factor : {2.0, 2.5, 2.0})
    if (span / step > most) step *= factor;
  return step;
}

}  // namespace detail

/// Draws the curve into `box`, mm, with its axes and title. Nothing where no value is finite.
template <class = void>
inline void draw_echo_curve(Canvas& canvas, const EchoCurve& curve, const Box& box) {
  double low = INFINITY, high = -INFINITY;
  for (const double value : curve.values)
    if (std::isfinite(value)) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  if (!(high >= low)) return;
  const Group group(canvas, "curve");
  const double left = box.x + 13, right = box.x + box.width - 2, top = box.y + 11, bottom = box.y + box.height - 9;
  canvas.text(box.x, box.y + 3.6, curve.title + ", " + curve.unit, {3.2, true});

  // The axis begins at 0 unless the curve is far from it.
  if (low > 0 && low < 0.75 * high) low = 0;
  const double step = detail::even_step(std::max(high - low, 1e-6 * std::abs(high)), 5);
  low = step * std::floor(low / step);
  high = step * std::max(std::ceil(high / step), std::floor(low / step) + 1);
  const auto y_of = [&](double value) { return bottom - (value - low) / (high - low) * (bottom - top); };
  const int decimals = step < 1 ? 1 : 0;
  for (double value = low; value < high + step / 2; value += step) {
    canvas.line({left, y_of(value)}, {right, y_of(value)}, {"#d5d9de", 0.15});
    canvas.text(left - 1.5, y_of(value) + 0.9, fixed(value, decimals), {2.6, false, "end", "#555"});
  }

  const double last = std::max<double>(1, static_cast<double>(curve.values.size()) - 1);
  const auto x_of = [&](double frame) { return left + frame / last * (right - left); };
  const bool timed = curve.frames_a_second > 0;
  const double unit = timed ? curve.frames_a_second : 1;  // frames of a unit of the axis
  const double x_step = timed ? detail::even_step(last / unit, 8) : std::max(1.0, detail::even_step(last, 8));
  for (int i = 0; i * x_step * unit <= last + 1e-9; ++i) {
    const double x = x_of(i * x_step * unit);
    canvas.line({x, bottom}, {x, bottom + 0.9}, {"#555", 0.15});
    canvas.text(x, bottom + 4, number(i * x_step, 3), {2.6, false, "middle", "#555"});
  }
  canvas.line({left, bottom}, {right, bottom}, {"#222", 0.2});
  canvas.text((left + right) / 2, bottom + 7.8, timed ? "seconds" : "frames", {2.6, false, "middle", "#555"});

  std::vector<double> heights;
  for (const double value : curve.values) heights.push_back(std::isfinite(value) ? y_of(value) : NAN);
  canvas.lines(trace_lines(heights, (right - left) / last, 0.01), {"#0072b2", 0.5}, {left, 0});
  double taken = -INFINITY;  // by the names of earlier moments
  std::vector<EchoMoment> moments = curve.moments;
  std::sort(moments.begin(), moments.end(), [](const auto& a, const auto& b) { return a.frame < b.frame; });
  for (const EchoMoment& moment : moments) {
    if (moment.frame < 0 || moment.frame >= static_cast<Index>(curve.values.size())) continue;
    const double x = x_of(static_cast<double>(moment.frame)),
                 value = curve.values[static_cast<std::size_t>(moment.frame)];
    canvas.line({x, top - 1}, {x, bottom}, {"#7a1f00", 0.25, 1, true});
    if (std::isfinite(value)) canvas.box({x - 0.8, y_of(value) - 0.8, 1.6, 1.6}, "#7a1f00");
    const double room = 0.53 * 2.7 * static_cast<double>(moment.name.size());
    const double start = std::max(std::clamp(x - room / 2, left, right - room), taken + 2);
    canvas.text(start, top - 2.2, moment.name, {2.7, true, "start", "#7a1f00"});
    taken = start + room;
  }
}

}  // namespace systolic::report
