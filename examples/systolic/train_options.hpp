#pragma once
// What `systolic train` was asked for.

#include <optional>
#include <string>
#include <vector>

#include "options.hpp"
#include "systolic/train/recipe.hpp"

namespace program {

struct TrainOptions {
  CommonOptions common;
  std::string data, out;
  std::string task = "restore";  ///< or diagnose, echo-contour, echo-contour-refine, echo-m-mode, echo-landmarks
  bool all_records = false;      ///< restore: learns from every recording with a statement, not only normal ones
  std::string recipe = "systolic";
  std::vector<int> train_folds = {1, 2, 3, 4, 5, 6, 7, 8};
  int validate_fold = 9;
  Index limit = 0;           ///< train on the first so many normal recordings; 0: all
  Index validate_limit = 0;  ///< after each epoch score so many recordings of the validation fold; 0: none
  std::optional<int> epochs;
  std::optional<Index> batch, width;
  std::optional<double> learning_rate, mask_ratio, attribute_weight;
  double checkpoint_seconds = 300;
  std::string checkpoint, resume, log, cache;
  std::string pretrained;  ///< diagnose: weights of a restoration network to begin with; "none": random ones
  bool locked = false;     ///< diagnose: its encoder stays as it is
  systolic::io::DataType type = systolic::io::DataType::f32;
};

/// What the options change of any recipe.
inline void set_optimization(const TrainOptions& options, systolic::train::Optimization& recipe) {
  recipe.epochs = options.epochs.value_or(recipe.epochs);
  recipe.batch = options.batch.value_or(recipe.batch);
  recipe.learning_rate = options.learning_rate.value_or(recipe.learning_rate);
  recipe.seed = options.common.seed;
}

/// The recipe by its name, with what the options change.
systolic::Result<systolic::train::Recipe> make_recipe(const TrainOptions& options);

int run_train(const TrainOptions& options);

}  // namespace program
