#pragma once
// From beats to what the electrodes pick up: a dipole over time, seen from twelve directions, with each electrode's own
// disturbances.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/synthetic_rhythm.hpp"
#include "systolic/ecg/synthetic_waves.hpp"

namespace systolic::synthetic {

/// Adds the waves of one beat to `heart` [time].
template <class = void>
inline void add_beat(const Morphology& waves, const Beat& beat, double rate, double gain, std::vector<Dipole>& heart) {
  for (const Wave& wave : waves) {
    const double stretch = std::pow(beat.rr, wave.stretch);
    const double top = beat.time + stretch * wave.time;
    const double before = stretch * wave.width_before, after = stretch * wave.width_after;
    const double reach = 6;  // standard deviations; beyond, an event of 2 mV is below 1e-7 mV
    const double last = static_cast<double>(heart.size()) - 1;
    const double begin = std::fmax(0, std::ceil((top - reach * before) * rate));
    const double end = std::fmin(last, std::floor((top + reach * after) * rate));
    for (double sample = begin; sample <= end; sample += 1) {
      const double distance = (sample / rate - top) / (sample / rate < top ? before : after);
      const double height = gain * std::exp(-0.5 * distance * distance);
      Dipole& at = heart[static_cast<std::size_t>(sample)];
      at.x += height * wave.dipole.x;
      at.y += height * wave.dipole.y;
      at.z += height * wave.dipole.z;
    }
  }
}

/// Slow drift of one electrode at any time: three sines below 0.35 Hz, standard deviation 1.
class BaselineWander {
 public:
  template <class = void>
  explicit BaselineWander(Random& random) {
    const std::array<double, 3> centre = {0.06, 0.15, 0.3};
    for (std::size_t i = 0; i < 3; ++i)
      sines_[i] = {centre[i] * random.uniform(0.8, 1.2), 2 * std::numbers::pi * random.uniform()};
  }
  double operator()(double time) const noexcept {
    double sum = 0;
    for (const Sine& sine : sines_) sum += std::sin(2 * std::numbers::pi * sine.frequency * time + sine.phase);
    return sum * std::sqrt(2.0 / 3);
  }

 private:
  struct Sine {
    double frequency, phase;
  };
  std::array<Sine, 3> sines_;
};

/// What disturbs an electrode, as standard deviations in mV.
struct ElectrodeNoise {
  double muscle;    ///< white
  double baseline;  ///< slow drift
};

/// The leads that are measured against electrodes of their own, I II V1..V6 [time][8], from the heart's dipole [time]
/// and disturbances that are independent between them.
template <class = void>
inline Tensor<double> measured_leads(const std::vector<Dipole>& heart, double rate, const ElectrodeNoise& noise,
                                     std::uint64_t seed) {
  const Index leads = static_cast<Index>(independent_lead_vectors.size());
  Tensor<double> measured({static_cast<Index>(heart.size()), leads});
  for (Index lead = 0; lead < leads; ++lead) {
    Random random(seed, 100 + static_cast<std::uint64_t>(lead));
    const BaselineWander wander(random);
    const Dipole& vector = independent_lead_vectors[static_cast<std::size_t>(lead)];
    for (Index t = 0; t < measured.shape()[0]; ++t)
      measured(t, lead) = project(heart[static_cast<std::size_t>(t)], vector) +
                          noise.baseline * wander(static_cast<double>(t) / rate) + noise.muscle * random.normal();
  }
  return measured;
}

/// The same leads [time][8] without any disturbance.
template <class = void>
inline Tensor<double> project_leads(const std::vector<Dipole>& heart) {
  const Index leads = static_cast<Index>(independent_lead_vectors.size());
  Tensor<double> measured({static_cast<Index>(heart.size()), leads});
  for (Index t = 0; t < measured.shape()[0]; ++t)
    for (Index lead = 0; lead < leads; ++lead)
      measured(t, lead) =
          project(heart[static_cast<std::size_t>(t)], independent_lead_vectors[static_cast<std::size_t>(lead)]);
  return measured;
}

/// The twelve leads [time][12] from I II V1..V6 [time][8].
template <class = void>
inline Tensor<double> twelve_leads(const Tensor<double>& measured) {
  Tensor<double> leads({measured.shape()[0], standard_lead_count});
  for (Index t = 0; t < leads.shape()[0]; ++t)
    for (Index lead = 0; lead < standard_lead_count; ++lead) {
      const bool precordial = lead >= first_precordial_lead;
      const LimbLead limb = precordial ? LimbLead{} : limb_leads[static_cast<std::size_t>(lead)];
      leads(t, lead) = precordial ? measured(t, lead - first_precordial_lead + 2)
                                  : limb.i * measured(t, 0) + limb.ii * measured(t, 1);
    }
  return leads;
}

}  // namespace systolic::synthetic
