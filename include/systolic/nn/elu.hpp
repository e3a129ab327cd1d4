#pragma once
// The exponential linear unit (Clevert et al. 2016): x where positive, exp(x) - 1 elsewhere.

#include <cmath>

#include "systolic/nn/sequence_operations.hpp"

namespace systolic::nn {

template <class T>
T elu(T x) noexcept {
  return x > T(0) ? x : std::expm1(x);
}

/// elu of every number, in the workspace.
template <class T>
Sequence<std::remove_const_t<T>> apply_elu(Sequence<T> x, Workspace& workspace) {
  const auto y = copy(x, workspace);
  for (Index i = 0; i < y.batch * y.length * y.channels; ++i) y.data[i] = elu(y.data[i]);
  return y;
}

}  // namespace systolic::nn
