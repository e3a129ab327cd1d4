#pragma once
// Convolution (cross-correlation) of clips over [batch][time][row][column][channel]. The windows of a row of outputs
// are put side by side (kernels/window_product.hpp); what is left is the row product of the one-dimensional layer.

#include <type_traits>
#include <vector>

#include "systolic/kernels/window_product.hpp"
#include "systolic/nn/activation.hpp"
#include "systolic/nn/batch_norm.hpp"
#include "systolic/nn/image.hpp"

namespace systolic::nn {

using kernels::Triple;

/// Extents along time, rows and columns.
struct Conv3dOptions {
  Index in = 1;
  Index out = 1;
  Triple kernel{1, 1, 1};
  Triple stride{1, 1, 1};
  Triple padding{0, 0, 0};  ///< zeros on both sides
  Triple dilation{1, 1, 1};
  bool bias = false;
};

template <class T>
class Conv3d {
 public:
  Conv3dOptions options;
  Tensor<T> weight;  ///< [out][in][time][rows][columns] of the kernel
  Tensor<T> bias;    ///< [out], or empty

  explicit Conv3d(const Conv3dOptions& settings)
      : options(settings),
        weight({settings.out, settings.in, settings.kernel[0], settings.kernel[1], settings.kernel[2]}) {
    if (options.bias) bias = Tensor<T>({options.out});
  }

  Index out_channels() const noexcept { return options.out; }
  kernels::WindowRows windows(const ImageExtent& size) const noexcept {
    kernels::WindowRows result;
    result.size = {size.time, size.rows, size.columns};
    result.kernel = options.kernel;
    result.stride = options.stride;
    result.padding = options.padding;
    result.dilation = options.dilation;
    result.channels = options.in;
    return result.with_all_outputs();
  }
  ImageExtent output_extent(const ImageExtent& size) const noexcept {
    const Triple out = windows(size).outputs;
    return {out[0], out[1], out[2]};
  }
  /// Packs the weights for the row product, with what follows (a folded batch norm) multiplied in. To be called again
  /// whenever they change.
  void prepare(const ChannelAffine<T>* next = nullptr) {
    if constexpr (std::is_same_v<T, float>) {
      packed_ = kernels::window_weights(weight.data(), options.out, options.in, options.kernel, options.stride[2],
                                        next ? next->scale.data() : nullptr);
      folded_bias_.assign(static_cast<std::size_t>(options.out), T(0));
      for (Index o = 0; o < options.out; ++o) {
        const auto i = static_cast<std::size_t>(o);
        const T own = bias.empty() ? T(0) : bias(o);
        folded_bias_[i] = next ? own * next->scale[i] + next->shift[i] : own;
      }
    } else {
      (void)next;
    }
  }
  bool prepared() const noexcept { return !packed_.empty(); }

  /// x [batch][time][rows][columns][in] -> [batch]...[out] in the workspace; a prepared layer applies the folded batch
  /// norm and the slope of `activation`, its tanh is the caller's.
  /// With `after`, only of a prepared layer and without tanh, that follows.
  Image<T> operator()(Image<const T> x, Workspace& workspace, const Activation& activation = {},
                      const ChannelAffine<T>* after = nullptr) const {
    assert(x.channels() == options.in && (after == nullptr || prepared()));
    const ImageExtent size = output_extent(x.extent);
    const Image<T> y = make_image<T>(workspace, x.batch(), size, options.out);
    if constexpr (std::is_same_v<T, float>) {
      if (prepared()) {
        run_prepared(x, y, activation, after, workspace);
        return y;
      }
    }
    const kernels::WindowRows w = windows(x.extent);
    for (Index b = 0; b < x.batch(); ++b)
      kernels::conv3d_reference<T>(x.item(b), w.size, options.in, weight.data(), bias.empty() ? nullptr : bias.data(),
                                   options.kernel, options.stride, options.padding, options.dilation, options.out,
                                   w.outputs, y.item(b));
    return y;
  }

 private:
  [[gnu::noinline]] void run_prepared(Image<const T> x, Image<T> y, const Activation& activation,
                                      const ChannelAffine<T>* after, Workspace& workspace) const {
    kernels::WindowProduct<T> product;
    product.windows = windows(x.extent);
    product.x = x.item(0);
    product.batch = x.batch();
    product.weights = &packed_;
    product.bias = folded_bias_.data();
    product.slope = activation.slope();
    if (after != nullptr) {
      product.scale = after->scale.data();
      product.shift = after->shift.data();
    }
    product.set_dense(y.item(0));
    kernels::window_product(product, workspace);
  }

  kernels::WindowWeights<T> packed_;
  std::vector<T> folded_bias_;
};

template <class T, class Visitor>
void visit_parameters(Conv3d<T>& layer, const std::string& prefix, Visitor&& visitor) {
  visitor(prefix + ".weight", layer.weight);
  if (!layer.bias.empty()) visitor(prefix + ".bias", layer.bias);
}

/// x -> activation(layer(x)).
template <class T>
Image<T> apply(const Conv3d<T>& layer, std::type_identity_t<Image<const T>> x, const Activation& activation,
               Workspace& workspace) {
  const Image<T> y = layer(x, workspace, activation);
  if (!layer.prepared() || activation.kind == Activation::Kind::tanh) activate_in_place(activation, y.pixels);
  return y;
}

}  // namespace systolic::nn
