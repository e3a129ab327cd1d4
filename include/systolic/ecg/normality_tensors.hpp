#pragma once
// The combined score's model among the tensors of a weights file, under names that begin with "score.".

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/ecg/normality.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic {

namespace detail {

/// Calls visitor(name, tensor) for every tensor of the model, present or not.
template <class Model, class Visitor>
void visit_normality(Model& model, Visitor&& visitor) {
  visitor("score.normal_quantiles", model.normal_quantiles);
  for (std::size_t g = 0; g < model.scales.size(); ++g) {
    const std::string name = std::string("score.") + feature_group_names[g];
    visitor(name + ".center", model.scales[g].center);
    visitor(name + ".basis", model.scales[g].basis);
    visitor(name + ".knots", model.scales[g].knots);
    visitor(name + ".tail", model.scales[g].tail);
  }
  for (std::size_t part = 0; part < distance_parts; ++part) {
    const std::string name = std::string("score.") + score_part_names[part];
    visitor(name + ".mean", model.distances[part].mean);
    visitor(name + ".whitening", model.distances[part].whitening);
  }
  visitor("score.age.weights", model.age);
  visitor("score.parts", model.parts);
  visitor("score.map.mean", model.map.mean);
  visitor("score.map.deviation", model.map.deviation);
  visitor("score.map.error_level", model.map.error_level);
}

/// What is wrong with the shapes and numbers of a model, or nothing.
template <class = void>
inline std::string normality_problem(const NormalityModel& model,
                                     const std::array<Index, feature_group_names.size()>& features) {
  std::string problem;
  visit_normality(model, [&](const std::string& name, const Tensor<float>& tensor) {
    if (!std::all_of(tensor.begin(), tensor.end(), [](float value) { return std::isfinite(value); }))
      problem = name + " holds a value that is not finite";
  });
  const auto expect = [&](const std::string& name, const Tensor<float>& tensor, const Shape& shape) {
    if (problem.empty() && tensor.shape() != shape)
      problem = "score." + name + " is " + tensor.shape().text() + ", not " + shape.text();
  };
  const Index quantiles = model.normal_quantiles.size();
  const auto ascending = [](const float* from, Index count) { return std::is_sorted(from, from + count); };
  if (model.normal_quantiles.shape().rank() != 1 || quantiles < 2 ||
      !ascending(model.normal_quantiles.data(), quantiles))
    return "score.normal_quantiles is malformed";
  std::array<Index, feature_group_names.size()> values{};
  for (std::size_t g = 0; g < features.size(); ++g) {
    const FeatureScale& scale = model.scales[g];
    const std::string name = feature_group_names[g];
    values[g] = features[g];
    if (!scale.center.empty() || !scale.basis.empty()) {
      if (scale.basis.shape().rank() != 2) return "score." + name + ".basis is " + scale.basis.shape().text();
      expect(name + ".center", scale.center, Shape{features[g]});
      expect(name + ".basis", scale.basis, Shape{scale.basis.shape()[0], features[g]});
      values[g] = scale.basis.shape()[0] + 1;
    }
    expect(name + ".knots", scale.knots, Shape{values[g], quantiles});
    expect(name + ".tail", scale.tail, Shape{values[g]});
    if (!problem.empty()) return problem;
    for (Index i = 0; i < values[g]; ++i)
      if (!ascending(scale.knots.data() + i * quantiles, quantiles) || !(scale.tail.data()[i] > 0))
        return "score." + name + " is not ascending";
  }
  const auto size = [&](std::size_t part) {
    Index sum = 0;
    for (std::size_t g = 0; g < values.size(); ++g) sum += part_groups[part][g] ? values[g] : 0;
    return sum;
  };
  for (std::size_t part = 0; part < distance_parts; ++part) {
    const std::string name = score_part_names[part];
    expect(name + ".mean", model.distances[part].mean, Shape{size(part)});
    expect(name + ".whitening", model.distances[part].whitening, Shape{size(part), size(part)});
  }
  expect("age.weights", model.age, Shape{size(age_part)});
  expect("parts", model.parts, Shape{static_cast<Index>(score_part_names.size()), 3});
  if (!model.map.mean.empty()) {
    expect("map.mean", model.map.mean, Shape{map_phases, standard_lead_count});
    expect("map.deviation", model.map.deviation, Shape{map_phases, standard_lead_count});
    expect("map.error_level", model.map.error_level, Shape{1});
    const auto positive = [](float value) { return value > 0; };
    for (const Tensor<float>* tensor : {&model.map.deviation, &model.map.error_level})
      if (problem.empty() && !std::all_of(tensor->begin(), tensor->end(), positive))
        problem = "score.map has a deviation that is not positive";
  }
  for (std::size_t part = 0; problem.empty() && part < score_part_names.size(); ++part)
    if (!(model.parts.data()[3 * part + 1] > 0)) problem = "score.parts has a standard deviation of 0";
  return problem;
}

}  // namespace detail

/// Puts the model's tensors behind those of the network; any that were there are replaced.
template <class = void>
inline void set_normality(nn::StateDict& state, const NormalityModel& model) {
  std::erase_if(state.tensors, [](const nn::NamedTensor& entry) { return entry.name.starts_with("score."); });
  detail::visit_normality(model, [&](const std::string& name, const Tensor<float>& tensor) {
    if (!tensor.empty()) state.tensors.push_back({name, tensor});
  });
}

/// The model among the tensors; nothing where there is none. An error names the tensor that is missing, mis-shaped or
/// not possible. `features`: how many each group has with the network at hand.
template <class = void>
inline Result<std::optional<NormalityModel>> find_normality(
    const nn::StateDict& state, const std::array<Index, feature_group_names.size()>& features,
    const std::string& file) {
  const auto is_score = [](const nn::NamedTensor& entry) { return entry.name.starts_with("score."); };
  if (std::none_of(state.tensors.begin(), state.tensors.end(), is_score)) return std::optional<NormalityModel>();
  NormalityModel model;
  detail::visit_normality(model, [&](const std::string& name, Tensor<float>& tensor) {
    if (const Tensor<float>* found = state.find(name)) tensor = *found;
  });
  if (const std::string problem = detail::normality_problem(model, features); !problem.empty())
    return error_at(file, "combined score", problem);
  return std::optional<NormalityModel>(std::move(model));
}

}  // namespace systolic
