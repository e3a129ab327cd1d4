#pragma once
// The weight gradient of a convolution, one sum over all samples of a batch.

#include <algorithm>
#include <type_traits>

#include "systolic/core/parallel.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/kernels/reference_adjoint.hpp"
#include "systolic/kernels/row_product.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::grad {

namespace detail {

/// The samples of all items on one line, such that dy's sample d meets the window that begins at d * step: items stand
/// `places` samples of dy apart, zeros between them. Where dy has one sample an item, the windows themselves stand
/// behind one another.
struct GradientLine {
  nn::Sequence<const float> x, dy;
  Index kernel, padding, step;
  Index places = 1;

  GradientLine(nn::Sequence<const float> input, nn::Sequence<const float> output, Index taps, Index stride, Index left)
      : x(input), dy(output), kernel(taps), padding(left), step(stride) {
    const Index reach = (dy.length - 1) * stride + kernel - padding;
    if (dy.length == 1)
      step = kernel;
    else
      places = std::max(dy.length, (std::max(reach, x.length + padding) + stride - 1) / stride);
  }

  Index depth() const noexcept { return (dy.batch - 1) * places + dy.length; }
  Index samples(Index count) const noexcept { return (count - 1) * step + kernel; }

  /// Writes the samples that dy's [from, until) see.
  void copy_windows(Index from, Index until, float* to) const {
    const Index period = places * step, last = from * step - padding + samples(until - from);
    for (Index at = from * step - padding; at < last;) {
      const Index item = (at + padding) / period, t = at - item * period;
      const Index length = std::min(last, (item + 1) * period - padding) - at;
      const Index before = std::clamp<Index>(-t, 0, length);
      const Index inside = item < x.batch ? std::clamp<Index>(x.length - t - before, 0, length - before) : 0;
      to = std::fill_n(to, before * x.channels, 0.0f);
      if (inside > 0) to = std::copy_n(x.item(item) + (t + before) * x.channels, inside * x.channels, to);
      to = std::fill_n(to, (length - before - inside) * x.channels, 0.0f);
      at += length;
    }
  }

  /// Packs columns [first, last) of dy's samples [from, until) for a row product.
  void pack(Index from, Index until, Index first, Index last, Index panel, float* to) const {
    for (Index n = first; n < last; n += panel) {
      const Index width = std::min(panel, last - n);
      for (Index d = from; d < until; ++d, to += panel) {
        const Index t = d % places, filled = t < dy.length ? width : 0;
        std::copy_n(dy.item(d / places) + std::min(t, dy.length - 1) * dy.channels + n, filled, to);
        std::fill_n(to + filled, panel - filled, 0.0f);
      }
    }
  }
};

/// Floats of a piece of x, and the most samples of dy that a piece has: both stay in the second-level cache while all
/// that meet are multiplied.
inline constexpr Index gradient_piece = Index{1} << 18, gradient_depth = 512;

/// sums [panel of out][kernel * in][column] = the gradient for columns [first, last) of out, a multiple of the panel
/// but for the last, and rows [first_row, last_row) of (kernel, in).
inline void sum_weight_gradient(const GradientLine& line, Index first, Index last, Index first_row, Index last_row,
                                float* sums, Workspace& workspace) {
  Workspace::Scope scope(workspace);
  const Index panel = kernels::row_product_panel(), channels = line.x.channels, rows = line.kernel * channels;
  const Index most = std::clamp<Index>(gradient_piece / (line.step * channels), 16, gradient_depth);
  const Index depth = line.depth(), pieces = (depth + most - 1) / most, longest = (depth + pieces - 1) / pieces;
  float* x = workspace.allocate<float>(line.samples(longest) * channels);
  float* dy = workspace.allocate<float>(kernels::PackedMatrix::packed_size(longest, last - first, panel));
  kernels::RowProduct product;
  product.x = x + first_row;
  product.x_stride = 1;
  product.x_depth_stride = line.step * channels;
  product.rows = last_row - first_row;
  product.y_stride = panel;
  for (Index piece = 0; piece < pieces; ++piece) {
    const Index from = depth * piece / pieces, count = depth * (piece + 1) / pieces - from;
    line.copy_windows(from, from + count, x);
    line.pack(from, from + count, first, last, panel, dy);
    for (Index n = first; n < last; n += panel) {
      product.weights = {count, std::min(panel, last - n), panel, dy + (n - first) * count};
      product.y = sums + n * rows + first_row * panel;
      product.initial = piece > 0 ? product.y : nullptr;
      kernels::row_product(product);
    }
  }
}

/// dw [out][in][kernel] += sums for outputs [first, last).
inline void add_in_weight_order(const float* sums, Index kernel, Index in, Index panel, Index first, Index last,
                                float* dw) {
  // A few outputs at a time, so that both sides are read and written in runs.
  constexpr Index together = 16;
  for (Index block = first; block < last; block += together)
    for (Index c = 0; c < in; ++c)
      for (Index o = block; o < std::min(last, block + together); ++o) {
        const float* from = sums + o / panel * panel * kernel * in + o % panel;
        for (Index k = 0; k < kernel; ++k) dw[(o * in + c) * kernel + k] += from[(k * in + c) * panel];
      }
}

}  // namespace detail

/// dw[o][c][k] += sum_{b,t} dy[b][t][o] x[b][t stride + k - padding][c], dw [out][in][kernel], for one group.
/// In float a row product: its left matrix is x read across time (row (k, c) starts at sample k - padding, channel c,
/// and steps by a stride), its right one dy. Piece by piece of the samples, so that both are read from memory once.
/// Threads have outputs, or rows, of their own: the result does not depend on how many there are.
template <class T>
void add_weight_gradient(nn::Sequence<const T> x, nn::Sequence<const T> dy, Index kernel, Index stride, Index padding,
                         T* dw, Workspace& workspace) {
  const Index rows = kernel * x.channels, out = dy.channels;
  if constexpr (std::is_same_v<T, float>) {
    Workspace::Scope scope(workspace);
    const detail::GradientLine line(x, dy, kernel, stride, padding);
    const Index panel = kernels::row_product_panel(), panels = (out + panel - 1) / panel;
    float* sums = workspace.allocate<float>(rows * panels * panel);
    const Index threads = workspace.threads(), shares = std::min(threads, panels);
    const Index parts = std::clamp<Index>(threads / shares, 1, (rows + 27) / 28);
    for (Index i = 0; i < shares * parts; ++i) workspace.worker(static_cast<int>(i));
    parallel_for(shares * parts, workspace.threads(), [&](Index task, int) {
      const Index share = task / parts, part = task % parts;
      detail::sum_weight_gradient(line, panels * share / shares * panel,
                                  std::min(out, panels * (share + 1) / shares * panel), rows * part / parts,
                                  rows * (part + 1) / parts, sums, workspace.worker(static_cast<int>(task)));
    });
    parallel_for(threads, workspace.threads(), [&](Index task, int) {
      detail::add_in_weight_order(sums, kernel, x.channels, panel, out * task / threads, out * (task + 1) / threads,
                                  dw);
    });
  } else {
    (void)workspace;
    for (Index b = 0; b < x.batch; ++b)
      kernels::conv1d_weight_gradient_reference<T>({x.item(b), {1, x.length, x.channels}},
                                                   {dy.item(b), {1, dy.length, out}}, stride, padding, 1,
                                                   {dw, {out, x.channels, kernel}});
  }
}

}  // namespace systolic::grad
