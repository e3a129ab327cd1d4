#pragma once
// What the encoders and decoders are made of: a (transposed) convolution, a batch norm where there is one, an
// activation. In training these are three steps; prepared for inference they are one row product.

#include <optional>
#include <type_traits>

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

/// Inference: x [batch][time][in] -> [batch][time_out][out] in the workspace.
template <class T, class Layer>
Sequence<T> apply(const Block<T, Layer>& block, std::type_identity_t<Sequence<const T>> x, Workspace& workspace) {
  const Sequence<T> y = block.layer(x, workspace, block.activation, block.output_margin);
  if (block.layer.prepared()) {
    if (block.activation.kind == Activation::Kind::tanh) activate_in_place(block.activation, y, workspace.threads());
  } else {
    if (block.norm) (*block.norm)(y);
    activate_in_place(block.activation, y);
  }
  return y;
}

}  // namespace systolic::nn
