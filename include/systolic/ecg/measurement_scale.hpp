#pragma once
// How measurements of beat and rhythm come to a common scale before a network reads them.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic {

inline constexpr float largest_scaled_measurement = 5;  ///< beyond it, more does not mean more

/// Median and half the distance between the 16th and the 84th percentile: mean and standard deviation of a normal
/// distribution, but deaf to the few recordings where a wave was not found.
struct MeasurementScale {
  std::vector<float> center, deviation;

  /// (x - center) / deviation, within +-5; what could not be measured (NaN) becomes 0, the usual.
  /// Requires center.size() values in x and room for as many in y; they may be the same.
  void operator()(const float* x, float* y) const {
    for (std::size_t i = 0; i < center.size(); ++i) {
      const float value = (x[i] - center[i]) / deviation[i];
      y[i] = std::isfinite(x[i]) ? std::clamp(value, -largest_scaled_measurement, largest_scaled_measurement) : 0.0f;
    }
  }
};

/// The scale of one measurement from its values, of which those that are not finite are passed over: {0, 1} where there
/// is none, deviation 1 where all are the same.
template <class = void>
inline std::pair<float, float> measure_scale(std::vector<float> values) {
  std::erase_if(values, [](float value) { return !std::isfinite(value); });
  if (values.empty()) return {0.0f, 1.0f};
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  const float deviation = (quantile(0.84) - quantile(0.16)) / 2;
  return {quantile(0.5), deviation > 1e-6f ? deviation : 1.0f};
}

}  // namespace systolic
