#pragma once
// Gradients of the transposed convolution of images: with the windows of dy that belong to a row of input pixels as the
// rows of G, and that row of pixels as X: dW += X^T G, dX += G W^T.

#include <memory>

#include "systolic/grad/image.hpp"
#include "systolic/grad/window_product.hpp"
#include "systolic/nn/conv_transpose2d.hpp"

namespace systolic::grad {

/// Adds to dw (in the layer's order) and dx (of x's shape); either may be nullptr.
template <class T>
void backward(const nn::ConvTranspose2d<T>& layer, nn::Image<const T> x, nn::Image<const T> dy, T* dw, T* dx,
              Workspace& workspace) {
  const kernels::WindowRows w = layer.windows(dy.extent);
  const Index in = layer.options.in, out = layer.options.out, window = w.window_size();
  const Index columns = x.extent.columns, x_size = x.pixels.batch_stride();
  const FixedMatrix<T> back(window, in, [&](Index k, Index i) { return layer.weight_at(i, k); });
  sum_over_items<T>(
      x.batch(), dw != nullptr ? in * window : 0, workspace,
      [&](Index b, T* sums, Workspace& own) {
        T* rows = own.allocate<T>(w.size_of_rows());
        T* products = own.allocate<T>(columns * in);
        for (Index t = 0; t < x.extent.time; ++t)
          for (Index r = 0; r < x.extent.rows; ++r) {
            const Index place = (t * x.extent.rows + r) * columns * in;
            kernels::gather_window_rows(w, dy.item(b), t, r, rows);
            if (dw != nullptr)
              add_matrix_product<T>({x.item(b) + place, 1, in}, {rows, w.window_stride(), 1}, in, columns, window, sums,
                                    window, own);
            if (dx == nullptr) continue;
            back.multiply(rows, w.window_stride(), columns, products);
            for (Index i = 0; i < columns * in; ++i) dx[b * x_size + place + i] += products[i];
          }
      },
      [&](Index n, T sum) {
        // From the windows' order (column, row, channel) to the weight's.
        const Index i = n / window, k = n % window, o = k % out, kernel = layer.options.kernel;
        const Index row = k / out % kernel, column = k / out / kernel;
        dw[((i * out + o) * kernel + row) * kernel + column] += sum;
      });
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
    activation_backward<T>(activation, z.pixels, dz);
    if (T* dbias = tape.parameter_gradient(source->bias)) add_bias_gradient<T>(dz, dbias);
    T* dweight = tape.parameter_gradient(source->weight);
    T* dx = tape.wanted(x.pixels) ? tape.gradient(x.pixels).data : nullptr;
    backward<T>(*packed, in, nn::Image<T>{dz, z.extent}, dweight, dx, tape.workspace());
  });
  return {result, z.extent};
}

}  // namespace systolic::grad
