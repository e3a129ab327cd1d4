#include "train_echo_contour.hpp"

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "output.hpp"
#include "systolic/io/contour_weights.hpp"
#include "systolic/io/float16.hpp"
#include "systolic/train/contour_folders.hpp"
#include "systolic/train/contour_trainer.hpp"
#include "train_left_out.hpp"
#include "train_loop.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::number_to_text;
using systolic::train::ContourExamples;
using systolic::train::ContourRecipe;
using systolic::train::ContourTrainer;

constexpr Index default_phantoms = 24000;
constexpr Index validation_examples = 64;
constexpr std::uint64_t validation_seed = 1000003;  ///< added to the training's

ContourRecipe make_contour_recipe(const TrainOptions& options) {
  ContourRecipe recipe;
  recipe.epochs = options.epochs.value_or(recipe.epochs);
  recipe.batch = options.batch.value_or(recipe.batch);
  recipe.learning_rate = options.learning_rate.value_or(recipe.learning_rate);
  if (options.width)
    for (std::size_t stage = 0; stage < echo::encoder_stages; ++stage)
      recipe.network.encoder.widths[stage] = *options.width << stage;
  recipe.seed = options.common.seed;
  return recipe;
}

/// Examples to learn from and others to measure on.
struct ExampleSets {
  std::unique_ptr<ContourExamples> training, validation;
  bool phantoms = false;
};

systolic::Result<ExampleSets> find_contours(const TrainOptions& options, ContourRecipe& recipe) {
  ExampleSets sets;
  const Index validation = options.validate_limit > 0 ? options.validate_limit : validation_examples;
  if (!options.data.empty() && options.data != "phantom") {
    auto found = systolic::train::open_contour_folder(options.data, {.train_folds = options.train_folds,
                                                                     .validate_fold = options.validate_fold,
                                                                     .limit = options.limit,
                                                                     .validate_limit = validation});
    if (!found) return found.error();
    print_left_out(found->problems);
    sets.training = std::move(found->training);
    sets.validation = std::move(found->validation);
    recipe.augmentation = 0.9;  // as EchoGraphs
    return sets;
  }
  const std::uint64_t seed = options.common.seed;
  const auto phantoms = [&](Index count, std::uint64_t from) {
    return std::make_unique<systolic::train::PhantomContourExamples>(count, from, recipe.network.frames);
  };
  sets.training = phantoms(options.limit > 0 ? options.limit : default_phantoms, seed);
  sets.validation = phantoms(validation, seed + validation_seed);
  sets.phantoms = true;
  recipe.augmentation = 0;  // every phantom is another one anyway
  return sets;
}

/// What the network starts from; nothing: random weights.
struct ContourStart {
  std::optional<systolic::nn::StateDict> state;
  std::string name = "random weights";
};

/// The weights of --pretrained, whose options the recipe takes over.
systolic::Result<ContourStart> read_start(const TrainOptions& options, ContourRecipe& recipe) {
  ContourStart start;
  if (options.pretrained.empty() || options.pretrained == "none") return start;
  auto state = systolic::io::read_safetensors(options.pretrained);
  if (!state) return state.error();
  const auto finder = systolic::io::make_contour_finder(*state, options.pretrained);
  if (!finder) return finder.error();
  recipe.network = finder->network().options;
  start.name = "weights " + finder->checksum();
  start.state.emplace(std::move(*state));
  return start;
}

class ContourTask {
 public:
  ContourTask(const TrainOptions& options, const ContourRecipe& recipe, const Job& job, const ExampleSets& sets,
              const ContourStart& start)
      : options_(options),
        recipe_(recipe),
        job_(job),
        sets_(sets),
        start_(start),
        trainer_(recipe, start.state ? &*start.state : nullptr, options.common.threads, job.collective()) {}

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
           std::to_string(recipe_.network.size) + " pixels, widths " + widths + ", from " + start_.name + ", " +
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

  /// Mean distance of a key point from the truth, per cent of the image's size, and mean error of the ejection
  /// fraction by the head, in points.
  systolic::Result<std::vector<Measured>> validate() {
    if (sets_.validation->size() == 0) return std::vector<Measured>{};
    const auto finder = systolic::io::make_contour_finder(trainer_.weights(), "the weights in training");
    if (!finder) return finder.error();
    systolic::Workspace workspace(options_.common.threads);
    double distances = 0, errors = 0;
    Index known = 0;
    for (Index i = 0; i < sets_.validation->size(); ++i) {
      systolic::Random random(recipe_.seed, static_cast<std::uint64_t>(i));
      const auto example = sets_.validation->example(i, random);
      if (!example) return example.error();
      const Index frames = example->clip.shape()[0];
      const auto found = finder->find_pair(example->clip.view(), 0, frames - 1, workspace);
      const double size = static_cast<double>(std::max(example->clip.shape()[1], example->clip.shape()[2]));
      for (std::size_t k = 0; k < echo::key_point_count; ++k)
        distances += (distance(found.first[k], example->first[k]) + distance(found.last[k], example->last[k])) / size;
      if (!std::isfinite(example->fraction)) continue;
      errors += std::abs(found.fraction - example->fraction);
      ++known;
    }
    const double points = static_cast<double>(2 * sets_.validation->size()) * echo::key_point_count;
    const auto fraction = known > 0 ? std::optional(100 * errors / static_cast<double>(known)) : std::nullopt;
    return std::vector<Measured>{
        {"validation_key_points", "key points' distance, % of the image:", 100 * distances / points},
        {"validation_ejection_fraction", "ejection fraction's error, points:", fraction}};
  }

  systolic::Result<systolic::nn::StateDict> finished() {
    systolic::nn::StateDict state = trainer_.weights();
    state.set_metadata("name", "systolic echo contour");
    describe_training(state, description(), sets_.training->description());
    if (sets_.phantoms) state.set_metadata("warning", "phantom-trained, for software verification, not for patients");
    // The numbers are rounded first: what checks itself is what the file will hold.
    if (options_.type == systolic::io::DataType::f16)
      for (systolic::nn::NamedTensor& entry : state.tensors)
        for (float& value : entry.tensor) value = systolic::io::float_from_half(systolic::io::half_from_float(value));
    systolic::Workspace workspace;
    const auto finder = systolic::io::make_contour_finder(state, options_.out);
    if (!finder) return finder.error();
    systolic::io::set_contour_self_check(state, finder->network(), workspace);
    return state;
  }

 private:
  const TrainOptions& options_;
  const ContourRecipe& recipe_;
  const Job& job_;
  const ExampleSets& sets_;
  const ContourStart& start_;
  ContourTrainer trainer_;
};

}  // namespace

int train_echo_contour(const TrainOptions& options, const Job& job) {
  ContourRecipe recipe = make_contour_recipe(options);
  const auto start = read_start(options, recipe);
  if (!start) {
    print_message(start.error().message);
    return job.end(exit_failed);
  }
  const auto sets = find_contours(options, recipe);
  if (!sets) {
    print_message(sets.error().message);
    return job.end(exit_failed);
  }
  ContourTask task(options, recipe, job, *sets, *start);
  return run_training(options, job, task);
}

}  // namespace program
