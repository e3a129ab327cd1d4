#pragma once
// Fits the combined score (ecg/normality.hpp) on the features of normal recordings. Nothing abnormal is looked at.

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/ecg/calibration.hpp"
#include "systolic/ecg/normality.hpp"

namespace systolic::train {

/// One normal recording.
struct NormalExample {
  ScoreFeatures features;
  std::optional<double> age;  ///< years
};

struct NormalityOptions {
  Index t_components = 24, qrs_components = 32;  ///< principal components of the shapes
  double shrinkage = 0.1;        ///< of a covariance towards a multiple of the identity, in mean variances
  double ridge = 200;            ///< penalty of the age regression, in recordings
  double reference_age = 40;     ///< distances are measured from the recordings of patients younger than this, ...
  Index fewest_reference = 200;  ///< ... or from all, where those would be fewer
  double oldest = 90;            ///< ages above it count as it (PTB-XL hides them)
  /// Weights of the parts beat, t_wave, qrs, restoration, latent, age (each in standard deviations of normal
  /// recordings).
  std::array<double, score_part_names.size()> weights = {1, 0.3, 0.3, 0.3, 0.3, 0.1};
};

inline constexpr Index fewest_normal_examples = 50;

namespace detail {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Quantile of the standard normal distribution, by bisection: it is called a few times only.
template <class = void>
inline double normal_quantile(double probability) {
  double low = -10, high = 10;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// Rows as floats in a tensor.
template <class = void>
inline Tensor<float> to_tensor(const Matrix& x) {
  Tensor<float> result(Shape{x.rows(), x.cols()});
  for (Index i = 0; i < x.rows(); ++i)
    for (Index k = 0; k < x.cols(); ++k) result(i, k) = static_cast<float>(x(i, k));
  return result;
}
template <class = void>
inline Tensor<float> to_tensor(const Vector& x) {
  Tensor<float> result(Shape{x.size()});
  for (Index i = 0; i < x.size(); ++i) result.data()[i] = static_cast<float>(x(i));
  return result;
}

/// Covariance of rows.
inline Matrix covariance(const Matrix& rows, const Vector& mean) {
  const Matrix centred = rows.rowwise() - mean.transpose();
  return centred.transpose() * centred / static_cast<double>(std::max<Index>(1, rows.rows() - 1));
}

/// The mean and the first `components` principal directions of rows, each with its largest coordinate positive.
template <class = void>
inline void fit_directions(const Matrix& rows, Index components, FeatureScale& scale) {
  const Vector mean = rows.colwise().mean();
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance(rows, mean));
  Matrix basis(std::min(components, rows.cols()), rows.cols());
  for (Index k = 0; k < basis.rows(); ++k) {
    Vector direction = solver.eigenvectors().col(rows.cols() - 1 - k);
    Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    basis.row(k) = (direction(largest) < 0 ? -direction : direction).transpose();
  }
  scale.center = to_tensor(mean);
  scale.basis = to_tensor(basis);
}

/// Knots and tails from the values [record][value] of normal recordings; those that could not be measured are left out.
template <class = void>
inline void fit_knots(const std::vector<std::vector<double>>& values, const Tensor<float>& normal_quantiles,
                      const std::vector<double>& probabilities, FeatureScale& scale) {
  const Index count = static_cast<Index>(values.front().size()), quantiles = normal_quantiles.size();
  scale.knots = Tensor<float>(Shape{count, quantiles});
  scale.tail = Tensor<float>(Shape{count});
  for (Index i = 0; i < count; ++i) {
    std::vector<double> known;
    double sum = 0, squares = 0;
    for (const std::vector<double>& row : values)
      if (const double value = row[static_cast<std::size_t>(i)]; std::isfinite(value)) known.push_back(value);
    if (known.empty()) known.push_back(0);
    std::sort(known.begin(), known.end());
    for (const double value : known) sum += value;
    const double n = static_cast<double>(known.size());
    for (const double value : known) squares += (value - sum / n) * (value - sum / n);
    for (Index k = 0; k < quantiles; ++k)
      scale.knots(i, k) = static_cast<float>(quantile_of_sorted(known, probabilities[static_cast<std::size_t>(k)]));
    const double range = static_cast<double>(scale.knots(i, quantiles - 1) - scale.knots(i, 0));
    double tail = range / static_cast<double>(normal_quantiles.data()[quantiles - 1] - normal_quantiles.data()[0]);
    if (!(tail > 1e-6)) tail = std::sqrt(squares / n);
    scale.tail.data()[i] = static_cast<float>(tail > 1e-6 ? tail : 1.0);
  }
}

template <class = void>
inline DistancePart fit_distance(const Matrix& rows, double shrinkage) {
  const Vector mean = rows.colwise().mean();
  Matrix spread = covariance(rows, mean);
  const double variance = std::max(spread.diagonal().mean(), 1e-6);
  spread.diagonal().array() += shrinkage * variance;
  const Eigen::LLT<Matrix> factor(spread);
  const Matrix identity = Matrix::Identity(spread.rows(), spread.cols());
  return {to_tensor(mean), to_tensor(Matrix(factor.matrixL().solve(identity)))};
}

/// Ridge regression of `target` on rows; the constant is left out, since parts are centred anyway.
template <class = void>
inline Vector fit_ridge(const Matrix& rows, const Vector& target, double penalty) {
  const Vector mean = rows.colwise().mean();
  const Matrix centred = rows.rowwise() - mean.transpose();
  Matrix normal = centred.transpose() * centred;
  normal.diagonal().array() += penalty;
  const Vector moment = centred.transpose() * (target.array() - target.mean()).matrix();
  return normal.ldlt().solve(moment);
}

}  // namespace detail

/// The model of the combined score. Requires examples with features of the same sizes. An error where there are fewer
/// than 50.
template <class = void>
inline Result<NormalityModel> fit_normality(const std::vector<NormalExample>& examples,
                                            const NormalityOptions& options = {}) {
  using detail::Matrix;
  using detail::Vector;
  const Index count = static_cast<Index>(examples.size());
  if (count < fewest_normal_examples)
    return Error{"the combined score needs " + std::to_string(fewest_normal_examples) + " normal recordings, not " +
                 std::to_string(count)};
  NormalityModel model;
  constexpr Index quantiles = 33;
  std::vector<double> probabilities;
  model.normal_quantiles = Tensor<float>(Shape{quantiles});
  for (Index k = 0; k < quantiles; ++k) {
    probabilities.push_back(0.02 + 0.96 * static_cast<double>(k) / static_cast<double>(quantiles - 1));
    model.normal_quantiles.data()[k] = static_cast<float>(detail::normal_quantile(probabilities.back()));
  }
  for (std::size_t g = 0; g < model.scales.size(); ++g) {
    FeatureScale& scale = model.scales[g];
    const bool t = g == static_cast<std::size_t>(FeatureGroup::t_shape);
    if (t || g == static_cast<std::size_t>(FeatureGroup::qrs_shape)) {
      Matrix rows(count, static_cast<Index>(examples.front().features[g].size()));
      for (Index i = 0; i < count; ++i)
        for (Index k = 0; k < rows.cols(); ++k)
          rows(i, k) =
              static_cast<double>(examples[static_cast<std::size_t>(i)].features[g][static_cast<std::size_t>(k)]);
      detail::fit_directions(rows, t ? options.t_components : options.qrs_components, scale);
    }
    std::vector<std::vector<double>> values;
    for (const NormalExample& example : examples) values.push_back(project(scale, example.features[g]));
    detail::fit_knots(values, model.normal_quantiles, probabilities, scale);
  }

  std::vector<std::array<std::vector<double>, feature_group_names.size()>> standard;
  std::vector<Index> all, reference, aged;
  for (Index i = 0; i < count; ++i) {
    const NormalExample& example = examples[static_cast<std::size_t>(i)];
    standard.push_back(standardize(model, example.features));
    all.push_back(i);
    if (example.age && *example.age < options.reference_age) reference.push_back(i);
    if (example.age) aged.push_back(i);
  }
  if (static_cast<Index>(reference.size()) < options.fewest_reference) reference = all;
  const auto rows_of = [&](std::size_t part, const std::vector<Index>& records) {
    Matrix rows;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::vector<double> z = values_of_part(standard[static_cast<std::size_t>(records[i])], part);
      if (i == 0) rows.resize(static_cast<Index>(records.size()), static_cast<Index>(z.size()));
      for (std::size_t k = 0; k < z.size(); ++k) rows(static_cast<Index>(i), static_cast<Index>(k)) = z[k];
    }
    return rows;
  };
  for (std::size_t part = 0; part < distance_parts; ++part)
    // How well a signal can be restored says little about age, and all recordings tell more than the few.
    model.distances[part] = detail::fit_distance(
        rows_of(part, score_part_names[part] == std::string("restoration") ? all : reference), options.shrinkage);
  model.parts = Tensor<float>(Shape{static_cast<Index>(score_part_names.size()), 3});
  const bool with_age = static_cast<Index>(aged.size()) >= fewest_normal_examples;
  if (with_age) {
    Vector ages(static_cast<Index>(aged.size()));
    for (std::size_t i = 0; i < aged.size(); ++i)
      ages(static_cast<Index>(i)) = std::min(options.oldest, *examples[static_cast<std::size_t>(aged[i])].age);
    model.age = detail::to_tensor(detail::fit_ridge(rows_of(age_part, aged), ages, options.ridge));
  } else {
    model.age = Tensor<float>(Shape{static_cast<Index>(values_of_part(standard.front(), age_part).size())});
  }
  std::array<double, score_part_names.size()> sum{}, squares{};
  for (const NormalExample& example : examples) {
    const auto parts = raw_parts(model, example.features);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      sum[part] += parts[part];
      squares[part] += parts[part] * parts[part];
    }
  }
  for (std::size_t part = 0; part < sum.size(); ++part) {
    const double n = static_cast<double>(count), mean = sum[part] / n;
    const double deviation = std::sqrt(std::max(0.0, squares[part] / n - mean * mean));
    float* const scale = model.parts.data() + 3 * part;
    scale[0] = static_cast<float>(mean);
    scale[1] = static_cast<float>(deviation > 1e-6 ? deviation : 1.0);
    scale[2] = static_cast<float>(part == age_part && !with_age ? 0 : options.weights[part]);
  }
  return model;
}

}  // namespace systolic::train
