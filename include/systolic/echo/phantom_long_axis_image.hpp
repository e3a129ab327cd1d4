#pragma once
// The picture of a long-axis phantom: brightness of the tissue at a place, speckle that moves with it, the beam's gain,
// logarithmic compression. Every pixel is computed for itself, so that a training which needs a line of each frame
// draws no more than that.

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "systolic/echo/phantom_long_axis_anatomy.hpp"
#include "systolic/echo/phantom_speckle.hpp"

namespace systolic::echo {

/// What is true of one frame of a phantom.
struct LongAxisTruth {
  std::array<Point, 4> landmarks;  ///< outer and inner septum, inner and outer posterior wall, pixels
  Dimensions dimensions;
  Segment axis;  ///< from the basal level to the apex of the cavity, pixels; the apex may lie outside the picture
};

class LongAxisPhantom {
 public:
  /// Requires frames, rows and columns of at least 2.
  template <class = void>
  explicit LongAxisPhantom(const LongAxisOptions& options) : options_(options) {
    for (Index frame = 0; frame < options.frames; ++frame) frames_.emplace_back(options, frame);
    for (Index frame = 1; frame < options.frames; ++frame) {
      const double cavity = truth(frame).dimensions.lvid_mm;
      if (cavity > truth(end_diastole_).dimensions.lvid_mm) end_diastole_ = frame;
      if (cavity < truth(end_systole_).dimensions.lvid_mm) end_systole_ = frame;
    }
    Random random(options.seed, 1);
    for (double& level : beam_gain_) level = random.normal();
    for (int pass = 0; pass < 3; ++pass)
      for (std::size_t i = 1; i < beams; ++i) beam_gain_[i] = 0.5 * (beam_gain_[i] + beam_gain_[i - 1]);
    for (std::size_t i = 0; i < beams; ++i) {
      const double degrees = (static_cast<double>(i) / (beams - 1) - 0.5) * 2 * options.half_angle;
      const double from_shadow = (degrees - options.shadow_angle) / 5;
      beam_gain_[i] = 2 * options.unevenness * beam_gain_[i] - options.shadow * std::exp(-from_shadow * from_shadow);
    }
    for (Index frame = 0; frame < options.frames; ++frame)
      offsets_.push_back({random.uniform(0, 256), random.uniform(0, 256)});
    start_ = {random.uniform(0, 256), random.uniform(0, 256)};
  }

  const LongAxisOptions& options() const noexcept { return options_; }
  Index end_diastole() const noexcept { return end_diastole_; }  ///< the frame with the widest cavity
  Index end_systole() const noexcept { return end_systole_; }    ///< that with the narrowest
  const LongAxisFrame& frame(Index i) const noexcept { return frames_[static_cast<std::size_t>(i)]; }

  template <class = void>
  LongAxisTruth truth(Index i) const noexcept {
    const LongAxisFrame& f = frame(i);
    const auto landmarks = f.landmarks();
    std::array<Point, 4> p;
    for (std::size_t k = 0; k < 4; ++k) p[k] = in_millimetres(landmarks[k], options_.pixel);
    return {landmarks,
            {distance(p[0], p[1]), distance(p[1], p[2]), distance(p[2], p[3])},
            {f.to_pixels({0, 0}), f.to_pixels({f.cavity_length(), 0})}};
  }

  /// Whether the sector shows a place, pixels.
  bool in_sector(Point pixel) const noexcept {
    const double beam = beam_of(in_millimetres(pixel, options_.pixel) - options_.probe);
    return beam >= 0 && beam <= 1;
  }

  /// The clip, [frame][row][column].
  template <class = void>
  Tensor<std::uint8_t> draw() const {
    Tensor<std::uint8_t> clip({options_.frames, options_.rows, options_.columns});
    for (Index i = 0; i < options_.frames; ++i)
      for (Index r = 0; r < options_.rows; ++r)
        for (Index c = 0; c < options_.columns; ++c) clip(i, r, c) = grey(i, r, c);
    return clip;
  }
  /// One frame of it, [row][column].
  template <class = void>
  Tensor<std::uint8_t> draw(Index frame) const {
    Tensor<std::uint8_t> image({options_.rows, options_.columns});
    for (Index r = 0; r < options_.rows; ++r)
      for (Index c = 0; c < options_.columns; ++c) image(r, c) = grey(frame, r, c);
    return image;
  }
  /// The clip where a line needs it for bilinear sampling, 0 elsewhere.
  template <class = void>
  Tensor<std::uint8_t> draw_near(const ScanLine& line) const {
    Tensor<std::uint8_t> clip({options_.frames, options_.rows, options_.columns});
    std::vector<std::array<Index, 2>> places;
    for (Index s = 0; s < line.count; ++s) {
      const Point p = line.at(static_cast<double>(s));
      for (Index corner = 0; corner < 4; ++corner)
        places.push_back({std::clamp(static_cast<Index>(p.y) + corner / 2, Index{0}, options_.rows - 1),
                          std::clamp(static_cast<Index>(p.x) + corner % 2, Index{0}, options_.columns - 1)});
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    for (Index i = 0; i < options_.frames; ++i)
      for (const auto& [r, c] : places) clip(i, r, c) = grey(i, r, c);
    return clip;
  }

  /// The grey value of a pixel.
  template <class = void>
  std::uint8_t grey(Index frame_number, Index row, Index column) const noexcept {
    const LongAxisOptions& o = options_;
    const Point p = in_millimetres({static_cast<double>(column), static_cast<double>(row)}, o.pixel);
    const Point ray = p - o.probe;
    const double depth = length(ray), beam_place = beam_of(ray);
    if (beam_place < 0 || beam_place > 1) return 0;
    const LongAxisFrame& frame = frames_[static_cast<std::size_t>(frame_number)];
    const Point heart = frame.to_heart(p);
    const Heights h = frame.heights(heart.x);

    // Speckle: a share moves with the tissue, the rest is new in every frame.
    const auto& field = SpeckleField::get();
    const Point own = tissue_place(frame, heart, h, p);
    const auto fixed = field.at(start_.x + own.x / lateral, start_.y + own.y / radial);
    const Point offset = offsets_[static_cast<std::size_t>(frame_number)];
    const auto fresh = field.at(offset.x + p.x / lateral, offset.y + p.y / radial);
    const double keep = std::sqrt(1 - o.flicker * o.flicker);
    const double real = keep * static_cast<double>(fixed[0]) + o.flicker * static_cast<double>(fresh[0]);
    const double imaginary = keep * static_cast<double>(fixed[1]) + o.flicker * static_cast<double>(fresh[1]);
    const double speckle = std::sqrt(real * real + imaginary * imaginary + 0.05);
    const double clutter = std::sqrt(static_cast<double>(fresh[0] * fresh[0] + fresh[1] * fresh[1]));

    const double facing = dot(ray, frame.across()) / std::max(depth, 1.0);
    const double haze = o.haze * (1 + 6 / (1 + depth * depth / 400));
    const double amplitude = brightness(heart, h, facing * facing * facing * facing, frame) * speckle + haze * clutter;

    const double place = beam_place * (beams - 1);
    const auto beam = std::min(static_cast<std::size_t>(place), beams - 2);
    const double fraction = place - static_cast<double>(beam);
    const double gain =
        o.gain + o.depth_gain * depth / 100 + (1 - fraction) * beam_gain_[beam] + fraction * beam_gain_[beam + 1];
    const double level = (20 * std::log10(amplitude + 1e-6) + gain) / o.dynamic_range + 0.85;
    return static_cast<std::uint8_t>(
        std::clamp(255 * level + o.noise * noise(frame_number, row, column) + 0.5, 0.0, 255.0));
  }

 private:
  static constexpr std::size_t beams = 65;
  static constexpr double lateral = 1.1, radial = 0.45;  ///< mm a texel of the speckle

  /// From 0 at the sector's left edge to 1 at its right one.
  double beam_of(Point ray) const noexcept {
    if (ray.y <= 0) return -1;
    return 0.5 + std::atan2(ray.x, ray.y) * 180 / std::numbers::pi / (2 * options_.half_angle);
  }

  /// A place that goes along with what is seen there.
  template <class = void>
  static Point tissue_place(const LongAxisFrame& frame, Point heart, const Heights& h, Point p) noexcept {
    if (heart.y < h[outer_septum]) return p;
    if (heart.y < h[inner_septum])
      return {heart.x, 9 * (heart.y - h[outer_septum]) / std::max(h[inner_septum] - h[outer_septum], 1.0)};
    if (heart.y < h[inner_posterior]) return {heart.x + 40 * frame.phase(), heart.y + 25 * frame.phase()};
    if (heart.y < h[outer_posterior])
      return {heart.x,
              100 + 9 * (heart.y - h[inner_posterior]) / std::max(h[outer_posterior] - h[inner_posterior], 1.0)};
    return {p.x, 200 + p.y};
  }

  /// 0 well outside, 1 well inside; `inside` is the depth in mm.
  double cover(double inside) const noexcept {
    const double t = std::clamp(0.5 + inside / options_.edge / 2, 0.0, 1.0);
    return t * t * (3 - 2 * t);
  }

  /// The mean amplitude that comes back from a place. `facing`: how squarely the beam meets surfaces along the axis.
  template <class = void>
  double brightness(Point heart, const Heights& h, double facing, const LongAxisFrame& frame) const noexcept {
    const LongAxisOptions& o = options_;
    constexpr double blood = 0.004, chest = 0.18, pericardium = 0.9;
    const double y = heart.y;
    double value = chest;
    const auto paint = [&](double inside, double amplitude) { value += cover(inside) * (amplitude - value); };
    paint(y - h[right_ventricle_top] + 3.5, 0.8 * o.wall);  // the right ventricle's free wall
    paint(y - h[right_ventricle_top], blood);
    paint(y - h[outer_septum], o.wall);
    paint(y - h[inner_septum], blood);
    if (o.papillary > 0) {
      const double length = frame.cavity_length();
      const double x = (heart.x - o.papillary_place * length) / (0.14 * length);
      if (std::abs(x) < 1) paint(y - h[inner_posterior] + o.papillary * (1 - x * x), 0.9 * o.wall);
    }
    paint(y - h[inner_posterior], o.wall);
    const double behind_heart = y - h[outer_posterior];
    const double around = std::clamp((h[outer_posterior] - h[outer_septum]) / 10 - 0.5, 0.0, 1.0);  // 0 beyond the apex
    paint(behind_heart, around * pericardium + (1 - around) * 0.05);
    paint(behind_heart - 2.5, 0.05 / (1 + behind_heart * behind_heart / 200));  // lung
    if (heart.x < frame.cavity_length())
      for (const Stroke& stroke : frame.strokes()) {
        const Point step = stroke.to - stroke.from;
        const double t = std::clamp(dot(heart - stroke.from, step) / std::max(dot(step, step), 1e-9), 0.0, 1.0);
        const Point off = heart - (stroke.from + step * t);
        if (std::abs(off.x) + std::abs(off.y) < stroke.half_width + 3)
          value += cover(stroke.half_width - length(off)) * std::max(0.0, stroke.brightness - value);
      }
    // Borders shine where the beam meets them squarely.
    const auto shine = [&](double distance, double amplitude) {
      const double d = distance / o.edge;
      const double fall = 1 + d * d;
      value += amplitude * o.border * facing / (fall * fall * fall);
    };
    shine(y - h[inner_septum], 0.3);
    shine(y - h[inner_posterior], 0.35);
    shine(y - h[outer_septum], 0.25);
    shine(y - h[right_ventricle_top], 0.2);
    return value;
  }

  /// Mean 0, variance 1.
  template <class = void>
  double noise(Index frame, Index row, Index column) const noexcept {
    Random random(options_.seed,
                  2 + static_cast<std::uint64_t>((frame * options_.rows + row) * options_.columns + column));
    const std::uint64_t bits = random.next();
    double sum = -2;
    for (int i = 0; i < 4; ++i) sum += static_cast<double>((bits >> (16 * i)) & 0xFFFF) * 0x1p-16;
    return sum * 1.7320508075688772;
  }

  LongAxisOptions options_;
  std::vector<LongAxisFrame> frames_;
  Index end_diastole_ = 0, end_systole_ = 0;
  std::array<double, beams> beam_gain_{};
  std::vector<Point> offsets_;
  Point start_;
};

}  // namespace systolic::echo
