#pragma once
// Volume of the left ventricle from one view, by the method of disks and from area and length.

#include <numbers>

#include "systolic/echo/contour.hpp"

namespace systolic::echo {

/// What a contour measures.
struct Volumes {
  double disks_ml = 0;        ///< pi/4 times the integral of width^2 along the axis
  double area_length_ml = 0;  ///< 8 A^2 / (3 pi L), exact for ellipsoids of revolution
  double area_mm2 = 0;        ///< inside the contour
  double length_mm = 0;       ///< from the apex to the basal end
};

/// Between neighbouring chords the square of the width is taken to change evenly, as it does in a paraboloid and, near
/// its pole, in an ellipsoid: over a step h from width a to b,
///   integral of width^2 = h (a^2 + b^2) / 2,   integral of width = 2/3 h (a^2 + a b + b^2) / (a + b).
/// The contour closes in the apex, and keeps the last chord's width to the basal end of the axis. Wherever along the
/// axis the chords lie (middles or edges of disks), the volume is then right; for chords in the middles it is the sum
/// pi/4 L/20 sum width^2 of the method of disks, but for a quarter of the first disk.
template <class = void>
inline Volumes measure_volumes(const Contour& contour) noexcept {
  double squares = 0, widths = 0;
  const auto add = [&](double step, double a, double b) {
    squares += step * (a * a + b * b) / 2;
    if (a + b > 0) widths += step * 2 / 3 * (a * a + a * b + b * b) / (a + b);
  };
  const double first = contour.place.front(), last = contour.place.back(), axis = contour.length();
  if (first > 0) add(first, 0, contour.width.front());
  for (std::size_t i = 1; i < chord_count; ++i)
    add(contour.place[i] - contour.place[i - 1], contour.width[i - 1], contour.width[i]);
  if (last < axis) add(axis - last, contour.width.back(), contour.width.back());

  Volumes volumes;
  volumes.length_mm = std::max(last, axis) - std::min(first, 0.0);
  volumes.area_mm2 = widths;
  constexpr double microlitres = 1000;  // mm^3 in a ml
  volumes.disks_ml = std::numbers::pi / 4 * squares / microlitres;
  volumes.area_length_ml = 8 * widths * widths / (3 * std::numbers::pi * volumes.length_mm) / microlitres;
  return volumes;
}

/// The share of the larger volume that the heart throws out.
inline double ejection_fraction(double end_diastolic, double end_systolic) noexcept {
  return end_diastolic > 0 ? (end_diastolic - end_systolic) / end_diastolic : 0;
}

}  // namespace systolic::echo
