#pragma once
// Batch norm and activation in front of a convolution (He et al., "Identity mappings in deep residual networks", 2016):
// here nothing lies before the norm that it could be folded into, so in inference it is a pass of its own.

#include <type_traits>

#include "systolic/kernels/channel_norm.hpp"
#include "systolic/nn/activation.hpp"
#include "systolic/nn/batch_norm.hpp"

namespace systolic::nn {

/// Requires an activation of none, relu or leaky_relu.
template <class T>
struct NormActivation {
  BatchNorm1d<T> norm;
  Activation activation;
  Index output_margin = 0;  ///< what the next layer wants of its input

  ChannelAffine<T> affine = {};  ///< what prepare() computed; empty before

  /// Computes what the norm does in inference. To be called again whenever its tensors change.
  void prepare() { affine = norm.affine(); }
};

/// Inference: act(norm(x)), x [batch][time][channels], in the workspace.
template <class T>
Sequence<T> apply(const NormActivation<T>& layer, std::type_identity_t<Sequence<const T>> x, Workspace& workspace) {
  assert(x.channels == layer.norm.channels());
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, x.length, x.channels, layer.output_margin);
  const bool prepared = !layer.affine.scale.empty();
  const ChannelAffine<T> measured = prepared ? ChannelAffine<T>{} : layer.norm.affine();
  const ChannelAffine<T>& affine = prepared ? layer.affine : measured;
  for (Index b = 0; b < x.batch; ++b)
    kernels::scale_shift_leak(x.item(b), x.length, x.channels, affine.scale.data(), affine.shift.data(),
                              static_cast<T>(layer.activation.slope()), y.item(b));
  return y;
}

}  // namespace systolic::nn
