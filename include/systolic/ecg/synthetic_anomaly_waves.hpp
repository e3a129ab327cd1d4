#pragma once
// What an anomaly does to a beat, as waves of the heart's dipole: waves that come on top of a beat (ST, T, a delayed
// right ventricle), or a beat that takes the place of another (ectopic, left bundle branch block, paced).
// Heights follow the usual criteria: ST changes from 0.1 mV, QRS from 120 ms, T inverted by 0.1 mV and more (Third
// Universal Definition of Myocardial Infarction, 2012; AHA/ACCF/HRS recommendations, 2009).

#include <array>
#include <cmath>

#include "systolic/ecg/synthetic_anomaly.hpp"
#include "systolic/ecg/synthetic_waves.hpp"

namespace systolic::synthetic {

/// Where the waves of a beat begin and end, s after its R peak.
struct BeatTiming {
  double qrs_onset, qrs_offset, t_onset, t_peak, t_offset;
};

/// Of sinus_beat() in a cycle of `rr` s.
inline BeatTiming sinus_timing(double rr) {
  const double stretch = std::sqrt(rr);
  return {-0.042, 0.058, 0.17 * stretch, 0.29 * stretch, 0.375 * stretch};
}

/// The direction in which the injured wall lies, such that the lead that shows it best sees 1 of a dipole of 1 mV.
/// Leads behind it show the opposite, as they do in people ("reciprocal changes").
template <class = void>
inline Dipole territory_direction(Territory territory) noexcept {
  switch (territory) {
    case Territory::anterior:
      return {0.14, -0.07, -0.69};  // V3, V2
    case Territory::septal:
      return {-0.27, 0, -0.72};  // V2, V1
    case Territory::inferior:
      return {-0.11, 0.75, 0.07};  // III, aVF, II
    case Territory::lateral:
      return {0.96, -0.48, 0.19};  // V5, V4, aVL, V6, I
    case Territory::none:
      break;
  }
  return {};
}

/// How much of the leads' values (mV, I II V1..V6) points to the territory: the best fit of its projections.
template <class = void>
inline double along_territory(const std::array<double, 8>& values, Territory territory) noexcept {
  const Dipole direction = territory_direction(territory);
  double product = 0, square = 0;
  for (std::size_t lead = 0; lead < values.size(); ++lead) {
    const double weight = project(direction, independent_lead_vectors[lead]);
    if (weight < 0.3) continue;
    product += weight * values[lead];
    square += weight * weight;
  }
  return square > 0 ? product / square : 0;
}

/// A wave of `height` mV towards the territory.
inline Wave towards(Territory territory, double height, double time, double before, double after) noexcept {
  const Dipole u = territory_direction(territory);
  return {time, before, after, {height * u.x, height * u.y, height * u.z}, 0};
}

/// The waves that come on top of a beat with these times; none for anomalies that are no such waves. `t_wave`: height
/// of the beat's T along the territory, mV. `size`: of its QRS complex beside that of sinus_beat(). Not to be stretched
/// with RR any more.
template <class = void>
inline Morphology additional_waves(const AnomalyKind& kind, double severity, const BeatTiming& beat, double t_wave,
                                   double size) {
  const double j = beat.qrs_offset, rise = std::fmax(0.03, (beat.t_peak - j) / 3);
  const double fall = std::fmax(0.02, (beat.t_offset - beat.t_peak) / 2.2);
  switch (kind.anomaly) {
    case Anomaly::st_elevation: {
      // Up at the J point, level or domed, and down with the T wave.
      const double height = 0.25 * severity;
      return {towards(kind.territory, height, j + 0.045, 0.02, rise),
              towards(kind.territory, 0.9 * height, beat.t_peak - 0.02, rise, fall)};
    }
    case Anomaly::st_depression: {
      // Down at the J point, level for 80 ms, back while T rises.
      const double height = -0.15 * severity;
      return {towards(kind.territory, height, j + 0.04, 0.018, 0.05),
              towards(kind.territory, 0.8 * height, j + 0.115, 0.04, 0.045)};
    }
    case Anomaly::t_inversion: {
      const double height = std::fmax(0.15, 0.7 * t_wave);
      const double before = std::fmax(0.025, (beat.t_peak - beat.t_onset) / 2.5);
      return {towards(kind.territory, -std::fmax(0.0, t_wave) - severity * height, beat.t_peak, before, fall)};
    }
    case Anomaly::right_bundle_branch_block: {
      // The right ventricle comes last and alone: R' of V1, broad S of I and V6; its T against that.
      const double height = severity * size;
      return {{j + 0.014, 0.016, 0.022, {-0.38 * height, 0.10 * height, -0.62 * height}, 0},
              {beat.t_peak - 0.02, 0.05, fall, {0.05 * height, 0, 0.22 * height}, 0}};
    }
    default:
      return {};
  }
}

/// Left bundle branch block from QRS on: 150 ms, no septal q, slurred and notched R of I, aVL, V5 and V6, deep S of V1
/// to V3, ST and T against QRS. Its P wave stays the sinus node's.
template <class = void>
inline Morphology left_block_beat() {
  return {
      {-0.038, 0.011, 0.012, {0.16, 0.06, -0.02}, 0},      // septum, from right to left
      {-0.008, 0.015, 0.016, {0.85, 0.45, 0.72}, 0},       //
      {0.026, 0.014, 0.015, {0.62, 0.30, 0.88}, 0},        // the notch
      {0.058, 0.015, 0.015, {0.70, 0.20, 0.58}, 0},        // free wall, late
      {0.084, 0.011, 0.013, {0.14, 0.03, 0.22}, 0},        // its base
      {0.170, 0.055, 0.055, {-0.14, -0.05, -0.20}, 0.25},  // ST
      {0.295, 0.060, 0.043, {-0.34, -0.12, -0.32}, 0.5},   // T
  };
}

/// A beat that a pacemaker started at the apex of the right ventricle: the spike, then 160 ms like a left bundle branch
/// block, but upwards.
inline constexpr double pacing_spike = -0.072;  ///< s after the time of the beat
template <class = void>
inline Morphology paced_beat() {
  return {
      {pacing_spike, 0.0011, 0.0011, {0.35, -0.70, 0.20}, 0}, {-0.040, 0.013, 0.015, {0.30, -0.20, 0.18}, 0},
      {-0.006, 0.017, 0.017, {0.36, -0.90, 0.66}, 0},         {0.034, 0.016, 0.016, {0.24, -0.85, 0.74}, 0},
      {0.066, 0.013, 0.015, {0.06, -0.35, 0.30}, 0},          {0.165, 0.058, 0.055, {-0.08, 0.22, -0.20}, 0.25},
      {0.290, 0.062, 0.045, {-0.18, 0.42, -0.34}, 0.5},
  };
}

/// A ventricular beat from the left ventricle: like a right bundle branch block, upwards.
template <class = void>
inline Morphology left_ventricular_beat() {
  return {
      {-0.055, 0.013, 0.014, {0.10, -0.18, -0.18}, 0}, {-0.024, 0.017, 0.017, {-0.30, -0.55, -0.55}, 0},
      {0.012, 0.017, 0.017, {-0.62, -0.80, -0.62}, 0}, {0.048, 0.014, 0.016, {-0.50, -0.50, -0.30}, 0},
      {0.160, 0.058, 0.055, {0.16, 0.22, 0.18}, 0.25}, {0.285, 0.062, 0.045, {0.36, 0.44, 0.32}, 0.5},
  };
}

/// The P wave of a beat from low in an atrium, upwards and close to QRS.
template <class = void>
inline Morphology ectopic_p_wave() {
  return {
      {-0.126, 0.016, 0.016, {0.015, -0.085, -0.030}, 0},
      {-0.100, 0.017, 0.017, {-0.020, -0.070, -0.030}, 0},
  };
}

}  // namespace systolic::synthetic
