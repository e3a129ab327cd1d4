#pragma once
// Gradient clipping and weight averaging: what steadies a training.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/grad/parameters.hpp"

namespace systolic::grad {

/// The 2-norm of all gradients together. Summed in double, a tensor after the other, so it is the same everywhere.
template <class T>
double gradient_norm(Parameters<T>& parameters) {
  double squares = 0;
  for (const Parameter<T>& parameter : parameters)
    for (const T value : parameter.gradient) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

/// Shortens the gradient to `largest` where it is longer; returns its length before. Source: Pascanu et al. 2013.
template <class T>
double clip_gradient_norm(Parameters<T>& parameters, double largest) {
  const double norm = gradient_norm(parameters);
  if (!(norm > largest)) return norm;
  const T factor = static_cast<T>(largest / norm);
  for (Parameter<T>& parameter : parameters)
    for (T& value : parameter.gradient) value *= factor;
  return norm;
}

/// An exponential moving average of all tensors of a model, running statistics included: after every step
/// average += (1 - decay_t) (value - average), decay_t = min(decay, (1 + t) / (10 + t)), which lets the first steps
/// be forgotten quickly.
template <class T>
class MovingAverage {
 public:
  MovingAverage(Parameters<T>& parameters, double decay) : decay_(decay) {
    for (Parameter<T>& parameter : parameters) averages_.push_back({parameter.name, parameter.value, *parameter.value});
  }

  /// Takes in the values after step number `step` (0 is the first).
  void update(Index step) {
    const double t = static_cast<double>(step);
    const T share = static_cast<T>(1 - std::min(decay_, (1 + t) / (10 + t)));
    for (Average& entry : averages_)
      for (Index i = 0; i < entry.average.size(); ++i)
        entry.average.data()[i] += share * (entry.value->data()[i] - entry.average.data()[i]);
  }

  /// Exchanges the model's values and their averages; called twice, everything is as it was.
  void swap() {
    for (Average& entry : averages_)
      for (Index i = 0; i < entry.average.size(); ++i) std::swap(entry.average.data()[i], entry.value->data()[i]);
  }

  /// Calls visitor(name, tensor) for every average.
  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (Average& entry : averages_) visitor(entry.name, entry.average);
  }

 private:
  struct Average {
    std::string name;
    Tensor<T>* value;
    Tensor<T> average;
  };
  std::vector<Average> averages_;
  double decay_;
};

}  // namespace systolic::grad
