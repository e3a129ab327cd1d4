#include "train_echo_landmarks.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "output.hpp"
#include "systolic/io/float16.hpp"
#include "systolic/io/landmark_weights.hpp"
#include "systolic/train/landmark_trainer.hpp"
#include "systolic/train/linear_folders.hpp"
#include "systolic/train/phantom_examples.hpp"
#include "train_example_sets.hpp"
#include "train_loop.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::number_to_text;
using systolic::train::LandmarkRecipe;
using systolic::train::LandmarkTrainer;
using systolic::train::LinearExamples;

constexpr Index default_phantoms = 20000;

LandmarkRecipe make_landmark_recipe(const TrainOptions& options) {
  LandmarkRecipe recipe = systolic::train::landmark_recipe(options.task == "echo-m-mode" ? echo::LandmarkImage::m_mode
                                                                                         : echo::LandmarkImage::frame);
  set_optimization(options, recipe);
  recipe.landmarks.network.width = options.width.value_or(recipe.landmarks.network.width);
  return recipe;
}

using LinearSets = ExampleSets<LinearExamples>;

systolic::Result<LinearSets> find_examples(const TrainOptions& options) {
  return find_example_sets<LinearExamples>(
      options, default_phantoms,
      [&](Index validation) { return systolic::train::open_linear_folder(options.data, options.limit, validation); },
      [](Index count, std::uint64_t seed) { return std::make_unique<systolic::train::PhantomExamples>(count, seed); });
}

class LandmarkTask {
 public:
  LandmarkTask(const TrainOptions& options, const LandmarkRecipe& recipe, const Job& job, const LinearSets& sets)
      : options_(options),
        recipe_(recipe),
        job_(job),
        sets_(sets),
        trainer_(recipe, options.common.threads, job.collective()) {}

  const LandmarkRecipe& recipe() const { return recipe_; }
  Index size() const { return sets_.training->size(); }
  LandmarkTrainer& trainer() { return trainer_; }
  std::string description() const {
    return options_.task + ", seed " + std::to_string(recipe_.seed) + ", " + std::to_string(recipe_.epochs) +
           " epochs, batch " + std::to_string(recipe_.batch) + ", learning rate " +
           number_to_text(recipe_.learning_rate) + ", width " + std::to_string(recipe_.landmarks.network.width) + ", " +
           sets_.training->description();
  }

  systolic::Result<systolic::train::StepLoss> step(const std::vector<Index>& chosen, Index step, double rate,
                                                   std::vector<std::int64_t>& ids) {
    ids.assign(chosen.begin(), chosen.end());
    const auto batch = systolic::train::make_landmark_batch(*sets_.training, chosen, recipe_, step,
                                                            options_.common.threads, job_.rank(), job_.size());
    if (!batch) return batch.error();
    return trainer_.step(*batch, rate);
  }

  /// The mean distance of a landmark from the truth on the validation examples' labelled lines or frames.
  systolic::Result<std::vector<Measured>> validate() {
    if (sets_.validation->size() == 0) return std::vector<Measured>{};
    auto state = trainer_.weights();
    const auto network = systolic::io::make_landmark_network(state, "the weights in training");
    if (!network) return network.error();
    systolic::Workspace workspace(options_.common.threads);
    double sum = 0, count = 0;
    for (Index i = 0; i < sets_.validation->size(); ++i) {
      const auto loaded = sets_.validation->load(i);
      if (!loaded) return loaded.error();
      const systolic::train::LinearExample& example = **loaded;
      std::array<echo::Point, 4> found = example.landmarks;
      if (recipe_.landmarks.image == echo::LandmarkImage::frame) {
        found = network->in_frame(example.frame(), workspace).points;
      } else {
        const auto line =
            echo::make_scan_line(example.landmarks[0], example.landmarks[3], {}, example.rows, example.columns);
        if (!line) continue;
        const echo::ScanLine fine = echo::line_for_rows(*line, recipe_.landmarks.rows);
        const auto read = network->along(example.m_mode(fine), fine.count, workspace);
        for (std::size_t k = 0; k < 4; ++k) found[k] = fine.at(read.samples[k]);
      }
      for (std::size_t k = 0; k < 4; ++k)
        sum += distance(in_millimetres(found[k], example.pixel), in_millimetres(example.landmarks[k], example.pixel));
      count += 4;
    }
    return std::vector<Measured>{{"validation_distance_mm", "landmarks' distance from the truth, mm:", sum / count}};
  }

  systolic::Result<systolic::nn::StateDict> finished() {
    systolic::nn::StateDict state = trainer_.weights();
    state.set_metadata("name", recipe_.landmarks.image == echo::LandmarkImage::m_mode
                                   ? "systolic echo m-mode landmarks"
                                   : "systolic echo frame landmarks");
    describe_training(state, description(), sets_.training->description());
    state.set_metadata("training.command", command());
    if (sets_.phantoms) state.set_metadata("warning", "phantom-trained, for software verification, not for patients");
    // The numbers are rounded first: what checks itself is what the file will hold.
    if (options_.type == systolic::io::DataType::f16)
      for (systolic::nn::NamedTensor& entry : state.tensors)
        for (float& value : entry.tensor) value = systolic::io::float_from_half(systolic::io::half_from_float(value));
    systolic::Workspace workspace;
    const auto network = systolic::io::make_landmark_network(state, options_.out);
    if (!network) return network.error();
    systolic::io::set_landmark_self_check(state, *network, workspace);
    return state;
  }

 private:
  /// By which the same training is started again, but for where files are.
  std::string command() const {
    return "systolic train --task " + options_.task + (sets_.phantoms ? "" : " --data DIR") + " --width " +
           std::to_string(recipe_.landmarks.network.width) + " --limit " + std::to_string(size()) + " --epochs " +
           std::to_string(recipe_.epochs) + " --batch " + std::to_string(recipe_.batch) + " --lr " +
           number_to_text(recipe_.learning_rate) + " --seed " + std::to_string(recipe_.seed) +
           (options_.type == systolic::io::DataType::f16 ? " --dtype f16" : "");
  }

  const TrainOptions& options_;
  const LandmarkRecipe& recipe_;
  const Job& job_;
  const LinearSets& sets_;
  LandmarkTrainer trainer_;
};

}  // namespace

int train_echo_landmarks(const TrainOptions& options, const Job& job) {
  const LandmarkRecipe recipe = make_landmark_recipe(options);
  const auto sets = find_examples(options);
  if (!sets) {
    print_message(sets.error().message);
    return job.end(exit_failed);
  }
  LandmarkTask task(options, recipe, job, *sets);
  return run_training(options, job, task);
}

}  // namespace program
