#pragma once
// Transposed convolution of images: every pixel adds its weighted kernel to the output. That is the adjoint of a
// convolution over the output's images (kernels/window_adjoint.hpp).

#include <type_traits>
#include <vector>

#include "systolic/kernels/window_product.hpp"
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
    kernels::WindowRows result;
    result.size = {output.time, output.rows, output.columns};
    result.kernel = {1, k, k};
    result.stride = {1, s, s};
    result.padding = {0, p, p};
    result.channels = options.out;
    return result.with_all_outputs();
  }

  /// Packs the weights for the row product. To be called again whenever they change.
  void prepare() {
    if constexpr (std::is_same_v<T, float>) {
      packed_.clear();
      for (const kernels::WindowPhase& phase : kernels::window_phases(windows(output_extent({1, 1, 1}))))
        packed_.push_back(
            kernels::phase_weights(weight.data(), options.in, options.out, {1, options.kernel, options.kernel}, phase));
    }
  }
  bool prepared() const noexcept { return !packed_.empty(); }

  /// x [batch][time][rows][columns][in] -> [batch][time]...[out] in the workspace; a prepared layer applies the slope
  /// of `activation`, its tanh is the caller's.
  Image<T> operator()(Image<const T> x, Workspace& workspace, const Activation& activation = {}) const {
    assert(x.channels() == options.in);
    const Image<T> y = make_image<T>(workspace, x.batch(), output_extent(x.extent), options.out);
    const T* start = bias.empty() ? nullptr : bias.data();
    if (prepared()) {
      kernels::window_adjoint<T>(windows(y.extent), packed_, x.item(0), x.batch(), options.in, options.out, start,
                                 static_cast<T>(activation.slope()), false, y.item(0), workspace);
      return y;
    }
    const Index in_size = x.extent.rows * x.extent.columns * options.in;
    const Index out_size = y.extent.rows * y.extent.columns * options.out;
    for (Index image = 0; image < x.batch() * x.extent.time; ++image)
      kernels::conv_transpose2d_reference<T>(x.item(0) + image * in_size, x.extent.rows, x.extent.columns, options.in,
                                             weight.data(), start, options.kernel, options.kernel, options.stride,
                                             options.padding, options.out, y.extent.rows, y.extent.columns,
                                             y.item(0) + image * out_size);
    return y;
  }

 private:
  std::vector<kernels::WindowWeights<T>> packed_;  ///< for each phase of the output's pixels
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
  const Image<T> y = layer(x, workspace, activation);
  if (!layer.prepared() || activation.kind == Activation::Kind::tanh) activate_in_place(activation, y.pixels);
  return y;
}

}  // namespace systolic::nn
