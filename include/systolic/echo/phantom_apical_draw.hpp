#pragma once
// Apical phantoms as different from each other as patients are: size, place, shape, motion, pathologies, images.

#include "systolic/echo/phantom_apical.hpp"

namespace systolic::echo {

namespace detail {

/// Draws what kind of image it is.
template <class = void>
inline void draw_apical_image(ApicalPhantomOptions& o, Random& random) {
  const bool poor = random.uniform() < 0.25;
  o.cavity_grey = poor ? random.uniform(15, 45) : random.uniform(8, 35);
  o.contrast = poor ? random.uniform(8, 14) : random.uniform(45, 100);
  o.tissue_grey = o.cavity_grey + o.contrast * random.uniform(0.5, 0.9);
  o.speckle = poor ? random.uniform(0.2, 0.4) : random.uniform(0.3, 0.75);
  o.noise = random.uniform(1, 6);
  o.attenuation = random.uniform(0, 0.35);
  o.shadow = random.uniform() < 0.3 ? random.uniform(0.2, 0.6) : 0;
  o.shadow_angle = random.uniform(-0.5, 0.5);
  o.wall_thickness = random.uniform(0.09, 0.13);
}

/// Share of the contour's points that the sector shows, and the smallest distance to its edges, in shares of the size.
template <class = void>
inline double apical_sector_share(const ApicalPhantomOptions& o) {
  const ApicalMotion motion(o);
  const auto contour = [&](Index frame) { return *make_contour(motion.tracing(static_cast<double>(frame)), {}); };
  // A sector that is narrower by the width of a pixel or two: points must not lie on its edge.
  Sector sector = motion.sector();
  sector.half_angle -= 0.03;
  sector.radius -= 0.015 * static_cast<double>(o.size);
  return sector_share(sector, contour(o.ed_frame), contour(motion.es_frame()), o.size, o.size);
}

/// Moves the ventricle inside the sector, or so far sideways that the sector cuts off a part of it.
template <class = void>
inline void place_in_sector(ApicalPhantomOptions& o, bool cut_off, Random& random) {
  const double target = cut_off ? random.uniform(0.62, 0.84) : 1;
  const double direction = random.uniform() < 0.7 ? 1 : -1;
  for (int i = 0; i < 60; ++i) {
    const double share = apical_sector_share(o);
    if (cut_off ? share <= target : share >= target) return;
    if (cut_off) {
      o.apex.x += direction * 0.01;
    } else {
      o.apex.x += 0.1 * (o.sector_origin.x - 0.02 - o.apex.x);
      o.tilt += 0.1 * (0.05 - o.tilt);
      o.length *= 0.985;
    }
  }
}

}  // namespace detail

/// Chooses all options but size and frames, which are kept. About a quarter of the phantoms has each of the
/// pathologies; the ejection fraction is even over 15 to 75 %. What is pathological is clearly so: attributes close to
/// their limits are rare.
template <class = void>
inline ApicalPhantomOptions draw_apical_phantom(const ApicalPhantomOptions& base, Random& random) {
  ApicalPhantomOptions o = base;
  o.sector_origin = {random.uniform(0.47, 0.53), random.uniform(0, 0.05)};
  o.sector_half_angle = random.uniform(0.66, 0.8);
  o.sector_radius = random.uniform(0.9, 0.97);
  o.apex = {random.uniform(0.4, 0.53), random.uniform(0.11, 0.22)};
  o.length = random.uniform(0.4, 0.6);
  o.tilt = random.uniform(-0.1, 0.45);
  const bool dilated = random.uniform() < 0.25;
  o.length_width = dilated ? random.uniform(1.15, 1.4) : random.uniform(1.62, 2.15);
  if (dilated) o.length *= 0.9;
  o.widest = random.uniform(0.6, 0.75);
  o.ejection_fraction = random.uniform(0.15, 0.75);
  o.base_motion = o.ejection_fraction * random.uniform(0.15, 0.3);
  const bool restless_apex = random.uniform() < 0.2;
  o.apex_motion = restless_apex ? random.uniform(0.18, 0.25) : random.uniform(0, 0.06);
  // A restless apex swings sideways more than it sinks: it would take the length from a weak ventricle.
  o.apex_direction = restless_apex ? random.uniform(0.7, 1.3) : random.uniform(0, 0.4);
  if (random.uniform() < 0.5) o.apex_direction = -o.apex_direction;
  if (random.uniform() < 0.25) {
    o.bulge_depth = random.uniform(0.13, 0.18);
    o.bulge_place = random.uniform(0.6, 0.78);
  }
  if (random.uniform() < 0.35) {
    constexpr std::array<std::size_t, 6> segments = {0, 1, 2, 4, 5, 6};
    o.weak_segment = segments[static_cast<std::size_t>(random.below(6))];
    o.weak_motion = random.uniform(-0.3, 0.1);
  }
  o.millimetres = random.uniform(70, 105);
  detail::draw_apical_image(o, random);
  o.seed = random.next();
  detail::place_in_sector(o, random.uniform() < 0.2, random);
  return o;
}

}  // namespace systolic::echo
