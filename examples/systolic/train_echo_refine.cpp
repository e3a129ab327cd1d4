#include "train_echo_refine.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "output.hpp"
#include "systolic/train/refiner_trainer.hpp"
#include "train_contour_sets.hpp"
#include "train_loop.hpp"

namespace program {
namespace {

using systolic::number_to_text;
using systolic::train::RefinerRecipe;
using systolic::train::RefinerTrainer;

constexpr Index default_phantoms = 48000;

RefinerRecipe make_refiner_recipe(const TrainOptions& options) {
  RefinerRecipe recipe;
  set_optimization(options, recipe);
  recipe.width = options.width.value_or(recipe.width);
  return recipe;
}

class RefinerTask {
 public:
  RefinerTask(const TrainOptions& options, const RefinerRecipe& recipe, const Job& job, const ContourSets& sets,
              const ContourStart& start)
      : options_(options),
        recipe_(recipe),
        job_(job),
        sets_(sets),
        start_(start),
        trainer_(recipe, options.common.threads, job.collective()) {}

  const RefinerRecipe& recipe() const { return recipe_; }
  Index size() const { return sets_.training->size(); }
  RefinerTrainer& trainer() { return trainer_; }
  std::string description() const {
    std::string strips;
    for (const auto& strip : recipe_.strips)
      strips += (strips.empty() ? "" : ", ") + std::to_string(strip.rows) + " rows within " +
                number_to_text(strip.reach) + " of the length";
    return recipe_.name + ", seed " + std::to_string(recipe_.seed) + ", " + std::to_string(recipe_.epochs) +
           " epochs, batch " + std::to_string(recipe_.batch) + ", learning rate " +
           number_to_text(recipe_.learning_rate) + ", width " + std::to_string(recipe_.width) + ", " + strips +
           ", contours of weights " + start_.finder.checksum() + ", " + sets_.training->description();
  }

  systolic::Result<systolic::train::StepLoss> step(const std::vector<Index>& chosen, Index step, double rate,
                                                   std::vector<std::int64_t>& ids) {
    const auto batch = systolic::train::make_refiner_batch(*sets_.training, chosen, recipe_, start_.finder, step,
                                                           options_.common.threads, job_.rank(), job_.size());
    if (!batch) return batch.error();
    ids = batch->ids;
    return trainer_.step(*batch, rate);
  }

  systolic::Result<std::vector<Measured>> validate() {
    return measure_contours(weights(), *sets_.validation, recipe_.seed, options_.common.threads);
  }

  systolic::Result<systolic::nn::StateDict> finished() {
    systolic::nn::StateDict state = weights();
    if (const std::string* first = start_.state.find_metadata("training.recipe"))
      state.set_metadata("training.first", *first);
    describe_training(state, description(), sets_.training->description());
    if (auto status = finish_contour_weights(state, options_, sets_.phantoms); !status) return status.error();
    return state;
  }

 private:
  /// The network's as they were, the refiners' as they are now.
  systolic::nn::StateDict weights() {
    systolic::nn::StateDict state = start_.state;
    std::erase_if(state.tensors, [](const auto& entry) { return entry.name.starts_with("refiner."); });
    std::erase_if(state.metadata, [](const auto& entry) { return entry.first == "self_check"; });
    for (auto& entry : trainer_.weights().tensors) state.tensors.push_back(std::move(entry));
    systolic::io::set_refiner_options(state, recipe_.strips);
    return state;
  }

  const TrainOptions& options_;
  const RefinerRecipe& recipe_;
  const Job& job_;
  const ContourSets& sets_;
  const ContourStart& start_;
  RefinerTrainer trainer_;
};

int fail(const systolic::Error& error) {
  print_message(error.message);
  return exit_failed;
}

}  // namespace

int train_echo_refine(const TrainOptions& options, const Job& job) {
  if (options.pretrained.empty() || options.pretrained == "none") {
    print_message("--task " + options.task + " needs --pretrained, the weights whose contours are refined");
    return job.end(exit_usage);
  }
  RefinerRecipe recipe = make_refiner_recipe(options);
  const auto start = read_contour_start(options);
  if (!start) return job.end(fail(start.error()));
  const auto sets = find_contours(options, start->finder.network().options.frames, default_phantoms);
  if (!sets) return job.end(fail(sets.error()));
  recipe.augmentation = sets->augmentation();
  RefinerTask task(options, recipe, job, *sets, *start);
  return run_training(options, job, task);
}

}  // namespace program
