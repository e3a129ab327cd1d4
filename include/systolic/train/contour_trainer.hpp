#pragma once
// The training of the contour network, a step at a time.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <vector>

#include "systolic/grad/graph_mixing.hpp"
#include "systolic/grad/image_block.hpp"
#include "systolic/io/contour_weights.hpp"
#include "systolic/train/contour_data.hpp"
#include "systolic/train/initialize.hpp"
#include "systolic/train/node_differences.hpp"
#include "systolic/train/trainer.hpp"

namespace systolic::train {

/// As RestorationTrainer.
class ContourTrainer : public Trainer<echo::ContourNetwork<float>> {
 public:
  /// `pretrained`: the weights of a network of the same options to go on from, or nullptr.
  template <class = void>
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
  template <class = void>
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
  template <class = void>
  nn::StateDict weights() {
    nn::StateDict state = kept_parameters();
    io::set_contour_options(state, recipe_.network);
    return state;
  }

 private:
  /// A graph mixing layer begins as a layer of each node by itself (uniform in +-sqrt(6 / (fan in + fan out)), Glorot
  /// and Bengio 2010, its own features being the fan in) with a little of the others. Were all neighbours alike, as
  /// published, a node's own features would drown in the mean of all, and every node would begin as the same point.
  template <class = void>
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
  template <class = void>
  grad::Variable<float> difference_error(const grad::Variable<float>& points, nn::Sequence<const float> target,
                                         const std::vector<NodePair>& pairs) {
    const auto wanted =
        nn::make_sequence<float>(tape().workspace(), target.batch, static_cast<Index>(pairs.size()), target.channels);
    subtract_nodes(target, pairs, wanted);
    return grad::mean_squared_error<float>(node_differences(points, pairs, tape()), wanted, tape());
  }

  ContourRecipe recipe_;
  std::vector<NodePair> motion_ = motion_pairs(), shape_ = shape_pairs();
};

}  // namespace systolic::train
