#include "systolic/train/restoration_trainer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "support/files.hpp"
#include "support/training.hpp"

using namespace systolic;
using namespace systolic::train;

namespace {

/// Trains from step `trainer.steps()` on to `last`; the losses of the steps.
std::vector<double> run(RestorationTrainer& trainer, const ExampleCache& cache, const Recipe& recipe, Index last,
                        int threads) {
  const AttributeScale scale = measure_attributes(cache);
  std::vector<double> losses;
  while (trainer.steps() < last) {
    const Index step = trainer.steps();
    const std::vector<Index> chosen = step % 2 == 0 ? std::vector<Index>{0, 1, 2} : std::vector<Index>{3, 4, 5};
    const Batch batch = make_batch(cache, chosen, scale, recipe, step, threads);
    losses.push_back(trainer.step(batch, learning_rate(recipe, step, 2)).total);
    REQUIRE(trainer.steps() == step + 1);
  }
  return losses;
}

bool same_bytes(const nn::StateDict& a, const nn::StateDict& b) {
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const Tensor<float>&x = a.tensors[i].tensor, &y = b.tensors[i].tensor;
    if (a.tensors[i].name != b.tensors[i].name || x.shape() != y.shape() ||
        std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.size()) * sizeof(float)) != 0)
      return false;
  }
  return true;
}

}  // namespace

TEST_CASE("an example comes back from the cache as it went in, to half a microvolt") {
  const testing::TemporaryFolder folder;
  const ExampleCache cache = testing::write_examples(folder.path("cache"));
  REQUIRE(cache.size() == 6);
  const Preprocessed record = unpack_example(cache[4]);
  CHECK(record.beats == std::vector<Index>{304, 1200, 2500});
  CHECK(cache[4].id == 104);
  CHECK(std::abs(record.denoised(100, 3) - std::sin(0.01 * 128 * 4)) < 0.00051);
}

TEST_CASE("a cache of other recordings, or cut short, is refused with the reason") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path("cache");
  testing::write_examples(path);
  const auto other = ExampleCache::open(path, 1);
  REQUIRE_FALSE(other);
  CHECK(other.error().message == path + ": is a cache of other recordings or preprocessing");
  std::string bytes = *io::read_file(path);
  bytes.resize(bytes.size() - 100);
  REQUIRE(io::write_file_atomically(path, bytes));
  const auto cut = ExampleCache::open(path, testing::fingerprint);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().message == path + ": is cut short");
}

TEST_CASE("a batch hides its share of the recording and one run of the beat") {
  const testing::TemporaryFolder folder;
  const ExampleCache cache = testing::write_examples(folder.path("cache"));
  const Recipe recipe = testing::small_recipe();
  const Batch batch = make_batch(cache, {1, 5}, measure_attributes(cache), recipe, 0, 2);
  CHECK(batch.ids == std::vector<std::int64_t>{101, 105});
  Index hidden = 0, hidden_of_beat = 0;
  for (Index t = 0; t < global_length; ++t) {
    bool zero = true;
    for (Index c = 0; c < standard_lead_count; ++c) zero = zero && batch.masked_global(0, t, c) == 0;
    hidden += zero ? 1 : 0;
  }
  for (Index t = 0; t < beat_length; ++t)
    hidden_of_beat += batch.masked_local(0, t, 1) == 0 && batch.masked_local(0, t, 7) == 0 ? 1 : 0;
  CHECK(hidden == 1440);
  CHECK(hidden_of_beat >= 144);
  CHECK(hidden_of_beat < 150);
  CHECK(batch.global(0, 200, 2) == doctest::Approx(std::sin(0.01 * 307 * 3)).epsilon(0.01));  // in mV
  CHECK(batch.attributes(0, 0, 0) == doctest::Approx((1 - 2.0) / std::sqrt(2.0)));
  CHECK(std::isnan(batch.attributes(1, 0, 0)));
}

TEST_CASE("training makes the loss small") {
  const testing::TemporaryFolder folder;
  const ExampleCache cache = testing::write_examples(folder.path("cache"));
  Recipe recipe = testing::small_recipe();
  recipe.schedule = Schedule::constant;
  recipe.learning_rate = 1e-2;
  RestorationTrainer trainer(recipe, 2);
  const auto losses = run(trainer, cache, recipe, 8, 2);
  CHECK(losses.back() < losses.front() - 0.5);
}

TEST_CASE("interrupted and taken up again, on another number of threads: the same bytes") {
  const testing::TemporaryFolder folder;
  const ExampleCache cache = testing::write_examples(folder.path("cache"));
  const Recipe recipe = testing::small_recipe();
  RestorationTrainer whole(recipe, 1);
  run(whole, cache, recipe, 3, 1);

  RestorationTrainer first(recipe, 2);
  run(first, cache, recipe, 1, 2);
  const nn::StateDict checkpoint = first.checkpoint();
  RestorationTrainer second(recipe, 2);
  REQUIRE(second.resume(checkpoint, "checkpoint"));
  CHECK(second.steps() == 1);
  run(second, cache, recipe, 3, 2);
  CHECK(same_bytes(whole.checkpoint(), second.checkpoint()));
  CHECK(same_bytes(whole.weights(), second.weights()));
}

TEST_CASE("a checkpoint of another recipe is refused") {
  const Recipe recipe = testing::small_recipe();
  RestorationTrainer trainer(recipe, 1);
  Recipe wider = recipe;
  wider.network.width = 4;
  RestorationTrainer other(wider, 1);
  const Status status = other.resume(trainer.checkpoint(), "c");
  REQUIRE_FALSE(status);
  CHECK(status.error().message ==
        "c: tensor model.global_encoder.main.0.weight: is missing or of another shape: another recipe?");
}

TEST_CASE("a loss that is not finite changes no weight") {
  const testing::TemporaryFolder folder;
  const ExampleCache cache = testing::write_examples(folder.path("cache"));
  const Recipe recipe = testing::small_recipe();
  RestorationTrainer trainer(recipe, 1);
  const nn::StateDict before = trainer.weights();
  Batch batch = make_batch(cache, {0, 1}, measure_attributes(cache), recipe, 0, 1);
  batch.global(1, 17, 3) = std::numeric_limits<float>::infinity();
  CHECK_FALSE(std::isfinite(trainer.step(batch, 1e-3).total));
  CHECK(trainer.steps() == 0);
  const nn::StateDict after = trainer.weights();
  for (std::size_t i = 0; i < after.tensors.size(); ++i) {
    const std::string& name = after.tensors[i].name;
    if (name.ends_with(".running_mean") || name.ends_with(".running_var")) continue;  // measured, not trained
    CAPTURE(name);
    CHECK(std::memcmp(before.tensors[i].tensor.data(), after.tensors[i].tensor.data(),
                      static_cast<std::size_t>(after.tensors[i].tensor.size()) * sizeof(float)) == 0);
  }
}

TEST_CASE("weights start as PyTorch's do") {
  Restoration<float> model;
  initialize(model, 1);
  const Tensor<float>& weight = model.global_encoder.blocks[1].layer.weight;
  double largest = 0, sum = 0;
  for (const float value : weight) {
    largest = std::max(largest, std::abs(static_cast<double>(value)));
    sum += static_cast<double>(value) * static_cast<double>(value);
  }
  const double bound = 1 / std::sqrt(128.0);  // 32 channels x kernel 4
  CHECK(largest <= bound);
  CHECK(largest > 0.99 * bound);
  CHECK(sum / static_cast<double>(weight.size()) == doctest::Approx(bound * bound / 3).epsilon(0.05));
  CHECK(model.global_encoder.blocks[1].norm->weight(5) == 1);
  CHECK(model.layer_norm.shift(3) == 0);
}
