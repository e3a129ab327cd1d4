#pragma once
// AdamW (Loshchilov and Hutter 2019): Adam with weight decay that does not pass through the gradient.

#include <cmath>
#include <string>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/grad/parameters.hpp"

namespace systolic::grad {

struct AdamWOptions {
  double learning_rate = 1e-4;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 1e-5;
};

/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; at step t
///   w = w (1 - lr decay) - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon), as PyTorch computes it.
template <class T>
class AdamW {
 public:
  AdamWOptions options;

  explicit AdamW(Parameters<T>& parameters, const AdamWOptions& settings = {}) : options(settings) {
    for (Parameter<T>& parameter : parameters)
      if (parameter.trained)
        moments_.push_back({&parameter, Tensor<T>(parameter.gradient.shape()), Tensor<T>(parameter.gradient.shape())});
  }

  /// Parameters whose name begins with `prefix` learn at `factor` times the learning rate.
  void set_rate_factor(const std::string& prefix, double factor) {
    for (Moments& moments : moments_)
      if (moments.parameter->name.starts_with(prefix)) moments.rate_factor = factor;
  }

  /// One update from the parameters' gradients.
  void step(int threads = 1) {
    ++steps_;
    const double correction1 = 1 - std::pow(options.beta1, static_cast<double>(steps_));
    const double correction2 = 1 - std::pow(options.beta2, static_cast<double>(steps_));
    const T beta1 = static_cast<T>(options.beta1), beta2 = static_cast<T>(options.beta2);
    const T rest1 = static_cast<T>(1 - options.beta1), rest2 = static_cast<T>(1 - options.beta2);
    const T root = static_cast<T>(std::sqrt(correction2)), epsilon = static_cast<T>(options.epsilon);
    parallel_for(static_cast<Index>(moments_.size()), threads, [&](Index tensor, int) {
      Moments& moments = moments_[static_cast<std::size_t>(tensor)];
      const double learning_rate = options.learning_rate * moments.rate_factor;
      const T keep = static_cast<T>(1 - learning_rate * options.weight_decay);
      const T rate = static_cast<T>(learning_rate / correction1);
      T* w = moments.parameter->value->data();
      const T* g = moments.parameter->gradient.data();
      T* m = moments.first.data();
      T* v = moments.second.data();
      for (Index i = 0; i < moments.first.size(); ++i) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        w[i] = w[i] * keep - rate * m[i] / (std::sqrt(v[i]) / root + epsilon);
      }
    });
  }

  Index steps() const noexcept { return steps_; }
  /// For a training that is taken up again.
  void set_steps(Index steps) noexcept { steps_ = steps; }

  /// Calls visitor(name, first moment, second moment) for every tensor that is trained.
  template <class Visitor>
  void visit(Visitor&& visitor) {
    for (Moments& moments : moments_) visitor(moments.parameter->name, moments.first, moments.second);
  }

 private:
  struct Moments {
    Parameter<T>* parameter;
    Tensor<T> first, second;
    double rate_factor = 1;
  };
  std::vector<Moments> moments_;
  Index steps_ = 0;
};

}  // namespace systolic::grad
