#pragma once
// What the encoders and decoders are made of: a (transposed) convolution, a batch norm where there is one, an
// activation. In training these are three steps; prepared for inference they are one row product.

#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

#include "systolic/nn/conv1d.hpp"
#include "systolic/nn/conv_transpose1d.hpp"

namespace systolic::nn {

/// Layer is Conv1d<T> or ConvTranspose1d<T>.
template <class T, class Layer>
struct Block {
  Layer layer;
  std::optional<BatchNorm1d<T>> norm;
  Activation activation;
  Index output_margin = 0;  ///< what the next block's layer wants of its input

  /// Folds the batch norm into the layer and packs the weights. `outputs`: how many a call will ask for, 0 if that is
  /// not known.
  void prepare(Precision precision = Precision::f32, Index outputs = 0) {
    if (!norm) return layer.prepare(nullptr, precision, outputs);
    const ChannelAffine<T> affine = norm->affine();
    layer.prepare(&affine, precision, outputs);
  }
};

/// Inference: x [batch][time][in] -> y [batch][time_out][out], with a margin of block.output_margin.
template <class T, class Layer>
void apply(const Block<T, Layer>& block, std::type_identity_t<Sequence<const T>> x, Sequence<T> y,
           Workspace& workspace) {
  block.layer.run(x, y, workspace, block.activation);
  if (block.layer.prepared()) {
    if (block.activation.kind == Activation::Kind::tanh) activate_in_place(block.activation, y, workspace.threads());
  } else {
    if (block.norm) (*block.norm)(y);
    activate_in_place(block.activation, y);
  }
}

/// The same into the workspace.
template <class T, class Layer>
Sequence<T> apply(const Block<T, Layer>& block, std::type_identity_t<Sequence<const T>> x, Workspace& workspace) {
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, block.layer.output_length(x.length),
                                         block.layer.out_channels(), block.output_margin);
  apply(block, x, y, workspace);
  return y;
}

/// Inference through `blocks`, from number `first` on. What a block gives is for the next one alone: two pieces of
/// memory take turns, and the result lies in one of them.
template <class T, class Layer>
Sequence<T> apply_in_turns(const std::vector<Block<T, Layer>>& blocks, std::size_t first,
                           std::type_identity_t<Sequence<const T>> x, Workspace& workspace) {
  Index most = 0, length = x.length;
  for (std::size_t i = first; i < blocks.size(); ++i) {
    length = blocks[i].layer.output_length(length);
    most = std::max(most, x.batch * (length + 2 * blocks[i].output_margin) * blocks[i].layer.out_channels());
  }
  T* const turns[] = {workspace.allocate<T>(most), workspace.allocate<T>(most)};
  Sequence<T> y;
  for (std::size_t i = first; i < blocks.size(); ++i) {
    const Sequence<const T> in = i == first ? x : y;
    y = sequence_in(turns[i % 2], x.batch, blocks[i].layer.output_length(in.length), blocks[i].layer.out_channels(),
                    blocks[i].output_margin);
    apply(blocks[i], in, y, workspace);
  }
  return y;
}

}  // namespace systolic::nn
