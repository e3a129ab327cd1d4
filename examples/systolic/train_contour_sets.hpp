#pragma once
// What the trainings of the contour network and of its refiners share: examples, the weights to begin with, figures.

#include <string>
#include <vector>

#include "systolic/io/contour_weights.hpp"
#include "systolic/train/contour_data.hpp"
#include "train_example_sets.hpp"
#include "train_output.hpp"

namespace program {

struct ContourSets : ExampleSets<systolic::train::ContourExamples> {
  /// Chance that an example is changed: published data as EchoGraphs does it; every phantom is another one anyway.
  double augmentation() const noexcept { return phantoms ? 0 : 0.9; }
};

/// Those of --data, or phantoms of which `frames` frames are drawn.
systolic::Result<ContourSets> find_contours(const TrainOptions& options, Index frames, Index phantoms);

/// Weights of a contour network to go on from.
struct ContourStart {
  systolic::nn::StateDict state;
  systolic::echo::ContourFinder finder;
};

/// The weights of --pretrained.
systolic::Result<ContourStart> read_contour_start(const TrainOptions& options);

/// Mean distance of a key point from the truth, per cent of the image's size, and mean error of the ejection fraction
/// by the head, in points.
systolic::Result<std::vector<Measured>> measure_contours(const systolic::nn::StateDict& weights,
                                                         const systolic::train::ContourExamples& examples,
                                                         std::uint64_t seed, int threads);

/// Name, warning, rounding to the type of the file, self-check: what a file of contour weights has beside its tensors.
systolic::Status finish_contour_weights(systolic::nn::StateDict& state, const TrainOptions& options, bool phantoms);

}  // namespace program
