#pragma once
// The recordings of a training, preprocessed once.

#include <string>

#include "systolic/ecg/diagnosis_classes.hpp"
#include "systolic/train/diagnosis_data.hpp"
#include "systolic/train/example_cache.hpp"
#include "train_options.hpp"

namespace program {

/// The normal recordings of the training folds as examples: from the cache file where it holds just these, else read,
/// preprocessed and written to it. Recordings that cannot be read are errors; those that cannot be analysed are left
/// out and counted in a note.
systolic::Result<systolic::train::ExampleCache> prepare_examples(const TrainOptions& options,
                                                                 const systolic::train::Recipe& recipe);

/// The classes that a diagnosis tells: the statements of the folder's scp_statements.csv, then the diagnostic
/// superclasses, NORM first.
systolic::Result<std::vector<systolic::DiagnosisClass>> find_classes(const std::string& folder);

/// All recordings of `folds` that have a statement, with their measurements and classes; as prepare_examples otherwise.
systolic::Result<systolic::train::DiagnosisCache> prepare_diagnosis_examples(
    const TrainOptions& options, const std::vector<int>& folds, const std::vector<systolic::DiagnosisClass>& classes,
    const std::string& cache);

}  // namespace program
