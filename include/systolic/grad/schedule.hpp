#pragma once
// How the learning rate moves through a training.

#include <algorithm>
#include <cmath>
#include <numbers>

namespace systolic::grad {

/// The published schedule: epoch e (1-based) of `epochs` has the rate peak (1 + cos(pi e / epochs)) / 2; the last is 0.
inline double cosine_rate(double peak, double epoch, double epochs) {
  return peak * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs));
}

/// A linear rise over the first `warm_up` of the training, then a cosine down to 0. `progress` in [0, 1].
inline double warm_up_cosine_rate(double peak, double progress, double warm_up) {
  if (progress < warm_up) return peak * progress / warm_up;
  return cosine_rate(peak, progress - warm_up, std::max(1 - warm_up, 1e-12));
}

/// One cycle (Smith 2018): from peak / 25 up to peak over the first 30 %, then down to peak / 250000, both along a
/// cosine.
template <class = void>
inline double one_cycle_rate(double peak, double progress) {
  const double start = peak / 25, end = peak / 250000, rise = 0.3;
  const auto between = [](double a, double b, double share) {
    return b + (a - b) * 0.5 * (1 + std::cos(std::numbers::pi * share));
  };
  return progress < rise ? between(start, peak, progress / rise) : between(peak, end, (progress - rise) / (1 - rise));
}

}  // namespace systolic::grad
