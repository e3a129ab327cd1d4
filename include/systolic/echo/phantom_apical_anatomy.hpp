#pragma once
// What an apical phantom's sector shows at one moment: wall, cavities of both ventricles and atria, mitral valve,
// pericardium.

#include <algorithm>
#include <array>
#include <cmath>

#include "systolic/echo/phantom_apical.hpp"

namespace systolic::echo::detail {

/// 1 inside an edge, 0 outside, half on it; `outside` is the distance beyond the edge, pixels.
inline double covered(double outside, double softness = 1.5) noexcept {
  return std::clamp(0.5 - outside / softness, 0.0, 1.0);
}

/// Half widths of the ventricle and of its outer wall at many places along the axis, with the factor that turns a
/// horizontal distance from the edge into one at a right angle to it.
class ApicalProfile {
 public:
  struct Edge {
    double inner, outer, inner_slope, outer_slope;
  };

  /// `wall`: thickness, pixels.
  template <class = void>
  ApicalProfile(const ApicalShape& shape, double wall) : length_(distance(shape.apex, shape.base)) {
    for (std::size_t side = 0; side < 2; ++side) {
      const bool septal = side == 0;
      for (std::size_t i = 0; i < places; ++i) {
        const double t = place(i);
        // The outer wall is the same shape without a dent, grown by the wall all around: its apex lies higher.
        const double grown = (t * length_ + wall) / (length_ + wall);
        edges_[side][i] = {shape.width(t, septal), grown > 0 ? shape.width(grown, septal, false) + wall : 0, 1, 1};
        if (t < 0) edges_[side][i].inner = 0;
      }
      const double step = (place(1) - place(0)) * length_;
      for (std::size_t i = 1; i + 1 < places; ++i) {
        const auto cosine = [&](double rise) { return 1 / std::sqrt(1 + rise * rise); };
        const Edge &before = edges_[side][i - 1], &after = edges_[side][i + 1];
        edges_[side][i].inner_slope = cosine((after.inner - before.inner) / (2 * step));
        edges_[side][i].outer_slope = cosine((after.outer - before.outer) / (2 * step));
      }
    }
  }

  double length() const noexcept { return length_; }
  /// At t from -0.5 to 1.5 (clamped).
  const Edge& at(double t, bool septal) const noexcept {
    const double i = (t + 0.5) / 2 * static_cast<double>(places - 1);
    return edges_[septal ? 0 : 1][static_cast<std::size_t>(std::clamp(i, 0.0, static_cast<double>(places - 1)))];
  }

 private:
  static constexpr std::size_t places = 512;
  static double place(std::size_t i) noexcept {
    return -0.5 + 2 * static_cast<double>(i) / static_cast<double>(places - 1);
  }

  double length_;
  std::array<std::array<Edge, places>, 2> edges_;
};

/// One moment of a phantom, to be asked for the grey value of any pixel.
class ApicalFrame {
 public:
  template <class = void>
  ApicalFrame(const ApicalPhantomOptions& options, const ApicalShape& shape, double activation)
      : o_(options),
        shape_(shape),
        down_(unit(shape.base - shape.apex)),
        septal_{-down_.y, down_.x},
        length_ed_(options.length * static_cast<double>(options.size)),
        wall_(options.wall_thickness * length_ed_ * (1 + 0.4 * activation)),
        profile_(shape, wall_) {
    // The leaflets of the mitral valve turn around the ends of the base: shut in systole, half open at the end of
    // filling.
    const double length = profile_.length(), open = std::clamp(1 - 3 * activation, 0.0, 1.0);
    for (const bool septal : {true, false}) {
      const double hinge = (septal ? 1 : -1) * shape.width(1, septal);
      leaflets_[septal ? 0 : 1] = {{length, hinge}, {length * (1 - 0.08 - 0.12 * open), hinge * (0.06 + 0.54 * open)}};
    }
  }

  /// Grey before speckle (0 to 255) of what lies at p, and the place in the speckle that moves along with it.
  struct Tissue {
    double grey;
    Point texture;
  };
  template <class = void>
  Tissue at(Point p) const noexcept {
    const Point from = p - shape_.apex;
    const double along = dot(from, down_), u = dot(from, septal_), t = along / profile_.length();
    const bool septal = u >= 0;
    const double across = std::abs(u);
    const ApicalProfile::Edge& edge = profile_.at(t, septal);
    const double wall_grey = o_.cavity_grey + o_.contrast;
    double grey = background(t, u, across, septal, edge);
    // The wall, from its outer edge to a little below the base.
    const double above = covered(std::max(along - profile_.length() * 1.02, -along - wall_));
    const double in_wall = covered((across - edge.outer) * edge.outer_slope) * above;
    grey += (wall_grey - grey) * in_wall;
    const double beyond = across - edge.outer - 0.5;
    const bool lined = !septal && t > 0.15 && std::abs(beyond) < 5;
    const double pericardium = lined ? std::exp(-square(beyond / 1.5)) * above : 0;
    grey += 0.5 * o_.contrast * pericardium;
    const double in_cavity =
        covered((across - edge.inner) * edge.inner_slope) * covered(std::max(-along, along - profile_.length()));
    grey += (o_.cavity_grey - grey) * in_cavity;
    if (t > 0.6 && t < 1.15 && across < edge.inner + 5)
      for (const Segment& leaflet : leaflets_)
        grey += 0.8 * o_.contrast * std::exp(-square(distance_from(leaflet, {along, u}) / 0.9));
    return {grey, {t * length_ed_ * 1.7, (u + (septal ? -edge.inner : edge.inner)) * 1.2 + (septal ? 0 : 64)}};
  }

 private:
  static double square(double x) noexcept { return x * x; }
  template <class = void>
  static double distance_from(const Segment& segment, Point p) noexcept {
    const Point step = segment.to - segment.from;
    const double share = std::clamp(dot(p - segment.from, step) / std::max(dot(step, step), 1e-9), 0.0, 1.0);
    return distance(p, segment.from + step * share);
  }
  /// An ellipse around (t, u), its soft inside.
  double in_ellipse(double t, double u, double centre_t, double centre_u, double radius_t, double radius_u) const {
    const double r = std::hypot((t - centre_t) / radius_t, (u - centre_u) / radius_u);
    return covered((r - 1) * std::min(radius_t * profile_.length(), radius_u), 3);
  }
  /// What lies around the left ventricle: right ventricle, atria, lung, a faint pericardium.
  template <class = void>
  double background(double t, double u, double across, bool septal, const ApicalProfile::Edge& edge) const noexcept {
    const double scale = 0.5 * length_ed_ / 1.8;  // half a usual width
    double grey = o_.tissue_grey * (1 - 0.35 * std::clamp((across - edge.outer) / (1.5 * scale), 0.0, 1.0));
    const auto darken = [&](double share) { grey += (o_.cavity_grey - grey) * share; };
    if (t > 1) darken(in_ellipse(t, u, 1.3, 0.1 * scale, 0.31, 1.0 * scale));                // left atrium
    if (septal && t > 0.9) darken(in_ellipse(t, u, 1.34, 2.3 * scale, 0.28, 0.95 * scale));  // right atrium
    if (septal && t < 1.02) {
      // The right ventricle lies beside the septum; its apex does not reach the left one's.
      const double middle_u = edge.outer + 0.75 * scale * std::clamp((t - 0.15) / 0.6, 0.0, 1.0);
      darken(in_ellipse(t, u, 0.68, middle_u + 0.1 * scale, 0.42, 0.75 * scale));
    }
    return grey;
  }

  const ApicalPhantomOptions& o_;
  const ApicalShape& shape_;
  Point down_, septal_;
  double length_ed_, wall_;
  ApicalProfile profile_;
  std::array<Segment, 2> leaflets_;  // (along, across)
};

}  // namespace systolic::echo::detail
