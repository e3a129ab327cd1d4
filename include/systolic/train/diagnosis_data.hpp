#pragma once
// What the diagnosis network is trained with: recordings with their measurements and the statements that apply to them.

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/core/random.hpp"
#include "systolic/ecg/diagnosis.hpp"
#include "systolic/ecg/measurement_scale.hpp"
#include "systolic/grad/losses.hpp"
#include "systolic/train/batch.hpp"
#include "systolic/train/example_cache.hpp"

namespace systolic::train {

inline constexpr Index most_classes = 128;

/// One recording as the cache holds it.
struct DiagnosisExample {
  CachedExample record;
  std::array<float, static_cast<std::size_t>(measurement_count)> measurements;  ///< NaN: not measurable
  std::array<std::int8_t, static_cast<std::size_t>(most_classes)> classes;      ///< 1 applies, 0 does not, -1 not known
};
static_assert(std::is_trivially_copyable_v<DiagnosisExample>);

inline const CachedExample& recording(const DiagnosisExample& example) { return example.record; }

using DiagnosisCache = BasicExampleCache<DiagnosisExample>;
using DiagnosisCacheWriter = BasicExampleCacheWriter<DiagnosisExample>;

/// The scale of every measurement over all recordings of a cache.
template <class = void>
inline MeasurementScale measure_scales(const DiagnosisCache& cache) {
  MeasurementScale scale;
  for (std::size_t i = 0; i < static_cast<std::size_t>(measurement_count); ++i) {
    std::vector<float> values;
    for (Index e = 0; e < cache.size(); ++e) values.push_back(cache[e].measurements[i]);
    const auto [center, deviation] = measure_scale(std::move(values));
    scale.center.push_back(center);
    scale.deviation.push_back(deviation);
  }
  return scale;
}

/// Everything that decides what a training of the diagnosis network makes of its data.
struct DiagnosisRecipe : Optimization {
  std::string name = "slim";
  DiagnosisOptions network;
  bool locked = false;             ///< the pretrained encoder stays as it is
  double backbone_rate = 0.3;      ///< the encoder's learning rate, of the others'
  double attribute_weight = 4;     ///< of the attributes' squared error, in standard deviations, a recording
  double amplitude_change = 0.1;   ///< each recording is multiplied by exp(u), u uniform in +- this
  double mask_ratio = 0.15;        ///< of the 100 patches of a recording, hidden in every other one
  double lead_loss = 0.05;         ///< chance of each lead to be missing
  double measurement_noise = 0.1;  ///< standard deviations
  Index shift = 100;               ///< samples by which a recording moves at most
  /// Binary cross-entropy: every class counts the same whether it is common or rare.
  grad::AsymmetricLossOptions loss{0, 0, 0};

  template <class = void>
  DiagnosisRecipe() {
    epochs = 10;
    learning_rate = 1e-3;
    weight_decay = 0.02;
    schedule = Schedule::one_cycle;
    clip = 10;
    average = 0.999;
  }
};

struct DiagnosisBatch {
  Tensor<float> global;           ///< [batch][4800][12] mV
  Tensor<float> measurements;     ///< [batch][1][237], scaled
  Tensor<float> classes;          ///< [batch][1][classes] 1, 0 or NaN: not known
  Tensor<float> attributes;       ///< [batch][1][7] standardized; NaN where unknown
  std::vector<std::int64_t> ids;  ///< of the whole batch
  Index first = 0, total = 0;     ///< these are items first, first + 1, ... of a batch of `total`, over all processes
};

/// Process `rank`'s share of the batch of the examples `chosen`: as they are, or (`augmented`) moved, scaled and with
/// parts hidden. Chance comes from (seed, step) and the place in the batch alone.
template <class = void>
inline DiagnosisBatch make_diagnosis_batch(const DiagnosisCache& cache, const std::vector<Index>& chosen,
                                           const AttributeScale& attributes, const MeasurementScale& scale,
                                           const DiagnosisRecipe& recipe, bool augmented, Index step, int threads,
                                           int rank = 0, int processes = 1) {
  const Index total = static_cast<Index>(chosen.size()), first = total * rank / processes;
  const Index count = total * (rank + 1) / processes - first, classes = recipe.network.classes;
  constexpr Index leads = standard_lead_count;
  DiagnosisBatch batch;
  batch.global = Tensor<float>({count, global_length, leads});
  batch.measurements = Tensor<float>({count, 1, measurement_count});
  batch.classes = Tensor<float>({count, 1, classes});
  batch.attributes = Tensor<float>({count, 1, static_cast<Index>(attribute_names.size())});
  batch.first = first;
  batch.total = total;
  for (const Index i : chosen) batch.ids.push_back(cache[i].record.id);
  parallel_for(count, threads, [&](Index b, int) {
    const DiagnosisExample& example = cache[chosen[static_cast<std::size_t>(first + b)]];
    Random random(recipe.seed, (std::uint64_t{1} << 60) + static_cast<std::uint64_t>((step << 12) + first + b));
    float* const signal = batch.global.data() + b * global_length * leads;
    float* const measurements = &batch.measurements(b, 0, 0);
    const Index shift = augmented ? random.below(2 * recipe.shift + 1) - recipe.shift : 0;
    const double gain =
        0.001 * (augmented ? std::exp(random.uniform(-recipe.amplitude_change, recipe.amplitude_change)) : 1.0);
    const std::int16_t* const samples = example.record.samples.data() + (global_first + shift) * leads;
    for (Index i = 0; i < global_length * leads; ++i) signal[i] = static_cast<float>(gain * samples[i]);
    scale(example.measurements.data(), measurements);
    if (augmented) {
      if (random.uniform() < 0.5)
        for (Index patch = 0; patch < global_length / global_patch; ++patch)
          if (random.uniform() < recipe.mask_ratio)
            std::fill_n(signal + patch * global_patch * leads, global_patch * leads, 0.0f);
      for (Index lead = 0; lead < leads; ++lead)
        if (random.uniform() < recipe.lead_loss)
          for (Index t = 0; t < global_length; ++t) signal[t * leads + lead] = 0;
      for (Index i = 0; i < measurement_count; ++i)
        measurements[i] += static_cast<float>(recipe.measurement_noise * random.normal());
    }
    for (Index c = 0; c < classes; ++c) {
      const std::int8_t known = example.classes[static_cast<std::size_t>(c)];
      batch.classes(b, 0, c) = known < 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(known);
    }
    for (std::size_t a = 0; a < attribute_names.size(); ++a)
      batch.attributes(b, 0, static_cast<Index>(a)) = static_cast<float>(
          (static_cast<double>(example.record.attributes[a]) - attributes.mean[a]) / attributes.deviation[a]);
  });
  return batch;
}

}  // namespace systolic::train
