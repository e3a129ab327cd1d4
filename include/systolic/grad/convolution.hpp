#pragma once
// Gradients of the two convolutions. They are each other's adjoint: the gradient of a convolution with respect to its
// input is the transposed convolution of dy with the same weights, and the other way round; and the weight gradient of
// the one is that of the other with input and dy in exchanged places. docs/layers/conv1d.md derives them.

#include <type_traits>

#include "systolic/grad/grouped_convolution.hpp"
#include "systolic/grad/matrix_product.hpp"
#include "systolic/kernels/reference_adjoint.hpp"
#include "systolic/nn/conv1d.hpp"
#include "systolic/nn/conv_transpose1d.hpp"

namespace systolic::grad {

/// The layer that passes gradients back through a convolution in one group of an input of `length`: a transposed one
/// with the same weights. Its output may be longer or shorter than that input, at the end.
template <class T>
nn::ConvTranspose1d<T> adjoint(const nn::Conv1d<T>& layer, Index length) {
  const nn::Conv1dOptions& o = layer.options;
  nn::ConvTranspose1d<T> result(
      {.in = o.out, .out = o.in, .kernel = o.kernel, .stride = o.stride, .padding = layer.padding_left(length)});
  std::copy(layer.weight.begin(), layer.weight.end(), result.weight.begin());
  result.prepare();
  return result;
}
template <class T>
nn::Conv1d<T> adjoint(const nn::ConvTranspose1d<T>& layer) {
  const nn::ConvTranspose1dOptions& o = layer.options;
  nn::Conv1d<T> result({.in = o.out, .out = o.in, .kernel = o.kernel, .stride = o.stride, .padding = o.padding});
  std::copy(layer.weight.begin(), layer.weight.end(), result.weight.begin());
  result.prepare();
  return result;
}

/// dw[o][c][k] += sum_{b,t} dy[b][t][o] x[b][t stride + k - padding][c], dw [out][in][kernel], for one group.
/// In float a row product: its left matrix is x read across time (row (k, c) starts at sample k - padding, channel c,
/// and steps by a stride), its right one dy.
template <class T>
void add_weight_gradient(nn::Sequence<const T> x, nn::Sequence<const T> dy, Index kernel, Index stride, Index padding,
                         T* dw, Workspace& workspace) {
  Workspace::Scope scope(workspace);
  const Index rows = kernel * x.channels, out = dy.channels;
  if constexpr (std::is_same_v<T, float>) {
    const Index reach = (dy.length - 1) * stride + kernel - padding - x.length;
    x = nn::with_margin(x, std::max(padding, reach), workspace);
    float* sums = workspace.allocate<float>(rows * out);
    std::fill_n(sums, rows * out, 0.0f);
    for (Index b = 0; b < x.batch; ++b)
      add_matrix_product<float>({x.item(b) - padding * x.channels, 1, stride * x.channels}, {dy.item(b), out, 1}, rows,
                                dy.length, out, sums, out, workspace, workspace.threads());
    for (Index k = 0; k < kernel; ++k)
      for (Index c = 0; c < x.channels; ++c)
        for (Index o = 0; o < out; ++o) dw[(o * x.channels + c) * kernel + k] += sums[(k * x.channels + c) * out + o];
  } else {
    for (Index b = 0; b < x.batch; ++b)
      kernels::conv1d_weight_gradient_reference<T>({x.item(b), {1, x.length, x.channels}},
                                                   {dy.item(b), {1, dy.length, out}}, stride, padding, 1,
                                                   {dw, {out, x.channels, kernel}});
  }
}

namespace detail {

/// dx += passed, of the samples that both have.
template <class T>
void add_passed(nn::Sequence<const T> passed, nn::Sequence<T> dx) {
  const Index count = std::min(passed.length, dx.length) * dx.channels;
  for (Index b = 0; b < dx.batch; ++b)
    for (Index i = 0; i < count; ++i) dx.item(b)[i] += passed.item(b)[i];
}

}  // namespace detail

/// Adds to the gradients of a convolution's weight and input, given dy. dw or dx may be absent.
template <class T>
void backward(const nn::Conv1d<T>& layer, nn::Sequence<const T> x, nn::Sequence<const T> dy, T* dw, nn::Sequence<T>* dx,
              Workspace& workspace) {
  const nn::Conv1dOptions& o = layer.options;
  const Index left = layer.padding_left(x.length);
  if constexpr (std::is_same_v<T, float>) {
    if (o.groups > 1) {
      if (dw != nullptr) add_grouped_weight_gradient(layer, x, dy, dw, workspace);
      if (dx != nullptr) add_grouped_input_gradient(layer, dy, *dx, workspace);
      return;
    }
    if (dw != nullptr) add_weight_gradient(x, dy, o.kernel, o.stride, left, dw, workspace);
    if (dx == nullptr) return;
    Workspace::Scope scope(workspace);
    detail::add_passed<T>(adjoint(layer, x.length)(dy, workspace), *dx);
  } else {
    for (Index b = 0; b < x.batch; ++b) {
      const TensorView<const T> dy_item(dy.item(b), {1, dy.length, o.out});
      if (dw != nullptr)
        kernels::conv1d_weight_gradient_reference<T>({x.item(b), {1, x.length, x.channels}}, dy_item, o.stride, left,
                                                     o.groups, {dw, layer.weight.shape()});
      if (dx != nullptr)
        kernels::conv1d_input_gradient_reference<T>(dy_item, layer.weight.view(), o.stride, left, o.groups,
                                                    {dx->item(b), {1, x.length, x.channels}});
    }
  }
}
template <class T>
void backward(const nn::ConvTranspose1d<T>& layer, nn::Sequence<const T> x, nn::Sequence<const T> dy, T* dw,
              nn::Sequence<T>* dx, Workspace& workspace) {
  const nn::ConvTranspose1dOptions& o = layer.options;
  if (dw != nullptr) add_weight_gradient(dy, x, o.kernel, o.stride, o.padding, dw, workspace);
  if (dx == nullptr) return;
  Workspace::Scope scope(workspace);
  detail::add_passed<T>(adjoint(layer)(dy, workspace), *dx);
}

/// dbias[o] += sum over batch and time of dy.
template <class T>
void add_bias_gradient(nn::Sequence<const T> dy, T* dbias) {
  for (Index b = 0; b < dy.batch; ++b)
    for (Index t = 0; t < dy.length; ++t)
      for (Index c = 0; c < dy.channels; ++c) dbias[c] += dy.item(b)[t * dy.channels + c];
}

}  // namespace systolic::grad
