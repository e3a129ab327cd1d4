#pragma once
// What the trainings of all networks share: model, optimizer and averages, the frame of a step, and their state as
// tensors that a file can hold.

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/grad/adamw.hpp"
#include "systolic/grad/clipping.hpp"
#include "systolic/grad/objective.hpp"
#include "systolic/nn/parameters.hpp"
#include "systolic/train/recipe.hpp"

namespace systolic::train {

/// One term of a loss, before its weight.
struct LossPart {
  const char* name;
  double value, weight;
};

/// The loss of a step: the weighted sum of its parts.
struct StepLoss {
  double total = 0, gradient_norm = 0;
  std::vector<LossPart> parts;
};

/// Base of the trainers. A network's own brings step(batch, rate): begin_step(), the model on tape(), end_step().
template <class Model>
class Trainer {
 public:
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Steps done so far.
  Index steps() const noexcept { return optimizer_.steps(); }

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

 protected:
  /// `frozen`: parameters whose name begins so are not trained; empty: all are.
  Trainer(const Optimization& optimization, Model model, int threads, grad::Collective* collective,
          const std::string& frozen = {})
      : optimization_(optimization),
        collective_(collective),
        model_(std::move(model)),
        parameters_(model_, frozen),
        tape_(parameters_, threads),
        optimizer_(parameters_,
                   {.learning_rate = optimization.learning_rate, .weight_decay = optimization.weight_decay}) {}
  ~Trainer() = default;

  Model& model() noexcept { return model_; }
  grad::Tape<float>& tape() noexcept { return tape_; }
  grad::AdamW<float>& optimizer() noexcept { return optimizer_; }

  /// To be called once the model has its first weights.
  void start_average() {
    if (optimization_.average > 0) average_.emplace(parameters_, optimization_.average);
  }

  /// A clear tape that sees items first, first + 1, ... of a batch of `total`, with the step's own source of chance.
  void begin_step(Index first, Index total) {
    random_ = Random(optimization_.seed, dropout_stream + static_cast<std::uint64_t>(steps()));
    tape_.clear();
    tape_.set_random(&random_);
    tape_.set_shard({first, total, collective_});
    parameters_.clear_gradients(tape_.threads());
  }

  /// Backward and update, given the loss variable and the values of its parts in this process's share of the batch. A
  /// loss or gradient that is not finite is returned and changes no weight.
  StepLoss end_step(const grad::Variable<float>& total, std::vector<LossPart> parts, double rate) {
    std::vector<double> values;
    for (const LossPart& part : parts) values.push_back(part.value);
    tape_.shard().sum(values.data(), static_cast<Index>(values.size()));
    StepLoss loss;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].value = values[i];
      loss.total += parts[i].weight * values[i];
    }
    loss.parts = std::move(parts);
    if (!std::isfinite(loss.total)) return loss;
    const Tensor<float> one({1}, {1.0f});
    tape_.backward(total, one.view());
    for (auto& parameter : parameters_)
      if (parameter.trained) tape_.shard().sum(parameter.gradient.data(), parameter.gradient.size());
    const double clip = optimization_.clip;
    const int threads = tape_.threads();
    loss.gradient_norm =
        clip > 0 ? grad::clip_gradient_norm(parameters_, clip, threads) : grad::gradient_norm(parameters_, threads);
    if (!std::isfinite(loss.gradient_norm)) return loss;
    optimizer_.options.learning_rate = rate;
    optimizer_.step(threads);
    if (average_) average_->update(steps() - 1, threads);
    return loss;
  }

  /// The tensors to keep: the averages where there are any.
  nn::StateDict kept_parameters() {
    if (average_) average_->swap();
    nn::StateDict state = nn::save_parameters(model_);
    if (average_) average_->swap();
    return state;
  }

  static double value(const grad::Variable<float>& x) { return static_cast<double>(x.value.data[0]); }
  grad::Variable<float> times(const grad::Variable<float>& x, double factor) {
    return scale_channels(x, 1, static_cast<float>(factor), 1.0f, tape_);
  }

 private:
  static constexpr std::uint64_t dropout_stream = std::uint64_t{1} << 62;

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

  Optimization optimization_;
  grad::Collective* collective_;
  Model model_;
  grad::Parameters<float> parameters_;
  grad::Tape<float> tape_;
  grad::AdamW<float> optimizer_;
  Random random_{0, 0};
  std::optional<grad::MovingAverage<float>> average_;
};

}  // namespace systolic::train
