#pragma once
// Weights before the first step.

#include <algorithm>
#include <cmath>
#include <string>

#include "systolic/core/formula.hpp"
#include "systolic/core/random.hpp"
#include "systolic/core/tensor.hpp"

namespace systolic::train {

/// PyTorch's defaults: weights of (transposed) convolutions and linear layers uniform in +-1 / sqrt(fan in), fan in =
/// product of all extents but the first (He et al. 2015 with a = sqrt(5)), and so are their biases; gains and running
/// variances 1, shifts and running means 0. Each tensor is drawn from a stream that its name and the seed choose, so
/// that a tensor more or less moves no other.
/// Requires visit_parameters(model, visitor) that names a layer's weight before its bias.
template <class Model>
void initialize(Model& model, std::uint64_t seed) {
  double bound = 0;  // of the weight seen last: the bias that follows has the same fan in
  visit_parameters(model, [&](const std::string& name, auto& tensor) {
    using T = std::remove_cvref_t<decltype(*tensor.data())>;
    const Index rank = tensor.shape().rank();
    const bool gain = (rank == 1 && name.ends_with(".weight")) || name.ends_with(".a_2");
    if (gain || name.ends_with(".running_var")) {
      std::fill(tensor.begin(), tensor.end(), T(1));
      bound = 0;
      return;
    }
    if (rank > 1) bound = 1 / std::sqrt(static_cast<double>(tensor.size() / tensor.shape()[0]));
    const bool shift = name.ends_with(".running_mean") || name.ends_with(".b_2");
    Random random(seed, formula_stream(name));
    for (T& value : tensor) value = shift ? T(0) : static_cast<T>(random.uniform(-bound, bound));
  });
}

}  // namespace systolic::train
