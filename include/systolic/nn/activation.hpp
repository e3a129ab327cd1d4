#pragma once
// Pointwise nonlinearities. ReLU and leaky ReLU are one number, the slope of negative values, which the row product
// applies while its sums are still in registers.

#include <cmath>
#include <type_traits>

#include "systolic/core/parallel.hpp"
#include "systolic/kernels/elementwise.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

/// none: x; relu: max(x, 0); leaky_relu: x where positive, slope x elsewhere; tanh.
struct Activation {
  enum class Kind { none, relu, leaky_relu, tanh };
  Kind kind = Kind::none;
  float leak = 0.2f;  ///< of leaky_relu

  /// What negative values are multiplied with before a tanh, if any, follows.
  float slope() const noexcept { return kind == Kind::relu ? 0.0f : kind == Kind::leaky_relu ? leak : 1.0f; }
};

/// The activation of one number.
template <class T>
T activate(const Activation& activation, T x) {
  if (activation.kind == Activation::Kind::tanh) return std::tanh(x);
  return x > T(0) ? x : x * static_cast<T>(activation.slope());
}

/// Applies the activation to `count` numbers in place.
template <class T>
void activate_in_place(const Activation& activation, T* x, Index count) {
  if constexpr (std::is_same_v<T, float>) {
    if (activation.kind == Activation::Kind::tanh) return kernels::tanh_in_place(x, count);
  }
  if (activation.kind == Activation::Kind::none) return;
  for (Index i = 0; i < count; ++i) x[i] = activate(activation, x[i]);
}

/// The same for a sequence, on up to `threads` threads; the margin stays zero.
template <class T>
void activate_in_place(const Activation& activation, Sequence<T> x, int threads = 1) {
  const Index count = x.length * x.channels;
  parallel_for(x.batch * threads, threads, [&](Index task, int) {
    const Index part = task % threads, first = count * part / threads;
    activate_in_place(activation, x.item(task / threads) + first, count * (part + 1) / threads - first);
  });
}

}  // namespace systolic::nn
