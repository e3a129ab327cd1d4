#pragma once
// How badly a signal was restored: squared errors, divided by the variance that the network itself expects there.

#include <algorithm>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/kernels/elementwise.hpp"

namespace systolic {

/// Sum over samples and leads of lead_weight e, where e = (target - restored)^2, times exp(-v) if the restoration
/// carries a log-variance v. Where `map` is not nullptr, every term, times `map_scale`, is added to it as well.
/// restored [length][leads] or, with log-variance as last channel, [length][leads + 1]; target and map [length][leads];
/// lead_weight [leads], 1 or 0 for a lead that is left out.
/// Source: Jiang et al. 2023, equation 4.
template <class = void>
inline double add_restoration_error(const float* restored, Index channels, const float* target, Index length,
                                    const std::vector<float>& lead_weight, float* map, float map_scale,
                                    Workspace& workspace) {
  const Index leads = static_cast<Index>(lead_weight.size());
  Workspace::Scope scope(workspace);
  float* precision = workspace.allocate<float>(length);
  if (channels > leads) {
    for (Index t = 0; t < length; ++t) precision[t] = restored[t * channels + leads];
    kernels::exp_in_place(precision, length, -1.0f);
  } else {
    std::fill_n(precision, length, 1.0f);
  }
  double sum = 0;
  for (Index t = 0; t < length; ++t, restored += channels, target += leads) {
    float row = 0;
    for (Index c = 0; c < leads; ++c) {
      const float difference = target[c] - restored[c];
      const float error = precision[t] * difference * difference * lead_weight[static_cast<std::size_t>(c)];
      row += error;
      if (map != nullptr) map[t * leads + c] += map_scale * error;
    }
    sum += static_cast<double>(row);
  }
  return sum;
}

}  // namespace systolic
