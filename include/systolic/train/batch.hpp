#pragma once
// One step's food: recordings, each with a beat drawn at random, parts of both hidden, and what was there.

#include <string>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/core/parallel.hpp"
#include "systolic/core/random.hpp"
#include "systolic/ecg/masks.hpp"
#include "systolic/nn/parameters.hpp"
#include "systolic/train/example_cache.hpp"
#include "systolic/train/recipe.hpp"

namespace systolic::train {

/// Mean and standard deviation of each attribute over the examples that have it.
struct AttributeScale {
  std::array<double, attribute_names.size()> mean{}, deviation{};
};

template <class Example>
AttributeScale measure_attributes(const BasicExampleCache<Example>& cache) {
  AttributeScale scale;
  for (std::size_t a = 0; a < attribute_names.size(); ++a) {
    double count = 0, sum = 0, squares = 0;
    for (Index i = 0; i < cache.size(); ++i) {
      const double value = static_cast<double>(recording(cache[i]).attributes[a]);
      if (!std::isfinite(value)) continue;
      count += 1;
      sum += value;
      squares += value * value;
    }
    scale.mean[a] = count > 0 ? sum / count : 0;
    const double variance = count > 0 ? squares / count - scale.mean[a] * scale.mean[a] : 0;
    scale.deviation[a] = variance > 0 ? std::sqrt(variance) : 1;
  }
  return scale;
}

/// Writes it into a weights file's metadata: attributes.names, .mean and .deviation.
template <class = void>
inline void set_attribute_scale(nn::StateDict& state, const AttributeScale& scale) {
  std::string names, means, deviations;
  for (std::size_t a = 0; a < scale.mean.size(); ++a) {
    const char* space = a == 0 ? "" : " ";
    names += space + std::string(attribute_names[a]);
    means += space + number_to_text(scale.mean[a]);
    deviations += space + number_to_text(scale.deviation[a]);
  }
  state.set_metadata("attributes.names", names);
  state.set_metadata("attributes.mean", means);
  state.set_metadata("attributes.deviation", deviations);
}

struct Batch {
  Tensor<float> global, local, trend;         ///< [batch][4800][12], [batch][480][12], [batch][4800][12]
  Tensor<float> masked_global, masked_local;  ///< the same with parts hidden
  Tensor<float> attributes;                   ///< [batch][1][7] standardized; NaN where unknown
  std::vector<std::int64_t> ids;              ///< of the whole batch
  Index first = 0, total = 0;  ///< these are items first, first + 1, ... of a batch of `total`, over all processes
};

namespace detail {

/// The published masks: `ratio` of the 100 patches of the global signal, drawn without replacement, and one run of
/// `ratio` of the beat's samples, anywhere.
template <class = void>
inline void hide_parts(float* global, float* local, double ratio, Random& random) {
  constexpr Index patches = global_length / global_patch;
  std::vector<Index> order(static_cast<std::size_t>(patches));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  shuffle(order, random);
  constexpr Index leads = standard_lead_count;
  const Index hidden = std::lround(ratio * patches);
  for (Index i = 0; i < hidden; ++i)
    std::fill_n(global + order[static_cast<std::size_t>(i)] * global_patch * leads, global_patch * leads, 0.0f);
  const Index run = std::lround(ratio * beat_length);
  const Index start = random.below(beat_length - run + 1);
  std::fill_n(local + start * leads, run * leads, 0.0f);
}

}  // namespace detail

/// Process `rank`'s share of the batch of the examples `chosen`. Chance comes from (seed, step) and the place in the
/// batch alone, so it does not matter how many processes there are.
template <class = void>
inline Batch make_batch(const ExampleCache& cache, const std::vector<Index>& chosen, const AttributeScale& scale,
                        const Recipe& recipe, Index step, int threads, int rank = 0, int processes = 1) {
  const Index total = static_cast<Index>(chosen.size()), first = total * rank / processes;
  const Index count = total * (rank + 1) / processes - first;
  constexpr Index leads = standard_lead_count;
  Batch batch;
  batch.global = batch.trend = Tensor<float>({count, global_length, leads});
  batch.local = Tensor<float>({count, beat_length, leads});
  batch.attributes = Tensor<float>({count, 1, static_cast<Index>(attribute_names.size())});
  batch.first = first;
  batch.total = total;
  for (const Index i : chosen) batch.ids.push_back(cache[i].id);
  batch.masked_global = batch.global;
  batch.masked_local = batch.local;
  parallel_for(count, threads, [&](Index b, int) {
    const CachedExample& example = cache[chosen[static_cast<std::size_t>(first + b)]];
    Random random(recipe.seed, static_cast<std::uint64_t>((step << 12) + first + b));
    const double change = recipe.amplitude_change;
    const Preprocessed record = unpack_example(example, change > 0 ? std::exp(random.uniform(-change, change)) : 1.0);
    const auto put = [b](const Tensor<float>& source, Tensor<float>& target) {
      std::copy(source.begin(), source.end(), target.data() + b * source.size());
    };
    put(global_signal(record, recipe.normalization), batch.global);
    put(trend_signal(record, recipe.normalization), batch.trend);
    const Index beat = record.beats[static_cast<std::size_t>(random.below(static_cast<Index>(record.beats.size())))];
    float* local = batch.local.data() + b * beat_length * leads;
    beat_signal(record, beat, TensorView<float>(local, {beat_length, leads}),
                recipe.network.beats_in_millivolt ? Normalization::none : Normalization::record);
    float* masked_global = batch.masked_global.data() + b * global_length * leads;
    float* masked_local = batch.masked_local.data() + b * beat_length * leads;
    std::copy_n(batch.global.data() + b * global_length * leads, global_length * leads, masked_global);
    std::copy_n(local, beat_length * leads, masked_local);
    detail::hide_parts(masked_global, masked_local, recipe.mask_ratio, random);
    for (std::size_t a = 0; a < attribute_names.size(); ++a)
      batch.attributes(b, 0, static_cast<Index>(a)) =
          static_cast<float>((static_cast<double>(example.attributes[a]) - scale.mean[a]) / scale.deviation[a]);
  });
  return batch;
}

}  // namespace systolic::train
