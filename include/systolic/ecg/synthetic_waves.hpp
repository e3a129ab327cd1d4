#pragma once
// A heart beat as a list of waves, and the waves as seen by the twelve leads.
//
// P. McSharry, G. Clifford, L. Tarassenko, L. Smith ("A dynamical model for generating synthetic electrocardiogram
// signals", IEEE Trans. Biomed. Eng. 50(3), 2003) let a phase run round once a beat and raise a Gaussian event at the
// angle of each wave. R. Sameni et al. ("Multichannel ECG and noise modeling", EURASIP J. Adv. Signal Process., 2007)
// gave each event a direction: the heart is a dipole, and a lead is its projection on the lead's vector.
// An event at angle a with width b of the paper is one at time a / (2 pi) RR with width b / (2 pi) RR here: times are
// what a cardiologist reads off, and they need not all stretch with RR (see Wave::stretch).

#include <array>
#include <cmath>
#include <vector>

namespace systolic::synthetic {

/// The heart's dipole in mV on Frank's axes: x to the left, y to the feet, z to the back.
struct Dipole {
  double x = 0, y = 0, z = 0;
};

/// One Gaussian event, for a cycle of 1 s.
struct Wave {
  double time;          ///< of its top, s after the R peak
  double width_before;  ///< standard deviation of the rising side, s
  double width_after;   ///< standard deviation of the falling side, s
  Dipole dipole;        ///< at the top
  /// Time and widths are multiplied by RR^stretch: 0 for depolarization, which does not wait for the rate, 1/2 for the
  /// T wave (Bazett's law; also the paper's correction of its angles).
  double stretch = 0;
};

/// The waves of one beat, in any order; waves that overlap add up.
using Morphology = std::vector<Wave>;

/// A beat of the sinus node, PR 160 ms, QRS 90 ms, axis some 50 degrees, R/S transition at V3 to V4.
template <class = void>
inline Morphology sinus_beat() {
  return {
      {-0.166, 0.017, 0.017, {0.030, 0.070, -0.050}, 0.25},  // P: right atrium, forward
      {-0.134, 0.019, 0.019, {0.060, 0.060, 0.045}, 0.25},   // P: left atrium, back: V1 is biphasic
      {-0.023, 0.007, 0.007, {-0.13, -0.04, -0.24}, 0},      // septum, to the right and forward: r of V1, q of V6
      {0.000, 0.010, 0.010, {1.00, 0.86, 0.12}, 0},          // free wall of the left ventricle: R
      {0.018, 0.009, 0.009, {0.05, 0.05, 0.78}, 0},          // base, to the back: S of V1 to V3
      {0.036, 0.008, 0.008, {-0.16, -0.13, 0.16}, 0},        // base, last: s of I, II and V6
      {0.195, 0.060, 0.060, {0.03, 0.02, -0.03}, 0.5},       // ST segment, rising slowly into T
      {0.290, 0.048, 0.034, {0.31, 0.21, -0.21}, 0.5},       // T: slow rise, quick fall
  };
}

/// A premature ventricular beat from the outflow tract of the right ventricle: no P, QRS 160 ms, slurred and notched,
/// like a left bundle branch block with an inferior axis, ST and T against it.
template <class = void>
inline Morphology ventricular_beat() {
  return {
      {-0.060, 0.013, 0.013, {0.02, 0.10, -0.24}, 0},      // start: small r of V1 and V2
      {-0.034, 0.016, 0.016, {0.30, 0.62, 0.42}, 0},       // slow spread through muscle
      {-0.002, 0.015, 0.016, {0.80, 1.15, 0.95}, 0},       // septum crossed
      {0.036, 0.015, 0.015, {0.50, 0.60, 0.66}, 0},        // left ventricle, late: the notch
      {0.066, 0.013, 0.015, {0.12, 0.10, 0.20}, 0},        // its base
      {0.165, 0.060, 0.055, {-0.15, -0.22, -0.24}, 0.25},  // ST, discordant
      {0.285, 0.062, 0.045, {-0.36, -0.52, -0.50}, 0.5},   // T, discordant
  };
}

/// The first and last moment, s after the R peak in a cycle of `rr` s, at which a beat differs from rest (2.5 standard
/// deviations around each wave). Requires a wave.
struct Extent {
  double from, to;
};
template <class = void>
inline Extent extent(const Morphology& beat, double rr) {
  Extent result{1e9, -1e9};
  for (const Wave& wave : beat) {
    const double stretch = std::pow(rr, wave.stretch);
    result.from = std::fmin(result.from, stretch * (wave.time - 2.5 * wave.width_before));
    result.to = std::fmax(result.to, stretch * (wave.time + 2.5 * wave.width_after));
  }
  return result;
}

/// Where the eight leads that are measured against electrodes of their own look: I, II, V1..V6 (the other four follow
/// from I and II). G. Dower, H. Machado, J. Osborne, "On deriving the electrocardiogram from vectorcardiographic
/// leads", Clin. Cardiol. 3, 1980.
inline constexpr std::array<Dipole, 8> independent_lead_vectors{{{0.632, -0.235, 0.059},
                                                                 {0.235, 1.066, -0.132},
                                                                 {-0.515, 0.157, -0.917},
                                                                 {0.044, 0.164, -1.387},
                                                                 {0.882, 0.098, -1.277},
                                                                 {1.213, 0.127, -0.601},
                                                                 {1.125, 0.127, -0.086},
                                                                 {0.831, 0.076, 0.230}}};

/// What a lead with the given vector shows of a dipole, mV.
constexpr double project(const Dipole& heart, const Dipole& lead) noexcept {
  return heart.x * lead.x + heart.y * lead.y + heart.z * lead.z;
}

}  // namespace systolic::synthetic
