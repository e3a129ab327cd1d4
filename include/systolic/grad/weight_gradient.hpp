#pragma once
// The weight gradient of a convolution, one sum over all samples of a batch.

#include <algorithm>
#include <type_traits>

#include "systolic/core/parallel.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/kernels/elementwise.hpp"
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

  template <class = void>
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
  Index step_size() const noexcept { return step * x.channels; }
  Index steps_of_kernel() const noexcept { return (kernel + step - 1) / step; }

  /// Writes `count` samples from that on where the window of dy's sample `from` begins.
  template <class = void>
  void copy_samples(Index from, Index count, float* to) const {
    const Index period = places * step, last = from * step - padding + count;
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

  /// Sample d of dy, or nullptr for zeros.
  const float* output(Index d) const noexcept {
    const Index item = d / places, t = d % places;
    return item < dy.batch && t < dy.length ? dy.item(item) + t * dy.channels : nullptr;
  }
};

/// Columns of a panel, from column `first` on; those beyond the last are zero.
template <class = void>
inline void pack_row(const float* row, Index first, Index width, Index panel, float* to) {
  if (row == nullptr) width = 0;
  if (width > 0) std::copy_n(row + first, width, to);
  std::fill_n(to + width, panel - width, 0.0f);
}

/// Columns [first, last) of out, and rows [first_row, last_row) of one of the products, that a thread computes.
struct GradientShare {
  Index first, last, first_row, last_row;
};

/// y [panel of columns][rows][column] += x^T dy over `count` steps; x [step][row], dy packed for the row product.
/// `continued`: y holds a sum.
template <class = void>
inline void add_steps(const float* x, Index step, const float* dy, Index count, const GradientShare& share, Index rows,
                      bool continued, float* y) {
  const Index panel = kernels::row_product_panel();
  kernels::RowProduct product;
  product.x = x + share.first_row;
  product.x_stride = 1;
  product.x_depth_stride = step;
  product.rows = share.last_row - share.first_row;
  product.y_stride = panel;
  for (Index n = share.first; n < share.last; n += panel) {
    product.weights = {count, std::min(panel, share.last - n), panel, dy + (n - share.first) * count};
    product.y = y + n * rows + share.first_row * panel;
    product.initial = continued ? product.y : nullptr;
    kernels::row_product(product);
  }
}

/// Floats of a piece of x, and the most steps that a piece has: x and dy stay in the second-level cache while all that
/// meet are multiplied.
inline constexpr Index gradient_piece = Index{1} << 18, gradient_steps = 512;

/// The pieces of a sum over `depth` steps of `size` floats: body(first step, number of steps), `longest` at most.
struct GradientPieces {
  Index depth, count;
  GradientPieces(Index steps, Index size) : depth(steps) {
    const Index most = std::clamp<Index>(gradient_piece / size, 16, gradient_steps);
    count = (depth + most - 1) / most;
  }
  Index longest() const noexcept { return (depth + count - 1) / count; }
  template <class Body>
  void for_each(Body body) const {
    for (Index piece = 0; piece < count; ++piece) {
      const Index from = depth * piece / count;
      body(from, depth * (piece + 1) / count - from);
    }
  }
};

/// A share of sums [panel of out][kernel * in][column].
template <class = void>
inline void sum_weight_gradient(const GradientLine& line, const GradientShare& share, float* sums,
                                Workspace& workspace) {
  Workspace::Scope scope(workspace);
  const Index panel = kernels::row_product_panel(), channels = line.x.channels;
  const GradientPieces pieces(line.depth(), line.step_size());
  float* x = workspace.allocate<float>(line.samples(pieces.longest()) * channels);
  float* dy =
      workspace.allocate<float>(kernels::PackedMatrix::packed_size(pieces.longest(), share.last - share.first, panel));
  pieces.for_each([&](Index from, Index count) {
    line.copy_samples(from, line.samples(count), x);
    float* to = dy;
    for (Index n = share.first; n < share.last; n += panel)
      for (Index d = from; d < from + count; ++d, to += panel)
        pack_row(line.output(d), n, std::min(panel, share.last - n), panel, to);
    add_steps(x, line.step_size(), dy, count, share, line.kernel * channels, from > 0, sums);
  });
}

// Two samples of dy at a time, with three products where one by one takes four: the smallest of minimal filters
// (nn/minimal_filter.hpp), mirrored. With E(t) the numbers of step t, and of a kernel two neighbouring steps a and b:
//
//   dw_a = sum_u E(2u) dy(2u) + E(2u+1) dy(2u+1)     s    = sum_u E(2u+1) (dy(2u) + dy(2u+1))
//   dw_b = sum_u E(2u+1) dy(2u) + E(2u+2) dy(2u+1)   dw_a = s + sum_u (E(2u) - E(2u+1)) dy(2u)
//                                                    dw_b = s - sum_u (E(2u+1) - E(2u+2)) dy(2u+1)

/// Whether it is faster so: differences and sums must cost less than the multiplications that they save.
inline bool gradient_in_pairs(const GradientLine& line) noexcept {
  return line.depth() >= 2048 && line.steps_of_kernel() > 1 && line.step_size() >= 128;
}

/// Rows of each of the three products: pairs of steps of the kernel.
inline Index paired_rows(const GradientLine& line) noexcept {
  return (line.steps_of_kernel() + 1) / 2 * line.step_size();
}

/// A share of sums [3][panel of out][paired_rows][column]: s and the two others.
template <class = void>
inline void sum_paired_gradient(const GradientLine& line, const GradientShare& share, float* sums,
                                Workspace& workspace) {
  Workspace::Scope scope(workspace);
  const Index panel = kernels::row_product_panel(), size = line.step_size(), rows = paired_rows(line);
  const Index columns = (line.dy.channels + panel - 1) / panel * panel, more = rows / size - 1;
  const GradientPieces pieces((line.depth() + 1) / 2, 3 * size);
  const Index steps = pieces.longest() + more, room = steps * size;
  const Index packed = kernels::PackedMatrix::packed_size(pieces.longest(), share.last - share.first, panel);
  float* samples = workspace.allocate<float>((2 * steps + 1) * size);
  float* x = workspace.allocate<float>(3 * room);
  float* dy = workspace.allocate<float>(3 * packed);
  pieces.for_each([&](Index from, Index count) {
    line.copy_samples(2 * from, (2 * (count + more) + 1) * line.step, samples);
    for (Index v = 0; v < count + more; ++v) {
      const float* odd = samples + (2 * v + 1) * size;
      std::copy_n(odd, size, x + v * size);
      kernels::subtract(odd - size, odd, x + room + v * size, size);
      kernels::subtract(odd, odd + size, x + 2 * room + v * size, size);
    }
    float* to = dy;
    for (Index n = share.first; n < share.last; n += panel)
      for (Index u = from; u < from + count; ++u, to += panel) {
        const Index width = std::min(panel, share.last - n);
        pack_row(line.output(2 * u), n, width, panel, to + packed);
        pack_row(line.output(2 * u + 1), n, width, panel, to + 2 * packed);
        for (Index i = 0; i < panel; ++i) to[i] = to[packed + i] + to[2 * packed + i];
      }
    for (Index i = 0; i < 3; ++i)
      add_steps(x + i * room, size, dy + i * packed, count, share, rows, from > 0, sums + i * rows * columns);
  });
}

/// sums [panel of out][kernel * in][column] of a share's columns from those three.
template <class = void>
inline void join_paired_gradient(const GradientLine& line, Index first, Index last, const float* parts, float* sums) {
  const Index panel = kernels::row_product_panel(), size = line.step_size() * panel, rows = paired_rows(line);
  const Index columns = (line.dy.channels + panel - 1) / panel * panel, count = line.kernel * line.x.channels * panel;
  for (Index n = first; n < last; n += panel) {
    const float *s = parts + n * rows, *before = s + rows * columns, *after = before + rows * columns;
    float* y = sums + n * line.kernel * line.x.channels;
    for (Index i = 0; i < count; ++i) {
      const Index step = i / size, place = step / 2 * size + i % size;
      y[i] = step % 2 == 0 ? s[place] + before[place] : s[place] - after[place];
    }
  }
}

/// dw [out][in][kernel] += sums for outputs [first, last).
template <class = void>
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
  if (x.batch == 0) return;  // of several processes one may have no item of a small batch
  const Index rows = kernel * x.channels, out = dy.channels;
  if constexpr (std::is_same_v<T, float>) {
    Workspace::Scope scope(workspace);
    const detail::GradientLine line(x, dy, kernel, stride, padding);
    const bool pairs = detail::gradient_in_pairs(line);
    const Index panel = kernels::row_product_panel(), panels = (out + panel - 1) / panel, columns = panels * panel;
    const Index products = pairs ? detail::paired_rows(line) : rows;
    float* sums = workspace.allocate<float>(rows * columns);
    float* parts = pairs ? workspace.allocate<float>(3 * products * columns) : sums;
    // Columns are shared out among the threads, where they are few rows, too.
    const Index threads = workspace.threads(), wide = std::min(threads, panels);
    const Index high = std::clamp<Index>(threads / wide, 1, (products + 27) / 28);
    for (Index i = 0; i < wide * high; ++i) workspace.worker(static_cast<int>(i));
    parallel_for(wide * high, workspace.threads(), [&](Index task, int) {
      const Index i = task / high, part = task % high;
      const detail::GradientShare share{panels * i / wide * panel, std::min(out, panels * (i + 1) / wide * panel),
                                        products * part / high, products * (part + 1) / high};
      Workspace& own = workspace.worker(static_cast<int>(task));
      if (pairs)
        detail::sum_paired_gradient(line, share, parts, own);
      else
        detail::sum_weight_gradient(line, share, sums, own);
    });
    parallel_for(panels, workspace.threads(), [&](Index i, int) {
      const Index first = i * panel, last = std::min(out, first + panel);
      if (pairs) detail::join_paired_gradient(line, first, last, parts, sums);
      detail::add_in_weight_order(sums, kernel, x.channels, panel, first, last, dw);
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
