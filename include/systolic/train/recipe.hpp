#pragma once
// Everything that decides what a training of the restoration network makes of its data, but the data.

#include <cstdint>
#include <string>

#include "systolic/core/result.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/grad/schedule.hpp"

namespace systolic::train {

enum class Schedule { cosine, warm_up_cosine, one_cycle, constant };

/// How a training goes on, whatever the network.
struct Optimization {
  int epochs = 50;
  Index batch = 32;
  double learning_rate = 1e-4;  ///< the schedule's highest
  double weight_decay = 1e-5;
  Schedule schedule = Schedule::cosine;
  double clip = 0;     ///< largest gradient norm; 0: any
  double average = 0;  ///< decay of the weights' moving average, which is what is kept then; 0: none
  std::uint64_t seed = 1;
};

struct Recipe : Optimization {
  std::string name = "published";
  RestorationOptions network;
  Normalization normalization = Normalization::record;  ///< of the global signal and the trend
  signal::PeakMethod peaks = signal::PeakMethod::heartpy;
  double mask_ratio = 0.3;      ///< of the global signal's 100 patches, and of a beat's 480 samples
  double trend_weight = 1;      ///< of the trend branch's error in the loss
  double attribute_weight = 0;  ///< of the attributes' squared error, in standard deviations
  double amplitude_change = 0;  ///< each record is multiplied by exp(u), u uniform in +- this
};

/// The recipe of Jiang et al. 2023, to the letter.
inline Recipe published_recipe() { return {}; }

/// The recipe of the shipped weights. In the order of docs/experiments.md: signals stay in mV, so that amplitude is
/// part of what is normal; the restored signal may reach 4 mV; the log-variance may span 5 instead of 1, so that the
/// loss is a likelihood that can adapt; beats are R peaks; attributes are predicted along; weights are averaged.
template <class = void>
inline Recipe systolic_recipe() {
  Recipe recipe;
  recipe.name = "systolic";
  recipe.network.width = 16;
  recipe.epochs = 6;
  recipe.network.amplitude = 4;
  recipe.network.log_variance_range = 5;
  recipe.network.beats_in_millivolt = true;
  recipe.network.attributes = true;
  recipe.normalization = Normalization::none;
  recipe.peaks = signal::PeakMethod::systolic;
  recipe.learning_rate = 5e-4;
  recipe.schedule = Schedule::one_cycle;
  recipe.clip = 5;
  recipe.average = 0.998;
  recipe.trend_weight = 20;
  recipe.attribute_weight = 0.5;
  return recipe;
}

/// The recipe of that name: "published" or "systolic".
template <class = void>
inline Result<Recipe> find_recipe(const std::string& name) {
  if (name == "published") return published_recipe();
  if (name == "systolic") return systolic_recipe();
  return Error{"'" + name + "' is no recipe; there are published and systolic"};
}

/// The learning rate of a step. The published schedule changes with the epoch (the last of which has rate 0), the
/// others with every step.
template <class = void>
inline double learning_rate(const Optimization& recipe, Index step, Index steps_per_epoch) {
  const double progress =
      static_cast<double>(step) / std::max(1.0, static_cast<double>(recipe.epochs * steps_per_epoch));
  switch (recipe.schedule) {
    case Schedule::cosine:
      return grad::cosine_rate(recipe.learning_rate, static_cast<double>(step / steps_per_epoch + 1), recipe.epochs);
    case Schedule::warm_up_cosine:
      return grad::warm_up_cosine_rate(recipe.learning_rate, progress, 0.05);
    case Schedule::one_cycle:
      return grad::one_cycle_rate(recipe.learning_rate, progress);
    case Schedule::constant:
      break;
  }
  return recipe.learning_rate;
}

}  // namespace systolic::train
