#pragma once
// The combined score: how unusual a recording is, seen from several sides at once. Each side is a group of features
// that were brought to the scale of normal recordings; its Mahalanobis distance from them, or for one side the age that
// the recording looks like, is a part; the score is their weighted sum. Everything is fitted on normal recordings
// (train/fit_normality.hpp) and lies in the weights file beside the network. docs/method.md explains it.

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/deviation_map.hpp"

namespace systolic {

/// The groups of features, in the order in which they are kept.
enum class FeatureGroup { measurements, t_shape, qrs_shape, restoration, latent };
inline constexpr std::array<const char*, 5> feature_group_names = {"measurements", "t_shape", "qrs_shape",
                                                                   "restoration", "latent"};

/// The features of a recording by group. NaN: could not be measured; it then counts as usual.
using ScoreFeatures = std::array<std::vector<float>, feature_group_names.size()>;

/// The parts of the score. All but the last are distances.
inline constexpr std::array<const char*, 6> score_part_names = {"beat",        "t_wave", "qrs",
                                                                "restoration", "latent", "age"};
inline constexpr std::size_t distance_parts = 5, age_part = 5;

/// The groups that each part looks at; the age is seen in what `beat` and `latent` look at.
inline constexpr std::array<std::array<bool, 5>, 6> part_groups = {{{true, true, false, false, false},
                                                                    {false, true, false, false, false},
                                                                    {false, false, true, false, false},
                                                                    {false, false, false, true, false},
                                                                    {false, false, false, false, true},
                                                                    {true, true, false, false, true}}};

inline constexpr double largest_standard_value = 8;  ///< of a feature: beyond it, more does not mean more

/// How one group's features become standard normal among normal recordings.
struct FeatureScale {
  Tensor<float> center;  ///< [features]; empty: the features are used as they are
  Tensor<float> basis;   ///< [components][features], principal directions; the residual follows as last component
  Tensor<float> knots;   ///< [values][quantiles] of normal recordings, ascending
  Tensor<float> tail;    ///< [values] units of the feature that one standard deviation stands for beyond the quantiles

  Index values() const noexcept { return knots.empty() ? 0 : knots.shape()[0]; }
  Index features() const noexcept { return center.empty() ? values() : center.size(); }
};

/// |whitening (z - mean)|^2 is the squared Mahalanobis distance.
struct DistancePart {
  Tensor<float> mean;       ///< [values]
  Tensor<float> whitening;  ///< [values][values], zero above the diagonal
};

struct NormalityModel {
  Tensor<float> normal_quantiles;  ///< [quantiles] of the standard normal distribution, where the knots are
  std::array<FeatureScale, feature_group_names.size()> scales;
  std::array<DistancePart, distance_parts> distances;
  Tensor<float> age;    ///< [values] linear weights: years, but for a constant
  Tensor<float> parts;  ///< [6][3] mean and standard deviation among normal recordings, and weight in the score
  DeviationTables map;  ///< for the map that goes with the score; empty: it is that of the published score
};

/// A recording's place among normal ones.
struct NormalityScore {
  double score = 0;
  std::array<double, score_part_names.size()> parts{};  ///< standard deviations above the mean of normal recordings
};

/// Principal components of the features and the logarithm of what they leave, or the features where the scale has no
/// basis. Requires features.size() == scale.features().
template <class = void>
inline std::vector<double> project(const FeatureScale& scale, const std::vector<float>& features) {
  std::vector<double> result(features.begin(), features.end());
  if (scale.center.empty()) return result;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] -= static_cast<double>(scale.center.data()[i]);
  std::vector<double> components;
  double left = 0;
  for (const double x : result) left += x * x;
  for (Index k = 0; k < scale.basis.shape()[0]; ++k) {
    double sum = 0;
    for (Index i = 0; i < scale.center.size(); ++i)
      sum += static_cast<double>(scale.basis(k, i)) * result[static_cast<std::size_t>(i)];
    components.push_back(sum);
    left -= sum * sum;
  }
  components.push_back(std::log(std::max(left, 0.0) + 1e-6));
  return components;
}

/// The value of a standard normal variable that is as usual as x among the knots (ascending, a tie counts as the mean
/// of its places), linear between and beyond them.
template <class = void>
inline double standard_value(double x, const float* knots, const Tensor<float>& normal_quantiles, double tail) {
  const Index count = normal_quantiles.size();
  const auto z = [&](Index k) { return static_cast<double>(normal_quantiles.data()[k]); };
  const auto knot = [&](Index k) { return static_cast<double>(knots[k]); };
  if (!std::isfinite(x)) return 0;
  double value = 0;
  if (x < knot(0)) {
    value = z(0) - (knot(0) - x) / tail;
  } else if (x > knot(count - 1)) {
    value = z(count - 1) + (x - knot(count - 1)) / tail;
  } else {
    const float* const first = std::lower_bound(knots, knots + count, x, [](float a, double b) { return a < b; });
    Index low = first - knots, high = low;
    while (high + 1 < count && knot(high + 1) <= x) ++high;
    if (knot(low) == x)
      value = (z(low) + z(high)) / 2;
    else
      value = z(low - 1) + (x - knot(low - 1)) / (knot(low) - knot(low - 1)) * (z(low) - z(low - 1));
  }
  return std::clamp(value, -largest_standard_value, largest_standard_value);
}

/// Every group's features as standard values. Requires the sizes that the scales state.
template <class = void>
inline std::array<std::vector<double>, feature_group_names.size()> standardize(const NormalityModel& model,
                                                                               const ScoreFeatures& features) {
  std::array<std::vector<double>, feature_group_names.size()> result;
  for (std::size_t g = 0; g < features.size(); ++g) {
    const FeatureScale& scale = model.scales[g];
    assert(static_cast<Index>(features[g].size()) == scale.features());
    result[g] = project(scale, features[g]);
    for (std::size_t i = 0; i < result[g].size(); ++i)
      result[g][i] =
          standard_value(result[g][i], scale.knots.data() + static_cast<Index>(i) * model.normal_quantiles.size(),
                         model.normal_quantiles, static_cast<double>(scale.tail.data()[i]));
  }
  return result;
}

/// The values of the groups that a part looks at, one after the other.
template <class = void>
inline std::vector<double> values_of_part(const std::array<std::vector<double>, feature_group_names.size()>& values,
                                          std::size_t part) {
  std::vector<double> result;
  for (std::size_t g = 0; g < values.size(); ++g)
    if (part_groups[part][g]) result.insert(result.end(), values[g].begin(), values[g].end());
  return result;
}

/// Logarithm of the squared Mahalanobis distance of z from normal recordings.
template <class = void>
inline double log_distance(const DistancePart& part, const std::vector<double>& z) {
  double sum = 1e-9;
  for (Index i = 0; i < part.mean.size(); ++i) {
    double value = 0;
    for (Index k = 0; k <= i; ++k)
      value += static_cast<double>(part.whitening(i, k)) *
               (z[static_cast<std::size_t>(k)] - static_cast<double>(part.mean.data()[k]));
    sum += value * value;
  }
  return std::log(sum);
}

/// The parts before they are brought to a common scale: logarithms of distances, and years.
template <class = void>
inline std::array<double, score_part_names.size()> raw_parts(const NormalityModel& model,
                                                             const ScoreFeatures& features) {
  const auto values = standardize(model, features);
  std::array<double, score_part_names.size()> result{};
  for (std::size_t part = 0; part < distance_parts; ++part)
    result[part] = log_distance(model.distances[part], values_of_part(values, part));
  const std::vector<double> z = values_of_part(values, age_part);
  for (std::size_t i = 0; i < z.size(); ++i) result[age_part] += static_cast<double>(model.age.data()[i]) * z[i];
  return result;
}

/// Requires features of the model's sizes (see FeatureScale). Ensures finite numbers.
template <class = void>
inline NormalityScore score_normality(const NormalityModel& model, const ScoreFeatures& features) {
  NormalityScore result;
  result.parts = raw_parts(model, features);
  for (std::size_t part = 0; part < result.parts.size(); ++part) {
    const float* const scale = model.parts.data() + 3 * part;
    result.parts[part] = (result.parts[part] - static_cast<double>(scale[0])) / static_cast<double>(scale[1]);
    result.score += static_cast<double>(scale[2]) * result.parts[part];
  }
  return result;
}

}  // namespace systolic
