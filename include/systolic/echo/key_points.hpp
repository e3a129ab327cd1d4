#pragma once
// The ends of the 20 chords of a contour as the 40 key points that EchoGraphs' networks give (Thomas et al. 2022), and
// back.

#include <array>
#include <vector>

#include "systolic/echo/contour.hpp"

namespace systolic::echo {

inline constexpr std::size_t key_point_count = 2 * chord_count;

/// Septal ends from the apex to the base, then lateral ends from the base to the apex: the chain is open at the apex.
using KeyPoints = std::array<Point, key_point_count>;

/// In the contour's unit.
template <class = void>
inline KeyPoints key_points(const Contour& contour) noexcept {
  KeyPoints points;
  for (std::size_t i = 0; i < chord_count; ++i) {
    points[i] = contour.septal[i];
    points[key_point_count - 1 - i] = contour.lateral[i];
  }
  return points;
}

/// Key points as a tracing: the long axis, then the chords. The axis goes through the middles of the first and the last
/// chord and half a step beyond them, since chords lie in the middles of 20 disks.
template <class = void>
inline std::vector<Segment> tracing_of(const KeyPoints& points) {
  const Point first = middle(points.front(), points.back());
  const Point last = middle(points[chord_count - 1], points[chord_count]);
  const Point half_step = (last - first) * (0.5 / static_cast<double>(chord_count - 1));
  std::vector<Segment> rows = {{first - half_step, last + half_step}};
  for (std::size_t i = 0; i < chord_count; ++i) rows.push_back({points[i], points[key_point_count - 1 - i]});
  return rows;
}

}  // namespace systolic::echo
