#pragma once
// Gradients of the convolution of images and clips. With the windows of an output row as the rows of X (as many as it
// has columns) and dy those of the outputs: dW += X^T dy, and X receives dy W^T, which is added to the image where the
// windows came from.

#include <memory>

#include "systolic/grad/image.hpp"
#include "systolic/grad/window_product.hpp"
#include "systolic/nn/conv2d.hpp"

namespace systolic::grad {

/// Adds to dw (in the layer's order) and dx (of x's shape); either may be nullptr.
template <class T>
void backward(const nn::Conv3d<T>& layer, nn::Image<const T> x, nn::Image<const T> dy, T* dw, T* dx,
              Workspace& workspace) {
  const kernels::WindowRows w = layer.windows(x.extent);
  const Index out = layer.options.out, window = w.window_size(), columns = dy.extent.columns;
  const Index x_size = x.pixels.batch_stride();
  const FixedMatrix<T> back(out, window, [&](Index o, Index k) { return layer.weight_at(k, o); });
  const Index taps = window / layer.options.in;
  sum_over_items<T>(
      x.batch(), dw != nullptr ? window * out : 0, workspace,
      [&](Index b, T* sums, Workspace& own) {
        T* rows = own.allocate<T>(w.size_of_rows());
        T* products = own.allocate<T>(columns * window);
        for (Index t = 0; t < dy.extent.time; ++t)
          for (Index r = 0; r < dy.extent.rows; ++r) {
            const T* g = dy.item(b) + (t * dy.extent.rows + r) * columns * out;
            if (dw != nullptr) {
              kernels::gather_window_rows(w, x.item(b), t, r, rows);
              add_matrix_product<T>({rows, 1, w.window_stride()}, {g, out, 1}, window, columns, out, sums, out, own);
            }
            if (dx == nullptr) continue;
            back.multiply(g, out, columns, products);
            std::fill_n(rows, w.size_of_rows(), T(0));
            for (Index c = 0; c < columns; ++c)
              for (Index k = 0; k < window; ++k) rows[c * w.window_stride() + k] += products[c * window + k];
            kernels::scatter_window_rows(w, rows, t, r, dx + b * x_size);
          }
      },
      [&](Index i, T sum) {
        // From the windows' order (column, time and row, channel) to the weight's.
        const Index o = i % out, k = i / out, c = k % layer.options.in, tap = k / layer.options.in;
        const Index rows = layer.options.kernel[0] * layer.options.kernel[1];
        const Index place = tap % rows * layer.options.kernel[2] + tap / rows;
        dw[(o * layer.options.in + c) * taps + place] += sum;
      });
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
    activation_backward<T>(activation, z.pixels, dz);
    if (T* dbias = tape.parameter_gradient(source->bias)) add_bias_gradient<T>(dz, dbias);
    T* dweight = tape.parameter_gradient(source->weight);
    T* dx = tape.wanted(x.pixels) ? tape.gradient(x.pixels).data : nullptr;
    backward<T>(*packed, in, nn::Image<T>{dz, z.extent}, dweight, dx, tape.workspace());
  });
  return {result, z.extent};
}

}  // namespace systolic::grad
