#include "systolic/train/diagnosis_trainer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "support/diagnosis.hpp"
#include "support/files.hpp"

using namespace systolic;
using namespace systolic::train;

namespace {

/// Eight made-up recordings; class 0 has a slow wave in every lead, class 1 is known of the first four only.
DiagnosisCache write_diagnosis_examples(const std::string& path) {
  auto writer = DiagnosisCacheWriter::create(path);
  REQUIRE(writer);
  const auto example = std::make_unique<DiagnosisExample>();
  for (int i = 0; i < 8; ++i) {
    std::memset(example.get(), 0, sizeof(DiagnosisExample));
    const bool slow = i % 2 == 0;
    for (Index t = 0; t < window_length; ++t)
      for (Index c = 0; c < standard_lead_count; ++c)
        example->record.samples[static_cast<std::size_t>(t * 12 + c)] = static_cast<std::int16_t>(
            1000 * std::sin((slow ? 0.01 : 0.1) * static_cast<double>(t + 40 * i) + 0.2 * static_cast<double>(c)));
    example->record.id = 100 + i;
    example->record.attributes.fill(i < 5 ? static_cast<float>(i) : std::nanf(""));
    for (std::size_t m = 0; m < example->measurements.size(); ++m)
      example->measurements[m] = m == 3 ? std::nanf("") : 0.1f * static_cast<float>(i + static_cast<int>(m) % 7);
    example->classes[0] = slow ? 1 : 0;
    example->classes[1] = i < 4 ? 1 : -1;
    REQUIRE(writer->append(*example));
  }
  REQUIRE(writer->finish(7));
  auto cache = DiagnosisCache::open(path, 7);
  REQUIRE(cache);
  return std::move(*cache);
}

DiagnosisRecipe small_recipe() {
  DiagnosisRecipe recipe;
  recipe.network = testing::small_diagnosis();
  recipe.batch = 4;
  recipe.epochs = 10;
  recipe.learning_rate = 3e-3;
  recipe.schedule = Schedule::constant;
  recipe.attribute_weight = 0.5;
  return recipe;
}

std::vector<double> run(DiagnosisTrainer& trainer, const DiagnosisCache& cache, const DiagnosisRecipe& recipe,
                        Index last, int threads) {
  const AttributeScale attributes = measure_attributes(cache);
  const MeasurementScale scale = measure_scales(cache);
  std::vector<double> losses;
  while (trainer.steps() < last) {
    const Index step = trainer.steps();
    const std::vector<Index> chosen = step % 2 == 0 ? std::vector<Index>{0, 1, 2, 3} : std::vector<Index>{4, 5, 6, 7};
    const DiagnosisBatch batch = make_diagnosis_batch(cache, chosen, attributes, scale, recipe, true, step, threads);
    losses.push_back(trainer.step(batch, learning_rate(recipe, step, 2)).total);
    REQUIRE(trainer.steps() == step + 1);
  }
  return losses;
}

bool same_bytes(const nn::StateDict& a, const nn::StateDict& b) {
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i)
    if (std::memcmp(a.tensors[i].tensor.data(), b.tensors[i].tensor.data(),
                    static_cast<std::size_t>(a.tensors[i].tensor.size()) * sizeof(float)) != 0)
      return false;
  return true;
}

}  // namespace

TEST_CASE("a batch that is not augmented is the recording in mV, its scaled measurements and what is known") {
  const testing::TemporaryFolder folder;
  const DiagnosisCache cache = write_diagnosis_examples(folder.path("cache"));
  const MeasurementScale scale = measure_scales(cache);
  const DiagnosisBatch batch =
      make_diagnosis_batch(cache, {5, 2}, measure_attributes(cache), scale, small_recipe(), false, 0, 2);
  CHECK(batch.ids == std::vector<std::int64_t>{105, 102});
  CHECK(batch.global(0, 0, 4) == doctest::Approx(std::sin(0.1 * (100 + 200) + 0.8)).epsilon(0.01));
  CHECK(batch.measurements(0, 0, 3) == 0);  // not measurable: the usual
  CHECK(batch.measurements(0, 0, 0) == doctest::Approx((0.5f - scale.center[0]) / scale.deviation[0]));
  CHECK(batch.classes(0, 0, 0) == 0);
  CHECK(std::isnan(batch.classes(0, 0, 1)));
  CHECK(batch.classes(1, 0, 1) == 1);
  CHECK(std::isnan(batch.attributes(0, 0, 0)));
}

TEST_CASE("augmented batches differ from step to step and not from thread to thread") {
  const testing::TemporaryFolder folder;
  const DiagnosisCache cache = write_diagnosis_examples(folder.path("cache"));
  const auto make = [&](Index step, int threads) {
    return make_diagnosis_batch(cache, {0, 1, 2}, measure_attributes(cache), measure_scales(cache), small_recipe(),
                                true, step, threads);
  };
  const DiagnosisBatch a = make(4, 1), b = make(4, 2), c = make(5, 1);
  CHECK(std::equal(a.global.begin(), a.global.end(), b.global.begin()));
  CHECK_FALSE(std::equal(a.global.begin(), a.global.end(), c.global.begin()));
}

TEST_CASE("training tells the two kinds of recording apart; classes that are not known add nothing") {
  const testing::TemporaryFolder folder;
  const DiagnosisCache cache = write_diagnosis_examples(folder.path("cache"));
  const DiagnosisRecipe recipe = small_recipe();
  DiagnosisTrainer trainer(recipe, nullptr, 2);
  const std::vector<double> losses = run(trainer, cache, recipe, 40, 2);
  CHECK(losses.back() < 0.5 * losses.front());
  const nn::StateDict weights = trainer.weights();
  Diagnosis<float> network(recipe.network);
  REQUIRE(nn::load_parameters(network, weights, "w"));
}

TEST_CASE("interrupted and taken up again, with another number of threads: the same bytes") {
  const testing::TemporaryFolder folder;
  const DiagnosisCache cache = write_diagnosis_examples(folder.path("cache"));
  const DiagnosisRecipe recipe = small_recipe();
  DiagnosisTrainer whole(recipe, nullptr, 1), first(recipe, nullptr, 2), second(recipe, nullptr, 1);
  run(whole, cache, recipe, 4, 1);
  run(first, cache, recipe, 2, 2);
  REQUIRE(second.resume(first.checkpoint(), "c"));
  run(second, cache, recipe, 4, 1);
  CHECK(same_bytes(whole.weights(), second.weights()));
}

TEST_CASE("a pretrained encoder is taken over, and a locked one stays as it is") {
  const testing::TemporaryFolder folder;
  const DiagnosisCache cache = write_diagnosis_examples(folder.path("cache"));
  Restoration<float> restoration({.width = 2});
  testing::set_formula_weights(restoration);
  const nn::StateDict pretrained = nn::save_parameters(restoration);
  const auto encoder_moved = [&](bool locked) {
    DiagnosisRecipe recipe = small_recipe();
    recipe.locked = locked;
    DiagnosisTrainer trainer(recipe, &pretrained, 1);
    const nn::StateDict before_training = trainer.weights();
    run(trainer, cache, recipe, 6, 1);
    CHECK_FALSE(same_bytes(before_training, trainer.weights()));
    double moved = 0;
    for (const nn::NamedTensor& entry : trainer.weights().tensors) {
      if (!entry.name.starts_with("global_encoder.")) continue;
      const Tensor<float>& before = *pretrained.find(entry.name);
      for (Index i = 0; i < before.size(); ++i)
        moved = std::max(moved, std::abs(static_cast<double>(entry.tensor.data()[i] - before.data()[i])));
    }
    return moved;
  };
  CHECK(encoder_moved(true) == 0);
  CHECK(encoder_moved(false) > 1e-4);
}
