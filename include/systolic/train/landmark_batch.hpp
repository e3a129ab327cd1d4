#pragma once
// One step's food for a landmark network: images of examples, changed by lot, and where their landmarks are.

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/core/random.hpp"
#include "systolic/echo/landmark_network.hpp"
#include "systolic/train/linear_examples.hpp"
#include "systolic/train/recipe.hpp"

namespace systolic::train {

/// Everything that decides what a training makes of its examples, but the examples.
struct LandmarkRecipe : Optimization {
  echo::LandmarkOptions landmarks;
  double shift = 0.05;  ///< M-mode: the line moves by up to this share of the image's larger side
  double degrees = 20;  ///< and turns by up to so much, about its middle or an end
  double elsewhere =
      0.4;                ///< share of lines from anywhere between base and apex, of examples that know the walls there
  double changed = 0.75;  ///< share of images whose brightness, contrast and gamma are changed
};

/// The recipe of the shipped weights: Adam as published, but one cycle of the learning rate, averaged weights, and
/// lines that lie anywhere the search for the long axis puts them.
template <class = void>
inline LandmarkRecipe landmark_recipe(echo::LandmarkImage image) {
  LandmarkRecipe recipe;
  recipe.landmarks.image = image;
  recipe.epochs = 1;
  recipe.batch = 8;
  recipe.learning_rate = 2e-3;
  recipe.weight_decay = 1e-4;
  recipe.schedule = Schedule::one_cycle;
  recipe.clip = 50;
  recipe.average = 0.995;
  return recipe;
}

struct LandmarkBatch {
  Tensor<float> images;        ///< [batch][rows][columns][1], 0 to 1
  Tensor<float> targets;       ///< [batch][4][2] (row, column)
  Index first = 0, total = 0;  ///< these are items first, first + 1, ... of a batch of `total`, over all processes
};

namespace detail {

/// Brightness, contrast and gamma by lot.
template <class = void>
inline void change_greys(float* image, Index count, Random& random) {
  const double brightness = random.uniform(-0.2, 0.2), contrast = random.uniform(0.7, 1.4);
  const double gamma = std::exp(random.uniform(-0.4, 0.4));
  for (Index i = 0; i < count; ++i) {
    const double grey = std::pow(std::max(0.0, static_cast<double>(image[i])), gamma);
    image[i] = static_cast<float>(std::clamp((grey - 0.4) * contrast + 0.4 + (grey > 0 ? brightness : 0.0), 0.0, 1.0));
  }
}

/// A line of an example by lot.
template <class = void>
inline std::optional<echo::ScanLine> draw_line(const LinearExample& example, const LandmarkRecipe& recipe,
                                               Random& random) {
  std::optional<echo::ScanLine> base;
  const double lot = random.uniform(), place = random.uniform();
  if (lot < recipe.elsewhere) base = example.line_at(place);
  const echo::Point from = base ? base->from : example.landmarks[0], to = base ? base->to : example.landmarks[3];
  const double most = recipe.shift * static_cast<double>(std::max(example.rows, example.columns));
  echo::ScanLineChange change;
  change.shift = random.uniform(-most, most);
  change.degrees = random.uniform(-recipe.degrees, recipe.degrees);
  const Index pivot = base ? 0 : static_cast<Index>(random.below(3));
  change.pivot = pivot == 0 ? echo::Pivot::middle : pivot == 1 ? echo::Pivot::top : echo::Pivot::bottom;
  const auto line = echo::make_scan_line(from, to, change, example.rows, example.columns);
  return line ? std::optional<echo::ScanLine>(*line) : std::nullopt;
}

/// Fills `image` and the (row, column) of its landmarks.
template <class = void>
inline void put_example(const LinearExample& example, const LandmarkRecipe& recipe, Random& random, float* image,
                        float* target) {
  const Index size = recipe.landmarks.rows;
  if (recipe.landmarks.image == echo::LandmarkImage::frame) {
    const auto frame = example.frame();
    echo::resize_frame(frame.data(), example.rows, example.columns, size, image);
    for (std::size_t k = 0; k < 4; ++k) {
      target[2 * k] = static_cast<float>(echo::row_of_sample(example.landmarks[k].y, example.rows, size));
      target[2 * k + 1] = static_cast<float>(echo::row_of_sample(example.landmarks[k].x, example.columns, size));
    }
    return;
  }
  constexpr int attempts = 20;
  for (int attempt = 0; attempt <= attempts; ++attempt) {
    auto line = draw_line(example, recipe, random);
    const bool last = attempt == attempts;
    if (last) {  // the labelled line itself
      const auto own =
          echo::make_scan_line(example.landmarks[0], example.landmarks[3], {}, example.rows, example.columns);
      line = own ? std::optional<echo::ScanLine>(*own) : std::nullopt;
    }
    if (!line) continue;
    const echo::ScanLine fine = echo::line_for_rows(*line, size);
    const auto samples = last ? example.LinearExample::samples(fine) : example.samples(fine);
    if (!samples) continue;
    echo::shrink_m_mode(example.m_mode(fine), size, image);
    for (std::size_t k = 0; k < 4; ++k) {
      target[2 * k] = static_cast<float>(echo::row_of_sample((*samples)[k], fine.count, size));
      target[2 * k + 1] = static_cast<float>(echo::anchor_column);
    }
    return;
  }
}

}  // namespace detail

/// Process `rank`'s share of the batch of the examples `chosen`. Chance comes from (seed, step) and the place in the
/// batch alone, so it does not matter how many processes there are.
template <class = void>
inline Result<LandmarkBatch> make_landmark_batch(const LinearExamples& examples, const std::vector<Index>& chosen,
                                                 const LandmarkRecipe& recipe, Index step, int threads, int rank = 0,
                                                 int processes = 1) {
  const Index total = static_cast<Index>(chosen.size()), first = total * rank / processes;
  const Index count = total * (rank + 1) / processes - first;
  const Index rows = recipe.landmarks.rows, columns = recipe.landmarks.columns();
  LandmarkBatch batch{Tensor<float>({count, rows, columns, 1}), Tensor<float>({count, 4, 2}), first, total};
  std::vector<Status> statuses(static_cast<std::size_t>(count));
  parallel_for(count, threads, [&](Index b, int) {
    const auto example = examples.load(chosen[static_cast<std::size_t>(first + b)]);
    if (!example) {
      statuses[static_cast<std::size_t>(b)] = example.error();
      return;
    }
    Random random(recipe.seed, static_cast<std::uint64_t>((step << 12) + first + b));
    float* image = batch.images.data() + b * rows * columns;
    detail::put_example(**example, recipe, random, image, batch.targets.data() + b * 8);
    if (random.uniform() < recipe.changed) detail::change_greys(image, rows * columns, random);
  });
  for (const Status& status : statuses)
    if (!status) return status.error();
  return batch;
}

}  // namespace systolic::train
