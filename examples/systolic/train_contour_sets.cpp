#include "train_contour_sets.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "systolic/io/float16.hpp"
#include "systolic/train/contour_folders.hpp"

namespace program {

namespace echo = systolic::echo;

systolic::Result<ContourSets> find_contours(const TrainOptions& options, Index frames, Index phantoms) {
  using systolic::train::ContourExamples;
  auto sets = find_example_sets<ContourExamples>(
      options, phantoms,
      [&](Index validation) {
        return systolic::train::open_contour_folder(options.data, {.train_folds = options.train_folds,
                                                                   .validate_fold = options.validate_fold,
                                                                   .limit = options.limit,
                                                                   .validate_limit = validation});
      },
      [&](Index count, std::uint64_t seed) {
        return std::make_unique<systolic::train::PhantomContourExamples>(count, seed, frames);
      });
  if (!sets) return sets.error();
  return ContourSets{std::move(*sets)};
}

systolic::Result<ContourStart> read_contour_start(const TrainOptions& options) {
  auto state = systolic::io::read_safetensors(options.pretrained);
  if (!state) return state.error();
  auto finder = systolic::io::make_contour_finder(*state, options.pretrained);
  if (!finder) return finder.error();
  return ContourStart{std::move(*state), std::move(*finder)};
}

systolic::Result<std::vector<Measured>> measure_contours(const systolic::nn::StateDict& weights,
                                                         const systolic::train::ContourExamples& examples,
                                                         std::uint64_t seed, int threads) {
  if (examples.size() == 0) return std::vector<Measured>{};
  const auto finder = systolic::io::make_contour_finder(weights, "the weights in training");
  if (!finder) return finder.error();
  systolic::Workspace workspace(threads);
  double distances = 0, errors = 0;
  Index known = 0;
  for (Index i = 0; i < examples.size(); ++i) {
    systolic::Random random(seed, static_cast<std::uint64_t>(i));
    const auto example = examples.example(i, random);
    if (!example) return example.error();
    const Index frames = example->clip.shape()[0];
    const auto found = finder->find_pair(example->clip.view(), 0, frames - 1, workspace);
    const double size = static_cast<double>(std::max(example->clip.shape()[1], example->clip.shape()[2]));
    for (std::size_t k = 0; k < echo::key_point_count; ++k)
      distances +=
          (distance(found.contours[0][k], example->first[k]) + distance(found.contours[1][k], example->last[k])) / size;
    if (!std::isfinite(example->fraction)) continue;
    errors += std::abs(found.fraction - example->fraction);
    ++known;
  }
  const double points = static_cast<double>(2 * examples.size()) * echo::key_point_count;
  const auto fraction = known > 0 ? std::optional(100 * errors / static_cast<double>(known)) : std::nullopt;
  return std::vector<Measured>{
      {"validation_key_points", "key points' distance, % of the image:", 100 * distances / points},
      {"validation_ejection_fraction", "ejection fraction's error, points:", fraction}};
}

systolic::Status finish_contour_weights(systolic::nn::StateDict& state, const TrainOptions& options, bool phantoms) {
  state.set_metadata("name", "systolic echo contour");
  if (phantoms) state.set_metadata("warning", "phantom-trained, for software verification, not for patients");
  // The numbers are rounded first: what checks itself is what the file will hold.
  if (options.type == systolic::io::DataType::f16)
    for (systolic::nn::NamedTensor& entry : state.tensors)
      for (float& value : entry.tensor) value = systolic::io::float_from_half(systolic::io::half_from_float(value));
  systolic::Workspace workspace;
  const auto finder = systolic::io::make_contour_finder(state, options.out);
  if (!finder) return finder.error();
  systolic::io::set_contour_self_check(state, *finder, workspace);
  return {};
}

}  // namespace program
