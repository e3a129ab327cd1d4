#pragma once
// A training small enough for tests.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "systolic/train/restoration_trainer.hpp"

namespace testing {

inline constexpr std::uint64_t fingerprint = 42;

/// Six made-up recordings: a wave a lead, and three beats; the last lacks its attributes.
inline systolic::train::ExampleCache write_examples(const std::string& path) {
  using namespace systolic;
  using namespace systolic::train;
  auto writer = ExampleCacheWriter::create(path);
  REQUIRE(writer);
  const auto example = std::make_unique<CachedExample>();
  for (int i = 0; i < 6; ++i) {
    Preprocessed record;
    record.denoised = Tensor<double>({window_length, standard_lead_count});
    for (Index t = 0; t < window_length; ++t)
      for (Index c = 0; c < standard_lead_count; ++c)
        record.denoised(t, c) = std::sin(0.01 * static_cast<double>((t + 7 * i) * (c + 1)));
    record.beats = {300 + i, 1200, 2500};
    std::memset(example.get(), 0, sizeof(CachedExample));
    pack_example(record, *example);
    example->id = 100 + i;
    example->attributes.fill(i < 5 ? static_cast<float>(i) : std::nanf(""));
    REQUIRE(writer->append(*example));
  }
  REQUIRE(writer->finish(fingerprint));
  auto cache = ExampleCache::open(path, fingerprint);
  REQUIRE(cache);
  return std::move(*cache);
}

/// A network that trains in no time.
inline systolic::train::Recipe small_recipe() {
  systolic::train::Recipe recipe = systolic::train::systolic_recipe();
  recipe.network.width = 2;
  recipe.network.hidden = 4;
  recipe.batch = 3;
  recipe.epochs = 3;
  return recipe;
}

}  // namespace testing
