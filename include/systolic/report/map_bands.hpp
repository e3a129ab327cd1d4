#pragma once
// The localization map as coloured bands: neighbouring cells of one colour become one rectangle.

#include <algorithm>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/report/color.hpp"

namespace systolic::report {

/// Samples [from, to) of the map that share a step of the scale.
struct Band {
  Index from, to;
  int step;  ///< 1 or more
};

/// The bands of lead `lead` of `map` [time][lead]: means over `bin` samples, put on the scale, equal neighbours joined.
/// Cells of step 0 are left out.
template <class = void>
inline std::vector<Band> map_bands(TensorView<const float> map, Index lead, const ColorScale& scale, Index bin) {
  std::vector<Band> bands;
  const Index length = map.shape()[0];
  for (Index from = 0; from < length; from += bin) {
    const Index to = std::min(from + bin, length);
    double sum = 0;
    for (Index t = from; t < to; ++t) sum += static_cast<double>(map(t, lead));
    const int step = scale.step(sum / static_cast<double>(to - from));
    if (step == 0) continue;
    if (!bands.empty() && bands.back().to == from && bands.back().step == step)
      bands.back().to = to;
    else
      bands.push_back({from, to, step});
  }
  return bands;
}

/// The value that only a part `share` of all cells of the map exceeds; 0 for an empty map. For scales that have nothing
/// better to go by.
template <class = void>
inline double map_quantile(TensorView<const float> map, double share) {
  std::vector<float> values(map.begin(), map.end());
  std::erase_if(values, [](float value) { return !(value == value); });
  if (values.empty()) return 0;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>((1 - share) * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return static_cast<double>(*place);
}

}  // namespace systolic::report
