#pragma once
// From a clip to features: a three-dimensional residual network (r3d of Tran et al. 2018, as torchvision builds it),
// slim where it is to be trained without a graphics card.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "systolic/nn/image_block.hpp"

namespace systolic::echo {

inline constexpr std::size_t encoder_stages = 4;

struct ClipEncoderOptions {
  Index in = 1;                                               ///< channels of the clip: 1 (grey), or 3 as published
  std::array<Index, encoder_stages> widths{16, 32, 64, 128};  ///< channels of each stage; published {64, 128, 256, 512}
  Index blocks = 2;                                           ///< a stage
};

/// relu(second(first(x)) + skip(x)); without a skip x itself.
template <class T>
struct ResidualBlock {
  nn::ImageBlock<T> first, second;
  std::optional<nn::ImageBlock<T>> skip;

  ResidualBlock(Index in, Index out, Index stride)
      : first({.in = in, .out = out, .kernel = {3, 3, 3}, .stride = {stride, stride, stride}, .padding = {1, 1, 1}}),
        second({.in = out, .out = out, .kernel = {3, 3, 3}, .padding = {1, 1, 1}}, {}) {
    if (stride != 1 || in != out)
      skip.emplace(nn::Conv3dOptions{.in = in, .out = out, .stride = {stride, stride, stride}}, nn::Activation{});
  }
};

/// Value and Context: an Image and a Workspace in inference, an ImageVariable and a Tape in training.
template <class T, class Value, class Context>
auto run_block(const ResidualBlock<T>& block, const Value& x, Context& context) {
  const auto changed = apply(block.second, apply(block.first, x, context), context);
  const auto sum = block.skip ? add(changed, apply(*block.skip, x, context), context) : add(changed, x, context);
  return activate(nn::Activation{nn::Activation::Kind::relu}, sum, context);
}

/// The stem halves rows and columns, every stage but the first halves time, rows and columns.
template <class T>
struct ClipEncoder {
  ClipEncoderOptions options;
  nn::ImageBlock<T> stem;
  std::vector<ResidualBlock<T>> blocks;  ///< of all stages, one after the other

  explicit ClipEncoder(const ClipEncoderOptions& settings = {})
      : options(settings),
        stem({.in = settings.in,
              .out = settings.widths[0],
              .kernel = {3, 7, 7},
              .stride = {1, 2, 2},
              .padding = {1, 3, 3}}) {
    Index in = options.widths[0];
    for (std::size_t stage = 0; stage < encoder_stages; ++stage)
      for (Index b = 0; b < options.blocks; ++b) {
        blocks.emplace_back(in, options.widths[stage], stage > 0 && b == 0 ? 2 : 1);
        in = options.widths[stage];
      }
  }

  /// What is left of a clip's extent.
  nn::ImageExtent output_extent(const nn::ImageExtent& clip) const {
    nn::ImageExtent extent = stem.conv.output_extent(clip);
    for (const ResidualBlock<T>& block : blocks) extent = block.first.conv.output_extent(extent);
    return extent;
  }

  /// Folds the batch norms and packs the weights. To be called again whenever they change.
  void prepare() {
    stem.prepare();
    for (ResidualBlock<T>& block : blocks) {
      block.first.prepare();
      block.second.prepare();
      if (block.skip) block.skip->prepare();
    }
  }
};

/// x [batch][time][rows][columns][in] -> [batch][time'][rows'][columns'][widths.back()].
template <class T, class Value, class Context>
auto run_encoder(const ClipEncoder<T>& encoder, const Value& x, Context& context) {
  auto value = apply(encoder.stem, x, context);
  for (const ResidualBlock<T>& block : encoder.blocks) value = run_block(block, value, context);
  return value;
}

/// Names as torchvision's r3d_18 has them.
template <class T, class Visitor>
void visit_parameters(ClipEncoder<T>& encoder, const std::string& prefix, Visitor&& visitor) {
  visit_parameters(encoder.stem, prefix + "stem", visitor);
  for (std::size_t i = 0; i < encoder.blocks.size(); ++i) {
    const auto a_stage = static_cast<std::size_t>(encoder.options.blocks);
    const std::string name =
        prefix + "layer" + std::to_string(i / a_stage + 1) + "." + std::to_string(i % a_stage) + ".";
    ResidualBlock<T>& block = encoder.blocks[i];
    visit_parameters(block.first, name + "conv1", visitor);
    visit_parameters(block.second, name + "conv2", visitor);
    if (block.skip) visit_parameters(*block.skip, name + "downsample", visitor);
  }
}

}  // namespace systolic::echo
