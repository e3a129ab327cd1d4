#pragma once
// The wall of the ventricle, unrolled: an image whose columns are places along a contour, septal base first, over the
// apex to the lateral base and a little beyond both ends, and whose rows lie across it, outside first.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/echo/contour_input.hpp"
#include "systolic/echo/key_points.hpp"

namespace systolic::echo {

inline constexpr Index strip_margin = 4;  ///< columns before the first and behind the last key point
inline constexpr Index strip_columns = 2 * static_cast<Index>(key_point_count) + 2 * strip_margin;

/// Every other column is a key point's; those between them lie on a smooth curve.
template <class = void>
inline std::vector<Index> strip_columns_of_key_points() {
  constexpr auto side = static_cast<Index>(chord_count);
  std::vector<Index> columns;
  for (Index k = 0; k < 2 * side; ++k)
    columns.push_back(strip_margin + 2 * (k < side ? side - 1 - k : 3 * side - 1 - k));
  return columns;
}

/// Where a strip lies. Steps are pixels.
struct WallStrip {
  struct Column {
    Point place;
    Point across, along;  ///< inwards and towards the lateral base, as long as the strip reaches on either side
  };
  std::array<Column, static_cast<std::size_t>(strip_columns)> columns;

  /// Around a contour; `reach` pixels on either side. Normals are those of a chord over four key points.
  template <class = void>
  WallStrip(const KeyPoints& points, double reach) {
    // The chain from base to base, continued straight on beyond both ends.
    constexpr Index extra = 6, count = static_cast<Index>(key_point_count);
    std::array<Point, static_cast<std::size_t>(count + 2 * extra)> chain;
    for (Index i = -extra; i < count + extra; ++i) {
      const auto key = [&](Index j) {
        const Index side = count / 2;
        return points[static_cast<std::size_t>(j < side ? side - 1 - j : count + side - 1 - j)];
      };
      const Index end = std::clamp<Index>(i, 0, count - 1), inside = i < 0 ? 2 : count - 3;
      Point p = key(end);
      if (i != end) p = p + (p - key(inside)) * (0.5 * static_cast<double>(std::abs(i - end)));
      chain[static_cast<std::size_t>(i + extra)] = p;
    }
    const auto tangent = [&](std::size_t i) { return chain[i + 2] - chain[i - 2]; };
    for (Index c = 0; c < strip_columns; ++c) {
      const Index half = c - strip_margin + 2 * extra;  // in halves of the way between key points
      const auto i = static_cast<std::size_t>(half / 2);
      Point place = chain[i], direction = tangent(i);
      if (half % 2 != 0) {
        place = (chain[i] + chain[i + 1]) * (9.0 / 16) - (chain[i - 1] + chain[i + 2]) * (1.0 / 16);
        direction = direction + tangent(i + 1);
      }
      const double size = length(direction);
      direction = size > 0 ? direction * (reach / size) : Point{reach, 0};
      columns[static_cast<std::size_t>(c)] = {place, {-direction.y, direction.x}, direction};
    }
  }

  /// The greys of an image [rows][columns] along the strip: writes x[(r * strip_columns + c) * stride], r < strip_rows.
  /// Bilinear between pixels, black outside; where rows are further apart than pixels the mean of places between them.
  template <class = void>
  void sample(const std::uint8_t* image, Index rows, Index image_columns, Index strip_rows, Index stride,
              float* x) const {
    const auto last_row = static_cast<double>(rows - 1), last_column = static_cast<double>(image_columns - 1);
    const double spacing = 2 * length(columns[0].across) / static_cast<double>(strip_rows);
    const Index parts = spacing < 16 ? std::max<Index>(1, static_cast<Index>(spacing + 0.5)) : 16;
    const auto grey = [&](Point p) {
      if (!(p.x >= -0.5 && p.y >= -0.5 && p.x <= last_column + 0.5 && p.y <= last_row + 0.5)) return 0.0;
      const double px = std::clamp(p.x, 0.0, last_column), py = std::clamp(p.y, 0.0, last_row);
      const auto left = static_cast<Index>(px), top = static_cast<Index>(py);
      const double right = px - static_cast<double>(left), down = py - static_cast<double>(top);
      const std::uint8_t* at = image + top * image_columns + left;
      const Index next = left + 1 < image_columns ? 1 : 0, below = top + 1 < rows ? image_columns : 0;
      const auto mixed = [&](Index from) { return (1 - right) * double(at[from]) + right * double(at[from + next]); };
      return (1 - down) * mixed(0) + down * mixed(below);
    };
    for (Index r = 0; r < strip_rows; ++r)
      for (std::size_t c = 0; c < columns.size(); ++c) {
        double sum = 0;
        for (Index part = 0; part < parts; ++part) {
          const double row = static_cast<double>(r) + (static_cast<double>(part) + 0.5) / static_cast<double>(parts);
          sum += grey(columns[c].place + columns[c].across * (2 * row / static_cast<double>(strip_rows) - 1));
        }
        x[(r * strip_columns + static_cast<Index>(c)) * stride] = static_cast<float>(sum / static_cast<double>(parts));
      }
  }
};

/// How the strips of two frames are cut.
struct WallStripOptions {
  Index rows = 32;
  double reach = 0.2;  ///< on either side, share of the ventricle's length (the mean of both frames)
};

/// The strips of two frames (pointers to [rows][columns]) around `contours`, side by side: x
/// [options.rows][strip_columns][2], mean 0 and deviation 1 over both; and where their key points are and may go,
/// bases [80][6] in shares of the image as take_steps of nn/strip_read_out.hpp wants them.
template <class = void>
inline void make_wall_strips(const std::array<const std::uint8_t*, 2>& frames, Index rows, Index columns,
                             const std::array<KeyPoints, 2>& contours, const WallStripOptions& options, float* x,
                             float* bases) {
  const std::vector<Index> places = strip_columns_of_key_points();
  double size = 0;
  for (const KeyPoints& points : contours)
    size += distance(middle(points.front(), points.back()), middle(points[chord_count - 1], points[chord_count])) / 2;
  const double reach = std::max(1.0, options.reach * size);
  for (Index f = 0; f < 2; ++f) {
    const WallStrip strip(contours[static_cast<std::size_t>(f)], reach);
    strip.sample(frames[static_cast<std::size_t>(f)], rows, columns, options.rows, 2, x + f);
    for (std::size_t k = 0; k < key_point_count; ++k) {
      const WallStrip::Column& column = strip.columns[static_cast<std::size_t>(places[k])];
      const Point place = in_shares(contours[static_cast<std::size_t>(f)][k], rows, columns);
      for (const Point p : {place, Point{column.across.x / double(columns), column.across.y / double(rows)},
                            Point{column.along.x / double(columns), column.along.y / double(rows)}}) {
        *bases++ = static_cast<float>(p.x);
        *bases++ = static_cast<float>(p.y);
      }
    }
  }
  const Index count = options.rows * strip_columns * 2;
  double sum = 0, squares = 0;
  for (Index i = 0; i < count; ++i) {
    sum += static_cast<double>(x[i]);
    squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  }
  const double mean = sum / static_cast<double>(count);
  const double deviation = std::sqrt(std::max(squares / static_cast<double>(count) - mean * mean, 0.0));
  const auto scale = static_cast<float>(1 / std::max(deviation, 1e-3)), shift = static_cast<float>(mean);
  for (Index i = 0; i < count; ++i) x[i] = (x[i] - shift) * scale;
}

}  // namespace systolic::echo
