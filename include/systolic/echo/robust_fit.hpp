#pragma once
// Lines and curves through points of which some are wrong: iterated least squares with weights that fall with the
// squared distance from the last fit (Cauchy's; Holland and Welsch 1977). Huber's, which only bound the pull of a
// point, leave a line to a far one.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "systolic/echo/point.hpp"

namespace systolic::echo {

/// A straight line: a point on it and its direction of length 1.
struct Line {
  Point through, direction;

  /// How far along the line, from `through`, the foot of p lies.
  double along(Point p) const noexcept { return dot(p - through, direction); }
  /// How far p is from the line, positive where it lies clockwise of the direction.
  double off(Point p) const noexcept { return cross(direction, p - through); }
};

/// The line with the least squared distances (total least squares, each of a weight). Requires at least two points
/// apart and as many weights, some of them positive.
template <class = void>
inline Line fit_line(const std::vector<Point>& points, const std::vector<double>& weights) noexcept {
  double sum = 0, xx = 0, xy = 0, yy = 0;
  Point mean;
  for (std::size_t i = 0; i < points.size(); ++i) {
    sum += weights[i];
    mean = mean + points[i] * weights[i];
  }
  mean = mean * (1 / sum);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point d = points[i] - mean;
    xx += weights[i] * d.x * d.x;
    xy += weights[i] * d.x * d.y;
    yy += weights[i] * d.y * d.y;
  }
  const double angle = 0.5 * std::atan2(2 * xy, xx - yy);  // of the larger principal axis
  return {mean, {std::cos(angle), std::sin(angle)}};
}

/// Cauchy's weights of residuals, times those given. The scale is `limit`, or while the fit is bad the median residual.
template <class = void>
inline std::vector<double> robust_weights(const std::vector<double>& residuals, const std::vector<double>& weights,
                                          double limit) {
  std::vector<double> sizes, result(weights.size());
  for (std::size_t i = 0; i < residuals.size(); ++i)
    if (weights[i] > 0) sizes.push_back(std::abs(residuals[i]));
  const auto median = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), median, sizes.end());
  const double scale = sizes.empty() ? limit : std::max(limit, *median);
  for (std::size_t i = 0; i < weights.size(); ++i)
    result[i] = weights[i] / (1 + residuals[i] * residuals[i] / (scale * scale));
  return result;
}

/// Of the lines through two of the points that with the least median distance (Rousseeuw 1984): up to half of the
/// points may be wrong. Points without weight do not count. Requires two with weight that are apart.
template <class = void>
inline Line least_median_line(const std::vector<Point>& points, const std::vector<double>& weights) {
  Line best{{}, {1, 0}};
  double least = INFINITY;
  std::vector<double> distances;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      if (!(weights[i] > 0 && weights[j] > 0 && distance(points[i], points[j]) > 1e-9)) continue;
      const Line line{points[i], unit(points[j] - points[i])};
      distances.clear();
      for (std::size_t k = 0; k < points.size(); ++k)
        if (weights[k] > 0) distances.push_back(std::abs(line.off(points[k])));
      const auto median = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
      std::nth_element(distances.begin(), median, distances.end());
      if (*median < least) {
        least = *median;
        best = line;
      }
    }
  return best;
}

/// A line that wrong points do not pull: from the least median on, points further off than `limit` lose their weight.
/// Requires two points with weight that are apart.
template <class = void>
inline Line fit_line_robust(const std::vector<Point>& points, const std::vector<double>& weights, double limit,
                            int rounds = 12) {
  Line line = least_median_line(points, weights);
  std::vector<double> residuals(points.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < points.size(); ++i) residuals[i] = line.off(points[i]);
    line = fit_line(points, robust_weights(residuals, weights, limit));
  }
  return line;
}

/// y = a + b x + c x^2.
struct Parabola {
  double a = 0, b = 0, c = 0;
  double at(double x) const noexcept { return a + x * (b + x * c); }
};

/// The parabola with the least squared errors in y, robust as above. Nothing where fewer than three places x differ.
template <class = void>
inline std::optional<Parabola> fit_parabola_robust(const std::vector<Point>& points, const std::vector<double>& weights,
                                                   double limit, int rounds = 12) {
  Parabola curve;
  std::vector<double> robust = weights, residuals(points.size());
  for (int round = 0; round <= rounds; ++round) {
    std::array<std::array<double, 4>, 3> m{};  // normal equations with their right side
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::array<double, 3> power{1, points[i].x, points[i].x * points[i].x};
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t c = 0; c < 3; ++c) m[r][c] += robust[i] * power[r] * power[c];
        m[r][3] += robust[i] * power[r] * points[i].y;
      }
    }
    for (std::size_t k = 0; k < 3; ++k) {  // Gauss and Jordan, largest pivot first
      std::size_t best = k;
      for (std::size_t r = k + 1; r < 3; ++r)
        if (std::abs(m[r][k]) > std::abs(m[best][k])) best = r;
      std::swap(m[k], m[best]);
      if (!(std::abs(m[k][k]) > 1e-9)) return std::nullopt;
      for (std::size_t r = 0; r < 3; ++r) {
        if (r == k) continue;
        const double factor = m[r][k] / m[k][k];
        for (std::size_t c = k; c < 4; ++c) m[r][c] -= factor * m[k][c];
      }
    }
    curve = {m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2]};
    for (std::size_t i = 0; i < points.size(); ++i) residuals[i] = points[i].y - curve.at(points[i].x);
    robust = robust_weights(residuals, weights, limit);
  }
  return curve;
}

}  // namespace systolic::echo
