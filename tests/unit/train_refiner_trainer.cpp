#include "systolic/train/refiner_trainer.hpp"

#include <doctest/doctest.h>

#include "systolic/train/contour_trainer.hpp"

using namespace systolic;
using namespace systolic::train;

namespace {

/// A network that knows little.
nn::StateDict coarse_weights() {
  ContourRecipe recipe;
  recipe.network.frames = 3;
  recipe.network.size = 16;
  recipe.network.encoder = {1, {2, 2, 2, 2}, 1};
  recipe.network.features = 4;
  recipe.network.decoder = {4, 8};
  ContourTrainer trainer(recipe, nullptr, 1);
  const PhantomContourExamples examples(2, 1, 3, 48);
  const auto batch = make_contour_batch(examples, {0, 1}, recipe, 0, 1);
  for (int i = 0; i < 40; ++i) trainer.step(*batch, 1e-2);
  return trainer.weights();
}

RefinerRecipe small_recipe() {
  RefinerRecipe recipe;
  recipe.strips = {{16, 0.4}, {16, 0.2}};
  recipe.width = 2;
  recipe.batch = 2;
  recipe.average = 0.9;
  return recipe;
}

}  // namespace

TEST_CASE("refiners learn a few clips by heart; a resumed training goes on to the byte; both become a finder") {
  const nn::StateDict coarse = coarse_weights();
  const auto finder = io::make_contour_finder(coarse, "coarse");
  REQUIRE(finder);
  const PhantomContourExamples examples(2, 1, 3, 48);
  const RefinerRecipe recipe = small_recipe();
  const auto batch = make_refiner_batch(examples, {0, 1}, recipe, *finder, 0, 1);
  REQUIRE(batch);
  REQUIRE(batch->items.size() == 2);
  RefinerTrainer trainer(recipe, 1);
  double first = 0, last = 0;
  nn::StateDict checkpoint;
  for (int step = 0; step < 60; ++step) {
    const StepLoss loss = trainer.step(*batch, 5e-3);
    REQUIRE(loss.parts.size() == 2);
    (step == 0 ? first : last) = loss.total;
    if (step == 49) checkpoint = trainer.checkpoint();
  }
  CHECK(trainer.steps() == 60);
  CHECK(last < 0.7 * first);
  RefinerTrainer resumed(recipe, 2);
  REQUIRE(resumed.resume(checkpoint, "checkpoint"));
  StepLoss again;
  for (int step = 50; step < 60; ++step) again = resumed.step(*batch, 5e-3);
  CHECK(again.total == last);

  nn::StateDict both = coarse;
  const nn::StateDict fine = trainer.weights();
  both.tensors.insert(both.tensors.end(), fine.tensors.begin(), fine.tensors.end());
  for (const auto& [key, text] : fine.metadata) both.set_metadata(key, text);
  const auto refined = io::make_contour_finder(both, "both");
  REQUIRE(refined);
  REQUIRE(refined->refiners().steps.size() == 2);
  CHECK(refined->refiners().steps[1].strip.reach == 0.2);
  CHECK(refined->refiners().steps[1].strip.rows == 16);
  CHECK(refined->refiners().steps[1].network.options.width == 2);
}

TEST_CASE("contours to be refined do not depend on the number of threads or processes") {
  const auto finder = io::make_contour_finder(coarse_weights(), "coarse");
  const PhantomContourExamples examples(4, 3, 3, 48);
  RefinerRecipe recipe = small_recipe();
  recipe.augmentation = 1;
  const auto whole = make_refiner_batch(examples, {0, 1, 2, 3}, recipe, *finder, 5, 2);
  const auto part = make_refiner_batch(examples, {0, 1, 2, 3}, recipe, *finder, 5, 1, 1, 2);
  REQUIRE(part->items.size() == 2);
  CHECK(part->first == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(part->items[i].found == whole->items[i + 2].found);
}
