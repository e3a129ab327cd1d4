#pragma once
// The training of the refiners of contours: all of them at once, each from where the one before it led.

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "systolic/grad/conv3d.hpp"
#include "systolic/grad/conv_transpose2d.hpp"
#include "systolic/grad/heat_map.hpp"
#include "systolic/grad/strip_read_out.hpp"
#include "systolic/io/contour_weights.hpp"
#include "systolic/train/contour_data.hpp"
#include "systolic/train/initialize.hpp"
#include "systolic/train/node_differences.hpp"
#include "systolic/train/trainer.hpp"

namespace systolic::train {

/// Everything that decides what a training of refiners makes of its data. The defaults are the recipe of the shipped
/// weights.
struct RefinerRecipe : Optimization {
  std::string name = "echo-contour-refine";
  std::vector<echo::WallStripOptions> strips = {{32, 0.2}, {32, 0.1}};
  Index width = 8;           ///< channels of the U-Nets' first level
  double motion_weight = 2;  ///< of the distance of the way from the first contour to the last; that of points has 1
  double augmentation = 0;   ///< chance that the first contours are found in a clip that is turned, grown and shifted

  template <class = void>
  RefinerRecipe() {
    epochs = 1;
    batch = 8;
    learning_rate = 2e-3;
    weight_decay = 1e-4;
    schedule = Schedule::one_cycle;
    clip = 1;
    average = 0.995;
  }
};

/// Two frames, the contours that were found in them, and the true ones; pixels.
struct RefinerItem {
  ContourExample example;
  std::array<echo::KeyPoints, 2> found;
};

/// One step's food.
struct RefinerBatch {
  std::vector<RefinerItem> items;
  std::vector<std::int64_t> ids;  ///< of the whole batch
  Index first = 0, total = 0;     ///< these are items first, first + 1, ... of a batch of `total`, over all processes
};

/// As make_contour_batch; the contours to be refined are those that the finder's network gives.
template <class = void>
inline Result<RefinerBatch> make_refiner_batch(const ContourExamples& examples, const std::vector<Index>& chosen,
                                               const RefinerRecipe& recipe, const echo::ContourFinder& finder,
                                               Index step, int threads, int rank = 0, int ranks = 1) {
  const auto total = static_cast<Index>(chosen.size());
  const Index first = total * rank / ranks, count = total * (rank + 1) / ranks - first;
  RefinerBatch batch{
      std::vector<RefinerItem>(static_cast<std::size_t>(count)), {chosen.begin(), chosen.end()}, first, total};
  std::vector<Status> read(static_cast<std::size_t>(count));
  std::deque<Workspace> workspaces(static_cast<std::size_t>(std::max(threads, 1)));
  parallel_for(count, threads, [&](Index b, int thread) {
    const Index number = chosen[static_cast<std::size_t>(first + b)];
    Random random(recipe.seed, (std::uint64_t{1} << 60) + static_cast<std::uint64_t>(step * total + first + b));
    auto example = examples.example(number, random);
    if (!example) {
      read[static_cast<std::size_t>(b)] = example.error();
      return;
    }
    const bool changed = random.uniform() < recipe.augmentation;
    const echo::ImageChange change = changed ? draw_image_change(random) : echo::ImageChange{};
    RefinerItem& item = batch.items[static_cast<std::size_t>(b)];
    item.found = finder
                     .find_coarse(example->clip.view(), 0, example->clip.shape()[0] - 1, change,
                                  workspaces[static_cast<std::size_t>(thread)])
                     .contours;
    item.example = std::move(*example);
  });
  for (const Status& status : read)
    if (!status) return status.error();
  return batch;
}

/// As RestorationTrainer.
class RefinerTrainer : public Trainer<echo::WallRefiners<float>> {
 public:
  template <class = void>
  RefinerTrainer(const RefinerRecipe& recipe, int threads, grad::Collective* collective = nullptr)
      : Trainer(recipe, make_model(recipe), threads, collective), recipe_(recipe) {
    initialize(model(), recipe.seed);
    start_average();
  }

  /// Forward, backward, update. A loss or gradient that is not finite is returned and changes no weight.
  template <class = void>
  StepLoss step(const RefinerBatch& batch, double rate) {
    constexpr auto points = static_cast<Index>(echo::key_point_count);
    begin_step(batch.first, batch.total);
    const auto count = static_cast<Index>(batch.items.size());
    std::vector<std::array<echo::KeyPoints, 2>> contours;
    Tensor<float> target({count, 2 * points, 2});
    float* to = target.data();
    for (const RefinerItem& item : batch.items) {
      contours.push_back(item.found);
      const Shape& shape = item.example.clip.shape();
      for (const echo::KeyPoints* contour : {&item.example.first, &item.example.last})
        for (const echo::Point p : *contour) {
          const echo::Point share = echo::in_shares(p, shape[1], shape[2]);
          *to++ = static_cast<float>(share.x);
          *to++ = static_cast<float>(share.y);
        }
    }
    const auto truth = nn::as_sequence(std::as_const(target).view());
    const auto wanted_motion = nn::make_sequence<float>(tape().workspace(), count, points, 2);
    subtract_nodes(truth, motion_, wanted_motion);
    LossPart points_part{"points", 0, 1}, motion_part{"motion", 0, recipe_.motion_weight};
    std::vector<grad::Variable<float>> losses;
    for (const echo::WallRefiner<float>& refiner : model().steps) {
      const nn::Image<float> strips =
          nn::make_image<float>(tape().workspace(), count, {1, refiner.strip.rows, echo::strip_columns}, 2);
      const auto bases = nn::make_sequence<float>(tape().workspace(), count, 2 * points, 6);
      parallel_for(count, tape().threads(), [&](Index b, int) {
        const Tensor<std::uint8_t>& clip = batch.items[static_cast<std::size_t>(b)].example.clip;
        const Index frames = clip.shape()[0], rows = clip.shape()[1], columns = clip.shape()[2];
        make_wall_strips({clip.data(), clip.data() + (frames - 1) * rows * columns}, rows, columns,
                         contours[static_cast<std::size_t>(b)], refiner.strip, strips.item(b), bases.item(b));
      });
      const grad::ImageVariable<float> x{tape().input(nn::Sequence<const float>(strips.pixels)), strips.extent};
      const auto moved = grad::take_steps<float>(bases, run_refiner(refiner, x, columns_, tape()), tape());
      const auto distance = grad::landmark_distance(moved, truth, tape());
      const auto motion =
          grad::landmark_distance<float>(node_differences(moved, motion_, tape()), wanted_motion, tape());
      losses.push_back(add(distance, times(motion, recipe_.motion_weight), tape()));
      points_part.value += value(distance);
      motion_part.value += value(motion);
      for (Index b = 0; b < count; ++b) {
        const Shape& shape = batch.items[static_cast<std::size_t>(b)].example.clip.shape();
        const float* from = moved.value.item(b);
        for (echo::KeyPoints& contour : contours[static_cast<std::size_t>(b)])
          for (echo::Point& p : contour) {
            p = echo::in_pixels({static_cast<double>(from[0]), static_cast<double>(from[1])}, shape[1], shape[2]);
            from += 2;
          }
      }
    }
    auto total = losses[0];
    for (std::size_t i = 1; i < losses.size(); ++i) total = add(total, losses[i], tape());
    return end_step(total, {points_part, motion_part}, rate);
  }

  /// The weights to keep, without those of the network whose contours are refined.
  template <class = void>
  nn::StateDict weights() {
    nn::StateDict state = kept_parameters();
    io::set_refiner_options(state, recipe_.strips);
    return state;
  }

 private:
  template <class = void>
  static echo::WallRefiners<float> make_model(const RefinerRecipe& recipe) {
    echo::WallRefiners<float> refiners;
    for (const echo::WallStripOptions& strip : recipe.strips) refiners.steps.emplace_back(strip, recipe.width);
    return refiners;
  }

  RefinerRecipe recipe_;
  std::vector<Index> columns_ = echo::strip_columns_of_key_points();
  std::vector<NodePair> motion_ = motion_pairs();
};

}  // namespace systolic::train
