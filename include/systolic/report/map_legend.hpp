#pragma once
// What the colours of the localization map mean.

#include <cmath>
#include <optional>
#include <string>

#include "systolic/report/canvas.hpp"
#include "systolic/report/color.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

/// A bar of the scale's colours, `width` mm, title at (left, top); `threshold` is marked where it is known. Some 14 mm
/// high.
template <class = void>
inline void draw_map_legend(Canvas& canvas, const ColorScale& scale, const std::optional<double>& threshold,
                            double left, double top, double width) {
  const Group group(canvas, "");
  canvas.text(left, top, "Localization map: how unlike normal recordings", {2.7, true});
  const double cell = width / (ColorScale::steps + 1), y = top + 1.6;
  for (int step = 0; step <= ColorScale::steps; ++step)
    canvas.box({left + cell * step, y, cell + 0.02, 3}, scale.color(step).text());
  canvas.frame({left, y, width, 3}, {"#222", 0.15}, "");
  const auto mark = [&](double value, const std::string& text, const char* anchor) {
    const double x = left + width * std::fmin(value / scale.top(), 1);
    canvas.line({x, y}, {x, y + 3.8}, {"#222", 0.2});
    canvas.text(x, y + 6.4, text, {2.5, false, anchor});
  };
  mark(0, "0", "start");
  mark(scale.top(), significant(scale.top()) + " or more", "end");
  if (threshold) mark(*threshold, significant(*threshold) + " (99 % of normals)", "middle");
  canvas.text(left, y + 9.7, threshold ? "The same scale in every report." : "Scaled to this recording.",
              {2.3, false, "start", "#555"});
}

}  // namespace systolic::report
