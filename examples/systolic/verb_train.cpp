// systolic train: from a folder of recordings to weights.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "folders.hpp"
#include "once.hpp"
#include "output.hpp"
#include "ptbxl.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/weights.hpp"
#include "systolic/metrics/roc.hpp"
#include "systolic/train/restoration_trainer.hpp"
#include "train_data.hpp"
#include "train_diagnosis.hpp"
#include "train_echo_contour.hpp"
#include "train_echo_landmarks.hpp"
#include "train_echo_refine.hpp"
#include "train_loop.hpp"
#include "train_options.hpp"

namespace program {
namespace {

using systolic::number_to_text;
using systolic::train::ExampleCache;
using systolic::train::Recipe;
using systolic::train::RestorationTrainer;
using systolic::train::StepLoss;

int fail(const systolic::Error& error) {
  print_message(error.message);
  return exit_failed;
}

/// What must not change between the parts of an interrupted training.
std::string describe(const Recipe& recipe, const ExampleCache& cache) {
  std::string text =
      recipe.name + ", seed " + std::to_string(recipe.seed) + ", " + std::to_string(recipe.epochs) + " epochs, batch " +
      std::to_string(recipe.batch) + ", learning rate " + number_to_text(recipe.learning_rate) + ", mask ratio " +
      number_to_text(recipe.mask_ratio) + ", attribute weight " + number_to_text(recipe.attribute_weight) + ", width " +
      std::to_string(recipe.network.width) + ", peaks " + systolic::signal::peak_method_name(recipe.peaks) +
      ", normalization " + systolic::normalization_name(recipe.normalization);
  return text + ", " + std::to_string(cache.size()) + " recordings";
}

/// AUROC of the published score, one beat a record, over the first recordings of the validation fold.
systolic::Result<std::optional<double>> validate(const systolic::nn::StateDict& weights, const Recipe& recipe,
                                                 const std::vector<PtbxlRecord>& records, int threads) {
  auto detector = once::make_detector(weights, "the weights in training");
  if (!detector) return detector.error();
  systolic::Workspace workspace(threads);
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  for (const PtbxlRecord& record : records) {
    const auto window = read_first_window(record);
    if (!window) return window.error();
    if (!window->reason.empty()) continue;
    const auto found = once::detect(
        *detector, window->samples,
        {.normalization = recipe.normalization, .peaks = recipe.peaks, .beats = 1, .map = false}, workspace);
    if (!found.reason.empty()) continue;
    scores.push_back(found.score);
    labels.push_back(record.abnormal ? 1 : 0);
  }
  const auto curve = systolic::metrics::roc_curve(scores, labels);
  return curve ? std::optional<double>(systolic::metrics::auroc(*curve)) : std::nullopt;
}

}  // namespace

systolic::Result<Recipe> make_recipe(const TrainOptions& options) {
  auto recipe = systolic::train::find_recipe(options.recipe);
  if (!recipe) return recipe.error();
  set_optimization(options, *recipe);
  recipe->mask_ratio = options.mask_ratio.value_or(recipe->mask_ratio);
  recipe->attribute_weight = options.attribute_weight.value_or(recipe->attribute_weight);
  recipe->network.width = options.width.value_or(recipe->network.width);
  recipe->peaks = options.common.peaks.value_or(recipe->peaks);
  recipe->normalization = options.common.normalization.value_or(recipe->normalization);
  return recipe;
}

namespace {

class RestorationTask {
 public:
  RestorationTask(const TrainOptions& options, const Recipe& recipe, const Job& job, const ExampleCache& cache,
                  std::vector<PtbxlRecord> validation)
      : options_(options),
        recipe_(recipe),
        job_(job),
        cache_(cache),
        validation_(std::move(validation)),
        scale_(systolic::train::measure_attributes(cache)),
        trainer_(recipe, options.common.threads, job.collective()) {}

  const Recipe& recipe() const { return recipe_; }
  Index size() const { return cache_.size(); }
  std::string description() const { return describe(recipe_, cache_); }
  RestorationTrainer& trainer() { return trainer_; }

  StepLoss step(const std::vector<Index>& chosen, Index step, double rate, std::vector<std::int64_t>& ids) {
    const auto batch = systolic::train::make_batch(cache_, chosen, scale_, recipe_, step, options_.common.threads,
                                                   job_.rank(), job_.size());
    ids = batch.ids;
    return trainer_.step(batch, rate);
  }

  systolic::Result<std::vector<Measured>> validate() {
    if (validation_.empty()) return std::vector<Measured>();
    const auto auroc = program::validate(trainer_.weights(), recipe_, validation_, options_.common.threads);
    if (!auroc) return auroc.error();
    return std::vector<Measured>{{"validation_auroc", "validation AUROC", *auroc}};
  }

  systolic::Result<systolic::nn::StateDict> finished() {
    systolic::nn::StateDict state = trainer_.weights();
    state.set_metadata("name", "systolic restoration, recipe " + recipe_.name);
    describe_training(state, description(),
                      std::string(options_.all_records ? "all" : "normal") + " recordings of folds " +
                          fold_list(options_.train_folds));
    state.set_metadata("training.normalization", systolic::normalization_name(recipe_.normalization));
    state.set_metadata("training.peaks", systolic::signal::peak_method_name(recipe_.peaks));
    if (recipe_.network.attributes) systolic::train::set_attribute_scale(state, scale_);
    return state;
  }

 private:
  const TrainOptions& options_;
  const Recipe& recipe_;
  const Job& job_;
  const ExampleCache& cache_;
  std::vector<PtbxlRecord> validation_;
  systolic::train::AttributeScale scale_;
  RestorationTrainer trainer_;
};

int train_restoration(const TrainOptions& options, const Job& job) {
  const auto recipe = make_recipe(options);
  if (!recipe) return job.end(fail(recipe.error()));
  std::vector<PtbxlRecord> validation;
  if (options.validate_limit > 0) {
    auto labelled = read_ptbxl(options.data, {options.validate_fold});
    if (!labelled) return job.end(fail(labelled.error()));
    labelled->resize(std::min(labelled->size(), static_cast<std::size_t>(options.validate_limit)));
    validation = std::move(*labelled);
  }
  std::optional<ExampleCache> cache;
  const auto prepared = one_after_the_other(job, [&]() -> systolic::Status {
    auto found = prepare_examples(options, *recipe);
    if (!found) return found.error();
    cache.emplace(std::move(*found));
    return {};
  });
  if (!prepared) return job.end(fail(prepared.error()));
  RestorationTask task(options, *recipe, job, *cache, std::move(validation));
  return run_training(options, job, task);
}

}  // namespace

int run_train(const TrainOptions& options) {
  const Job job;
  if (options.data.empty() && !options.task.starts_with("echo-")) {
    print_message("--task " + options.task + " needs --data");
    return job.end(exit_usage);
  }
  for (const std::string& file : {options.out, options.checkpoint, options.log})
    if (!file.empty() && job.leads())
      if (const auto status = check_writable(file); !status) return job.end(fail(status.error()));
  if (options.task == "diagnose") return train_diagnosis(options, job);
  if (options.task == "echo-contour") return train_echo_contour(options, job);
  if (options.task == "echo-contour-refine") return train_echo_refine(options, job);
  if (options.task.starts_with("echo-")) return train_echo_landmarks(options, job);
  return train_restoration(options, job);
}

}  // namespace program
