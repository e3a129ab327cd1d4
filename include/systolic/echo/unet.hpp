#pragma once
// The U-Net of EnLVAM (after Ronneberger et al. 2015): from an anatomical M-mode image, or from a frame, to a heat map
// for each landmark. Four levels; a level is two 3x3 convolutions, each followed by ReLU and then by batch norm.
//
//   [rows][columns][1] -> level 0 ------------------------------> level 0 -> 1x1 -> [rows][columns][landmarks] logits
//                           | 2x2 max pool                     ^ 2x2 transposed convolution
//                         level 1 -----------------------> level 1
//                           ...                              ^
//                         level 3 ---------------------------|

#include <string>
#include <type_traits>
#include <vector>

#include "systolic/nn/conv2d.hpp"
#include "systolic/nn/conv_transpose2d.hpp"
#include "systolic/nn/heat_map.hpp"
#include "systolic/nn/image_operations.hpp"
#include "systolic/nn/pool2d.hpp"

namespace systolic::echo {

struct UNetOptions {
  Index width = 64;     ///< channels of the first level; each deeper one doubles them (published 64; 8 or 16 are slim)
  Index landmarks = 4;  ///< heat maps
  Index in = 1;         ///< channels of the image
  Index levels = 4;

  /// Rows and columns must be multiples of this.
  Index granularity() const noexcept { return Index{1} << (levels - 1); }
};

/// conv1, ReLU, norm1, conv2, ReLU, norm2.
template <class T>
struct UNetLevel {
  nn::Conv2d<T> conv1, conv2;
  nn::BatchNorm1d<T> norm1, norm2;

  UNetLevel(Index in, Index out)
      : conv1({.in = in, .out = out, .kernel = 3, .padding = 1, .bias = true}),
        conv2({.in = out, .out = out, .kernel = 3, .padding = 1, .bias = true}),
        norm1(out),
        norm2(out) {}
};

/// up, ReLU, norm0 to twice the size and half the channels; then the skipped level's channels behind them, and a level.
template <class T>
struct UNetUp {
  nn::ConvTranspose2d<T> up;
  nn::BatchNorm1d<T> norm0;
  UNetLevel<T> level;

  explicit UNetUp(Index in)
      : up({.in = in, .out = in / 2, .kernel = 2, .stride = 2, .bias = true}), norm0(in / 2), level(in, in / 2) {}
};

template <class T>
struct UNet {
  UNetOptions options;
  std::vector<UNetLevel<T>> down;
  std::vector<UNetUp<T>> up;
  nn::Conv2d<T> last;

  explicit UNet(const UNetOptions& settings = {})
      : options(settings), last({.in = settings.width, .out = settings.landmarks, .kernel = 1, .bias = true}) {
    for (Index level = 0, in = options.in; level < options.levels; ++level) {
      down.emplace_back(in, options.width << level);
      in = options.width << level;
    }
    for (Index level = options.levels - 1; level > 0; --level) up.emplace_back(options.width << level);
  }

  /// Packs the weights. To be called again whenever they change.
  void prepare() {
    const auto prepare_level = [](UNetLevel<T>& level) {
      level.conv1.prepare();
      level.conv2.prepare();
    };
    for (UNetLevel<T>& level : down) prepare_level(level);
    for (UNetUp<T>& step : up) {
      step.up.prepare();
      prepare_level(step.level);
    }
    last.prepare();
  }
};

/// x -> norm2(relu(conv2(norm1(relu(conv1(x)))))). Value and Context: an Image and a Workspace in inference, an
/// ImageVariable and a Tape in training.
template <class T, class Value, class Context>
auto run_level(const UNetLevel<T>& level, const Value& x, Context& context) {
  const nn::Activation relu{nn::Activation::Kind::relu};
  const auto half = apply_then_norm(level.conv1, relu, level.norm1, x, context);
  return apply_then_norm(level.conv2, relu, level.norm2, half, context);
}

/// The logits of the heat maps: x [batch][rows][columns][in] -> [batch][rows][columns][landmarks]. Requires rows and
/// columns that are multiples of options.granularity().
template <class T, class Value, class Context>
auto run_unet(const UNet<T>& model, const Value& x, Context& context) {
  assert(x.extent.rows % model.options.granularity() == 0 && x.extent.columns % model.options.granularity() == 0);
  const nn::Activation relu{nn::Activation::Kind::relu};
  auto value = run_level(model.down[0], x, context);
  std::vector<decltype(value)> skipped;
  for (std::size_t level = 1; level < model.down.size(); ++level) {
    skipped.push_back(value);
    value = run_level(model.down[level], max_pool2d(value, 2, context), context);
  }
  for (const UNetUp<T>& step : model.up) {
    const auto grown = apply(step.norm0, apply(step.up, value, relu, context), context);
    value = run_level(step.level, concatenate_channels(grown, skipped.back(), context), context);
    skipped.pop_back();
  }
  return apply(model.last, value, nn::Activation{}, context);
}

/// Names as the published checkpoints have them. (Those hold three 1x1 convolutions more, up_blocks.*.conv0, which
/// transposed up-sampling never uses.)
template <class T, class Visitor>
void visit_parameters(UNet<T>& model, Visitor&& visitor) {
  const auto visit_level = [&](UNetLevel<T>& level, const std::string& prefix) {
    visit_parameters(level.conv1, prefix + ".conv1", visitor);
    visit_parameters(level.conv2, prefix + ".conv2", visitor);
    visit_parameters(level.norm1, prefix + ".norm1", visitor);
    visit_parameters(level.norm2, prefix + ".norm2", visitor);
  };
  visit_parameters(model.last, "conv_final", visitor);
  for (std::size_t i = 0; i < model.down.size(); ++i) visit_level(model.down[i], "down_blocks." + std::to_string(i));
  for (std::size_t i = 0; i < model.up.size(); ++i) {
    const std::string prefix = "up_blocks." + std::to_string(i);
    visit_parameters(model.up[i].up, prefix + ".up", visitor);
    visit_parameters(model.up[i].norm0, prefix + ".norm0", visitor);
    visit_level(model.up[i].level, prefix);
  }
}

}  // namespace systolic::echo
