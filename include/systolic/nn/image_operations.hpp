#pragma once
// What an image network does between its convolutions, in inference. grad/image.hpp has the same names for training.

#include <type_traits>

#include "systolic/nn/activation.hpp"
#include "systolic/nn/batch_norm.hpp"
#include "systolic/nn/image.hpp"
#include "systolic/nn/sequence_operations.hpp"

namespace systolic::nn {

/// Batch norm over images, with the running statistics: every channel over batch, time, rows and columns.
template <class T>
Image<T> apply(const BatchNorm1d<T>& norm, std::type_identity_t<Image<const T>> x, Workspace& workspace) {
  const Image<T> y{copy(x.pixels, workspace), x.extent};
  norm(y.pixels);
  return y;
}

/// act(x), a number at a time.
template <class T>
Sequence<T> activate(const Activation& activation, Sequence<T> x, Workspace& workspace) {
  const Sequence<T> y = copy(x, workspace);
  activate_in_place(activation, y);
  return y;
}

/// The channels of a, then those of b.
template <class T>
Image<T> concatenate_channels(Image<T> a, Image<T> b, Workspace& workspace) {
  assert(a.extent == b.extent);
  return {concatenate_channels(a.pixels, b.pixels, workspace), a.extent};
}

}  // namespace systolic::nn
