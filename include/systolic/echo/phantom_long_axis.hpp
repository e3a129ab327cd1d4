#pragma once
// A phantom of the parasternal long-axis view: what is drawn by lot. Its anatomy over a cycle stands in
// phantom_long_axis_anatomy.hpp, the picture that ultrasound makes of it in phantom_long_axis_image.hpp.
//
// The probe is above. From top to bottom: chest wall, right ventricle, septum, left ventricle, posterior wall,
// pericardium. The apex is on the left; on the right the aortic root above the left atrium, and between atrium and
// ventricle the mitral leaflets, whose tips stand at the basal level.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "systolic/core/random.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/point.hpp"

namespace systolic::echo {

/// A value at end-diastole and at end-systole.
struct OverCycle {
  double diastole = 0, systole = 0;
  /// The value at a contraction of 0 (end-diastole) to 1 (end-systole).
  double at(double contraction) const noexcept { return diastole + (systole - diastole) * contraction; }
};

/// Lengths in mm, angles in degrees, times in frames; place 0, 0 is the middle of the first pixel.
struct LongAxisOptions {
  Index frames = 64, rows = 128, columns = 128;
  PixelSize pixel{1.15, 1.15};
  std::uint64_t seed = 1;  ///< of speckle and noise

  // The cycle.
  double cycle = 48;             ///< frames a beat
  double first_phase = 0;        ///< of frame 0: 0 is end-diastole, the next one 1
  double end_of_systole = 0.37;  ///< as a share of the cycle

  // The left ventricle.
  OverCycle septum{9.5, 13}, cavity{46, 31}, posterior_wall{9, 13};  ///< along the scan line: IVS, LVID, LVPW
  OverCycle length{72, 63};                                          ///< of the cavity, basal level to apex
  Point base{92, 70};                                                ///< the axis at the basal level, end-diastole
  double tilt = 0;            ///< of the axis: positive: the apex is lower than the base
  double widest = 0.2;        ///< where the cavity is widest, as a share of the length from the basal level
  double roundness = 2;       ///< exponent of the apical part: 2 is an ellipse, more is fuller
  double narrowing = 0.12;    ///< of the cavity from its widest place to the annulus, a share of the width
  double bulge = 0;           ///< of the septum into the cavity, at a third of the length
  double sway = 1, turn = 1;  ///< how far the heart moves and turns to and fro in a cycle

  // What lies around it.
  double annulus = 16;            ///< distance of the mitral annulus behind the basal level
  double right_ventricle = 16;    ///< its depth at the basal level
  double aorta = 28;              ///< diameter
  double papillary = 6;           ///< height of a papillary muscle on the posterior wall; 0: none
  double papillary_place = 0.55;  ///< as a share of the length
  bool chordae = true;            ///< threads from the leaflet tips to the papillary muscle

  // The picture.
  Point probe{73, -4};        ///< where all beams start
  double half_angle = 40;     ///< of the sector
  double dynamic_range = 55;  ///< dB from black to white
  double gain = 0;            ///< dB
  double depth_gain = 0;      ///< dB more at 100 mm than at 0
  double edge = 1.2;          ///< width of a blurred edge
  double border = 0.7;        ///< brightness of the walls' borders where the beam hits them squarely
  double wall = 0.2;          ///< brightness of muscle
  double haze = 0.01;         ///< brightness of clutter in the cavities
  double unevenness = 3;      ///< dB of gain from beam to beam
  double shadow = 0;          ///< dB that a rib takes away
  double shadow_angle = 20;   ///< of that shadow, from straight down, to the right
  double flicker = 0.4;       ///< share of the speckle's spread that changes from frame to frame
  double noise = 3;           ///< standard deviation in grey values
};

/// A phantom by lot: adults of all sizes, normal and ill, seen well and badly. `size`: rows and columns.
template <class = void>
inline LongAxisOptions draw_long_axis(Random& random, Index size = 128, Index frames = 64) {
  LongAxisOptions o;
  o.frames = frames;
  o.rows = o.columns = size;
  o.seed = random.next() >> 12;
  o.cycle = random.uniform(24, 72);
  o.first_phase = random.uniform();
  o.end_of_systole = random.uniform(0.32, 0.42);

  o.cavity.diastole = random.uniform(34, 62);
  o.cavity.systole = o.cavity.diastole * (1 - random.uniform(0.12, 0.45));
  o.septum.diastole = random.uniform(6.5, 15);
  o.septum.systole = o.septum.diastole * random.uniform(1.15, 1.6);
  o.posterior_wall.diastole = random.uniform(6.5, 14);
  o.posterior_wall.systole = o.posterior_wall.diastole * random.uniform(1.2, 1.7);
  o.length.diastole = o.cavity.diastole * random.uniform(1.35, 1.7);
  o.length.systole = o.length.diastole * random.uniform(0.82, 0.94);
  o.tilt = random.uniform(-25, 25);
  o.widest = random.uniform(0.1, 0.3);
  o.roundness = random.uniform(1.8, 2.5);
  o.narrowing = random.uniform(0.05, 0.2);
  o.bulge = random.uniform() < 0.3 ? random.uniform(0.5, 2.5) : 0;
  o.sway = random.uniform(0, 2.5);
  o.turn = random.uniform(0, 3);

  o.annulus = random.uniform(12, 20);
  o.right_ventricle = random.uniform(9, 24);
  o.aorta = random.uniform(23, 34);
  o.papillary = random.uniform() < 0.7 ? random.uniform(3, 9) : 0;
  o.papillary_place = random.uniform(0.42, 0.65);
  o.chordae = o.papillary > 0 && random.uniform() < 0.7;

  const double chest = random.uniform(10, 22);
  const double axis_depth = chest + o.right_ventricle + o.septum.diastole + o.cavity.diastole / 2;
  const double deepest = axis_depth + o.cavity.diastole / 2 + o.posterior_wall.diastole;
  const double depth = std::max(deepest + random.uniform(8, 40), random.uniform(115, 165));
  o.pixel.row = depth / static_cast<double>(size);
  o.pixel.column = o.pixel.row * (random.uniform() < 0.6 ? 1.0 : random.uniform(0.85, 1.2));
  const double width = o.pixel.column * static_cast<double>(size);
  o.base = {width * random.uniform(0.5, 0.68), axis_depth + random.uniform(-4, 4)};
  o.probe = {width * random.uniform(0.44, 0.56), random.uniform(-12, -2)};
  o.half_angle = random.uniform(34, 46);
  o.dynamic_range = random.uniform(45, 65);
  o.gain = random.uniform(-6, 8);
  o.depth_gain = random.uniform(-8, 4);
  o.edge = random.uniform(0.8, 2);
  o.border = random.uniform(0.2, 1.1);
  o.wall = random.uniform(0.12, 0.32);
  o.haze = std::pow(10, random.uniform(-2.6, -1.5));
  o.unevenness = random.uniform(0, 5);
  o.shadow = random.uniform() < 0.3 ? random.uniform(5, 18) : 0;
  o.shadow_angle = random.uniform(-35, 35);
  o.flicker = random.uniform(0.15, 0.7);
  o.noise = random.uniform(0, 7);
  return o;
}

}  // namespace systolic::echo
