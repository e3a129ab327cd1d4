#pragma once
// Gradient clipping and weight averaging: what steadies a training.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/grad/parameters.hpp"

namespace systolic::grad {

/// The 2-norm of all gradients together. Summed in double in an order of its own, so it is the same for any number of
/// threads.
template <class T>
double gradient_norm(Parameters<T>& parameters, int threads = 1) {
  // Several sums at a time: each addition would wait for the one before it.
  constexpr std::size_t lanes = 8;
  std::vector<std::array<double, lanes>> sums(parameters.size());
  parallel_for(static_cast<Index>(sums.size()), threads, [&](Index tensor, int) {
    const auto number = static_cast<std::size_t>(tensor);
    const Tensor<T>& gradient = parameters[number].gradient;
    std::array<double, lanes> squares{};
    for (Index first = 0; first < gradient.size(); first += lanes)
      for (std::size_t lane = 0; lane < lanes && first + static_cast<Index>(lane) < gradient.size(); ++lane) {
        const double value = static_cast<double>(gradient.data()[first + static_cast<Index>(lane)]);
        squares[lane] += value * value;
      }
    sums[number] = squares;
  });
  double total = 0;
  for (const auto& squares : sums)
    for (const double sum : squares) total += sum;
  return std::sqrt(total);
}

/// Shortens the gradient to `largest` where it is longer; returns its length before. Source: Pascanu et al. 2013.
template <class T>
double clip_gradient_norm(Parameters<T>& parameters, double largest, int threads = 1) {
  const double norm = gradient_norm(parameters, threads);
  if (!(norm > largest)) return norm;
  const T factor = static_cast<T>(largest / norm);
  parallel_for(static_cast<Index>(parameters.size()), threads, [&](Index tensor, int) {
    for (T& value : parameters[static_cast<std::size_t>(tensor)].gradient) value *= factor;
  });
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
  void update(Index step, int threads = 1) {
    const double t = static_cast<double>(step);
    const T share = static_cast<T>(1 - std::min(decay_, (1 + t) / (10 + t)));
    parallel_for(static_cast<Index>(averages_.size()), threads, [&](Index tensor, int) {
      Average& entry = averages_[static_cast<std::size_t>(tensor)];
      for (Index i = 0; i < entry.average.size(); ++i)
        entry.average.data()[i] += share * (entry.value->data()[i] - entry.average.data()[i]);
    });
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
