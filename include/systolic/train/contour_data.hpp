#pragma once
// What the contour network is trained with: clips whose contours at two frames are known, traced by people or drawn.

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/core/random.hpp"
#include "systolic/core/result.hpp"
#include "systolic/echo/contour_input.hpp"
#include "systolic/echo/phantom_apical_draw.hpp"
#include "systolic/echo/phantom_apical_image.hpp"
#include "systolic/train/recipe.hpp"

namespace systolic::train {

/// A clip that begins and ends at a frame with a known contour.
struct ContourExample {
  Tensor<std::uint8_t> clip;       ///< [frame][row][column]; two frames at least
  echo::KeyPoints first, last;     ///< of its first and its last frame, pixels
  double fraction = std::nan("");  ///< ejection fraction, 0 to 1, where these are end-diastole and end-systole; or NaN
};

/// A list of examples. Requires that several threads may ask at once.
class ContourExamples {
 public:
  ContourExamples() = default;
  ContourExamples(const ContourExamples&) = delete;
  ContourExamples& operator=(const ContourExamples&) = delete;
  virtual ~ContourExamples() = default;

  virtual Index size() const = 0;
  /// Example number i, 0 <= i < size(). `random` may choose what part of a clip it is; an error names the clip's file.
  virtual Result<ContourExample> example(Index i, Random& random) const = 0;
  /// For errors.
  virtual std::string name(Index i) const = 0;
  /// What the weights file says of its data.
  virtual std::string description() const = 0;
};

/// Apical phantoms, each drawn when it is asked for; number i of the same seed is always the same. Half of them run
/// from end-diastole to end-systole, the others from any frame of the beat to any later one, so that the network learns
/// the contour of a frame wherever in the beat it is.
class PhantomContourExamples : public ContourExamples {
 public:
  /// Of each clip only the `frames` frames are drawn that a network reads.
  PhantomContourExamples(Index count, std::uint64_t seed, Index frames, Index image_size = 112)
      : count_(count), seed_(seed), frames_(frames), image_size_(image_size) {}

  Index size() const override { return count_; }
  std::string name(Index i) const override { return "phantom " + std::to_string(i); }
  std::string description() const override {
    return std::to_string(count_) + " apical phantoms, seed " + std::to_string(seed_);
  }
  Result<ContourExample> example(Index i, Random&) const override {
    Random random(seed_, static_cast<std::uint64_t>(i));
    echo::ApicalPhantomOptions options;
    options.size = image_size_;
    options.systole = 8 + random.below(12);
    options.cycle = 2 * options.systole + 3 + random.below(options.systole);
    const bool whole_systole = random.uniform() < 0.5;
    const Index first = whole_systole ? 0 : random.below(options.cycle);
    const Index last = first + (whole_systole ? options.systole : 4 + random.below(17));
    const echo::ApicalMotion motion(echo::draw_apical_phantom(options, random));
    const auto contour = [&](Index frame) {
      return *echo::make_contour(motion.tracing(static_cast<double>(frame)), {});
    };
    const echo::Contour from = contour(first), to = contour(last);
    std::vector<double> times;
    for (Index f = 0; f < frames_; ++f)
      times.push_back(static_cast<double>(echo::frame_between(first, last, f, frames_)));
    ContourExample example{echo::draw_apical_clip(motion, times), key_points(from), key_points(to)};
    if (whole_systole)
      example.fraction = echo::ejection_fraction(measure_volumes(from).disks_ml, measure_volumes(to).disks_ml);
    return example;
  }

 private:
  Index count_;
  std::uint64_t seed_;
  Index frames_, image_size_;
};

/// Everything that decides what a training of the contour network makes of its data. The defaults are the recipe of the
/// shipped weights: small enough for an hour of one processor core.
struct ContourRecipe : Optimization {
  std::string name = "echo-contour";
  echo::ContourNetworkOptions network;
  double fraction_weight = 0.05;  ///< of the ejection fraction's squared error; that of the key points has weight 1
  double motion_weight = 2;       ///< of the squared error of the way from the first contour to the last
  double shape_weight = 2;        ///< of the squared error of the way from a key point to the third from it
  double augmentation = 0;        ///< chance that a clip is turned, grown and shifted, all its frames alike

  template <class = void>
  ContourRecipe() {
    epochs = 1;
    batch = 16;
    learning_rate = 5e-4;  // from 2e-3 the decoder does not recover: docs/experiments.md
    schedule = Schedule::one_cycle;
    clip = 1;
    average = 0.995;
  }
};

/// One step's food.
struct ContourBatch {
  Tensor<float> clips;            ///< [batch][frames][size][size][1]
  Tensor<float> points;           ///< [batch][80][2] shares
  Tensor<float> fractions;        ///< [batch][1][1]; NaN where unknown
  std::vector<std::int64_t> ids;  ///< of the whole batch
  Index first = 0, total = 0;     ///< these are items first, first + 1, ... of a batch of `total`, over all processes
};

/// How a clip is changed, half as much as EchoGraphs does: a contour should stay in the image.
template <class = void>
inline echo::ImageChange draw_image_change(Random& random) {
  echo::ImageChange change;
  change.angle = random.uniform(-0.35, 0.35);
  change.scale = random.uniform(0.85, 1.15);
  change.shift = {random.uniform(-0.08, 0.08), random.uniform(-0.08, 0.08)};
  return change;
}

/// Examples `chosen` as the batch of step `step`, on up to `threads` threads; of several processes the share of `rank`.
/// What a step draws depends on the recipe's seed, the step and the place in the batch only.
template <class = void>
inline Result<ContourBatch> make_contour_batch(const ContourExamples& examples, const std::vector<Index>& chosen,
                                               const ContourRecipe& recipe, Index step, int threads, int rank = 0,
                                               int ranks = 1) {
  const auto total = static_cast<Index>(chosen.size());
  const Index first = total * rank / ranks, count = total * (rank + 1) / ranks - first;
  const echo::ContourNetworkOptions& network = recipe.network;
  const Index pixels = network.frames * network.size * network.size;
  constexpr auto points = static_cast<Index>(echo::key_point_count);
  ContourBatch batch{Tensor<float>({count, network.frames, network.size, network.size, 1}),
                     Tensor<float>({count, 2 * points, 2}),
                     Tensor<float>({count, 1, 1}),
                     {chosen.begin(), chosen.end()},
                     first,
                     total};
  std::vector<Status> read(static_cast<std::size_t>(count));
  parallel_for(count, threads, [&](Index b, int) {
    const Index number = chosen[static_cast<std::size_t>(first + b)];
    Random random(recipe.seed, (std::uint64_t{1} << 60) + static_cast<std::uint64_t>(step * total + first + b));
    const auto example = examples.example(number, random);
    if (!example) {
      read[static_cast<std::size_t>(b)] = example.error();
      return;
    }
    const Index frames = example->clip.shape()[0], rows = example->clip.shape()[1], columns = example->clip.shape()[2];
    const bool changed = random.uniform() < recipe.augmentation;
    const echo::ImageChange change = changed ? draw_image_change(random) : echo::ImageChange{};
    make_contour_input(example->clip.view(), 0, frames - 1, network, change, batch.clips.data() + b * pixels);
    float* to = batch.points.data() + b * 4 * points;
    for (const echo::KeyPoints* contour : {&example->first, &example->last})
      for (const echo::Point p : *contour) {
        const echo::Point share = change.changed(echo::in_shares(p, rows, columns));
        *to++ = static_cast<float>(share.x);
        *to++ = static_cast<float>(share.y);
      }
    batch.fractions.data()[b] = static_cast<float>(example->fraction);
  });
  for (const Status& status : read)
    if (!status) return status.error();
  return batch;
}

}  // namespace systolic::train
