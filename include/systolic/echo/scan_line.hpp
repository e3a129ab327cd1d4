#pragma once
// The line across the left ventricle along which its walls are measured (EnLVAM): through two points, perhaps shifted
// and turned, clipped to the image.

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/point.hpp"

namespace systolic::echo {

/// Samples 0 .. count - 1 at equal steps from `from` to `to`, pixels.
struct ScanLine {
  Point from, to;  ///< ends within the image, the upper one first
  Index count = 2;

  /// The place of a sample; between samples too.
  Point at(double sample) const noexcept { return from + (to - from) * (sample / static_cast<double>(count - 1)); }
  /// The sample nearest to a point, as a fraction; the inverse of at() on the line.
  double sample_of(Point p) const noexcept {
    return dot(p - from, to - from) / dot(to - from, to - from) * static_cast<double>(count - 1);
  }
  /// Pixels from sample to sample. It is not 1.
  double pitch() const noexcept { return distance(from, to) / static_cast<double>(count - 1); }
};

/// The point that a line is turned about: of the two that it goes through the middle, the upper or the lower one.
enum class Pivot { middle, top, bottom };

/// How a line departs from the one through two points.
struct ScanLineChange {
  double shift = 0;    ///< pixels at a right angle to the line that was turned, to the left of a line that points down
  double degrees = 0;  ///< clockwise as the image is seen
  Pivot pivot = Pivot::middle;
};

/// The infinite line through a and b, turned and shifted, as far as it lies in an image of the given size;
/// max(rows, columns) samples. An Error (the cause only) where the points are one, or the line misses the image.
template <class = void>
inline Result<ScanLine> make_scan_line(Point a, Point b, const ScanLineChange& change, Index rows, Index columns) {
  if (b.y < a.y || (b.y == a.y && b.x < a.x)) std::swap(a, b);
  if (!(distance(a, b) > 1e-9)) return Error{"the line's two points are one"};
  const double angle = change.degrees * std::numbers::pi / 180;
  const Point along = unit(b - a);
  const Point direction{along.x * std::cos(angle) - along.y * std::sin(angle),
                        along.x * std::sin(angle) + along.y * std::cos(angle)};
  const Point pivot = change.pivot == Pivot::top ? a : change.pivot == Pivot::bottom ? b : middle(a, b);
  const Point start = pivot + Point{-direction.y, direction.x} * change.shift;

  // Where start + t direction enters and leaves the image, one axis after the other (Liang and Barsky 1984).
  double first = -INFINITY, last = INFINITY;
  const auto clip = [&](double place, double step, double end) {
    if (std::abs(step) < 1e-12) {
      if (place < 0 || place > end) last = -INFINITY;
      return;
    }
    const double t0 = -place / step, t1 = (end - place) / step;
    first = std::max(first, std::min(t0, t1));
    last = std::min(last, std::max(t0, t1));
  };
  clip(start.x, direction.x, static_cast<double>(columns - 1));
  clip(start.y, direction.y, static_cast<double>(rows - 1));
  if (!(last - first >= 1)) return Error{"the line misses the image"};
  ScanLine line{start + direction * first, start + direction * last, std::max(rows, columns)};
  if (line.to.y < line.from.y || (line.to.y == line.from.y && line.to.x < line.from.x)) std::swap(line.from, line.to);
  return line;
}

}  // namespace systolic::echo
