#pragma once
// 1-D convolution (cross-correlation, as deep learning means it) over [batch][time][channel]. The window of output t
// is x[t stride - padding ... + kernel), one run of kernel * channels floats, so the layer is a row product with
// row stride = stride * channels.

#include <type_traits>
#include <vector>

#include "systolic/kernels/packed_weights.hpp"
#include "systolic/kernels/reference.hpp"
#include "systolic/nn/activation.hpp"
#include "systolic/nn/batch_norm.hpp"
#include "systolic/nn/grouped_weights.hpp"
#include "systolic/nn/minimal_filter.hpp"
#include "systolic/nn/reduced_sequence.hpp"

namespace systolic::nn {

/// `same` padding gives ceil(length / stride) outputs whatever the kernel: total padding
/// max(0, (ceil(length / stride) - 1) stride + kernel - length), the smaller half on the left.
struct Conv1dOptions {
  Index in = 1;
  Index out = 1;
  Index kernel = 1;
  Index stride = 1;
  Index padding = 0;  ///< zeros on both sides; ignored where `same`
  Index groups = 1;   ///< in and out are cut into so many groups that do not see each other
  bool same = false;
  bool bias = false;
};

template <class T>
class Conv1d {
 public:
  Conv1dOptions options;
  Tensor<T> weight;  ///< [out][in / groups][kernel]
  Tensor<T> bias;    ///< [out], or empty

  explicit Conv1d(const Conv1dOptions& settings)
      : options(settings), weight({settings.out, settings.in / settings.groups, settings.kernel}) {
    assert(options.in % options.groups == 0 && options.out % options.groups == 0);
    if (options.bias) bias = Tensor<T>({options.out});
  }

  Index out_channels() const noexcept { return options.out; }
  Index output_length(Index length) const noexcept {
    if (options.same) return (length + options.stride - 1) / options.stride;
    return (length + 2 * options.padding - options.kernel) / options.stride + 1;
  }
  /// Zeros before the first sample.
  Index padding_left(Index length) const noexcept {
    if (!options.same) return options.padding;
    const Index total = (output_length(length) - 1) * options.stride + options.kernel - length;
    return std::max<Index>(0, total) / 2;
  }
  /// Margin of the input that saves a copy.
  Index input_margin() const noexcept { return options.same ? options.kernel / 2 : options.padding; }

  /// Packs the weights for the row product, with what follows (a folded batch norm) multiplied in. To be called again
  /// whenever they change. With a precision other than f32 they, and what comes in, are rounded to it; a layer with
  /// groups stays what it is. `outputs`: how many a call will ask for, where that is known; many are computed in fours.
  void prepare(const ChannelAffine<T>* next = nullptr, Precision precision = Precision::f32, Index outputs = 0) {
    (void)precision;
    (void)outputs;
    if constexpr (std::is_same_v<T, float>) {
      const Index in_group = options.in / options.groups, out_group = options.out / options.groups;
      const Index depth = options.kernel * in_group;
      const auto factor = [&](Index o) { return next ? next->scale[static_cast<std::size_t>(o)] : T(1); };
      // [out][kernel][in / groups]: what an output is made of, in the order in which it is summed.
      AlignedVector<T> columns(narrow_groups() ? 0 : static_cast<std::size_t>(options.out * depth));
      for (Index o = 0; o < options.out && !narrow_groups(); ++o) {
        const T* const from = weight.data() + o * depth;
        T* const to = columns.data() + o * depth;
        for (Index k = 0; k < options.kernel; ++k)
          for (Index c = 0; c < in_group; ++c) to[k * in_group + c] = from[c * options.kernel + k] * factor(o);
      }
      const auto column = [&](Index k, Index n) { return columns.data()[n * depth + k]; };
      packed_.clear();
      reduced_ = {};
      minimal_ = {};
      const bool minimal =
          options.groups == 1 && MinimalFilter::pays(options.in, options.kernel, options.stride, outputs);
      if (precision != Precision::f32 && options.groups == 1)
        reduced_ = kernels::ReducedWeights(precision, depth, options.out, column);
      else if (minimal)
        minimal_ = MinimalFilter(options.in, options.kernel, options.stride, options.out, column);
      else if (narrow_groups())
        grouped_ = GroupedWeights({in_group, out_group, options.out}, options.kernel,
                                  [&](Index o, Index c, Index k) { return weight(o, c, k) * factor(o); });
      else
        for (Index g = 0; g < options.groups; ++g)
          packed_.emplace_back(depth, out_group, [&](Index k, Index n) { return column(k, g * out_group + n); });
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
  bool prepared() const noexcept {
    return !packed_.empty() || !minimal_.empty() || !grouped_.empty() || !reduced_.empty();
  }

  /// x [batch][time][in] -> [batch][time_out][out], in the workspace, with a margin for the layer after it. A prepared
  /// layer applies the folded batch norm and the slope of `activation`; its tanh is the caller's.
  /// Requires length + 2 padding >= kernel.
  Sequence<T> operator()(Sequence<const T> x, Workspace& workspace, const Activation& activation = {},
                         Index margin = 0) const {
    const Sequence<T> y = make_sequence<T>(workspace, x.batch, output_length(x.length), options.out, margin);
    run(x, y, workspace, activation);
    return y;
  }

  /// The same into y, of the output's shape.
  void run(Sequence<const T> x, Sequence<T> y, Workspace& workspace, const Activation& activation = {}) const {
    assert(x.channels == options.in && y.length == output_length(x.length) && y.channels == options.out);
    const Index left = padding_left(x.length);
    const Index right = (y.length - 1) * options.stride + options.kernel - left - x.length;
    Workspace::Scope scope(workspace);
    if constexpr (std::is_same_v<T, float>) {
      if (!reduced_.empty()) return run_reduced(x, left, std::max<Index>({left, right, 0}), y, activation, workspace);
      if (narrow_groups() && prepared())
        return grouped_(x, left, options.stride, 1, folded_bias_.data(), activation.slope(), y, workspace);
      if (prepared())
        return run_prepared(with_margin(x, std::max(left, right), workspace), left, y, activation, workspace);
    }
    (void)right;
    for (Index b = 0; b < x.batch; ++b)
      kernels::conv1d_reference<T>({x.item(b), {1, x.length, x.channels}}, weight.view(),
                                   bias.empty() ? nullptr : bias.data(), options.stride, left, options.groups,
                                   {y.item(b), {1, y.length, options.out}});
  }

 private:
  /// Whether a group would leave most columns of a row product's panel empty.
  bool narrow_groups() const noexcept {
    return options.groups > 1 && options.out / options.groups < kernels::grouped_lanes;
  }

  [[gnu::noinline]] void run_prepared(Sequence<const T> x, Index left, Sequence<T> y, const Activation& activation,
                                      Workspace& workspace) const requires std::is_same_v<T, float> {
    const Index groups = options.groups, in_group = options.in / groups, out_group = options.out / groups;
    for (Index g = 0; g < groups; ++g) {
      Workspace::Scope scope(workspace);
      Sequence<const T> source = x;
      if (groups > 1) {  // a group's channels side by side, so that its window is contiguous too
        const Sequence<T> slice = make_sequence<T>(workspace, x.batch, x.length, in_group, x.margin);
        for (Index b = 0; b < x.batch; ++b)
          for (Index t = 0; t < x.length; ++t)
            std::copy_n(x.item(b) + t * x.channels + g * in_group, in_group, slice.item(b) + t * in_group);
        source = slice;
      }
      kernels::RowProduct product;
      product.batch = x.batch;
      product.rows = y.length;
      product.bias = folded_bias_.data() + g * out_group;
      product.slope = activation.slope();
      product.y = y.data + g * out_group;
      product.y_stride = options.out;
      product.y_batch_stride = y.batch_stride();
      if (!minimal_.empty()) return minimal_(source, left, product, workspace);
      product.x = source.data - left * in_group;
      product.x_stride = options.stride * in_group;
      product.x_batch_stride = source.batch_stride();
      product.weights = packed_[static_cast<std::size_t>(g)].matrix();
      kernels::row_product(product, workspace.threads());
    }
  }

  [[gnu::noinline]] void run_reduced(Sequence<const T> x, Index left, Index margin, Sequence<T> y,
                                     const Activation& activation,
                                     Workspace& workspace) const requires std::is_same_v<T, float> {
    const Index stride = options.stride * options.in;
    const ReducedSequence source = reduce(x, reduced_.precision(), margin, stride, workspace);
    kernels::ReducedProduct product;
    product.x = source.data + (margin - left) * options.in * kernels::reduced_bytes(reduced_.precision());
    product.x_stride = stride;
    product.x_batch_stride = source.batch_stride;
    product.x_scales = source.scales;
    product.batch = x.batch;
    product.rows = y.length;
    product.weights = &reduced_;
    product.bias = folded_bias_.data();
    product.slope = activation.slope();
    product.y = y.data;
    product.y_stride = options.out;
    product.y_batch_stride = y.batch_stride();
    kernels::reduced_product(product, workspace.threads());
  }

  std::vector<kernels::PackedWeights> packed_;  // a matrix [kernel][in / groups] x [out / groups] a group
  MinimalFilter minimal_;                       // instead, where there are many outputs
  GroupedWeights grouped_;                      // instead, where the groups are narrow
  kernels::ReducedWeights reduced_;             // instead, in another precision
  std::vector<T> folded_bias_;
};

template <class T, class Visitor>
void visit_parameters(Conv1d<T>& layer, const std::string& prefix, Visitor&& visitor) {
  visitor(prefix + ".weight", layer.weight);
  if (!layer.bias.empty()) visitor(prefix + ".bias", layer.bias);
}

}  // namespace systolic::nn
