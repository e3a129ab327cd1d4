#include "systolic/train/contour_data.hpp"

#include <doctest/doctest.h>

using namespace systolic;
using namespace systolic::train;

namespace {

ContourRecipe small_recipe() {
  ContourRecipe recipe;
  recipe.network.frames = 4;
  recipe.network.size = 24;
  return recipe;
}

class BrokenExamples : public ContourExamples {
 public:
  Index size() const override { return 1; }
  Result<ContourExample> example(Index, Random&) const override { return Error{"clip.avi: is damaged"}; }
  std::string name(Index) const override { return "clip.avi"; }
  std::string description() const override { return "broken"; }
};

}  // namespace

TEST_CASE(
    "phantom examples: the same number gives the same one, contours in the image, fractions where they are known") {
  const PhantomContourExamples examples(12, 1, 4, 48);
  Random one(1, 1), two(2, 2);
  int known = 0;
  for (Index i = 0; i < examples.size(); ++i) {
    const auto a = examples.example(i, one), b = examples.example(i, two);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->clip.shape() == Shape{4, 48, 48});
    CHECK(std::equal(a->clip.begin(), a->clip.end(), b->clip.begin()));
    CHECK(a->first == b->first);
    CHECK(!(a->first == a->last));
    for (const echo::Point p : a->first) {
      CHECK(p.x > -20);
      CHECK(p.x < 68);
      CHECK(p.y > 0);
      CHECK(p.y < 48);
    }
    if (std::isfinite(a->fraction)) {
      ++known;
      CHECK(a->fraction > 0.14);
      CHECK(a->fraction < 0.76);
    }
  }
  CHECK(known > 2);
  CHECK(known < 10);
}

TEST_CASE("a batch does not depend on threads or on how processes share it, and points follow the image's change") {
  const PhantomContourExamples examples(12, 1, 4, 48);
  ContourRecipe recipe = small_recipe();
  recipe.augmentation = 0.5;
  const std::vector<Index> chosen = {3, 7, 1, 8, 2};
  const auto whole = make_contour_batch(examples, chosen, recipe, 9, 1);
  REQUIRE(whole);
  CHECK(whole->points.shape() == Shape{5, 80, 2});
  for (const int threads : {1, 3}) {
    const auto first = make_contour_batch(examples, chosen, recipe, 9, threads, 0, 2);
    const auto second = make_contour_batch(examples, chosen, recipe, 9, threads, 1, 2);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->total == 5);
    CHECK(second->first == first->clips.shape()[0]);
    CHECK(std::equal(first->clips.begin(), first->clips.end(), whole->clips.begin()));
    CHECK(std::equal(second->clips.begin(), second->clips.end(), whole->clips.begin() + first->clips.size()));
    CHECK(std::equal(second->points.begin(), second->points.end(), whole->points.begin() + first->points.size()));
  }
}

TEST_CASE("an example that cannot be read fails with its name") {
  const auto batch = make_contour_batch(BrokenExamples(), {0, 0}, small_recipe(), 0, 1);
  REQUIRE(!batch);
  CHECK(batch.error().message == "clip.avi: is damaged");
}
