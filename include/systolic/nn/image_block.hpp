#pragma once
// What the encoder of clips is made of: a convolution without bias, batch norm, an activation. In training these are
// two steps; prepared for inference they are one row product.

#include <string>

#include "systolic/nn/conv3d.hpp"
#include "systolic/nn/image_operations.hpp"

namespace systolic::nn {

template <class T>
struct ImageBlock {
  Conv3d<T> conv;
  BatchNorm1d<T> norm;
  Activation activation;

  explicit ImageBlock(const Conv3dOptions& options, const Activation& after = {Activation::Kind::relu})
      : conv(options), norm(options.out), activation(after) {}

  /// Folds the batch norm into the convolution and packs the weights. To be called again whenever they change.
  void prepare() {
    const ChannelAffine<T> affine = norm.affine();
    conv.prepare(&affine);
  }
};

/// Inference: x [batch][time][rows][columns][in] -> [batch]...[out] in the workspace.
template <class T>
Image<T> apply(const ImageBlock<T>& block, std::type_identity_t<Image<const T>> x, Workspace& workspace) {
  if (block.conv.prepared()) return apply(block.conv, x, block.activation, workspace);
  const Image<T> y = block.conv(x, workspace);
  block.norm(y.pixels);
  activate_in_place(block.activation, y.pixels);
  return y;
}

/// Names as of a sequence of layers: the convolution is number 0, the batch norm number 1.
template <class T, class Visitor>
void visit_parameters(ImageBlock<T>& block, const std::string& prefix, Visitor&& visitor) {
  visit_parameters(block.conv, prefix + ".0", visitor);
  visit_parameters(block.norm, prefix + ".1", visitor);
}

}  // namespace systolic::nn
