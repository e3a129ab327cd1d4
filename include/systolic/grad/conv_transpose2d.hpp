#pragma once
// Gradients of the transposed convolution of images: those of the convolution that it is the adjoint of, with input and
// dy in exchanged places.

#include <memory>

#include "systolic/grad/image.hpp"
#include "systolic/grad/window_gradient.hpp"
#include "systolic/nn/conv_transpose2d.hpp"

namespace systolic::grad {

/// Adds to dw (in the layer's order); dx, of x's shape, is added to or, with `overwrite`, written. Either may be
/// nullptr.
template <class T>
void backward(const nn::ConvTranspose2d<T>& layer, nn::Image<const T> x, nn::Image<const T> dy, T* dw, T* dx,
              bool overwrite, Workspace& workspace) {
  const kernels::WindowRows w = layer.windows(dy.extent);
  const Index in = layer.options.in, out = layer.options.out;
  if (dw != nullptr) add_weight_gradient<T>(w, dy.item(0), x.item(0), x.batch(), in, dw, workspace);
  if (dx == nullptr) return;
  const auto weights = kernels::window_weights(layer.weight.data(), in, out, w.kernel, w.stride[2]);
  kernels::WindowProduct<T> product;
  product.windows = w;
  product.x = dy.item(0);
  product.batch = dy.batch();
  product.weights = &weights;
  product.add = !overwrite;
  product.set_dense(dx);
  kernels::window_product(product, workspace);
}

/// x -> act(layer(x)).
template <class T>
ImageVariable<T> apply(const nn::ConvTranspose2d<T>& layer, const ImageVariable<T>& x, const nn::Activation& activation,
                       Tape<T>& tape) {
  auto packed = std::make_shared<nn::ConvTranspose2d<T>>(layer.options);
  packed->weight = layer.weight;
  packed->bias = layer.bias;
  packed->prepare();
  const nn::Image<T> in = x.value();
  const nn::Image<T> z = apply(*packed, in, activation, tape.workspace());
  const nn::ConvTranspose2d<T>* source = &layer;
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

}  // namespace systolic::grad
