#pragma once
// A block of nn/image_block.hpp in training: the convolution, then batch norm and activation in one pass.

#include "systolic/grad/conv3d.hpp"
#include "systolic/nn/image_block.hpp"

namespace systolic::grad {

/// x -> act(norm(conv(x))). Requires an activation other than tanh.
template <class T>
ImageVariable<T> apply(const nn::ImageBlock<T>& block, const ImageVariable<T>& x, Tape<T>& tape) {
  const ImageVariable<T> raw = apply(block.conv, x, nn::Activation{}, tape);
  return {apply(block.norm, raw.pixels, block.activation, tape), raw.extent};
}

}  // namespace systolic::grad
