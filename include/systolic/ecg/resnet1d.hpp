#pragma once
// The classifier of the published diagnosis network: a residual network along time (Hong et al., "Holmes", 2020) of
// blocks that normalize before they convolve (He et al. 2016). Its convolutions are long and in groups; a block may
// halve the length or double the channels, and what passes beside it is then pooled, or padded with channels of zeros.
//
//   x [136][100] -> conv 16 -> [136][128] -> 16 blocks -> [17][256] -> norm, ReLU, mean over time -> dense -> logits

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "systolic/nn/block.hpp"
#include "systolic/nn/dropout.hpp"
#include "systolic/nn/linear.hpp"
#include "systolic/nn/norm_activation.hpp"
#include "systolic/nn/pool.hpp"
#include "systolic/nn/sequence_operations.hpp"

namespace systolic {

/// Sizes of the classifier; as they stand here, 692,980 parameters.
struct ResNet1dOptions {
  Index in = 100;
  Index filters = 128;  ///< channels after the first convolution
  Index kernel = 16;
  Index groups = 32;
  Index blocks = 16;
  Index halving = 6;    ///< blocks 1, 1 + this, 1 + twice this, ... halve the length
  Index doubling = 12;  ///< blocks this, twice this, ... double the channels
  Index classes = 116;
  float dropout = 0.5f;
};

/// x + conv2(dropout(relu(bn2(conv1(dropout(relu(bn1(x)))))))); the first block of all has no bn1, ReLU and dropout in
/// front. conv1 has the block's stride.
template <class T>
struct ResNet1dBlock {
  nn::NormActivation<T> entry;  ///< the published checkpoint has one for the first block, too, which nothing uses
  nn::Block<T, nn::Conv1d<T>> first, second;  ///< conv1 with bn2 and ReLU; conv2
  nn::Dropout dropout;
  Index stride;
  Index padding;   ///< channels of zeros in all beside the identity, half below and half above
  bool has_entry;  ///< whether `entry` is used

  ResNet1dBlock(const ResNet1dOptions& options, Index number, Index in, Index out)
      : entry{nn::BatchNorm1d<T>(in), {nn::Activation::Kind::relu}},
        first{convolution(options, in, out, number % options.halving == 1 ? 2 : 1),
              nn::BatchNorm1d<T>(out),
              {nn::Activation::Kind::relu}},
        second{convolution(options, out, out, 1), {}, {}},
        dropout{options.dropout},
        stride(first.layer.options.stride),
        padding(out - in),
        has_entry(number > 0) {}

 private:
  static nn::Conv1d<T> convolution(const ResNet1dOptions& options, Index in, Index out, Index stride) {
    return nn::Conv1d<T>({.in = in,
                          .out = out,
                          .kernel = options.kernel,
                          .stride = stride,
                          .groups = options.groups,
                          .same = true,
                          .bias = true});
  }
};

template <class T, class Value, class Context>
Value apply(const ResNet1dBlock<T>& block, const Value& x, Context& context) {
  const Value entered = block.has_entry ? apply(block.dropout, apply(block.entry, x, context), context) : x;
  const Value hidden = apply(block.dropout, apply(block.first, entered, context), context);
  const Value change = apply(block.second, hidden, context);
  const Value pooled = block.stride > 1 ? max_pool1d(x, block.stride, context) : x;
  if (block.padding == 0) return add(change, pooled, context);
  const Index below = block.padding / 2;
  return add(change, pad_channels(pooled, below, block.padding - below, context), context);
}

template <class T>
class ResNet1d {
 public:
  ResNet1dOptions options;
  nn::Block<T, nn::Conv1d<T>> first;
  std::vector<ResNet1dBlock<T>> blocks;
  nn::NormActivation<T> last;
  nn::Linear<T> dense;

  explicit ResNet1d(const ResNet1dOptions& settings = {})
      : options(settings),
        first{nn::Conv1d<T>(
                  {.in = settings.in, .out = settings.filters, .kernel = settings.kernel, .same = true, .bias = true}),
              nn::BatchNorm1d<T>(settings.filters),
              {nn::Activation::Kind::relu}},
        last{nn::BatchNorm1d<T>(last_channels(settings)), {nn::Activation::Kind::relu}},
        dense(last_channels(settings), settings.classes) {
    for (Index i = 0, channels = settings.filters; i < settings.blocks; ++i) {
      const Index out = doubles(settings, i) ? 2 * channels : channels;
      blocks.emplace_back(settings, i, channels, out);
      channels = out;
    }
  }

  /// x [batch][time][in] -> logits [batch][1][classes]
  template <class Value, class Context>
  Value operator()(const Value& x, Context& context) const {
    Value y = apply(first, x, context);
    for (const ResNet1dBlock<T>& block : blocks) y = apply(block, y, context);
    return apply(dense, mean_over_time(apply(last, y, context), context), nn::Activation{}, context);
  }

  /// Makes the model ready for inference. To be called again when weights change.
  void prepare() {
    first.prepare();
    for (ResNet1dBlock<T>& block : blocks) {
      block.entry.prepare();
      block.first.prepare();
      block.second.prepare();
    }
    last.prepare();
    dense.prepare();
  }

 private:
  static bool doubles(const ResNet1dOptions& settings, Index block) {
    return block > 0 && block % settings.doubling == 0;
  }
  static Index last_channels(const ResNet1dOptions& settings) {
    Index channels = settings.filters;
    for (Index i = 0; i < settings.blocks; ++i)
      if (doubles(settings, i)) channels *= 2;
    return channels;
  }
};

/// Calls visitor(name, tensor) for every tensor, with the names of the published checkpoint below `prefix`.
template <class T, class Visitor>
void visit_parameters(ResNet1d<T>& net, const std::string& prefix, Visitor&& visitor) {
  visit_parameters(net.first.layer, prefix + ".first_block_conv.conv", visitor);
  visit_parameters(*net.first.norm, prefix + ".first_block_bn", visitor);
  for (std::size_t i = 0; i < net.blocks.size(); ++i) {
    const std::string block = prefix + ".basicblock_list." + std::to_string(i);
    visit_parameters(net.blocks[i].entry.norm, block + ".bn1", visitor);
    visit_parameters(net.blocks[i].first.layer, block + ".conv1.conv", visitor);
    visit_parameters(*net.blocks[i].first.norm, block + ".bn2", visitor);
    visit_parameters(net.blocks[i].second.layer, block + ".conv2.conv", visitor);
  }
  visit_parameters(net.last.norm, prefix + ".final_bn", visitor);
  visit_parameters(net.dense, prefix + ".dense", visitor);
}

}  // namespace systolic
