#pragma once
// Points of an image plane: x to the right (columns), y downwards (rows), in pixels or mm.

#include <cmath>

namespace systolic::echo {

/// A point, or the step from one point to another.
struct Point {
  double x = 0, y = 0;

  friend Point operator+(Point a, Point b) noexcept { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) noexcept { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Point a, double factor) noexcept { return {a.x * factor, a.y * factor}; }
  friend bool operator==(const Point&, const Point&) = default;
};

inline double dot(Point a, Point b) noexcept { return a.x * b.x + a.y * b.y; }
/// Positive where b lies clockwise of a as the image is seen (y downwards).
inline double cross(Point a, Point b) noexcept { return a.x * b.y - a.y * b.x; }
inline double length(Point a) noexcept { return std::hypot(a.x, a.y); }
inline double distance(Point a, Point b) noexcept { return length(b - a); }
inline Point middle(Point a, Point b) noexcept { return (a + b) * 0.5; }
/// The direction of a, of length 1. Requires a step of some length.
inline Point unit(Point a) noexcept { return a * (1 / length(a)); }

/// A straight line from one point to another.
struct Segment {
  Point from, to;
};

/// Size of a pixel in mm, down the rows and along the columns.
struct PixelSize {
  double row = 1, column = 1;
};

inline Point in_millimetres(Point pixel, const PixelSize& size) noexcept {
  return {pixel.x * size.column, pixel.y * size.row};
}

}  // namespace systolic::echo
