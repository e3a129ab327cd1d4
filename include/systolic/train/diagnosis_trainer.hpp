#pragma once
// The training of the slim diagnosis network, a step at a time.

#include <string>
#include <utility>
#include <vector>

#include "systolic/train/diagnosis_data.hpp"
#include "systolic/train/initialize.hpp"
#include "systolic/train/trainer.hpp"

namespace systolic::train {

/// As RestorationTrainer, from a pretrained encoder where there is one.
class DiagnosisTrainer : public Trainer<Diagnosis<float>> {
 public:
  /// `pretrained`: the tensors of a restoration network whose encoder is taken over, or nullptr. Requires that its
  /// encoder has the recipe's width (see take_encoder).
  template <class = void>
  DiagnosisTrainer(const DiagnosisRecipe& recipe, const nn::StateDict* pretrained, int threads,
                   grad::Collective* collective = nullptr)
      : Trainer(recipe, Diagnosis<float>(recipe.network), threads, collective, recipe.locked ? backbone : ""),
        recipe_(recipe) {
    initialize(model(), recipe.seed);
    if (pretrained != nullptr) take_encoder(*pretrained);
    if (recipe.locked) model().prepare();  // the encoder computes as in inference
    optimizer().set_rate_factor(backbone, recipe.backbone_rate);
    start_average();
  }

  /// Forward, backward, update. A loss or gradient that is not finite is returned and changes no weight.
  template <class = void>
  StepLoss step(const DiagnosisBatch& batch, double rate) {
    begin_step(batch.first, batch.total);
    const auto read =
        model().read(encode(batch.global), tape().input(nn::as_sequence(batch.measurements.view())), tape());
    const auto statements =
        times(grad::asymmetric_loss(read.logits, nn::as_sequence(batch.classes.view()), recipe_.loss, tape()),
              1 / static_cast<double>(batch.total));
    const auto attributes =
        grad::known_mean_squared_error(read.attributes, nn::as_sequence(batch.attributes.view()), tape());
    const auto total = add(statements, times(attributes, recipe_.attribute_weight), tape());
    return end_step(total,
                    {{"statements", value(statements), 1}, {"attributes", value(attributes), recipe_.attribute_weight}},
                    rate);
  }

  nn::StateDict weights() { return kept_parameters(); }

 private:
  static constexpr const char* backbone = "global_encoder.";

  template <class = void>
  void take_encoder(const nn::StateDict& pretrained) {
    visit_parameters(model(), [&](const std::string& name, Tensor<float>& tensor) {
      if (!name.starts_with(backbone)) return;
      const Tensor<float>* source = pretrained.find(name);
      assert(source != nullptr && source->shape() == tensor.shape());
      std::copy(source->begin(), source->end(), tensor.begin());
    });
  }

  template <class = void>
  grad::Variable<float> encode(const Tensor<float>& global) {
    if (!recipe_.locked) return model().encode(tape().input(nn::as_sequence(global.view())), tape());
    const auto encoded = model().encode(nn::as_sequence(global.view()), tape().workspace());
    return tape().input(nn::Sequence<const float>(encoded));
  }

  DiagnosisRecipe recipe_;
};

}  // namespace systolic::train
