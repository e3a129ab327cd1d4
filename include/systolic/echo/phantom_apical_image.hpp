#pragma once
// The clip of an apical phantom: its anatomy in the ultrasound sector, with speckle that moves with the tissue,
// shadows and noise.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "systolic/echo/phantom_apical_anatomy.hpp"
#include "systolic/echo/phantom_speckle.hpp"

namespace systolic::echo {

namespace detail {

/// The magnitude of speckle, of mean 1 (that of a Rayleigh distribution of mean square 1 is sqrt(pi) / 2).
inline double speckle(Point p) noexcept {
  const SpeckleField::Value value = SpeckleField::get().at(p.x, p.y);
  return static_cast<double>(std::sqrt(value[0] * value[0] + value[1] * value[1])) * (2 * std::numbers::inv_sqrtpi);
}

/// What a pixel's grey is multiplied with, [size][size]: attenuation with depth, and a shadow; -1 outside the sector.
template <class = void>
inline std::vector<double> apical_gains(const ApicalPhantomOptions& o, const Sector& sector) {
  std::vector<double> gains;
  for (Index r = 0; r < o.size; ++r)
    for (Index c = 0; c < o.size; ++c) {
      const Point p{static_cast<double>(c), static_cast<double>(r)}, from = p - sector.origin;
      const double angle = (std::atan2(from.x, from.y) - o.shadow_angle) / 0.08;
      const double gain =
          (1 - o.attenuation * length(from) / sector.radius) * (1 - o.shadow * std::exp(-angle * angle));
      gains.push_back(sector.contains(p) ? gain : -1);
    }
  return gains;
}

}  // namespace detail

/// A phantom's clip at some times, in frames of its own, fractions and repetitions included: [times][size][size].
template <class = void>
inline Tensor<std::uint8_t> draw_apical_clip(const ApicalMotion& motion, const std::vector<double>& times) {
  const ApicalPhantomOptions& o = motion.options();
  Random random(o.seed, 1);
  const Point start{random.uniform(0, SpeckleField::size), random.uniform(0, SpeckleField::size)};
  const std::vector<double> gains = detail::apical_gains(o, motion.sector());
  Tensor<std::uint8_t> clip({static_cast<Index>(times.size()), o.size, o.size});
  for (Index f = 0; f < static_cast<Index>(times.size()); ++f) {
    const double time = times[static_cast<std::size_t>(f)];
    if (f > 0 && time == times[static_cast<std::size_t>(f - 1)]) {
      std::copy_n(clip.data() + (f - 1) * o.size * o.size, o.size * o.size, clip.data() + f * o.size * o.size);
      continue;
    }
    const detail::ApicalShape shape = motion.shape(time);
    const detail::ApicalFrame frame(o, shape, motion.activation(time));
    const Point shift{random.uniform(0, SpeckleField::size), random.uniform(0, SpeckleField::size)};
    for (Index r = 0; r < o.size; ++r)
      for (Index c = 0; c < o.size; ++c) {
        const double gain = gains[static_cast<std::size_t>(r * o.size + c)];
        if (gain < 0) continue;
        const Point p{static_cast<double>(c), static_cast<double>(r)};
        const auto [grey, texture] = frame.at(p);
        const double grain =
            1 + o.speckle * (0.75 * detail::speckle(texture + start) + 0.25 * detail::speckle(p + shift) - 1);
        const double noise = o.noise * (2 * random.uniform() - 1 + 2 * random.uniform() - 1);
        clip(f, r, c) = static_cast<std::uint8_t>(std::clamp(grey * grain * gain + noise, 1.0, 255.0));
      }
  }
  return clip;
}

/// A phantom with everything that is true of it.
struct ApicalPhantom {
  ApicalPhantomOptions options;
  Tensor<std::uint8_t> clip;                   ///< [frame][row][column]
  std::vector<std::vector<Segment>> tracings;  ///< of each frame, pixels
  std::vector<Volumes> volumes;                ///< of each frame
  PixelSize pixel;
  Sector sector;
  Ejection ejection;  ///< from the contours at end-diastole and end-systole, with all attributes
};

/// Draws the clip and measures the truth. Requires that end-diastole and end-systole are frames of the clip.
template <class = void>
inline ApicalPhantom make_apical_phantom(const ApicalPhantomOptions& options) {
  const ApicalMotion motion(options);
  assert(options.ed_frame >= 0 && motion.es_frame() < options.frames);
  std::vector<double> times;
  for (Index f = 0; f < options.frames; ++f) times.push_back(static_cast<double>(f));
  ApicalPhantom phantom{options, draw_apical_clip(motion, times), {}, {}, motion.pixel_size(), motion.sector(), {}};
  for (Index f = 0; f < options.frames; ++f) {
    phantom.tracings.push_back(motion.tracing(static_cast<double>(f)));
    phantom.volumes.push_back(measure_volumes(*make_contour(phantom.tracings.back(), phantom.pixel)));
  }
  const auto contour = [&](Index frame, const PixelSize& pixel) {
    return *make_contour(phantom.tracings[static_cast<std::size_t>(frame)], pixel);
  };
  const Index ed = options.ed_frame, es = motion.es_frame();
  phantom.ejection = *measure_ejection({{ed, contour(ed, phantom.pixel)}, {es, contour(es, phantom.pixel)}});
  measure_image(phantom.clip.view(), phantom.sector, contour(ed, {}), ed, contour(es, {}), es,
                phantom.ejection.attributes);
  return phantom;
}

}  // namespace systolic::echo
