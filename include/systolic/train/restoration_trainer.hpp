#pragma once
// The training of the restoration network, a step at a time.

#include <utility>
#include <vector>

#include "systolic/ecg/restoration_metadata.hpp"
#include "systolic/train/batch.hpp"
#include "systolic/train/initialize.hpp"
#include "systolic/train/trainer.hpp"

namespace systolic::train {

/// Same recipe, same batches: same bytes, for any number of threads and wherever it was interrupted. With a Collective
/// several processes train one model, each on its share of every batch; all hold the same weights, which differ from a
/// single process's by the rounding of sums.
class RestorationTrainer : public Trainer<Restoration<float>> {
 public:
  template <class = void>
  RestorationTrainer(const Recipe& recipe, int threads, grad::Collective* collective = nullptr)
      : Trainer(recipe, Restoration<float>(recipe.network), threads, collective), recipe_(recipe) {
    initialize(model(), recipe.seed);
    start_average();
  }

  /// Forward, backward, update. A loss or gradient that is not finite is returned and changes no weight.
  template <class = void>
  StepLoss step(const Batch& batch, double rate) {
    begin_step(batch.first, batch.total);
    const auto input = [&](const Tensor<float>& x) { return tape().input(nn::as_sequence(x.view())); };
    const auto restored = model()(input(batch.masked_global), input(batch.masked_local), input(batch.trend), tape());
    const auto target = nn::as_sequence(batch.global.view());
    const auto global = grad::uncertain_restoration_loss(restored.global, target, tape());
    const auto local = grad::uncertain_restoration_loss(restored.local, nn::as_sequence(batch.local.view()), tape());
    const auto trend = grad::mean_squared_error(restored.trend, target, tape());
    auto total = add(add(global, local, tape()), times(trend, recipe_.trend_weight), tape());
    std::vector<LossPart> parts{{"global", value(global), 1},
                                {"local", value(local), 1},
                                {"trend", value(trend), recipe_.trend_weight},
                                {"attributes", 0, recipe_.attribute_weight}};
    if (restored.attributes && recipe_.attribute_weight > 0) {
      const auto error =
          grad::known_mean_squared_error(*restored.attributes, nn::as_sequence(batch.attributes.view()), tape());
      total = add(total, times(error, recipe_.attribute_weight), tape());
      parts.back().value = value(error);
    }
    return end_step(total, std::move(parts), rate);
  }

  /// The weights to keep: the averages where the recipe makes them.
  template <class = void>
  nn::StateDict weights() {
    nn::StateDict state = kept_parameters();
    set_restoration_options(state, recipe_.network);
    return state;
  }

 private:
  Recipe recipe_;
};

}  // namespace systolic::train
