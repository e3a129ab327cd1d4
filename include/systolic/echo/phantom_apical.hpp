#pragma once
// A left ventricle in the apical four-chamber view that nobody traced: its contour at any time of the beat, known
// exactly. phantom_apical_image.hpp draws the clip.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/echo/ejection.hpp"
#include "systolic/echo/image_attributes.hpp"
#include "systolic/echo/sector.hpp"

namespace systolic::echo {

/// Everything that makes a phantom. Lengths are shares of the image's size, unless said otherwise; angles radians.
struct ApicalPhantomOptions {
  Index size = 112;    ///< rows and columns
  Index frames = 32;   ///< of the clip
  Index cycle = 32;    ///< frames of a beat
  Index systole = 12;  ///< of them from end-diastole to end-systole; requires cycle > 2 * systole
  Index ed_frame = 0;

  Point apex{0.47, 0.15};          ///< at end-diastole
  double length = 0.5;             ///< apex to base at end-diastole
  double tilt = 0.15;              ///< of the base towards the image's right
  double length_width = 1.8;       ///< at end-diastole
  double widest = 0.68;            ///< place of the largest width, share of the length from the apex
  double ejection_fraction = 0.6;  ///< wanted, by disks; reached unless walls would meet
  double apex_motion = 0.03;       ///< way of the apex, share of the length
  double apex_direction = 0;       ///< of that way: 0 is towards the base
  double base_motion = 0.12;       ///< the base's way towards the apex, share of the length
  double bulge_depth = 0;          ///< dent of the septum, share of the length
  double bulge_place = 0.7;
  std::optional<std::size_t> weak_segment;  ///< the segment (0 to 6) that moves less than the others
  double weak_motion = 0;                   ///< its motion relative to theirs
  double millimetres = 85;                  ///< the length

  Point sector_origin{0.5, 0.03};
  double sector_half_angle = 0.72, sector_radius = 0.95;
  double wall_thickness = 0.1;                               ///< share of the length
  double cavity_grey = 20, contrast = 70, tissue_grey = 60;  ///< before speckle, of 255
  double speckle = 0.6;                                      ///< 0: none, 1: fully developed
  double noise = 4;                                          ///< grey levels
  double attenuation = 0.3;                                  ///< of the far end of the sector
  double shadow = 0, shadow_angle = 0;                       ///< depth of a radial shadow, and where
  std::uint64_t seed = 1;                                    ///< of speckle and noise
};

namespace detail {

/// What a phantom's ventricle is at one moment. Widths are shares of the length at end-diastole.
class ApicalShape {
 public:
  /// `activation`: 0 at end-diastole, 1 at end-systole; `narrowing`: share of the width that is lost then.
  template <class = void>
  ApicalShape(const ApicalPhantomOptions& options, double activation, double narrowing)
      : options_(&options), activation_(activation), narrowing_(narrowing) {
    const Point down{std::sin(options.tilt), std::cos(options.tilt)};
    const Point across{down.y, -down.x};
    const Point way = down * std::cos(options.apex_direction) + across * std::sin(options.apex_direction);
    const double size = static_cast<double>(options.size), length = options.length * size;
    apex = options.apex * size + way * (activation * options.apex_motion * length);
    base = options.apex * size + down * (length * (1 - activation * options.base_motion));
  }

  Point apex, base;  ///< pixels

  /// Width of one side at place t (0 apex, 1 base), pixels. Each side is half an ellipse that is cut beyond its widest
  /// place; the septum may have a dent.
  template <class = void>
  double width(double t, bool septal, bool with_dent = true) const noexcept {
    const ApicalPhantomOptions& o = *options_;
    const double from = std::clamp(t, 0.0, 1.0) / o.widest - 1;
    const double half = 0.5 / o.length_width * std::sqrt(std::max(0.0, 1 - from * from));
    const double away = (t - o.bulge_place) / 0.1;
    const double dent = septal && with_dent ? o.bulge_depth * std::exp(-away * away) : 0;
    const double left = 1 - activation_ * narrowing_ * motion(t, septal);
    return std::max(0.0, half - dent) * left * o.length * static_cast<double>(o.size);
  }

  /// The tracing: the axis, then 20 chords in the middles of as many disks; pixels.
  template <class = void>
  std::vector<Segment> tracing() const {
    const Point step = base - apex, septal{-unit(step).y, unit(step).x};
    std::vector<Segment> rows = {{apex, base}};
    for (std::size_t i = 0; i < chord_count; ++i) {
      const double t = (static_cast<double>(i) + 0.5) / static_cast<double>(chord_count);
      const Point at = apex + step * t;
      rows.push_back({at + septal * width(t, true), at - septal * width(t, false)});
    }
    return rows;
  }

 private:
  /// Motion of the wall at t relative to the other segments': the weak segment's, with soft ends.
  template <class = void>
  double motion(double t, bool septal) const noexcept {
    if (!options_->weak_segment) return 1;
    const std::size_t segment = *options_->weak_segment;
    if (segment != 3 && (segment < 3) != septal) return 1;
    const std::size_t away = segment < 3 ? 3 - segment : segment - 3;
    constexpr std::array<double, 4> from = {-0.2, 0.1, 0.4, 0.7}, to = {0.1, 0.4, 0.7, 1.2};
    const auto rise = [](double x) { return 1 / (1 + std::exp(-x / 0.02)); };
    const double inside = rise(t - from[away] + 0.03) * rise(to[away] + 0.03 - t);
    return 1 - (1 - options_->weak_motion) * inside;
  }

  const ApicalPhantomOptions* options_;
  double activation_, narrowing_;
};

}  // namespace detail

/// The contour of a phantom at any time.
class ApicalMotion {
 public:
  template <class = void>
  explicit ApicalMotion(const ApicalPhantomOptions& options) : options_(options) {
    // The ejection fraction grows with the narrowing: bisection.
    const auto volume = [&](double activation, double narrowing) {
      const auto contour = make_contour(detail::ApicalShape(options_, activation, narrowing).tracing(), {});
      return contour ? measure_volumes(*contour).disks_ml : 0;
    };
    const double ed = volume(0, 0);
    double low = -0.2, high = 0.85;
    for (int i = 0; i < 40; ++i) {
      const double half = (low + high) / 2;
      (systolic::echo::ejection_fraction(ed, volume(1, half)) < options_.ejection_fraction ? low : high) = half;
    }
    narrowing_ = (low + high) / 2;
  }

  const ApicalPhantomOptions& options() const noexcept { return options_; }
  Index es_frame() const noexcept { return options_.ed_frame + options_.systole; }

  /// 0 at end-diastole, 1 at end-systole: contraction along a cosine, then filling, nine tenths of it early.
  template <class = void>
  double activation(double frame) const noexcept {
    const double cycle = static_cast<double>(options_.cycle), systole = static_cast<double>(options_.systole);
    double place = std::fmod(frame - static_cast<double>(options_.ed_frame), cycle);
    if (place < 0) place += cycle;
    if (place <= systole) return 0.5 - 0.5 * std::cos(std::numbers::pi * place / systole);
    const double filled = (place - systole) / (cycle - systole);
    if (filled < 0.55) return 0.1 + 0.9 * (0.5 + 0.5 * std::cos(std::numbers::pi * filled / 0.55));
    return 0.1 * (0.5 + 0.5 * std::cos(std::numbers::pi * (filled - 0.55) / 0.45));
  }
  template <class = void>
  detail::ApicalShape shape(double frame) const {
    return {options_, activation(frame), narrowing_};
  }
  /// Of a frame, pixels: 21 rows as VolumeTracings.csv has them.
  template <class = void>
  std::vector<Segment> tracing(double frame) const {
    return shape(frame).tracing();
  }
  PixelSize pixel_size() const noexcept {
    const double size = options_.millimetres / (options_.length * static_cast<double>(options_.size));
    return {size, size};
  }
  Sector sector() const noexcept {
    const double size = static_cast<double>(options_.size);
    return {options_.sector_origin * size, options_.sector_half_angle, options_.sector_radius * size};
  }

 private:
  ApicalPhantomOptions options_;
  double narrowing_ = 0;
};

}  // namespace systolic::echo
