#include "train_echo_contour.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "output.hpp"
#include "systolic/train/contour_trainer.hpp"
#include "train_contour_sets.hpp"
#include "train_loop.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::number_to_text;
using systolic::train::ContourRecipe;
using systolic::train::ContourTrainer;

constexpr Index default_phantoms = 32000;

ContourRecipe make_contour_recipe(const TrainOptions& options) {
  ContourRecipe recipe;
  set_optimization(options, recipe);
  if (options.width)
    for (std::size_t stage = 0; stage < echo::encoder_stages; ++stage)
      recipe.network.encoder.widths[stage] = *options.width << stage;
  return recipe;
}

class ContourTask {
 public:
  /// `start`: weights to go on from, or nullptr.
  ContourTask(const TrainOptions& options, const ContourRecipe& recipe, const Job& job, const ContourSets& sets,
              const ContourStart* start)
      : options_(options),
        recipe_(recipe),
        job_(job),
        sets_(sets),
        start_(start != nullptr ? "weights " + start->finder.checksum() : "random weights"),
        trainer_(recipe, start != nullptr ? &start->state : nullptr, options.common.threads, job.collective()) {}

  const ContourRecipe& recipe() const { return recipe_; }
  Index size() const { return sets_.training->size(); }
  ContourTrainer& trainer() { return trainer_; }
  std::string description() const {
    std::string widths;
    for (const Index width : recipe_.network.encoder.widths)
      widths += (widths.empty() ? "" : "/") + std::to_string(width);
    return recipe_.name + ", seed " + std::to_string(recipe_.seed) + ", " + std::to_string(recipe_.epochs) +
           " epochs, batch " + std::to_string(recipe_.batch) + ", learning rate " +
           number_to_text(recipe_.learning_rate) + ", " + std::to_string(recipe_.network.frames) + " frames of " +
           std::to_string(recipe_.network.size) + " pixels, widths " + widths + ", from " + start_ + ", " +
           sets_.training->description();
  }

  systolic::Result<systolic::train::StepLoss> step(const std::vector<Index>& chosen, Index step, double rate,
                                                   std::vector<std::int64_t>& ids) {
    const auto batch = systolic::train::make_contour_batch(*sets_.training, chosen, recipe_, step,
                                                           options_.common.threads, job_.rank(), job_.size());
    if (!batch) return batch.error();
    ids = batch->ids;
    return trainer_.step(*batch, rate);
  }

  systolic::Result<std::vector<Measured>> validate() {
    return measure_contours(trainer_.weights(), *sets_.validation, recipe_.seed, options_.common.threads);
  }

  systolic::Result<systolic::nn::StateDict> finished() {
    systolic::nn::StateDict state = trainer_.weights();
    describe_training(state, description(), sets_.training->description());
    if (auto status = finish_contour_weights(state, options_, sets_.phantoms); !status) return status.error();
    return state;
  }

 private:
  const TrainOptions& options_;
  const ContourRecipe& recipe_;
  const Job& job_;
  const ContourSets& sets_;
  std::string start_;
  ContourTrainer trainer_;
};

int fail(const systolic::Error& error) {
  print_message(error.message);
  return exit_failed;
}

}  // namespace

int train_echo_contour(const TrainOptions& options, const Job& job) {
  ContourRecipe recipe = make_contour_recipe(options);
  std::optional<ContourStart> start;
  if (!options.pretrained.empty() && options.pretrained != "none") {
    auto read = read_contour_start(options);
    if (!read) return job.end(fail(read.error()));
    recipe.network = read->finder.network().options;
    start.emplace(std::move(*read));
  }
  const auto sets = find_contours(options, recipe.network.frames, default_phantoms);
  if (!sets) return job.end(fail(sets.error()));
  recipe.augmentation = sets->augmentation();
  ContourTask task(options, recipe, job, *sets, start ? &*start : nullptr);
  return run_training(options, job, task);
}

}  // namespace program
