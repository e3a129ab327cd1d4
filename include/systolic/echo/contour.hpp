#pragma once
// The left ventricle of one frame: its long axis, and the two ends of chords across it, apex first.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/echo/point.hpp"

namespace systolic::echo {

inline constexpr std::size_t chord_count = 20;               ///< chords of a tracing
inline constexpr std::size_t traced_rows = chord_count + 1;  ///< the long axis and the chords

/// Chord i: `septal[i]` and `lateral[i]` are its ends, `place[i]` is where it crosses the axis, mm from the apex.
/// The septal side is the image's left where the axis points down from the apex, as apical four-chamber views show it,
/// and turns with the axis.
struct Contour {
  Point apex, base;  ///< ends of the long axis, mm
  std::array<Point, chord_count> septal{}, lateral{};
  std::array<double, chord_count> place{};
  std::array<double, chord_count> width{};  ///< extent of chord i across the axis, mm

  double length() const noexcept { return distance(apex, base); }
  double largest_width() const noexcept { return *std::max_element(width.begin(), width.end()); }
  /// From the apex to the base, length 1.
  Point direction() const noexcept { return unit(base - apex); }
  /// Across the axis towards the septum, length 1.
  Point towards_septum() const noexcept { return {-direction().y, direction().x}; }
};

/// The contour of a tracing: rows[0] is the long axis, the others are chords in any order and either way round; pixels.
/// The apex is the end of the axis with the shorter chords, three of each, so that one that was clicked to a point at
/// the valve does not turn the ventricle round. Where the rows are no such tracing, the Error names the
/// cause only.
template <class = void>
inline Result<Contour> make_contour(const std::vector<Segment>& rows, const PixelSize& size) {
  if (rows.size() != traced_rows)
    return Error{"has " + std::to_string(rows.size()) + " rows, not 21 (the long axis and 20 chords)"};
  Contour contour;
  contour.apex = in_millimetres(rows[0].from, size);
  contour.base = in_millimetres(rows[0].to, size);
  const double length = contour.length();
  if (!(length > 0)) return Error{"has a long axis without length"};

  struct Chord {
    Point from, to;
    double place, width;
  };
  std::array<Chord, chord_count> chords{};
  double along = 0, across = 0;
  for (std::size_t i = 0; i < chord_count; ++i) {
    Chord& chord = chords[i];
    chord.from = in_millimetres(rows[i + 1].from, size);
    chord.to = in_millimetres(rows[i + 1].to, size);
    chord.place = dot(middle(chord.from, chord.to) - contour.apex, contour.direction());
    chord.width = std::abs(cross(contour.direction(), chord.to - chord.from));
    along += std::abs(dot(contour.direction(), chord.to - chord.from));
    across += chord.width;
  }
  if (!(across > 0)) return Error{"has chords without length"};
  if (along > across) return Error{"has a first row that runs along the others, not across: it is not the long axis"};
  std::stable_sort(chords.begin(), chords.end(), [](const Chord& a, const Chord& b) { return a.place < b.place; });
  if (chords.back().place - chords.front().place < 0.5 * length)
    return Error{"has chords beside less than half of its long axis"};
  double front = 0, back = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    front += chords[i].width;
    back += chords[chord_count - 1 - i].width;
  }
  if (front > back) {
    std::swap(contour.apex, contour.base);
    std::reverse(chords.begin(), chords.end());
    for (Chord& chord : chords) chord.place = length - chord.place;
  }
  for (std::size_t i = 0; i < chord_count; ++i) {
    const Chord& chord = chords[i];
    const bool septal_first = dot(contour.towards_septum(), chord.from - chord.to) >= 0;
    contour.septal[i] = septal_first ? chord.from : chord.to;
    contour.lateral[i] = septal_first ? chord.to : chord.from;
    contour.place[i] = chord.place;
    contour.width[i] = chord.width;
  }
  return contour;
}

/// The wall as a chain of 41 points: septal base, up to the apex, down to the lateral base.
template <class = void>
inline std::vector<Point> wall(const Contour& contour) {
  std::vector<Point> points(contour.septal.rbegin(), contour.septal.rend());
  points.push_back(contour.apex);
  points.insert(points.end(), contour.lateral.begin(), contour.lateral.end());
  return points;
}

/// Area of a closed polygon by the shoelace formula.
template <class = void>
inline double polygon_area(const std::vector<Point>& points) noexcept {
  double twice = 0;
  for (std::size_t i = 0; i < points.size(); ++i) twice += cross(points[i], points[(i + 1) % points.size()]);
  return std::abs(twice) / 2;
}

}  // namespace systolic::echo
