#pragma once
// What the restoration leaves, ready to be drawn.

#include "systolic/core/tensor.hpp"
#include "systolic/signal/gaussian.hpp"

namespace systolic::report {

/// A residual [time][12] (mV, 500 Hz; Detection::residual) without what the measured signal cannot hold: the network
/// saw it filtered to 25 Hz, and what it adds above that is its own noise. A Gaussian of 8 ms halves 23 Hz.
template <class = void>
inline Tensor<float> drawn_residual(Tensor<float> residual) {
  constexpr double deviation = 4;  // samples
  if (!residual.empty()) signal::gaussian_smooth(residual.view(), deviation);
  return residual;
}

}  // namespace systolic::report
