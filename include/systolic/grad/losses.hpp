#pragma once
// What training makes small, as numbers. Each loss stands on the terms of single samples (namespace detail), which a
// gradient needs as well.

#include <algorithm>
#include <cassert>
#include <cmath>

#include "systolic/core/tensor.hpp"

namespace systolic::grad {

/// mean(exp(-v) (target - x)^2) + mean(v): the negative log-likelihood of the target, but for constants and the factor
/// 1/2, if restored samples x are off by a Gaussian error of variance exp(v) which the network states itself. The first
/// mean is over batch, time and leads, the second over batch and time.
/// restored [batch][time][leads + 1], the last channel is v; target [batch][time][leads]. Sums are made in double.
/// Source: Jiang et al. 2023, equation 3.
template <class T>
double restoration_loss(TensorView<const T> restored, TensorView<const T> target) {
  const Index leads = target.shape()[2], samples = target.shape()[0] * target.shape()[1];
  assert(restored.size() == samples * (leads + 1));
  double errors = 0, log_variances = 0;
  const T *x = restored.data(), *wanted = target.data();
  for (Index i = 0; i < samples; ++i, x += leads + 1, wanted += leads) {
    double squares = 0;
    for (Index c = 0; c < leads; ++c) {
      const double difference = static_cast<double>(wanted[c]) - static_cast<double>(x[c]);
      squares += difference * difference;
    }
    const double v = static_cast<double>(x[leads]);
    errors += std::exp(-v) * squares;
    log_variances += v;
  }
  return (errors / static_cast<double>(leads) + log_variances) / static_cast<double>(samples);
}

/// Exponents of the focal weight, and by how much a negative's probability is shifted before it counts.
struct AsymmetricLossOptions {
  double focus_positive = 10;
  double focus_negative = 4;
  double shift = 0.05;
};

namespace detail {

/// One class of the asymmetric loss: -weight log(likelihood). The gradient takes the weight as a constant.
struct AsymmetricTerm {
  double likelihood;  ///< of what is true: p for a class that is present, q for one that is absent
  double weight;      ///< (1 - likelihood)^focus: classes that are certain already hardly count
};

template <class = void>
inline AsymmetricTerm asymmetric_term(double logit, bool present, const AsymmetricLossOptions& options) {
  const double p = 1 / (1 + std::exp(-logit));
  const double likelihood = present ? p : std::min(1 - p + options.shift, 1.0);
  const double focus = present ? options.focus_positive : options.focus_negative;
  return {likelihood, std::pow(1 - likelihood, focus)};
}

}  // namespace detail

/// The asymmetric loss of many classes that may be present together, most of them absent: for p = sigmoid(logit) and
/// q = min(1 - p + shift, 1), minus the sum over batch and classes of (1 - p)^10 log p where the class is present and
/// (1 - q)^4 log q where it is absent. Probabilities are floored at 1e-8 under the logarithm.
/// logits and target [batch][classes]; target above 0.5: present; NaN: not known, which counts for nothing.
/// Source: Ridnik et al., "Asymmetric loss for multi-label classification", ICCV 2021, with the exponents of Jiang et
/// al. 2024.
template <class T>
double asymmetric_loss(TensorView<const T> logits, TensorView<const T> target,
                       const AsymmetricLossOptions& options = {}) {
  assert(logits.size() == target.size());
  double loss = 0;
  for (Index i = 0; i < logits.size(); ++i) {
    if (std::isnan(target.data()[i])) continue;
    const bool present = target.data()[i] > T(0.5);
    const detail::AsymmetricTerm term =
        detail::asymmetric_term(static_cast<double>(logits.data()[i]), present, options);
    loss -= term.weight * std::log(std::max(term.likelihood, 1e-8));
  }
  return loss;
}

}  // namespace systolic::grad
