#pragma once
// Gradients of the two convolutions. They are each other's adjoint: the gradient of a convolution with respect to its
// input is the transposed convolution of dy with the same weights, and the other way round; and the weight gradient of
// the one is that of the other with input and dy in exchanged places. docs/layers/conv1d.md derives them.

#include <optional>
#include <type_traits>

#include "systolic/grad/grouped_convolution.hpp"
#include "systolic/grad/weight_gradient.hpp"
#include "systolic/nn/conv1d.hpp"
#include "systolic/nn/conv_transpose1d.hpp"

namespace systolic::grad {

/// The layer that passes gradients back through a convolution in one group of an input of `length`: a transposed one
/// with the same weights. Its output may be longer or shorter than that input, at the end.
template <class T>
nn::ConvTranspose1d<T> adjoint(const nn::Conv1d<T>& layer, Index length) {
  const nn::Conv1dOptions& o = layer.options;
  return nn::ConvTranspose1d<T>(
      {.in = o.out, .out = o.in, .kernel = o.kernel, .stride = o.stride, .padding = layer.padding_left(length)});
}
template <class T>
nn::Conv1d<T> adjoint(const nn::ConvTranspose1d<T>& layer, Index) {
  const nn::ConvTranspose1dOptions& o = layer.options;
  return nn::Conv1d<T>({.in = o.out, .out = o.in, .kernel = o.kernel, .stride = o.stride, .padding = o.padding});
}

/// Passes gradients back through a convolution to inputs of one length. Told once a step of the layer's weights, it is
/// given any items of a batch, by any thread.
template <class T, class Layer>
class InputGradient;

namespace detail {

/// dx = or += what the adjoint layer makes of dy. A convolution may leave the last samples of its input unread: the
/// adjoint's output is then shorter than dx.
template <class T, class Adjoint>
void run_adjoint(const Adjoint& adjoint, nn::Sequence<const T> dy, nn::Sequence<T> dx, bool fresh,
                 Workspace& workspace) {
  const Index length = adjoint.output_length(dy.length);
  if (fresh && length == dx.length) return adjoint.run(dy, dx, workspace);
  Workspace::Scope scope(workspace);
  const nn::Sequence<T> passed = adjoint(dy, workspace);
  const Index count = std::min(length, dx.length) * dx.channels;
  for (Index b = 0; b < dx.batch; ++b) {
    if (fresh) std::fill_n(dx.item(b), dx.length * dx.channels, T(0));
    for (Index i = 0; i < count; ++i) dx.item(b)[i] += passed.item(b)[i];
  }
}

}  // namespace detail

template <class T>
class InputGradient<T, nn::Conv1d<T>> {
 public:
  /// `length`: of the layer's input.
  InputGradient(const nn::Conv1d<T>& layer, Index length) : layer_(layer.options), length_(length) {
    set_weight(layer);
  }

  void set_weight(const nn::Conv1d<T>& layer) {
    if constexpr (std::is_same_v<T, double>) {
      layer_.weight = layer.weight;
    } else {
      if (layer.options.groups > 1) {
        reversed_ = reversed_weights(layer);
        return;
      }
      if (!adjoint_) adjoint_.emplace(adjoint(layer, length_));
      std::copy(layer.weight.begin(), layer.weight.end(), adjoint_->weight.begin());
      adjoint_->prepare(nullptr, Precision::f32, length_);
    }
  }

  /// dx = the gradient, where it is `fresh`, else += .
  void operator()(nn::Sequence<const T> dy, nn::Sequence<T> dx, bool fresh, Workspace& workspace) const {
    if (adjoint_) return detail::run_adjoint(*adjoint_, dy, dx, fresh, workspace);
    for (Index b = 0; b < dx.batch && fresh; ++b) std::fill_n(dx.item(b), dx.length * dx.channels, T(0));
    if constexpr (std::is_same_v<T, float>) {
      add_grouped_input_gradient(layer_, reversed_, dy, dx, workspace);
    } else {
      for (Index b = 0; b < dx.batch; ++b)
        kernels::conv1d_input_gradient_reference<T>({dy.item(b), {1, dy.length, dy.channels}}, layer_.weight.view(),
                                                    layer_.options.stride, layer_.padding_left(dx.length),
                                                    layer_.options.groups, {dx.item(b), {1, dx.length, dx.channels}});
    }
  }

 private:
  nn::Conv1d<T> layer_;  // the layer as it is, for the plain loops
  Index length_;
  std::optional<nn::ConvTranspose1d<T>> adjoint_;  // one group
  nn::GroupedWeights reversed_;                    // several
};

template <class T>
class InputGradient<T, nn::ConvTranspose1d<T>> {
 public:
  InputGradient(const nn::ConvTranspose1d<T>& layer, Index length) : adjoint_(adjoint(layer, length)), length_(length) {
    set_weight(layer);
  }

  void set_weight(const nn::ConvTranspose1d<T>& layer) {
    std::copy(layer.weight.begin(), layer.weight.end(), adjoint_.weight.begin());
    adjoint_.prepare(nullptr, Precision::f32, length_);
  }

  void operator()(nn::Sequence<const T> dy, nn::Sequence<T> dx, bool fresh, Workspace& workspace) const {
    detail::run_adjoint(adjoint_, dy, dx, fresh, workspace);
  }

 private:
  nn::Conv1d<T> adjoint_;
  Index length_;
};

/// dw += the gradient of a convolution's weight, given its input x and dy.
template <class T>
void add_weight_gradient(const nn::Conv1d<T>& layer, nn::Sequence<const T> x, nn::Sequence<const T> dy, T* dw,
                         Workspace& workspace) {
  const nn::Conv1dOptions& o = layer.options;
  const Index left = layer.padding_left(x.length);
  if (o.groups == 1) return add_weight_gradient(x, dy, o.kernel, o.stride, left, dw, workspace);
  if constexpr (std::is_same_v<T, float>)
    add_grouped_weight_gradient(layer, x, dy, dw, workspace);
  else
    for (Index b = 0; b < x.batch; ++b)
      kernels::conv1d_weight_gradient_reference<T>({x.item(b), {1, x.length, x.channels}},
                                                   {dy.item(b), {1, dy.length, o.out}}, o.stride, left, o.groups,
                                                   {dw, layer.weight.shape()});
}
template <class T>
void add_weight_gradient(const nn::ConvTranspose1d<T>& layer, nn::Sequence<const T> x, nn::Sequence<const T> dy, T* dw,
                         Workspace& workspace) {
  const nn::ConvTranspose1dOptions& o = layer.options;
  add_weight_gradient(dy, x, o.kernel, o.stride, o.padding, dw, workspace);
}

/// dbias[o] += sum over batch and time of dy.
template <class T>
void add_bias_gradient(nn::Sequence<const T> dy, T* dbias) {
  for (Index b = 0; b < dy.batch; ++b)
    for (Index t = 0; t < dy.length; ++t)
      for (Index c = 0; c < dy.channels; ++c) dbias[c] += dy.item(b)[t * dy.channels + c];
}

}  // namespace systolic::grad
