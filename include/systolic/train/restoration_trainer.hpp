#pragma once
// The training of the restoration network, a step at a time, and its state as tensors that a file can hold.

#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "systolic/core/numbers.hpp"
#include "systolic/ecg/restoration_metadata.hpp"
#include "systolic/grad/adamw.hpp"
#include "systolic/grad/clipping.hpp"
#include "systolic/grad/objective.hpp"
#include "systolic/nn/parameters.hpp"
#include "systolic/train/batch.hpp"
#include "systolic/train/initialize.hpp"

namespace systolic::train {

/// The loss of a step and its parts, before their weights.
struct StepLoss {
  double total = 0, global = 0, local = 0, trend = 0, attributes = 0, gradient_norm = 0;
};

/// Holds model, optimizer and averages. Same recipe, same batches: same bytes, for any number of threads and wherever
/// it was interrupted. With a Collective several processes train one model, each on its share of every batch; all hold
/// the same weights, which differ from a single process's by the rounding of sums.
class RestorationTrainer {
 public:
  RestorationTrainer(const Recipe& recipe, int threads, grad::Collective* collective = nullptr)
      : recipe_(recipe),
        collective_(collective),
        model_(recipe.network),
        parameters_(model_),
        tape_(parameters_, threads),
        optimizer_(parameters_, {.learning_rate = recipe.learning_rate, .weight_decay = recipe.weight_decay}) {
    initialize(model_, recipe.seed);
    if (recipe.average > 0) average_.emplace(parameters_, recipe.average);
  }
  RestorationTrainer(const RestorationTrainer&) = delete;
  RestorationTrainer& operator=(const RestorationTrainer&) = delete;

  /// Steps done so far.
  Index steps() const noexcept { return optimizer_.steps(); }

  /// Forward, backward, update. A loss or gradient that is not finite is returned and changes no weight.
  StepLoss step(const Batch& batch, double rate) {
    Random random(recipe_.seed, dropout_stream + static_cast<std::uint64_t>(steps()));
    tape_.clear();
    tape_.set_random(&random);
    tape_.set_shard({batch.first, batch.total, collective_});
    parameters_.clear_gradients();
    const auto input = [&](const Tensor<float>& x) { return tape_.input(nn::as_sequence(x.view())); };
    const auto restored = model_(input(batch.masked_global), input(batch.masked_local), input(batch.trend), tape_);
    const auto target = nn::as_sequence(batch.global.view());
    const auto global = grad::uncertain_restoration_loss(restored.global, target, tape_);
    const auto local = grad::uncertain_restoration_loss(restored.local, nn::as_sequence(batch.local.view()), tape_);
    const auto trend = grad::mean_squared_error(restored.trend, target, tape_);
    auto total = add(add(global, local, tape_), times(trend, recipe_.trend_weight), tape_);
    std::array<double, 4> parts{value(global), value(local), value(trend), 0};
    if (restored.attributes && recipe_.attribute_weight > 0) {
      const auto error =
          grad::known_mean_squared_error(*restored.attributes, nn::as_sequence(batch.attributes.view()), tape_);
      total = add(total, times(error, recipe_.attribute_weight), tape_);
      parts[3] = value(error);
    }
    tape_.shard().sum(parts.data(), static_cast<Index>(parts.size()));
    StepLoss loss{parts[0] + parts[1] + recipe_.trend_weight * parts[2] + recipe_.attribute_weight * parts[3],
                  parts[0],
                  parts[1],
                  parts[2],
                  parts[3],
                  0};
    if (!std::isfinite(loss.total)) return loss;
    const Tensor<float> one({1}, {1.0f});
    tape_.backward(total, one.view());
    for (auto& parameter : parameters_)
      if (parameter.trained) tape_.shard().sum(parameter.gradient.data(), parameter.gradient.size());
    loss.gradient_norm =
        recipe_.clip > 0 ? grad::clip_gradient_norm(parameters_, recipe_.clip) : grad::gradient_norm(parameters_);
    if (!std::isfinite(loss.gradient_norm)) return loss;
    optimizer_.options.learning_rate = rate;
    optimizer_.step(tape_.threads());
    if (average_) average_->update(steps() - 1);
    return loss;
  }

  /// The weights to keep: the averages where the recipe makes them.
  nn::StateDict weights() {
    if (average_) average_->swap();
    nn::StateDict state = nn::save_parameters(model_);
    if (average_) average_->swap();
    set_restoration_options(state, recipe_.network);
    return state;
  }

  /// Everything that the next step depends on, but the batch.
  nn::StateDict checkpoint() {
    nn::StateDict state;
    visit_state([&](const std::string& name, Tensor<float>& tensor) { state.tensors.push_back({name, tensor}); });
    state.set_metadata("checkpoint.steps", std::to_string(steps()));
    return state;
  }

  /// Back to a checkpoint of the same recipe; `file` names it in errors, after which the trainer is of no use.
  Status resume(const nn::StateDict& state, const std::string& file) {
    const std::string* text = state.find_metadata("checkpoint.steps");
    const auto count = text == nullptr ? std::optional<Index>() : number_from_text<Index>(*text);
    if (!count || *count < 0) return error_at(file, "metadata checkpoint.steps", "is missing: is it a checkpoint?");
    std::string wrong;
    std::size_t used = 0;
    visit_state([&](const std::string& name, Tensor<float>& tensor) {
      const Tensor<float>* source = state.find(name);
      if (source == nullptr || source->shape() != tensor.shape()) {
        if (wrong.empty()) wrong = name;
        return;
      }
      std::copy(source->begin(), source->end(), tensor.begin());
      ++used;
    });
    if (!wrong.empty()) return error_at(file, "tensor " + wrong, "is missing or of another shape: another recipe?");
    if (used != state.tensors.size()) return error_at(file, "", "holds tensors of another recipe");
    optimizer_.set_steps(*count);
    return {};
  }

 private:
  static constexpr std::uint64_t dropout_stream = std::uint64_t{1} << 62;

  static double value(const grad::Variable<float>& x) { return static_cast<double>(x.value.data[0]); }
  grad::Variable<float> times(const grad::Variable<float>& x, double factor) {
    return scale_channels(x, 1, static_cast<float>(factor), 1.0f, tape_);
  }

  template <class Visitor>
  void visit_state(Visitor&& visitor) {
    for (auto& parameter : parameters_) visitor("model." + parameter.name, *parameter.value);
    optimizer_.visit([&](const std::string& name, Tensor<float>& first, Tensor<float>& second) {
      visitor("first_moment." + name, first);
      visitor("second_moment." + name, second);
    });
    if (average_)
      average_->visit([&](const std::string& name, Tensor<float>& tensor) { visitor("average." + name, tensor); });
  }

  Recipe recipe_;
  grad::Collective* collective_;
  Restoration<float> model_;
  grad::Parameters<float> parameters_;
  grad::Tape<float> tape_;
  grad::AdamW<float> optimizer_;
  std::optional<grad::MovingAverage<float>> average_;
};

}  // namespace systolic::train
