#include "systolic/train/landmark_batch.hpp"

#include <doctest/doctest.h>

#include "systolic/train/phantom_examples.hpp"

using namespace systolic;
using namespace systolic::train;

namespace {

LandmarkRecipe small_recipe(echo::LandmarkImage image) {
  LandmarkRecipe recipe = landmark_recipe(image);
  recipe.landmarks.rows = 32;
  return recipe;
}

}  // namespace

TEST_CASE("a batch of M-mode images: targets in the anchor column, in order from the septum down") {
  const PhantomExamples examples(6, 1, 64);
  const LandmarkRecipe recipe = small_recipe(echo::LandmarkImage::m_mode);
  const auto batch = make_landmark_batch(examples, {0, 1, 2, 3, 4, 5}, recipe, 7, 1);
  REQUIRE(batch);
  CHECK(batch->images.shape() == Shape{6, 32, 64, 1});
  for (Index b = 0; b < 6; ++b)
    for (Index k = 0; k < 4; ++k) {
      CHECK(batch->targets(b, k, 1) == 32);
      CHECK(batch->targets(b, k, 0) > (k == 0 ? 0 : batch->targets(b, k - 1, 0)));
      CHECK(batch->targets(b, k, 0) < 31.5f);
    }
  for (const float grey : batch->images) CHECK((grey >= 0 && grey <= 1));
}

TEST_CASE("chance depends on seed, step and place only: shares of processes and threads make the same batch") {
  const PhantomExamples examples(5, 1, 64);
  for (const auto image : {echo::LandmarkImage::m_mode, echo::LandmarkImage::frame}) {
    const LandmarkRecipe recipe = small_recipe(image);
    const auto whole = make_landmark_batch(examples, {4, 3, 2, 1}, recipe, 2, 1);
    const auto threads = make_landmark_batch(examples, {4, 3, 2, 1}, recipe, 2, 3);
    const auto part = make_landmark_batch(examples, {4, 3, 2, 1}, recipe, 2, 1, 1, 2);
    CHECK(std::equal(whole->images.begin(), whole->images.end(), threads->images.begin()));
    CHECK(part->first == 2);
    CHECK(part->total == 4);
    CHECK(std::equal(part->images.begin(), part->images.end(), whole->images.begin() + part->images.size()));
    CHECK(std::equal(part->targets.begin(), part->targets.end(), whole->targets.begin() + part->targets.size()));
    const auto other = make_landmark_batch(examples, {4, 3, 2, 1}, recipe, 3, 1);
    CHECK_FALSE(std::equal(whole->images.begin(), whole->images.end(), other->images.begin()));
  }
}

TEST_CASE("targets of a frame are its landmarks in the network's pixels") {
  const PhantomExamples examples(1, 1, 64);
  LandmarkRecipe recipe = small_recipe(echo::LandmarkImage::frame);
  const auto batch = make_landmark_batch(examples, {0}, recipe, 0, 1);
  const auto example = examples.load(0);
  for (Index k = 0; k < 4; ++k) {
    const echo::Point p = (*example)->landmarks[static_cast<std::size_t>(k)];
    CHECK(batch->targets(0, k, 0) == doctest::Approx((p.y + 0.5) / 2 - 0.5));
    CHECK(batch->targets(0, k, 1) == doctest::Approx((p.x + 0.5) / 2 - 0.5));
  }
}
