#pragma once
// Which stretch of a recording speaks for a statement: the gradient of the class's logit with respect to every sample,
// times the sample, says how much the logit would fall if that sample were zero. Where the localization map also finds
// something unusual, that is the place to show. Needs the reverse mode (grad/), so it is not part of infer.hpp.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/ecg/diagnoser.hpp"
#include "systolic/ecg/findings.hpp"
#include "systolic/grad/operations.hpp"
#include "systolic/signal/gaussian.hpp"

namespace systolic {

inline constexpr double evidence_smoothing = 15;  ///< samples, sigma of the Gaussian, as the map's
inline constexpr double evidence_level = 0.35;    ///< of the largest value: what lies above it is shown

namespace detail {

/// A model without parameters to train: on its tape only inputs have gradients.
struct NoParameters {
  template <class Visitor>
  friend void visit_parameters(NoParameters&, Visitor&&) {}
};

/// The network with every batch norm folded into its convolution, so that on a tape it computes what it computes in
/// inference, not what it would with the batch's own statistics.
template <class = void>
inline Diagnosis<float> without_batch_norm(const Diagnosis<float>& network) {
  Diagnosis<float> folded = network;
  visit_blocks(folded, [](nn::Block<float, nn::Conv1d<float>>& block, const std::string&) {
    if (!block.norm) return;
    const nn::ChannelAffine<float> affine = block.norm->affine();
    nn::Conv1dOptions options = block.layer.options;
    options.bias = true;
    nn::Conv1d<float> layer(options);
    const Index row = layer.weight.size() / options.out;
    for (Index o = 0; o < options.out; ++o) {
      const auto i = static_cast<std::size_t>(o);
      const float own = block.layer.bias.empty() ? 0.0f : block.layer.bias(o);
      for (Index k = 0; k < row; ++k)
        layer.weight.data()[o * row + k] = block.layer.weight.data()[o * row + k] * affine.scale[i];
      layer.bias(o) = own * affine.scale[i] + affine.shift[i];
    }
    block.layer = std::move(layer);
    block.norm.reset();
  });
  return folded;
}

}  // namespace detail

/// Finds evidence with one network; made once, used for many recordings.
class EvidenceFinder {
 public:
  template <class = void>
  explicit EvidenceFinder(const Diagnoser& diagnoser) : network_(detail::without_batch_norm(diagnoser.network())) {}

  /// How much each sample speaks for class `number`: [4800][12], samples 100..4900 of the window, smoothed, not
  /// negative, in units of the logit. `map` [4800][12], where not empty, weighs it: a detector's localization map of
  /// the same window. Requires a classification without a reason.
  template <class = void>
  Tensor<float> relevance(const Classification& found, std::size_t number, const Tensor<float>& map,
                          Workspace& workspace) const {
    detail::NoParameters none;
    grad::Parameters<float> parameters(none);
    grad::Tape<float> tape(parameters, workspace.threads());
    const Tensor<float> global = global_signal(found.record, Normalization::none);
    const nn::Sequence<const float> measurements{found.measurements.data(), 1, 1, measurement_count, 0};
    const auto x = tape.leaf(nn::Sequence<const float>{global.data(), 1, global_length, standard_lead_count, 0});
    const auto read = network_.read(network_.encode(x, tape), tape.input(measurements), tape);
    Tensor<float> seed({network_.options.classes});
    seed(static_cast<Index>(number)) = 1;
    tape.backward(read.logits, std::as_const(seed).view());
    const nn::Sequence<float> gradient = tape.gradient(x);
    Tensor<float> result(global.shape());
    for (Index i = 0; i < result.size(); ++i) result.data()[i] = gradient.data[i] * global.data()[i];
    signal::gaussian_smooth(result.view(), evidence_smoothing, workspace);
    for (Index i = 0; i < result.size(); ++i) {
      result.data()[i] = std::max(result.data()[i], 0.0f);
      if (!map.empty()) result.data()[i] *= std::max(map.data()[i], 0.0f);
    }
    return result;
  }

  /// Its strongest stretches, at most `most`, best first: where it exceeds 35 % of its largest value for at least 40
  /// ms.
  template <class = void>
  std::vector<Finding> find(const Classification& found, std::size_t number, const Tensor<float>& map, std::size_t most,
                            Workspace& workspace) const {
    const Tensor<float> values = relevance(found, number, map, workspace);
    const float largest = *std::max_element(values.begin(), values.end());
    if (!(largest > 0)) return {};
    std::vector<Finding> stretches = find_stretches(values.view(), evidence_level * static_cast<double>(largest));
    if (stretches.size() > most) stretches.erase(stretches.begin() + static_cast<Index>(most), stretches.end());
    return stretches;
  }

 private:
  Diagnosis<float> network_;
};

}  // namespace systolic
