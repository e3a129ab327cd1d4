#pragma once
// Gradients of a convolution in groups, in float, by the kernels that lie across groups. The input gradient is a
// convolution of dy (with stride - 1 zeros after each sample) with the taps in reverse and the channels of each group
// in exchanged roles; docs/layers/grouped_conv1d.md derives it.

#include "systolic/kernels/grouped_gradient.hpp"
#include "systolic/nn/conv1d.hpp"

namespace systolic::grad {

/// dw [out][in / groups][kernel] of the layer += its gradient, given x [batch][time][in] and dy [batch][time_out][out].
/// Work is split over output channels; the items of a batch are added in order.
template <class = void>
inline void add_grouped_weight_gradient(const nn::Conv1d<float>& layer, nn::Sequence<const float> x,
                                        nn::Sequence<const float> dy, float* dw, Workspace& workspace) {
  constexpr Index lanes = kernels::grouped_lanes;
  const nn::Conv1dOptions& o = layer.options;
  const kernels::Groups groups{o.in / o.groups, o.out / o.groups, o.out};
  const kernels::Groups own{1, 1, o.out};  // dy itself, a block at a time
  const Index depth = groups.in_group, plane_rows = (dy.length - 1) * o.stride + o.kernel;
  nn::for_each_with_scratch(groups.blocks(), workspace, [&](Index block, Workspace& scratch) {
    kernels::GroupedGradient gradient;
    float* planes = scratch.allocate<float>(depth * plane_rows * lanes);
    float* block_dy = scratch.allocate<float>(dy.length * lanes);
    float* sums = scratch.allocate<float>(o.kernel * depth * lanes);
    std::fill_n(sums, o.kernel * depth * lanes, 0.0f);
    gradient.planes = planes;
    gradient.plane_rows = plane_rows;
    gradient.depth = depth;
    gradient.kernel = o.kernel;
    gradient.stride = o.stride;
    gradient.dy = block_dy;
    gradient.rows = dy.length;
    gradient.dw = sums;
    for (Index b = 0; b < x.batch; ++b) {
      kernels::make_planes(x.item(b), x.length, x.channels, groups, block, layer.padding_left(x.length), 1, plane_rows,
                           planes);
      kernels::make_planes(dy.item(b), dy.length, dy.channels, own, block, 0, 1, dy.length, block_dy);
      kernels::grouped_gradient(gradient);
    }
    for (Index lane = 0; lane < groups.lanes(block); ++lane)
      for (Index c = 0; c < depth; ++c)
        for (Index k = 0; k < o.kernel; ++k)
          dw[((block * lanes + lane) * depth + c) * o.kernel + k] += sums[(k * depth + c) * lanes + lane];
  });
}

/// The weights with which dy is convolved for the input gradient: taps in reverse, the channels of each group in
/// exchanged roles.
template <class = void>
inline nn::GroupedWeights reversed_weights(const nn::Conv1d<float>& layer) {
  const nn::Conv1dOptions& o = layer.options;
  const Index in_group = o.in / o.groups, out_group = o.out / o.groups;
  return nn::GroupedWeights({out_group, in_group, o.in}, o.kernel, [&](Index i, Index j, Index k) {
    return layer.weight(i / in_group * out_group + j, i % in_group, o.kernel - 1 - k);
  });
}

/// dx [batch][time][in] += the gradient of the layer's input, given dy [batch][time_out][out] and reversed_weights().
template <class = void>
inline void add_grouped_input_gradient(const nn::Conv1d<float>& layer, const nn::GroupedWeights& reversed,
                                       nn::Sequence<const float> dy, nn::Sequence<float> dx, Workspace& workspace) {
  const nn::Conv1dOptions& o = layer.options;
  reversed(dy, o.kernel - 1 - layer.padding_left(dx.length), 1, o.stride, nullptr, 1, dx, workspace);
}

}  // namespace systolic::grad
