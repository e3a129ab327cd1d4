#pragma once
// Min-max normalisation of one lead, as the published pipelines apply it before a network or a detector sees the
// signal.

#include <algorithm>

#include "systolic/core/tensor.hpp"

namespace systolic::signal {

/// 2 (x - min) / (max - min) - 1 of one lead, in place: the values span [-1, 1]. A flat lead becomes 0 (the published
/// code divides 0 by 0). `samples` is any run of `count` values that lie `stride` apart.
template <class = void>
inline void normalize_min_max(double* samples, Index count, Index stride = 1) noexcept {
  if (count <= 0) return;
  double low = samples[0], high = samples[0];
  for (Index i = 1; i < count; ++i) {
    low = std::min(low, samples[i * stride]);
    high = std::max(high, samples[i * stride]);
  }
  const double range = high - low;
  for (Index i = 0; i < count; ++i) {
    double& value = samples[i * stride];
    value = range > 0 ? 2 * (value - low) / range - 1 : 0;
  }
}

}  // namespace systolic::signal
