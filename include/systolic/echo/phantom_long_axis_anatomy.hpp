#pragma once
// The anatomy of a long-axis phantom in one frame: surfaces as heights over the ventricle's long axis, thin structures
// as strokes; and the exact truth about the left ventricle's dimensions.
//
// Coordinates of the heart, mm: x along the axis, 0 at the basal level and growing towards the apex; y across it,
// towards the posterior wall. So the septum has y < 0.

#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "systolic/echo/m_mode.hpp"
#include "systolic/echo/phantom_long_axis.hpp"

namespace systolic::echo {

/// How far the ventricle has contracted at a phase of the cycle: 0 at end-diastole, 1 at end-systole; then the early
/// filling, a slow time, and the filling by the atrium.
template <class = void>
inline double contraction_at(double phase, double end_of_systole) noexcept {
  const auto smooth = [](double t) {
    t = std::clamp(t, 0.0, 1.0);
    return t * t * (3 - 2 * t);
  };
  phase -= std::floor(phase);
  if (phase < end_of_systole) return smooth(phase / end_of_systole);
  const double slow = std::clamp((phase - end_of_systole) / (1 - end_of_systole), 0.0, 1.0);
  return 1 - 0.72 * smooth((phase - end_of_systole) / 0.24) - 0.1 * slow - 0.18 * smooth((phase - 0.84) / 0.16);
}

/// How far the mitral valve is open at a phase of the cycle, 0 to 1.
template <class = void>
inline double opening_at(double phase, double end_of_systole) noexcept {
  const auto bump = [](double t) { return std::abs(t) < 1 ? (1 - t * t) * (1 - t * t) : 0.0; };
  phase -= std::floor(phase);
  return std::min(1.0, bump((phase - end_of_systole - 0.16) / 0.14) + 0.25 * bump((phase - 0.76) / 0.2) +
                           0.7 * bump((phase - 0.89) / 0.09));
}

/// Heights of the surfaces at one place along the axis.
enum Surface { right_ventricle_top, outer_septum, inner_septum, inner_posterior, outer_posterior, surface_count };
using Heights = std::array<double, surface_count>;

/// A thin bright structure.
struct Stroke {
  Point from, to;  ///< heart's coordinates
  double half_width = 1, brightness = 0.3;
};

class LongAxisFrame {
 public:
  template <class = void>
  LongAxisFrame(const LongAxisOptions& options, Index frame) : options_(options) {
    phase_ = options.first_phase + static_cast<double>(frame) / options.cycle;
    phase_ -= std::floor(phase_);
    contraction_ = contraction_at(phase_, options.end_of_systole);
    const double turned = 2 * std::numbers::pi * phase_;
    const double tilt = (options.tilt + options.turn * std::sin(turned)) * std::numbers::pi / 180;
    along_ = {-std::cos(tilt), std::sin(tilt)};
    across_ = {std::sin(tilt), std::cos(tilt)};
    // The base comes down to the apex, which stays; the whole heart sways.
    base_ = options.base + along_ * (options.length.diastole - options.length.at(contraction_)) +
            Point{std::cos(turned) * 0.5, std::sin(turned + 1)} * options.sway;
    fill_table();
    add_strokes();
  }

  double phase() const noexcept { return phase_; }
  Point along() const noexcept { return along_; }    ///< unit step towards the apex, image plane in mm
  Point across() const noexcept { return across_; }  ///< towards the posterior wall
  Point base() const noexcept { return base_; }      ///< the axis at the basal level, mm
  double cavity_length() const noexcept { return options_.length.at(contraction_); }
  const std::vector<Stroke>& strokes() const noexcept { return strokes_; }

  Point to_heart(Point millimetres) const noexcept {
    const Point way = millimetres - base_;
    return {dot(way, along_), dot(way, across_)};
  }
  Point to_pixels(Point heart) const noexcept {
    const Point p = base_ + along_ * heart.x + across_ * heart.y;
    return {p.x / options_.pixel.column, p.y / options_.pixel.row};
  }

  /// The surfaces at a place along the axis. Beyond the apex all of the ventricle's have height 0.
  template <class = void>
  Heights heights(double along) const noexcept {
    const double place = std::clamp((along - first_place) / step, 0.0, static_cast<double>(table_.size() - 1) - 1e-9);
    const auto i = static_cast<std::size_t>(place);
    const double f = place - static_cast<double>(i);
    Heights result;
    for (std::size_t k = 0; k < surface_count; ++k) result[k] = table_[i][k] + f * (table_[i + 1][k] - table_[i][k]);
    return result;
  }

  /// Where the scan line at the basal level meets the walls: outer and inner septum, inner and outer posterior wall;
  /// pixels.
  template <class = void>
  std::array<Point, 4> landmarks() const noexcept {
    const Heights h = heights(0);
    return {to_pixels({0, h[outer_septum]}), to_pixels({0, h[inner_septum]}), to_pixels({0, h[inner_posterior]}),
            to_pixels({0, h[outer_posterior]})};
  }

  /// Where any line meets the walls, in the same order, as samples of the line; nothing where it does not cross all.
  template <class = void>
  std::optional<std::array<double, 4>> walls_along(const ScanLine& line) const noexcept {
    const auto height_above = [&](double sample, Surface surface) {
      const Point p = to_heart(in_millimetres(line.at(sample), options_.pixel));
      return p.y - heights(p.x)[surface];
    };
    const double last = static_cast<double>(line.count - 1);
    const bool septum_first = to_heart(in_millimetres(line.at(last), options_.pixel)).y >
                              to_heart(in_millimetres(line.at(0), options_.pixel)).y;
    if (!septum_first) return std::nullopt;
    std::array<double, 4> samples{};
    constexpr std::array<Surface, 4> order{outer_septum, inner_septum, inner_posterior, outer_posterior};
    double start = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      if (height_above(start, order[k]) > 0) return std::nullopt;
      double low = start, high = start;
      while (high < last && height_above(high, order[k]) <= 0) {
        low = high;
        high = std::min(high + 0.5, last);
      }
      if (height_above(high, order[k]) <= 0) return std::nullopt;
      for (int i = 0; i < 40; ++i) (height_above((low + high) / 2, order[k]) <= 0 ? low : high) = (low + high) / 2;
      samples[k] = (low + high) / 2;
      start = samples[k];
    }
    return samples;
  }

 private:
  static constexpr double first_place = -90, step = 0.5;
  static constexpr double membrane = 2;  ///< thickness of the walls behind the annulus

  /// Half the width of the cavity (or of what its wall encloses) as a share of that at the basal level; `length` from
  /// there to the pole.
  template <class = void>
  double profile(double along, double length) const noexcept {
    const LongAxisOptions& o = options_;
    const auto shape = [&](double x) {
      const double from_widest = x / length - o.widest;
      if (from_widest >= 0) {
        const double t = std::min(1.0, from_widest / (1 - o.widest));
        return std::pow(1 - std::pow(t, o.roundness), 1 / o.roundness);
      }
      const double t = std::min(1.0, -from_widest / (o.widest + o.annulus / length));
      return 1 - o.narrowing * t * t;
    };
    return shape(along) / shape(0);
  }

  template <class = void>
  void fill_table() {
    const LongAxisOptions& o = options_;
    const double radius = o.cavity.at(contraction_) / 2, length = cavity_length();
    const double septum = o.septum.at(contraction_), posterior = o.posterior_wall.at(contraction_);
    const auto smooth = [](double t) {
      t = std::clamp(t, 0.0, 1.0);
      return t * t * (3 - 2 * t);
    };
    for (double x = first_place; x < 130; x += step) {
      const double muscle = smooth((x + o.annulus + 4) / 8), upper = smooth((x + o.annulus + 14) / 22);  // 0 behind it
      const double inner = radius * profile(x, length);
      const double outer = profile(x, length + 0.8 * septum);
      const double bump = (x - length / 3) / (0.16 * length);
      const double bulge = o.bulge * std::exp(-bump * bump) * std::min(1.0, inner / 8);
      Heights h;
      h[inner_septum] = -inner + bulge;
      h[outer_septum] = -upper * (radius + septum) * outer - (1 - upper) * (inner + membrane);
      h[inner_posterior] = inner;
      h[outer_posterior] = muscle * (radius + posterior) * outer + (1 - muscle) * (inner + membrane);
      // The right ventricle ends before the apex; when the left one contracts it has somewhat less room, too.
      const double depth = o.right_ventricle * (1 - 0.15 * contraction_);
      h[right_ventricle_top] = h[outer_septum] - depth * (1 - smooth((x - 0.25 * length) / (0.6 * length)));
      table_.push_back(h);
    }
  }

  template <class = void>
  void add_strokes() {
    const LongAxisOptions& o = options_;
    const double open = opening_at(phase_, o.end_of_systole);
    const Heights at_annulus = heights(-o.annulus), at_tips = heights(0);
    const double root = at_annulus[inner_septum] + o.aorta;  // the aorta's far wall meets the annulus
    const double hinge = std::min(root, at_annulus[inner_posterior] - 8);
    const double behind = at_annulus[inner_posterior] - 1;
    // Closed the tips meet at a third of the way from the far side, open they swing to the walls.
    const double meet = hinge + 0.55 * (behind - hinge);
    const Point front{-1 - 4 * (1 - open), meet + open * (0.55 * at_tips[inner_septum] - meet)};
    const Point back{-2 - 4 * (1 - open), meet + open * (at_tips[inner_posterior] - 4 - meet)};
    strokes_.push_back({{-o.annulus, hinge}, {-90, hinge - 8}, 1.2, 0.35});
    strokes_.push_back({{-o.annulus, hinge}, front, 0.9, 0.4});
    strokes_.push_back({{-o.annulus, behind}, back, 0.9, 0.4});
    const double valve = 0.5 * (at_annulus[inner_septum] + hinge);  // of the aorta, closed in diastole
    if (contraction_at(phase_, o.end_of_systole) < 0.98 && phase_ > o.end_of_systole)
      strokes_.push_back({{-o.annulus - 8, valve}, {-o.annulus - 18, valve}, 0.6, 0.25});
    if (o.chordae) {
      const double x = (o.papillary_place - 0.06) * cavity_length();
      strokes_.push_back({back, {x, heights(x)[inner_posterior] - o.papillary * 0.8}, 0.4, 0.1});
      strokes_.push_back({front, {x, heights(x)[inner_posterior] - o.papillary * 0.8}, 0.4, 0.1});
    }
  }

  LongAxisOptions options_;
  double phase_ = 0, contraction_ = 0;
  Point along_, across_, base_;
  std::vector<Heights> table_;
  std::vector<Stroke> strokes_;
};

}  // namespace systolic::echo
