#pragma once
// Transposed convolution of images: every pixel adds its weighted kernel to the output. One row product gives the
// kernels of a row of pixels; where they fall is kernels/window_rows.hpp the other way round.

#include <type_traits>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/kernels/packed_weights.hpp"
#include "systolic/kernels/window_rows.hpp"
#include "systolic/nn/activation.hpp"
#include "systolic/nn/image.hpp"

namespace systolic::nn {

struct ConvTranspose2dOptions {
  Index in = 1;
  Index out = 1;
  Index kernel = 1;
  Index stride = 1;
  Index padding = 0;  ///< rows and columns of the output that are left out on each side
  bool bias = false;
};

template <class T>
class ConvTranspose2d {
 public:
  ConvTranspose2dOptions options;
  Tensor<T> weight;  ///< [in][out][rows][columns] of the kernel
  Tensor<T> bias;    ///< [out], or empty

  explicit ConvTranspose2d(const ConvTranspose2dOptions& settings)
      : options(settings), weight({settings.in, settings.out, settings.kernel, settings.kernel}) {
    if (options.bias) bias = Tensor<T>({options.out});
  }

  Index out_channels() const noexcept { return options.out; }
  ImageExtent output_extent(const ImageExtent& size) const noexcept {
    const auto grown = [&](Index n) { return (n - 1) * options.stride + options.kernel - 2 * options.padding; };
    return {size.time, grown(size.rows), grown(size.columns)};
  }
  /// The convolution that this layer is the adjoint of, over the output's images: its outputs are the input's pixels.
  kernels::WindowRows windows(const ImageExtent& output) const noexcept {
    const Index k = options.kernel, s = options.stride, p = options.padding;
    return {{output.time, output.rows, output.columns}, {1, k, k}, {1, s, s}, {0, p, p}, {1, 1, 1}, options.out};
  }
  /// The weight of input i for number k of a window.
  T weight_at(Index i, Index k) const noexcept {
    const Index o = k % options.out, row = k / options.out % options.kernel, column = k / options.out / options.kernel;
    return weight.data()[((i * options.out + o) * options.kernel + row) * options.kernel + column];
  }

  /// Packs the weights for the row product. To be called again whenever they change.
  void prepare() {
    if constexpr (std::is_same_v<T, float>)
      packed_ = kernels::PackedWeights(options.in, weight.size() / options.in,
                                       [&](Index i, Index k) { return weight_at(i, k); });
  }
  bool prepared() const noexcept { return !packed_.empty(); }

  /// x [batch][time][rows][columns][in] -> [batch][time]...[out] in the workspace.
  Image<T> operator()(Image<const T> x, Workspace& workspace) const {
    assert(x.channels() == options.in);
    const Image<T> y = make_image<T>(workspace, x.batch(), output_extent(x.extent), options.out);
    const Index in_size = x.extent.rows * x.extent.columns * options.in;
    const Index out_size = y.extent.rows * y.extent.columns * options.out;
    const bool fast = std::is_same_v<T, float> && prepared();
    const kernels::WindowRows w = windows({1, y.extent.rows, y.extent.columns});
    const Index window = weight.size() / options.in, columns = x.extent.columns;
    const int threads = workspace.threads();
    Workspace::Scope scope(workspace);
    T* memory = workspace.allocate<T>(threads * (columns * window + w.size_of_rows()));
    parallel_for(x.batch() * x.extent.time, threads, [&](Index image, int worker) {
      const T* from = x.item(0) + image * in_size;
      T* to = y.item(0) + image * out_size;
      if (!fast)
        return kernels::conv_transpose2d_reference<T>(from, x.extent.rows, columns, options.in, weight.data(),
                                                      bias.empty() ? nullptr : bias.data(), options.kernel,
                                                      options.kernel, options.stride, options.padding, options.out,
                                                      y.extent.rows, y.extent.columns, to);
      for (Index i = 0; i < out_size; ++i) to[i] = bias.empty() ? T(0) : bias.data()[i % options.out];
      T* products = memory + worker * (columns * window + w.size_of_rows());
      T* rows = products + columns * window;
      for (Index r = 0; r < x.extent.rows; ++r) {
        multiply(from + r * columns * options.in, columns, products);
        std::fill_n(rows, w.size_of_rows(), T(0));
        for (Index c = 0; c < columns; ++c)
          for (Index k = 0; k < window; ++k) rows[c * w.window_stride() + k] += products[c * window + k];
        kernels::scatter_window_rows(w, rows, 0, r, to);
      }
    });
    return y;
  }

 private:
  void multiply(const T* x, Index count, T* products) const {
    if constexpr (std::is_same_v<T, float>) {
      kernels::RowProduct product;
      product.x = x;
      product.x_stride = options.in;
      product.rows = count;
      product.weights = packed_.matrix();
      product.y = products;
      product.y_stride = weight.size() / options.in;
      kernels::row_product(product);
    } else {
      (void)x, (void)count, (void)products;
    }
  }

  kernels::PackedWeights packed_;
};

template <class T, class Visitor>
void visit_parameters(ConvTranspose2d<T>& layer, const std::string& prefix, Visitor&& visitor) {
  visitor(prefix + ".weight", layer.weight);
  if (!layer.bias.empty()) visitor(prefix + ".bias", layer.bias);
}

/// x -> activation(layer(x)).
template <class T>
Image<T> apply(const ConvTranspose2d<T>& layer, std::type_identity_t<Image<const T>> x, const Activation& activation,
               Workspace& workspace) {
  const Image<T> y = layer(x, workspace);
  activate_in_place(activation, y.pixels);
  return y;
}

}  // namespace systolic::nn
