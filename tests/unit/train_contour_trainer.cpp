#include "systolic/train/contour_trainer.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::train;

namespace {

ContourRecipe small_recipe() {
  ContourRecipe recipe;
  recipe.network.frames = 4;
  recipe.network.size = 24;
  recipe.network.encoder = {1, {4, 4, 8, 8}, 1};
  recipe.network.features = 16;
  recipe.network.decoder = {4, 8};
  recipe.batch = 4;
  recipe.learning_rate = 3e-3;
  recipe.average = 0.9;
  return recipe;
}

}  // namespace

TEST_CASE("a contour network learns a few clips by heart; a resumed training goes on to the byte") {
  const PhantomContourExamples examples(4, 1, 4, 48);
  const ContourRecipe recipe = small_recipe();
  const auto batch = make_contour_batch(examples, {0, 1, 2, 3}, recipe, 0, 1);
  REQUIRE(batch);
  ContourTrainer trainer(recipe, nullptr, 1);
  double first = 0, last = 0;
  nn::StateDict checkpoint;
  for (int step = 0; step < 60; ++step) {
    const StepLoss loss = trainer.step(*batch, recipe.learning_rate);
    REQUIRE(loss.parts.size() == 4);
    (step == 0 ? first : last) = loss.total;
    if (step == 49) checkpoint = trainer.checkpoint();
  }
  CHECK(trainer.steps() == 60);
  CHECK(last < 0.1 * first);
  ContourTrainer resumed(recipe, nullptr, 2);
  REQUIRE(resumed.resume(checkpoint, "checkpoint"));
  StepLoss again;
  for (int step = 50; step < 60; ++step) again = resumed.step(*batch, recipe.learning_rate);
  CHECK(again.total == last);
}

TEST_CASE("the weights of a training become a finder") {
  ContourTrainer trainer(small_recipe(), nullptr, 1);
  const auto finder = io::make_contour_finder(trainer.weights(), "new");
  REQUIRE(finder);
  CHECK(finder->network().options.frames == 4);
  CHECK(finder->network().options.decoder == std::vector<Index>{4, 8});
  const nn::StateDict weights = trainer.weights();
  ContourTrainer next(small_recipe(), &weights, 1);
  const nn::StateDict same = next.weights();
  for (std::size_t i = 0; i < weights.tensors.size(); ++i)
    CHECK(
        std::equal(weights.tensors[i].tensor.begin(), weights.tensors[i].tensor.end(), same.tensors[i].tensor.begin()));
}
