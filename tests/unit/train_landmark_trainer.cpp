#include "systolic/train/landmark_trainer.hpp"

#include <doctest/doctest.h>

#include "systolic/train/phantom_examples.hpp"

using namespace systolic;
using namespace systolic::train;

namespace {

LandmarkRecipe small_recipe() {
  LandmarkRecipe recipe = landmark_recipe(echo::LandmarkImage::m_mode);
  recipe.landmarks.rows = 32;
  recipe.landmarks.network.width = 4;
  recipe.landmarks.network.levels = 3;
  recipe.batch = 4;
  recipe.learning_rate = 3e-3;
  return recipe;
}

std::vector<double> run(LandmarkTrainer& trainer, const LandmarkRecipe& recipe, Index last) {
  const PhantomExamples examples(4, 1, 64);
  std::vector<double> losses;
  while (trainer.steps() < last) {
    const auto batch = make_landmark_batch(examples, {0, 1, 2, 3}, recipe, trainer.steps(), 1);
    losses.push_back(trainer.step(*batch, recipe.learning_rate).total);
  }
  return losses;
}

}  // namespace

TEST_CASE("the distance falls, the same with two threads as with one") {
  const LandmarkRecipe recipe = small_recipe();
  LandmarkTrainer one(recipe, 1), two(recipe, 2);
  const auto losses = run(one, recipe, 40);
  double first = 0, last = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    first += losses[i];
    last += losses[losses.size() - 1 - i];
  }
  CHECK(last < 0.7 * first);
  const auto again = run(two, recipe, 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(again[i] == losses[i]);
}

TEST_CASE("a training goes on from its checkpoint to the byte") {
  const LandmarkRecipe recipe = small_recipe();
  LandmarkTrainer whole(recipe, 1), first(recipe, 1), second(recipe, 1);
  run(whole, recipe, 4);
  run(first, recipe, 2);
  REQUIRE(second.resume(first.checkpoint(), "memory"));
  run(second, recipe, 4);
  const nn::StateDict a = whole.weights(), b = second.weights();
  for (std::size_t i = 0; i < a.tensors.size(); ++i)
    CHECK(std::equal(a.tensors[i].tensor.begin(), a.tensors[i].tensor.end(), b.tensors[i].tensor.begin()));
  CHECK(*a.find_metadata("network.image") == "m-mode");
}
