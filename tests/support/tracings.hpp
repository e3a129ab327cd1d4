#pragma once
// Tracings of ventricles whose volume is known.

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/echo/contour.hpp"

namespace testing {

using systolic::echo::Point;
using systolic::echo::Segment;

/// Where a traced ventricle lies: pixels, degrees by which its axis is turned from pointing down.
struct Placement {
  Point apex{56, 20};
  double degrees = 0;
};

/// The 21 rows of a ventricle of `length` whose half widths, at a share t of the length from the apex, are septal(t)
/// and lateral(t). Chord i lies at (i + `offset`) / 20.
inline std::vector<Segment> tracing(double length, const std::function<double(double)>& septal,
                                    const std::function<double(double)>& lateral, const Placement& placement = {},
                                    double offset = 0.5) {
  const double angle = placement.degrees * std::acos(-1.0) / 180;
  const Point down{-std::sin(angle), std::cos(angle)}, left{-down.y, down.x};
  std::vector<Segment> rows = {{placement.apex, placement.apex + down * length}};
  for (int i = 0; i < 20; ++i) {
    const double t = (i + offset) / 20;
    const Point middle = placement.apex + down * (t * length);
    rows.push_back({middle + left * septal(t), middle - left * lateral(t)});
  }
  return rows;
}

/// Half of an ellipsoid of revolution, apex at its pole: volume 2/3 pi radius^2 length.
inline std::vector<Segment> half_ellipsoid(double length, double radius, const Placement& placement = {},
                                           double offset = 0.5) {
  const auto width = [radius](double t) { return radius * std::sqrt(std::max(0.0, 1 - (1 - t) * (1 - t))); };
  return tracing(length, width, width, placement, offset);
}

inline const std::string tracings_header = "FileName,X1,Y1,X2,Y2,Frame\n";

/// Rows as lines of the table.
inline std::string table_rows(const std::string& file, const std::vector<Segment>& rows, int frame) {
  std::string text;
  for (const Segment& row : rows) {
    text += file;
    for (const double value : {row.from.x, row.from.y, row.to.x, row.to.y})
      text += "," + systolic::number_to_text(value);
    text += "," + std::to_string(frame) + "\n";
  }
  return text;
}

}  // namespace testing
