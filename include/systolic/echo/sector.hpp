#pragma once
// The ultrasound sector: the part of an image that the beam has seen.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/echo/attributes.hpp"

namespace systolic::echo {

/// A sector by its geometry: around the downward direction from its origin; pixels.
struct Sector {
  Point origin;
  double half_angle = 0.7;  ///< radians
  double radius = 100;

  bool contains(Point p) const noexcept {
    const Point from = p - origin;
    return length(from) <= radius && std::abs(std::atan2(from.x, from.y)) <= half_angle;
  }
};

/// The sector of a clip whose geometry nobody knows: the convex hull of what is ever lit.
class SeenSector {
 public:
  /// clip [frame][row][column]. Lit is what exceeds `dark` in some frame together with most of its neighbours, in the
  /// largest connected part, so that writing beside the sector does not count.
  template <class = void>
  explicit SeenSector(TensorView<const std::uint8_t> clip, int dark = 6) {
    const Index rows = clip.shape()[1], columns = clip.shape()[2], pixels = rows * columns;
    std::vector<std::uint8_t> brightest(static_cast<std::size_t>(pixels), 0);
    for (Index i = 0; i < clip.size(); ++i) {
      std::uint8_t& value = brightest[static_cast<std::size_t>(i % pixels)];
      value = std::max(value, clip.data()[i]);
    }
    std::vector<std::uint8_t> lit(static_cast<std::size_t>(pixels), 0);
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c) {
        int bright = 0, around = 0;
        for (Index nr = std::max<Index>(0, r - 1); nr <= std::min(rows - 1, r + 1); ++nr)
          for (Index nc = std::max<Index>(0, c - 1); nc <= std::min(columns - 1, c + 1); ++nc) {
            ++around;
            bright += brightest[static_cast<std::size_t>(nr * columns + nc)] > dark ? 1 : 0;
          }
        const bool self = brightest[static_cast<std::size_t>(r * columns + c)] > dark;
        lit[static_cast<std::size_t>(r * columns + c)] = self && 3 * bright >= around ? 1 : 0;
      }
    std::vector<Point> points = largest_part(lit, rows, columns);
    if (points.size() >= 3) hull_ = detail::convex_hull(std::move(points));
  }

  /// False for every point where nothing is lit. The hull runs through the middles of pixels: half a pixel is added.
  template <class = void>
  bool contains(Point p) const noexcept {
    if (hull_.size() < 3) return false;
    for (std::size_t i = 0; i < hull_.size(); ++i) {
      const Point edge = hull_[(i + 1) % hull_.size()] - hull_[i];
      if (cross(edge, p - hull_[i]) < -0.5 * length(edge)) return false;
    }
    return true;
  }
  const std::vector<Point>& hull() const noexcept { return hull_; }

 private:
  /// The pixels of the largest part whose pixels are neighbours.
  template <class = void>
  static std::vector<Point> largest_part(std::vector<std::uint8_t>& lit, Index rows, Index columns) {
    std::vector<Index> best, part;
    for (Index start = 0; start < rows * columns; ++start) {
      if (lit[static_cast<std::size_t>(start)] == 0) continue;
      part.assign(1, start);
      lit[static_cast<std::size_t>(start)] = 0;
      for (std::size_t next = 0; next < part.size(); ++next) {
        const Index r = part[next] / columns, c = part[next] % columns;
        const auto visit = [&](Index row, Index column) {
          if (row < 0 || row >= rows || column < 0 || column >= columns) return;
          std::uint8_t& pixel = lit[static_cast<std::size_t>(row * columns + column)];
          if (pixel != 0) part.push_back(row * columns + column);
          pixel = 0;
        };
        visit(r - 1, c), visit(r + 1, c), visit(r, c - 1), visit(r, c + 1);
      }
      if (part.size() > best.size()) std::swap(best, part);
    }
    std::vector<Point> points;
    for (const Index pixel : best)
      points.push_back({static_cast<double>(pixel % columns), static_cast<double>(pixel / columns)});
    return points;
  }

  std::vector<Point> hull_;
};

}  // namespace systolic::echo
