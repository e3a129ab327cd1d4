// Whole training steps against the published code's: losses, gradient norms, running statistics, weights; and that the
// number of threads changes nothing.

#include <doctest/doctest.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/formula_model.hpp"
#include "support/shared.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/grad/adamw.hpp"
#include "systolic/grad/objective.hpp"

using namespace systolic;

namespace {

/// One forward and backward pass on the golden inputs of a step; returns the loss.
double train_step(const Restoration<float>& model, int step, Index batch, grad::Parameters<float>& parameters,
                  grad::Tape<float>& tape) {
  const std::string name = "train" + std::to_string(step) + ".";
  const auto global = formula_tensor(name + "global", {batch, 4800, 12});
  const auto local = formula_tensor(name + "local", {batch, 480, 12});
  const auto trend = formula_tensor(name + "trend", {batch, 4800, 12});
  const nn::Sequence<const float> g = nn::as_sequence(global.view()), l = nn::as_sequence(local.view()),
                                  t = nn::as_sequence(trend.view());
  tape.clear();
  parameters.clear_gradients();
  const auto restored = model(tape.input(g), tape.input(l), tape.input(t), tape);
  const auto errors = add(grad::uncertain_restoration_loss(restored.global, g, tape),
                          grad::uncertain_restoration_loss(restored.local, l, tape), tape);
  const auto loss = add(errors, grad::mean_squared_error(restored.trend, g, tape), tape);
  const double value = static_cast<double>(loss.value.data[0]);
  const Tensor<float> one({1}, {1});
  tape.backward(loss, one.view());
  return value;
}

/// A model of one tensor.
struct Weights {
  Tensor<float> w = formula_tensor("adamw.w", {20});
};
template <class Visitor>
void visit_parameters(Weights& model, Visitor&& visitor) {
  visitor("w", model.w);
}

}  // namespace

TEST_CASE("golden: five steps of AdamW follow the published code") {
  SKIP_WITHOUT_SHARED();
  Restoration<float> model = testing::formula_model<float>();
  grad::Parameters<float> parameters(model);
  grad::Tape<float> tape(parameters, 2);
  grad::AdamW<float> optimizer(parameters);
  const auto losses = testing::golden<double>("mcf/train/losses");
  nlohmann::json norms;
  std::ifstream(testing::shared_folder() + "/golden/mcf/train/grad_norms_step0.json") >> norms;

  for (int step = 0; step < 5; ++step) {
    const double loss = train_step(model, step, 4, parameters, tape);
    CHECK(loss == doctest::Approx(losses(step)).epsilon(step < 2 ? 1e-5 : 1e-3));
    if (step == 0) {
      for (const auto& parameter : parameters) {
        if (!parameter.trained || parameter.name == "attn.linear_layers.1.bias") continue;  // zero but for rounding
        double squares = 0;
        for (const float value : parameter.gradient) squares += static_cast<double>(value) * value;
        CAPTURE(parameter.name);
        CHECK(std::sqrt(squares) == doctest::Approx(norms.at(parameter.name).get<double>()).epsilon(2e-3));
      }
    }
    optimizer.step();
  }
  const auto& first = model.global_encoder.blocks;
  CHECK(testing::largest_difference(first[1].norm->running_mean,
                                    testing::golden<float>("mcf/train/global_running_mean")) < 1e-4);
  CHECK(testing::largest_difference(first[1].norm->running_var,
                                    testing::golden<float>("mcf/train/global_running_var")) < 1e-4);
  const auto weights = testing::golden<float>("mcf/train/global_first_conv");
  const Tensor<float>& trained = first[0].layer.weight;
  double sum = 0;
  for (Index i = 0; i < weights.size(); ++i)
    sum += std::abs(static_cast<double>(weights.data()[i]) - static_cast<double>(trained.data()[i]));
  CHECK(testing::largest_difference(trained, weights) < 3e-4);
  CHECK(sum / static_cast<double>(weights.size()) < 2e-5);
}

TEST_CASE("golden: ten steps of AdamW on twenty weights") {
  SKIP_WITHOUT_SHARED();
  Weights model;
  grad::Parameters<float> parameters(model);
  grad::AdamW<float> optimizer(parameters, {.learning_rate = 1e-2, .weight_decay = 0.1});
  for (int step = 0; step < 10; ++step) {
    parameters.begin()->gradient = formula_tensor("adamw.g" + std::to_string(step), {20});
    optimizer.step();
  }
  CHECK(testing::largest_difference(model.w, testing::golden<float>("optimizer/adamw_w10")) < 2e-7);
}

TEST_CASE("gradients are the same bytes for one thread and for two") {
  Restoration<float> model = testing::formula_model<float>();
  std::vector<Tensor<float>> first;
  for (const int threads : {1, 2}) {
    grad::Parameters<float> parameters(model);
    grad::Tape<float> tape(parameters, threads);
    train_step(model, 0, 2, parameters, tape);
    std::size_t i = 0;
    for (const auto& parameter : parameters) {
      if (threads == 1) first.push_back(parameter.gradient);
      CAPTURE(parameter.name);
      const auto bytes = static_cast<std::size_t>(parameter.gradient.size()) * sizeof(float);
      CHECK(first[i].size() == parameter.gradient.size());
      CHECK((bytes == 0 || std::memcmp(first[i].data(), parameter.gradient.data(), bytes) == 0));
      ++i;
    }
  }
}
