#pragma once
// The recordings of a training, preprocessed once.

#include <string>

#include "systolic/train/example_cache.hpp"
#include "train_options.hpp"

namespace program {

/// The normal recordings of the training folds as examples: from the cache file where it holds just these, else read,
/// preprocessed and written to it. Recordings that cannot be read are errors; those that cannot be analysed are left
/// out and counted in a note.
systolic::Result<systolic::train::ExampleCache> prepare_examples(const TrainOptions& options,
                                                                 const systolic::train::Recipe& recipe);

}  // namespace program
