#pragma once
// Gradients of the convolution of images and clips: that of the weights is grad/window_gradient.hpp, that of the input
// the adjoint of kernels/window_product.hpp.

#include <memory>

#include "systolic/grad/image.hpp"
#include "systolic/grad/window_gradient.hpp"
#include "systolic/nn/conv2d.hpp"

namespace systolic::grad {

/// Adds to dw (in the layer's order); dx, of x's shape, is added to or, with `overwrite`, written. Either may be
/// nullptr.
template <class T>
void backward(const nn::Conv3d<T>& layer, nn::Image<const T> x, nn::Image<const T> dy, T* dw, T* dx, bool overwrite,
              Workspace& workspace) {
  const kernels::WindowRows w = layer.windows(x.extent);
  const Index in = layer.options.in, out = layer.options.out;
  if (dw != nullptr) add_weight_gradient<T>(w, x.item(0), dy.item(0), x.batch(), out, dw, workspace);
  if (dx == nullptr) return;
  std::vector<kernels::WindowWeights<T>> back;
  for (const kernels::WindowPhase& phase : kernels::window_phases(w))
    back.push_back(kernels::phase_weights(layer.weight.data(), out, in, layer.options.kernel, phase));
  kernels::window_adjoint<T>(w, back, dy.item(0), dy.batch(), out, in, nullptr, T(1), !overwrite, dx, workspace);
}

/// x -> act(layer(x)).
template <class T>
ImageVariable<T> apply(const nn::Conv3d<T>& layer, const ImageVariable<T>& x, const nn::Activation& activation,
                       Tape<T>& tape) {
  auto packed = std::make_shared<nn::Conv3d<T>>(layer.options);
  std::copy(layer.weight.begin(), layer.weight.end(), packed->weight.begin());
  packed->bias = layer.bias;
  packed->prepare();
  const nn::Image<T> in = x.value();
  const nn::Image<T> z = apply(*packed, in, activation, tape.workspace());
  const nn::Conv3d<T>* source = &layer;
  const Variable<T> result = tape.record(z.pixels, [=, &tape](nn::Sequence<T> dz) {
    activation_backward<T>(activation, z.pixels, dz, tape.parameter_gradient(source->bias));
    T* dweight = tape.parameter_gradient(source->weight);
    const nn::Image<T> dy{dz, z.extent};
    if (!tape.wanted(x.pixels)) return backward<T>(*packed, in, dy, dweight, nullptr, false, tape.workspace());
    const auto dx = tape.destination(x.pixels);
    backward<T>(*packed, in, dy, dweight, dx.gradient.data, dx.fresh, tape.workspace());
  });
  return {result, z.extent};
}

/// x -> norm(act(layer(x))).
template <class T>
ImageVariable<T> apply_then_norm(const nn::Conv3d<T>& layer, const nn::Activation& activation,
                                 const nn::BatchNorm1d<T>& norm, const ImageVariable<T>& x, Tape<T>& tape) {
  return apply(norm, apply(layer, x, activation, tape), tape);
}

}  // namespace systolic::grad
