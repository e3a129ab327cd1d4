#pragma once
// What a person looks at beside the ejection fraction: six attributes of the left ventricle at end-diastole (ED) and
// end-systole (ES), each with a verdict. The list is EchoNarrator's; its formulas are not published, these are ours.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "systolic/echo/volume.hpp"

namespace systolic::echo {

/// What is said of an attribute; absent: it could not be measured, or a text does not speak of it.
enum class Verdict : std::uint8_t { absent, normal, pathological };

inline constexpr std::string_view verdict_name(Verdict verdict) noexcept {
  return verdict == Verdict::normal ? "normal" : verdict == Verdict::pathological ? "pathological" : "absent";
}

/// The wall in the order of the contour from the septal base over the apex to the lateral base.
inline constexpr std::size_t segment_count = 7;
inline constexpr std::array<std::string_view, segment_count> segment_names = {
    "basal septal", "mid septal", "apical septal", "apex", "apical lateral", "mid lateral", "basal lateral"};

/// A dent of the septum into the cavity at end-diastole.
struct SeptalBulge {
  double area_mm2 = 0;    ///< between the septal arc and its convex hull
  double area_share = 0;  ///< of the area inside the contour
  double depth_mm = 0;    ///< of the dent, from the hull
};

/// How far the wall moves inwards from ED to ES.
struct SegmentMotion {
  double mean_mm = 0;                         ///< over the whole contour
  std::array<double, segment_count> ratio{};  ///< of each segment's mean to that; 0 where the whole does not move
};

struct Attributes {
  std::optional<SeptalBulge> bulge;
  std::optional<SegmentMotion> motion;
  std::optional<double> apex_motion_mm, apex_motion_share;  ///< way of the apical points; share of the length at ED
  std::optional<double> length_width_ed, length_width_es;   ///< long axis over the largest width
  std::optional<double> sector_share;   ///< of the contour's points inside the ultrasound sector; needs the image
  std::optional<double> wall_contrast;  ///< mean grey of the wall less that of the cavity, 0 to 255; needs the image
};

/// Where an attribute stops being normal. Shares instead of mm, so that they hold without the size of a pixel. Of the
/// 499 patients of CAMUS, half of whom have a reduced ejection fraction, 5 to 10 % lie beyond those of bulge, apex
/// motion and contrast; a normal ventricle is about twice as long as wide. Ours, not established clinical limits.
struct Limits {
  double bulge_share = 0.03;
  double motion_ratio = 0.5;    ///< hypokinetic below
  double akinetic_ratio = 0.1;  ///< akinetic below, dyskinetic below its negative
  double still_share = 0.01;    ///< mean inward motion over the length at ED: the whole wall stands still
  double apex_motion_share = 0.14;
  double length_width = 1.5;
  double sector_share = 0.9;
  double wall_contrast = 15;
};

/// Segment of chord i on a side: the apex has the chords next to it on both.
inline std::size_t segment_of(double place_share, bool septal) noexcept {
  const std::size_t away = place_share < 0.1 ? 0 : place_share < 0.4 ? 1 : place_share < 0.7 ? 2 : 3;
  return septal ? 3 - away : 3 + away;
}

namespace detail {

/// Convex hull of points in the order of Andrew's monotone chain (1979), without its last edge's end.
template <class = void>
inline std::vector<Point> convex_hull(std::vector<Point> points) {
  std::sort(points.begin(), points.end(), [](Point a, Point b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
  std::vector<Point> hull;
  for (int side = 0; side < 2; ++side) {
    const std::size_t start = hull.size();
    for (const Point p : points) {
      while (hull.size() >= start + 2 && cross(hull.back() - hull[hull.size() - 2], p - hull.back()) <= 0)
        hull.pop_back();
      hull.push_back(p);
    }
    hull.pop_back();
    std::reverse(points.begin(), points.end());
  }
  return hull;
}

/// Distance of p from the nearest edge of a closed polygon; edges that reach `outside` do not count.
template <class Outside>
double edge_distance(Point p, const std::vector<Point>& polygon, const Outside& outside) noexcept {
  double nearest = INFINITY;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i], b = polygon[(i + 1) % polygon.size()], edge = b - a;
    if (outside(a) || outside(b)) continue;
    const double squared = dot(edge, edge);
    const double t = squared > 0 ? std::clamp(dot(p - a, edge) / squared, 0.0, 1.0) : 0;
    nearest = std::min(nearest, distance(p, a + edge * t));
  }
  return nearest;
}

}  // namespace detail

/// A septum bent outwards everywhere is its own hull and has no bulge. The arc runs from the apex to the septal base;
/// the axis beyond it closes the polygon, so that a dent deeper than the line from end to end counts too.
template <class = void>
inline SeptalBulge measure_bulge(const Contour& contour) {
  std::vector<Point> polygon = {contour.apex};
  polygon.insert(polygon.end(), contour.septal.begin(), contour.septal.end());
  // Far on the lateral side, so that the hull follows the septum only.
  const Point far = contour.towards_septum() * (-2 * contour.length());
  polygon.push_back(contour.septal.back() + far);
  polygon.push_back(contour.apex + far);
  const std::vector<Point> hull = detail::convex_hull(polygon);
  SeptalBulge bulge;
  bulge.area_mm2 = std::max(0.0, polygon_area(hull) - polygon_area(polygon));
  bulge.area_share = bulge.area_mm2 / std::max(measure_volumes(contour).area_mm2, 1e-12);
  const auto outside = [&](Point p) { return dot(p - contour.apex, contour.towards_septum()) < -contour.length(); };
  for (const Point p : contour.septal) {
    const double depth = detail::edge_distance(p, hull, outside);
    if (std::isfinite(depth)) bulge.depth_mm = std::max(bulge.depth_mm, depth);
  }
  return bulge;
}

/// Point i of the wall at ED is taken to become point i at ES; its motion is the part of the step along the inward
/// normal of the wall at ED. (Towards the centre of the area, as one may also define it, the sides of a slender apex
/// would hardly move in anybody.)
template <class = void>
inline SegmentMotion measure_motion(const Contour& ed, const Contour& es) {
  const std::vector<Point> from = wall(ed), to = wall(es);
  SegmentMotion motion;
  std::array<double, segment_count> sums{}, counts{};
  double sum = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    constexpr std::size_t reach = 2;  // points on both sides, against the unrest of a hand
    const std::size_t last = from.size() - 1;
    const Point tangent = from[std::min(i + reach, last)] - from[i < reach ? 0 : i - reach];
    // The wall runs clockwise around the cavity: inwards is on its right.
    const Point inwards{-tangent.y, tangent.x};
    const double size = length(inwards), step = size > 0 ? dot(to[i] - from[i], inwards) / size : 0;
    const bool septal = i < chord_count;
    const std::size_t chord = septal ? chord_count - 1 - i : i - chord_count - 1;
    const std::size_t segment = i == chord_count ? 3 : segment_of(ed.place[chord] / ed.length(), septal);
    sums[segment] += step;
    counts[segment] += 1;
    sum += step;
  }
  motion.mean_mm = sum / static_cast<double>(from.size());
  for (std::size_t s = 0; s < segment_count; ++s)
    if (counts[s] > 0 && motion.mean_mm > 0) motion.ratio[s] = sums[s] / counts[s] / motion.mean_mm;
  return motion;
}

/// The attributes that two contours give: all but those of the image.
template <class = void>
inline Attributes measure_attributes(const Contour& ed, const Contour& es) {
  Attributes attributes;
  attributes.bulge = measure_bulge(ed);
  attributes.motion = measure_motion(ed, es);
  attributes.apex_motion_mm = distance(ed.apex, es.apex);
  attributes.apex_motion_share = *attributes.apex_motion_mm / ed.length();
  if (ed.largest_width() > 0) attributes.length_width_ed = ed.length() / ed.largest_width();
  if (es.largest_width() > 0) attributes.length_width_es = es.length() / es.largest_width();
  return attributes;
}

}  // namespace systolic::echo
