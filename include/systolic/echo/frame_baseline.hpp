#pragma once
// The baseline that EnLVAM is compared with: landmarks of a single frame. The line with the least squared distances
// goes through them, and they are moved onto it. (The published code fits y = f(x), which fails on steep lines.)

#include <array>
#include <vector>

#include "systolic/echo/landmark_network.hpp"
#include "systolic/echo/robust_fit.hpp"

namespace systolic::echo {

struct BaselineMeasurement {
  std::array<Point, 4> landmarks{};  ///< on the line, pixels
  Dimensions dimensions;
};

/// Moves four landmarks onto their line (in mm, where distances are true) and measures them. Requires two of them
/// apart.
template <class = void>
inline BaselineMeasurement measure_on_own_line(const std::array<Point, 4>& landmarks, const PixelSize& size) {
  std::vector<Point> points;
  for (const Point p : landmarks) points.push_back(in_millimetres(p, size));
  const Line line = fit_line(points, std::vector<double>(4, 1.0));
  BaselineMeasurement result;
  std::array<double, 4> places{};
  for (std::size_t k = 0; k < 4; ++k) {
    places[k] = line.along(points[k]);
    const Point on_line = line.through + line.direction * places[k];
    result.landmarks[k] = {on_line.x / size.column, on_line.y / size.row};
  }
  result.dimensions = {std::abs(places[1] - places[0]), std::abs(places[2] - places[1]),
                       std::abs(places[3] - places[2])};
  return result;
}

}  // namespace systolic::echo
