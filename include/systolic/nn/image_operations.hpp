#pragma once
// What an image network does between its convolutions, in inference. grad/image.hpp has the same names for training.

#include <type_traits>

#include "systolic/kernels/channel_norm.hpp"
#include "systolic/nn/activation.hpp"
#include "systolic/nn/batch_norm.hpp"
#include "systolic/nn/conv3d.hpp"
#include "systolic/nn/image.hpp"
#include "systolic/nn/pool.hpp"
#include "systolic/nn/sequence_operations.hpp"

namespace systolic::nn {

/// Batch norm over images, with the running statistics: every channel over batch, time, rows and columns.
template <class T>
Image<T> apply(const BatchNorm1d<T>& norm, std::type_identity_t<Image<const T>> x, Workspace& workspace) {
  const Image<T> y = make_image<T>(workspace, x.batch(), x.extent, x.channels());
  const ChannelAffine<T> affine = norm.affine();
  for (Index b = 0; b < x.batch(); ++b)
    kernels::scale_shift_leak(x.item(b), x.extent.count(), x.channels(), affine.scale.data(), affine.shift.data(), T(1),
                              y.item(b));
  return y;
}

/// act(x), a number at a time.
template <class T>
Sequence<T> activate(const Activation& activation, Sequence<T> x, Workspace& workspace) {
  const Sequence<T> y = copy(x, workspace);
  activate_in_place(activation, y);
  return y;
}

template <class T>
Image<T> activate(const Activation& activation, Image<T> x, Workspace& workspace) {
  return {activate(activation, x.pixels, workspace), x.extent};
}

/// x -> norm(act(layer(x))), of a prepared layer in one pass.
template <class T>
Image<T> apply_then_norm(const Conv3d<T>& layer, const Activation& activation, const BatchNorm1d<T>& norm,
                         std::type_identity_t<Image<const T>> x, Workspace& workspace) {
  if (!layer.prepared() || activation.kind == Activation::Kind::tanh)
    return apply(norm, apply(layer, x, activation, workspace), workspace);
  const ChannelAffine<T> affine = norm.affine();
  return layer(x, workspace, activation, &affine);
}

/// The channels of a, then those of b.
template <class T>
Image<T> concatenate_channels(Image<T> a, Image<T> b, Workspace& workspace) {
  assert(a.extent == b.extent && a.batch() == b.batch());
  const Image<T> y = make_image<T>(workspace, a.batch(), a.extent, a.channels() + b.channels());
  const Index pixels = a.batch() * a.extent.count(), channels = y.channels();
  kernels::detail::copy_pixels<T>(a.item(0), a.channels(), pixels, a.channels(), y.item(0), channels);
  kernels::detail::copy_pixels<T>(b.item(0), b.channels(), pixels, b.channels(), y.item(0) + a.channels(), channels);
  return y;
}

/// a + b.
template <class T>
Image<T> add(Image<T> a, Image<T> b, Workspace& workspace) {
  assert(a.extent == b.extent);
  return {add(a.pixels, b.pixels, workspace), a.extent};
}

/// The mean of each channel over time, rows and columns: -> [batch][1][channel].
template <class T>
Sequence<std::remove_const_t<T>> mean_over_pixels(Image<T> x, Workspace& workspace) {
  return mean_over_time(x.pixels, workspace);
}

}  // namespace systolic::nn
