#pragma once
// The examples of a training that draws phantoms where no data set is named.

#include <cstdint>
#include <memory>
#include <utility>

#include "train_left_out.hpp"
#include "train_options.hpp"

namespace program {

/// Examples to learn from and others to measure on.
template <class Examples>
struct ExampleSets {
  std::unique_ptr<Examples> training, validation;
  bool phantoms = false;
};

/// Those of --data by open(number of validation examples); else phantoms by draw(count, seed), `most` where no --limit
/// says how many. The validation's have a seed of their own.
template <class Examples, class Open, class Draw>
systolic::Result<ExampleSets<Examples>> find_example_sets(const TrainOptions& options, Index most, const Open& open,
                                                          const Draw& draw) {
  constexpr Index validation_examples = 64;
  constexpr std::uint64_t validation_seed = 1000003;  // added to the training's
  const Index validation = options.validate_limit > 0 ? options.validate_limit : validation_examples;
  ExampleSets<Examples> sets;
  if (!options.data.empty() && options.data != "phantom") {
    auto found = open(validation);
    if (!found) return found.error();
    print_left_out(found->problems);
    sets.training = std::move(found->training);
    sets.validation = std::move(found->validation);
    return sets;
  }
  sets.training = draw(options.limit > 0 ? options.limit : most, options.common.seed);
  sets.validation = draw(validation, options.common.seed + validation_seed);
  sets.phantoms = true;
  return sets;
}

}  // namespace program
