#pragma once
// The training of a landmark network, a step at a time.

#include <utility>

#include "systolic/echo/landmark_metadata.hpp"
#include "systolic/grad/conv3d.hpp"
#include "systolic/grad/conv_transpose2d.hpp"
#include "systolic/grad/heat_map.hpp"
#include "systolic/train/initialize.hpp"
#include "systolic/train/landmark_batch.hpp"
#include "systolic/train/trainer.hpp"

namespace systolic::train {

/// As RestorationTrainer.
class LandmarkTrainer : public Trainer<echo::UNet<float>> {
 public:
  template <class = void>
  LandmarkTrainer(const LandmarkRecipe& recipe, int threads, grad::Collective* collective = nullptr)
      : Trainer(recipe, echo::UNet<float>(recipe.landmarks.network), threads, collective), recipe_(recipe) {
    initialize(model(), recipe.seed);
    start_average();
  }

  /// Forward, backward, update. A loss or gradient that is not finite is returned and changes no weight.
  template <class = void>
  StepLoss step(const LandmarkBatch& batch, double rate) {
    begin_step(batch.first, batch.total);
    const auto image = nn::as_image(batch.images.view());
    const grad::ImageVariable<float> x{tape().input(nn::Sequence<const float>(image.pixels)), image.extent};
    const auto logits = echo::run_unet(model(), x, tape());
    const auto points = grad::landmark_coordinates(logits, tape());
    const auto distance = grad::landmark_distance(points, nn::as_sequence(batch.targets.view()), tape());
    if (recipe_.landmarks.image == echo::LandmarkImage::frame)
      return end_step(distance, {{"distance", value(distance), 1}}, rate);
    // The published loss leaves the anchor column, where the landmarks are read, empty if its neighbours balance.
    Tensor<float> rows({batch.targets.shape()[0], 4, 1});
    for (Index i = 0; i < rows.size(); ++i) rows.data()[i] = batch.targets.data()[2 * i];
    const auto read = grad::landmark_rows_at(logits, echo::anchor_column, tape());
    const auto along = grad::landmark_distance(read, nn::as_sequence(std::as_const(rows).view()), tape());
    return end_step(add(distance, along, tape()), {{"distance", value(distance), 1}, {"along", value(along), 1}}, rate);
  }

  /// The weights to keep.
  template <class = void>
  nn::StateDict weights() {
    nn::StateDict state = kept_parameters();
    echo::set_landmark_options(state, recipe_.landmarks);
    return state;
  }

 private:
  LandmarkRecipe recipe_;
};

}  // namespace systolic::train
