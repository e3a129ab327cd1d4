#include "train_diagnosis.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "output.hpp"
#include "ptbxl.hpp"
#include "systolic/ecg/diagnosis_classes.hpp"
#include "systolic/ecg/restoration_metadata.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/metrics/macro_auroc.hpp"
#include "systolic/train/diagnosis_trainer.hpp"
#include "train_data.hpp"
#include "train_loop.hpp"
#include "weights.hpp"

namespace program {
namespace {

namespace metrics = systolic::metrics;
using systolic::DiagnosisClass;
using systolic::number_to_text;
using systolic::train::DiagnosisCache;
using systolic::train::DiagnosisRecipe;
using systolic::train::DiagnosisTrainer;

DiagnosisRecipe make_diagnosis_recipe(const TrainOptions& options) {
  DiagnosisRecipe recipe;
  set_optimization(options, recipe);
  recipe.mask_ratio = options.mask_ratio.value_or(recipe.mask_ratio);
  recipe.attribute_weight = options.attribute_weight.value_or(recipe.attribute_weight);
  recipe.network.width = options.width.value_or(recipe.network.width);
  recipe.locked = options.locked;
  return recipe;
}

/// Logits of every recording of a cache: [recording][class].
systolic::Tensor<float> all_logits(const systolic::nn::StateDict& state, const DiagnosisRecipe& recipe,
                                   const DiagnosisCache& cache, const systolic::train::AttributeScale& attributes,
                                   const systolic::MeasurementScale& scale, int threads) {
  systolic::Diagnosis<float> network(recipe.network);
  const auto loaded = systolic::nn::load_parameters(network, state, "the weights in training");
  assert(loaded.ok());
  (void)loaded;
  network.prepare();
  systolic::Workspace workspace(threads);
  systolic::Tensor<float> logits({cache.size(), recipe.network.classes});
  for (Index first = 0; first < cache.size(); first += recipe.batch) {
    std::vector<Index> chosen;
    for (Index i = first; i < std::min(first + recipe.batch, cache.size()); ++i) chosen.push_back(i);
    const auto batch =
        systolic::train::make_diagnosis_batch(cache, chosen, attributes, scale, recipe, false, 0, threads);
    systolic::Workspace::Scope scope(workspace);
    const auto encoded = network.encode(systolic::nn::as_sequence(batch.global.view()), workspace);
    auto measurements = batch.measurements;
    const systolic::nn::Sequence<float> measured{measurements.data(), encoded.batch, 1, systolic::measurement_count, 0};
    const auto read = network.read(encoded, measured, workspace);
    std::copy_n(read.logits.data, read.logits.batch * recipe.network.classes,
                logits.data() + first * recipe.network.classes);
  }
  return logits;
}

class DiagnosisTask {
 public:
  DiagnosisTask(const TrainOptions& options, const DiagnosisRecipe& recipe, const Job& job, const DiagnosisCache& cache,
                const std::optional<DiagnosisCache>& validation, std::vector<DiagnosisClass> classes,
                const systolic::nn::StateDict* pretrained, const std::string& pretrained_name)
      : options_(options),
        recipe_(recipe),
        job_(job),
        cache_(cache),
        validation_(validation),
        classes_(std::move(classes)),
        pretrained_name_(pretrained_name),
        attributes_(systolic::train::measure_attributes(cache)),
        scale_(systolic::train::measure_scales(cache)),
        trainer_(recipe, pretrained, options.common.threads, job.collective()) {
    for (std::size_t c = 0; c < classes_.size(); ++c)
      for (Index i = 0; i < cache.size(); ++i) classes_[c].training_count += cache[i].classes[c] == 1 ? 1 : 0;
  }

  const DiagnosisRecipe& recipe() const { return recipe_; }
  Index size() const { return cache_.size(); }
  DiagnosisTrainer& trainer() { return trainer_; }
  std::string description() const {
    return "diagnosis " + recipe_.name + (recipe_.locked ? ", locked" : ", joint") + ", from " + pretrained_name_ +
           ", seed " + std::to_string(recipe_.seed) + ", " + std::to_string(recipe_.epochs) + " epochs, batch " +
           std::to_string(recipe_.batch) + ", learning rate " + number_to_text(recipe_.learning_rate) +
           ", mask ratio " + number_to_text(recipe_.mask_ratio) + ", attribute weight " +
           number_to_text(recipe_.attribute_weight) + ", width " + std::to_string(recipe_.network.width) + ", " +
           std::to_string(cache_.size()) + " recordings";
  }

  systolic::train::StepLoss step(const std::vector<Index>& chosen, Index step, double rate,
                                 std::vector<std::int64_t>& ids) {
    const auto batch = systolic::train::make_diagnosis_batch(cache_, chosen, attributes_, scale_, recipe_, true, step,
                                                             options_.common.threads, job_.rank(), job_.size());
    ids = batch.ids;
    return trainer_.step(batch, rate);
  }

  systolic::Result<std::vector<Measured>> validate() {
    if (!validation_) return std::vector<Measured>();
    const auto logits =
        all_logits(trainer_.weights(), recipe_, *validation_, attributes_, scale_, options_.common.threads);
    std::vector<metrics::ClassScores> statements, superclasses;
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      std::vector<double> scores;
      std::vector<std::int8_t> truth;
      for (Index i = 0; i < validation_->size(); ++i) {
        scores.push_back(static_cast<double>(logits(i, static_cast<Index>(c))));
        truth.push_back((*validation_)[i].classes[c]);
      }
      (classes_[c].kind == DiagnosisClass::Kind::statement ? statements : superclasses)
          .emplace_back(std::move(scores), std::move(truth));
    }
    const auto macro = [](const std::vector<metrics::ClassScores>& group) {
      std::vector<const metrics::ClassScores*> pointers;
      for (const metrics::ClassScores& scores : group) pointers.push_back(&scores);
      return metrics::mean_auroc(pointers, metrics::ClassMean::macro);
    };
    return std::vector<Measured>{{"validation_auroc", "macro AUROC of the statements", macro(statements)},
                                 {"validation_auroc_superclasses", "of the superclasses", macro(superclasses)}};
  }

  systolic::Result<systolic::nn::StateDict> finished() {
    systolic::nn::StateDict state = trainer_.weights();
    state.set_metadata("name", "systolic diagnosis");
    systolic::DiagnosisScales scales{classes_, scale_, attributes_.mean, attributes_.deviation};
    systolic::set_diagnosis_scales(state, scales);
    describe_training(state, description(), "recordings with statements, folds " + fold_list(options_.train_folds));
    return state;
  }

 private:
  const TrainOptions& options_;
  const DiagnosisRecipe& recipe_;
  const Job& job_;
  const DiagnosisCache& cache_;
  const std::optional<DiagnosisCache>& validation_;
  std::vector<DiagnosisClass> classes_;
  std::string pretrained_name_;
  systolic::train::AttributeScale attributes_;
  systolic::MeasurementScale scale_;
  DiagnosisTrainer trainer_;
};

/// What the encoder starts from; nothing: random weights.
struct Pretrained {
  std::optional<systolic::nn::StateDict> state;
  std::string name = "random weights";
};

systolic::Result<Pretrained> read_pretrained(const TrainOptions& options, DiagnosisRecipe& recipe) {
  Pretrained result;
  if (options.pretrained == "none") return result;
  const auto place = find_weights(options.pretrained);
  if (!place) return place.error();
  auto state = read_weights(place->path);
  if (!state) return state.error();
  const auto found = systolic::find_restoration_options(*state, place->path);
  if (!found) return found.error();
  if (options.width && *options.width != found->width)
    return systolic::error_at(
        place->path, "",
        "its encoder has width " + std::to_string(found->width) + ", not " + std::to_string(*options.width));
  recipe.network.width = found->width;
  result.name = "pretrained encoder " + systolic::io::weights_checksum(*state);
  result.state.emplace(std::move(*state));
  return result;
}

}  // namespace

int train_diagnosis(const TrainOptions& options, const Job& job) {
  DiagnosisRecipe recipe = make_diagnosis_recipe(options);
  const auto end = [&](const systolic::Error& error) {
    print_message(error.message);
    return job.end(exit_failed);
  };
  const auto pretrained = read_pretrained(options, recipe);
  if (!pretrained) return end(pretrained.error());
  if (recipe.locked && !pretrained->state) {
    print_message("--backbone locked needs a pretrained encoder: name one with --pretrained");
    return job.end(exit_usage);
  }
  const auto classes = find_classes(options.data);
  if (!classes) return end(classes.error());
  recipe.network.classes = static_cast<Index>(classes->size());
  std::optional<DiagnosisCache> cache, validation;
  const std::string path = options.cache.empty() ? options.out + ".cache" : options.cache;
  const auto prepared = one_after_the_other(job, [&]() -> systolic::Status {
    const auto prepare = [&](const std::vector<int>& folds, const std::string& file,
                             std::optional<DiagnosisCache>& place) -> systolic::Status {
      auto found = prepare_diagnosis_examples(options, folds, *classes, file);
      if (!found) return found.error();
      place.emplace(std::move(*found));
      return {};
    };
    if (auto status = prepare(options.train_folds, path, cache); !status) return status;
    const auto held_out = read_ptbxl(options.data, {options.validate_fold}, Labelled::any);
    if (!held_out) return held_out.error();
    if (held_out->empty()) return {};
    return prepare({options.validate_fold}, path + ".validate", validation);
  });
  if (!prepared) return end(prepared.error());
  DiagnosisTask task(options, recipe, job, *cache, validation, *classes,
                     pretrained->state ? &*pretrained->state : nullptr, pretrained->name);
  return run_training(options, job, task);
}

}  // namespace program
