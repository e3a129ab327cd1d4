// systolic train: from a folder of recordings to weights.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "folders.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "ptbxl.hpp"
#include "systolic/core/version.hpp"
#include "systolic/ecg/self_check.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/weights.hpp"
#include "systolic/metrics/roc.hpp"
#include "systolic/train/restoration_trainer.hpp"
#include "train_data.hpp"
#include "train_job.hpp"
#include "train_log.hpp"
#include "train_options.hpp"
#include "train_output.hpp"

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
  std::string text = recipe.name + ", seed " + std::to_string(recipe.seed) + ", " + std::to_string(recipe.epochs) +
                     " epochs, batch " + std::to_string(recipe.batch) + ", learning rate " +
                     number_to_text(recipe.learning_rate) + ", mask ratio " + number_to_text(recipe.mask_ratio) +
                     ", width " + std::to_string(recipe.network.width) + ", peaks " +
                     systolic::signal::peak_method_name(recipe.peaks) + ", normalization " +
                     systolic::normalization_name(recipe.normalization);
  return text + ", " + std::to_string(cache.size()) + " recordings";
}

/// The order of the recordings in an epoch.
std::vector<Index> epoch_order(Index count, const Recipe& recipe, int epoch) {
  std::vector<Index> order(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  systolic::Random random(recipe.seed, (std::uint64_t{1} << 61) + static_cast<std::uint64_t>(epoch));
  systolic::shuffle(order, random);
  return order;
}

/// AUROC of the published score, one beat a record, over the first recordings of the validation fold.
systolic::Result<std::optional<double>> validate(const systolic::nn::StateDict& weights, const Recipe& recipe,
                                                 const std::vector<PtbxlRecord>& records, int threads) {
  auto detector = systolic::io::make_detector(weights, "the weights in training");
  if (!detector) return detector.error();
  systolic::Workspace workspace(threads);
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  for (const PtbxlRecord& record : records) {
    const auto window = read_first_window(record);
    if (!window) return window.error();
    if (!window->reason.empty()) continue;
    const auto found = detector->detect(
        window->samples, {.normalization = recipe.normalization, .peaks = recipe.peaks, .beats = 1, .map = false},
        workspace);
    if (!found.reason.empty()) continue;
    scores.push_back(found.score);
    labels.push_back(record.abnormal ? 1 : 0);
  }
  const auto curve = systolic::metrics::roc_curve(scores, labels);
  return curve ? std::optional<double>(systolic::metrics::auroc(*curve)) : std::nullopt;
}

/// What the finished file says of its making.
void describe_training(systolic::nn::StateDict& state, const Recipe& recipe, const TrainOptions& options,
                       const ExampleCache& cache, const systolic::train::AttributeScale& scale) {
  const std::time_t time = std::time(nullptr);
  char date[16] = "";
  std::tm parts{};
  if (::gmtime_r(&time, &parts) != nullptr) std::strftime(date, sizeof date, "%Y-%m-%d", &parts);
  std::string folds;
  for (const int fold : options.train_folds) folds += (folds.empty() ? "" : ",") + std::to_string(fold);
  state.set_metadata("name", "systolic restoration, recipe " + recipe.name);
  state.set_metadata("training.recipe", describe(recipe, cache));
  state.set_metadata("training.data", "normal recordings of folds " + folds);
  state.set_metadata("training.date", date);
  state.set_metadata("training.version", systolic::version);
  state.set_metadata("training.normalization", systolic::normalization_name(recipe.normalization));
  state.set_metadata("training.peaks", systolic::signal::peak_method_name(recipe.peaks));
  if (!recipe.network.attributes) return;
  std::string names, means, deviations;
  for (std::size_t a = 0; a < scale.mean.size(); ++a) {
    const char* space = a == 0 ? "" : " ";
    names += space + std::string(systolic::attribute_names[a]);
    means += space + number_to_text(scale.mean[a]);
    deviations += space + number_to_text(scale.deviation[a]);
  }
  state.set_metadata("attributes.names", names);
  state.set_metadata("attributes.mean", means);
  state.set_metadata("attributes.deviation", deviations);
}

}  // namespace

systolic::Result<Recipe> make_recipe(const TrainOptions& options) {
  auto recipe = systolic::train::find_recipe(options.recipe);
  if (!recipe) return recipe.error();
  recipe->epochs = options.epochs.value_or(recipe->epochs);
  recipe->batch = options.batch.value_or(recipe->batch);
  recipe->learning_rate = options.learning_rate.value_or(recipe->learning_rate);
  recipe->mask_ratio = options.mask_ratio.value_or(recipe->mask_ratio);
  recipe->network.width = options.width.value_or(recipe->network.width);
  recipe->peaks = options.common.peaks.value_or(recipe->peaks);
  recipe->normalization = options.common.normalization.value_or(recipe->normalization);
  recipe->seed = options.common.seed;
  return recipe;
}

namespace {

/// One training, from its options to its file.
class Training {
 public:
  Training(const TrainOptions& options, const Recipe& recipe, const Job& job, const ExampleCache& cache)
      : options_(options),
        recipe_(recipe),
        job_(job),
        cache_(cache),
        scale_(systolic::train::measure_attributes(cache)),
        description_(describe(recipe, cache)),
        batches_((cache.size() + recipe.batch - 1) / recipe.batch),
        trainer_(recipe, options.common.threads, job.collective()) {}

  systolic::Status resume() {
    const auto state = systolic::io::read_safetensors(options_.resume);
    if (!state) return state.error();
    const std::string* made_by = state->find_metadata("checkpoint.training");
    if (made_by == nullptr || *made_by != description_)
      return systolic::error_at(
          options_.resume, "metadata checkpoint.training",
          "'" + (made_by == nullptr ? std::string() : *made_by) + "' is another training than '" + description_ + "'");
    return trainer_.resume(*state, options_.resume);
  }

  /// Trains to the end, or until a signal comes; then writes what was asked for. The exit status.
  systolic::Result<int> run(const std::vector<PtbxlRecord>& validation) {
    const Index total = batches_ * recipe_.epochs;
    auto log = TrainLog::open(job_.leads() ? options_.log : "", trainer_.steps());
    if (!log) return log.error();
    const bool quiet = options_.common.quiet || !job_.leads();
    Printer printer(quiet);
    TrainProgress progress(trainer_.steps(), total, quiet);
    const double started = now();
    double saved = started;
    EpochSums sums;
    while (trainer_.steps() < total) {
      const Index step = trainer_.steps();
      const int epoch = static_cast<int>(step / batches_);
      const auto batch = next_batch(step, epoch);
      const double rate = systolic::train::learning_rate(recipe_, step, batches_);
      const StepLoss loss = trainer_.step(batch, rate);
      if (trainer_.steps() == step) {
        std::string ids;
        for (const std::int64_t id : batch.ids) ids += " " + std::to_string(id);
        return systolic::error_at(options_.data, "step " + std::to_string(step + 1),
                                  "the loss or its gradient is not finite; the batch holds ecg_id" + ids);
      }
      if (auto status = log->append(step + 1, epoch + 1, loss, rate, now() - started); !status) return status.error();
      progress.show(step + 1, epoch + 1, loss.total);
      sums.add(loss);
      const bool stop = job_.any(interrupted());
      if (now() - saved > options_.checkpoint_seconds || stop) {
        if (auto status = save_checkpoint(); !status) return status.error();
        if (auto status = log->draw_curve(); !status) return status.error();
        saved = now();
      }
      if (stop) {
        progress.clear();
        if (job_.leads())
          print_message("interrupted after step " + std::to_string(step + 1) +
                        (options_.checkpoint.empty() ? "; nothing was kept (there is no --checkpoint)"
                                                     : "; --resume " + options_.checkpoint + " goes on"));
        return interrupted() ? interrupted_status() : exit_failed;
      }
      if ((step + 1) % batches_ == 0) {
        std::optional<double> auroc;
        if (!validation.empty() && job_.leads()) {
          const auto measured = validate(trainer_.weights(), recipe_, validation, options_.common.threads);
          if (!measured) return measured.error();
          auroc = *measured;
        }
        progress.clear();
        if (job_.leads()) sums.print(printer, options_.common.format, epoch + 1, auroc);
        sums = {};
      }
    }
    progress.clear();
    if (auto status = log->draw_curve(); !status) return status.error();
    if (auto status = save_checkpoint(); !status) return status.error();
    systolic::nn::StateDict weights = trainer_.weights();
    describe_training(weights, recipe_, options_, cache_, scale_);
    if (job_.leads())
      if (auto status = systolic::io::write_safetensors(options_.out, weights, options_.type); !status)
        return status.error();
    return printer.exit_status();
  }

 private:
  systolic::train::Batch next_batch(Index step, int epoch) {
    if (epoch != ordered_epoch_) order_ = epoch_order(cache_.size(), recipe_, epoch);
    ordered_epoch_ = epoch;
    const Index first = step % batches_ * recipe_.batch, last = std::min(first + recipe_.batch, cache_.size());
    const std::vector<Index> chosen(order_.begin() + first, order_.begin() + last);
    return systolic::train::make_batch(cache_, chosen, scale_, recipe_, step, options_.common.threads, job_.rank(),
                                       job_.size());
  }

  systolic::Status save_checkpoint() {
    if (options_.checkpoint.empty() || !job_.leads()) return {};
    systolic::nn::StateDict state = trainer_.checkpoint();
    state.set_metadata("checkpoint.training", description_);
    return systolic::io::write_safetensors(options_.checkpoint, state);
  }

  const TrainOptions& options_;
  const Recipe& recipe_;
  const Job& job_;
  const ExampleCache& cache_;
  systolic::train::AttributeScale scale_;
  std::string description_;
  Index batches_;
  RestorationTrainer trainer_;
  int ordered_epoch_ = -1;
  std::vector<Index> order_;
};

}  // namespace

int run_train(const TrainOptions& options) {
  const Job job;
  const auto recipe = make_recipe(options);
  if (!recipe) return job.end(fail(recipe.error()));
  for (const std::string& file : {options.out, options.checkpoint, options.log})
    if (!file.empty() && job.leads())
      if (const auto status = check_writable(file); !status) return job.end(fail(status.error()));
  std::vector<PtbxlRecord> validation;
  if (options.validate_limit > 0) {
    auto labelled = read_ptbxl(options.data, {options.validate_fold});
    if (!labelled) return job.end(fail(labelled.error()));
    labelled->resize(std::min(labelled->size(), static_cast<std::size_t>(options.validate_limit)));
    validation = std::move(*labelled);
  }
  // One process makes the cache; the others find it.
  std::optional<ExampleCache> cache;
  for (const bool turn : {job.leads(), !job.leads()}) {
    if (turn) {
      auto prepared = prepare_examples(options, *recipe);
      if (!prepared) return job.end(fail(prepared.error()));
      cache.emplace(std::move(*prepared));
    }
    job.any(false);
  }
  stop_on_interrupt();
  Training training(options, *recipe, job, *cache);
  if (!options.resume.empty())
    if (const auto status = training.resume(); !status) return job.end(fail(status.error()));
  const auto status = training.run(validation);
  return status ? *status : job.end(fail(status.error()));
}

}  // namespace program
