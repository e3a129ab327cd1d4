#pragma once
// The training of the contour network, a step at a time.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/grad/graph_mixing.hpp"
#include "systolic/grad/image_block.hpp"
#include "systolic/io/contour_weights.hpp"
#include "systolic/train/contour_data.hpp"
#include "systolic/train/initialize.hpp"
#include "systolic/train/trainer.hpp"

namespace systolic::train {

namespace detail {

/// Two nodes, by number.
using NodePair = std::pair<Index, Index>;

/// Of every pair the second node less the first: x [batch][nodes][channels] -> y [batch][pairs][channels].
inline void subtract_nodes(nn::Sequence<const float> x, const std::vector<NodePair>& pairs, nn::Sequence<float> y) {
  const Index channels = x.channels;
  for (Index b = 0; b < x.batch; ++b) {
    float* to = y.item(b);
    for (const auto& [from, until] : pairs)
      for (Index c = 0; c < channels; ++c) *to++ = x.item(b)[until * channels + c] - x.item(b)[from * channels + c];
  }
}

/// The same on a tape. `pairs` must live until the step is done.
inline grad::Variable<float> node_differences(const grad::Variable<float>& x, const std::vector<NodePair>& pairs,
                                              grad::Tape<float>& tape) {
  const auto y =
      nn::make_sequence<float>(tape.workspace(), x.value.batch, static_cast<Index>(pairs.size()), x.value.channels);
  subtract_nodes(x.value, pairs, y);
  return tape.record(y, [=, &tape, &pairs](nn::Sequence<float> dy) {
    const auto dx = tape.gradient(x);
    const Index channels = dx.channels;
    for (Index b = 0; b < dy.batch; ++b) {
      const float* from = dy.item(b);
      for (const auto& [first, second] : pairs)
        for (Index c = 0; c < channels; ++c, ++from) {
          dx.item(b)[second * channels + c] += *from;
          dx.item(b)[first * channels + c] -= *from;
        }
    }
  });
}

/// A key point in both frames.
inline std::vector<NodePair> motion_pairs() {
  constexpr auto points = static_cast<Index>(echo::key_point_count);
  std::vector<NodePair> pairs;
  for (Index k = 0; k < points; ++k) pairs.emplace_back(k, points + k);
  return pairs;
}

/// Key points of one side that are three apart, in both frames: the direction and bend of the wall.
inline std::vector<NodePair> shape_pairs() {
  constexpr auto side = static_cast<Index>(echo::chord_count);
  std::vector<NodePair> pairs;
  for (Index first = 0; first < 4 * side; first += side)
    for (Index k = 0; k + 3 < side; ++k) pairs.emplace_back(first + k, first + k + 3);
  return pairs;
}

}  // namespace detail

/// As RestorationTrainer.
class ContourTrainer : public Trainer<echo::ContourNetwork<float>> {
 public:
  /// `pretrained`: the weights of a network of the same options to go on from, or nullptr.
  ContourTrainer(const ContourRecipe& recipe, const nn::StateDict* pretrained, int threads,
                 grad::Collective* collective = nullptr)
      : Trainer(recipe, echo::ContourNetwork<float>(recipe.network), threads, collective), recipe_(recipe) {
    initialize(model(), recipe.seed);
    initialize_decoder();
    if (pretrained != nullptr)
      visit_parameters(model(), [&](const std::string& name, Tensor<float>& tensor) {
        const Tensor<float>* source = pretrained->find(name);
        assert(source != nullptr && source->shape() == tensor.shape());
        std::copy(source->begin(), source->end(), tensor.begin());
      });
    start_average();
  }

  /// Forward, backward, update. A loss or gradient that is not finite is returned and changes no weight.
  StepLoss step(const ContourBatch& batch, double rate) {
    begin_step(batch.first, batch.total);
    const nn::Image<const float> clips = nn::as_image(batch.clips.view());
    const grad::ImageVariable<float> input{tape().input(clips.pixels), clips.extent};
    const auto read = run_network(model(), input, tape());
    const auto target = nn::as_sequence(batch.points.view());
    const auto points = grad::mean_squared_error(read.points, target, tape());
    const auto motion = difference_error(read.points, target, motion_);
    const auto shape = difference_error(read.points, target, shape_);
    const auto fraction =
        grad::known_mean_squared_error(read.fraction, nn::as_sequence(batch.fractions.view()), tape());
    auto total = add(points, times(fraction, recipe_.fraction_weight), tape());
    total = add(total, times(motion, recipe_.motion_weight), tape());
    total = add(total, times(shape, recipe_.shape_weight), tape());
    return end_step(total,
                    {{"points", value(points), 1},
                     {"motion", value(motion), recipe_.motion_weight},
                     {"shape", value(shape), recipe_.shape_weight},
                     {"fraction", value(fraction), recipe_.fraction_weight}},
                    rate);
  }

  /// The weights to keep: the averages where the recipe makes them.
  nn::StateDict weights() {
    nn::StateDict state = kept_parameters();
    io::set_contour_options(state, recipe_.network);
    return state;
  }

 private:
  /// A graph mixing layer begins as a layer of each node by itself (uniform in +-sqrt(6 / (fan in + fan out)), Glorot
  /// and Bengio 2010, its own features being the fan in) with a little of the others. Were all neighbours alike, as
  /// published, a node's own features would drown in the mean of all, and every node would begin as the same point.
  void initialize_decoder() {
    Random random(recipe_.seed, formula_stream("decoder"));
    for (auto& mixing : model().decoder.layers) {
      nn::Linear<float>& layer = mixing.layer;
      const Index own = mixing.in();
      const double bound = std::sqrt(6 / static_cast<double>(own + layer.out()));
      const double others = 0.3 / static_cast<double>(mixing.table.neighbours);
      for (Index o = 0; o < layer.out(); ++o)
        for (Index i = 0; i < layer.in(); ++i)
          layer.weight(o, i) = static_cast<float>(random.uniform(-bound, bound) * (i < own ? 1 : others));
      std::fill(layer.bias.begin(), layer.bias.end(), 0.0f);
    }
    nn::Linear<float>& last = model().decoder.layers.back().layer;
    std::fill(last.bias.begin(), last.bias.end(), 0.5f);  // the middle of the image
  }

  /// The mean squared error of the differences of nodes.
  grad::Variable<float> difference_error(const grad::Variable<float>& points, nn::Sequence<const float> target,
                                         const std::vector<detail::NodePair>& pairs) {
    const auto wanted =
        nn::make_sequence<float>(tape().workspace(), target.batch, static_cast<Index>(pairs.size()), target.channels);
    detail::subtract_nodes(target, pairs, wanted);
    return grad::mean_squared_error<float>(detail::node_differences(points, pairs, tape()), wanted, tape());
  }

  ContourRecipe recipe_;
  std::vector<detail::NodePair> motion_ = detail::motion_pairs(), shape_ = detail::shape_pairs();
};

}  // namespace systolic::train
