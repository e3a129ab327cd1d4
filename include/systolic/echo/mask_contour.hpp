#pragma once
// From a labelled image of an apical view to a tracing: the base is where the ventricle's cavity touches neither itself
// nor its muscle (the mitral plane, towards the atrium), the apex is the cavity's farthest place from its middle, and
// 20 chords lie across the axis, in the middles of 20 disks.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/contour.hpp"

namespace systolic::echo {

/// Labels of a mask as CAMUS has them.
struct MaskLabels {
  int cavity = 1, muscle = 2;
};

namespace detail {

/// A mask with its cavity's pixels.
class MaskShape {
 public:
  template <class = void>
  MaskShape(TensorView<const float> mask, const PixelSize& size, const MaskLabels& labels)
      : mask_(mask), size_(size), labels_(labels) {
    for (Index r = 0; r < rows(); ++r)
      for (Index c = 0; c < columns(); ++c)
        if (label(r, c) == labels_.cavity) cavity_.push_back(place(r, c));
  }
  Index rows() const noexcept { return mask_.shape()[0]; }
  Index columns() const noexcept { return mask_.shape()[1]; }
  /// -1 outside.
  int label(Index r, Index c) const noexcept {
    if (r < 0 || c < 0 || r >= rows() || c >= columns()) return -1;
    return static_cast<int>(std::lround(mask_.data()[r * columns() + c]));
  }
  Point place(Index r, Index c) const noexcept {
    return in_millimetres({static_cast<double>(c), static_cast<double>(r)}, size_);
  }
  Point in_pixels(Point mm) const noexcept { return {mm.x / size_.column, mm.y / size_.row}; }
  bool inside(Point mm) const noexcept {
    const Point p = in_pixels(mm);
    return label(static_cast<Index>(std::lround(p.y)), static_cast<Index>(std::lround(p.x))) == labels_.cavity;
  }
  const std::vector<Point>& cavity() const noexcept { return cavity_; }

  /// The cavity's pixels beside something that is neither cavity nor muscle, mm.
  template <class = void>
  std::vector<Point> base() const {
    std::vector<Point> points;
    for (Index r = 0; r < rows(); ++r)
      for (Index c = 0; c < columns(); ++c) {
        if (label(r, c) != labels_.cavity) continue;
        bool open = false;
        for (const auto& [down, right] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
          const int beside = label(r + down, c + right);
          open = open || (beside != labels_.cavity && beside != labels_.muscle);
        }
        if (open) points.push_back(place(r, c));
      }
    return points;
  }

 private:
  TensorView<const float> mask_;
  PixelSize size_;
  MaskLabels labels_;
  std::vector<Point> cavity_;
};

}  // namespace detail

/// The tracing of mask [row][column]: the long axis, then 20 chords from the apex to the base, pixels. The Error, the
/// cause only, where there is no cavity, or nothing but muscle around it.
template <class = void>
inline Result<std::vector<Segment>> trace_mask(TensorView<const float> mask, const PixelSize& size,
                                               const MaskLabels& labels = {}) {
  const detail::MaskShape shape(mask, size, labels);
  if (shape.cavity().size() < 100) return Error{"has no left ventricle"};
  const std::vector<Point> open = shape.base();
  if (open.size() < 2) return Error{"has a left ventricle without a base (nothing but muscle around it)"};
  if (open.size() > 10000) return Error{"has a left ventricle in pieces"};
  // The two ends of the mitral plane: the open pixels that are farthest apart.
  std::size_t first = 0, second = 1;
  for (std::size_t i = 0; i < open.size(); ++i)
    for (std::size_t j = i + 1; j < open.size(); ++j)
      if (distance(open[i], open[j]) > distance(open[first], open[second])) {
        first = i;
        second = j;
      }
  const Point base = middle(open[first], open[second]);
  Point apex = base;
  for (const Point p : shape.cavity())
    if (distance(p, base) > distance(apex, base)) apex = p;
  const double length = distance(apex, base);
  if (!(length > 0)) return Error{"has a left ventricle without length"};
  const Point along = unit(base - apex), across{-along.y, along.x};
  double reach = 0;
  for (const Point p : shape.cavity()) reach = std::max(reach, std::abs(dot(p - apex, across)));
  const double step = 0.1 * std::min(size.row, size.column);
  std::vector<Segment> rows = {{shape.in_pixels(apex), shape.in_pixels(base)}};
  for (std::size_t i = 0; i < chord_count; ++i) {
    const Point centre = apex + along * (length * (static_cast<double>(i) + 0.5) / static_cast<double>(chord_count));
    double least = reach, most = -reach;
    for (double s = -reach; s <= reach; s += step)
      if (shape.inside(centre + across * s)) {
        least = std::min(least, s);
        most = std::max(most, s);
      }
    if (least > most) return Error{"has a left ventricle that is not in one piece along its axis"};
    rows.push_back({shape.in_pixels(centre + across * least), shape.in_pixels(centre + across * most)});
  }
  return rows;
}

}  // namespace systolic::echo
