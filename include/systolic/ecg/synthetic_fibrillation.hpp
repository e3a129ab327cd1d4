#pragma once
// Atrial fibrillation: the atria flicker instead of beating, and the ventricles follow without any order.

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/ecg/synthetic_waves.hpp"

namespace systolic::synthetic {

/// The flicker (f waves): 5 to 7.5 Hz and two overtones, whose frequency and height wander, after Stridh and Sörnmo,
/// "Spatiotemporal QRST cancellation techniques for analysis of atrial fibrillation", IEEE Trans. Biomed. Eng. 48(1),
/// 2001. Its dipole points to V1 and II, which lie nearest to the atria.
class FibrillatoryWaves {
 public:
  /// `height` mV in V1, about.
  template <class = void>
  FibrillatoryWaves(double height, std::uint64_t seed) : height_(height) {
    Random random(seed, 7);
    frequency_ = random.uniform(5.0, 7.5);
    for (double& phase : phases_) phase = 2 * std::numbers::pi * random.uniform();
  }

  /// Added to the heart's dipole [time] over its whole length.
  template <class = void>
  void add_to(std::vector<Dipole>& heart, double rate) const {
    constexpr double turn = 2 * std::numbers::pi;
    for (std::size_t t = 0; t < heart.size(); ++t) {
      const double time = static_cast<double>(t) / rate;
      const double phase = turn * frequency_ * time + 1.1 * std::sin(turn * 0.21 * time + phases_[0]) +
                           0.6 * std::sin(turn * 0.57 * time + phases_[1]);
      const double swell = 1 + 0.3 * std::sin(turn * 0.37 * time + phases_[2]);
      const double wave =
          std::sin(phase) + 0.38 * std::sin(2 * phase + phases_[3]) + 0.16 * std::sin(3 * phase + phases_[4]);
      const double height = height_ * swell * wave / 0.64;  // what V1 sees of the dipole below
      heart[t].x -= 0.40 * height;
      heart[t].y += 0.45 * height;
      heart[t].z -= 0.40 * height;
    }
  }

 private:
  double height_;
  double frequency_ = 6;
  std::array<double, 5> phases_{};
};

/// Moments of beats from `first` s to `last` s whose intervals have no order: mean `rr` s, standard deviation 0.2 rr,
/// never below `shortest` s.
template <class = void>
inline std::vector<double> irregular_times(double first, double last, double rr, double shortest, Random& random) {
  std::vector<double> times;
  for (double time = first; time < last;) {
    times.push_back(time);
    time += std::fmax(shortest, rr * (1 + 0.2 * random.normal()));
  }
  return times;
}

}  // namespace systolic::synthetic
