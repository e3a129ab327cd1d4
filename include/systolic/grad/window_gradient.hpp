#pragma once
// The weight gradient of a convolution of images: with the windows of the outputs as the rows of X and dy those of the
// outputs, dW += X^T dy. The windows of many rows of outputs lie behind one another, so that the product is deep.

#include <type_traits>

#include "systolic/grad/matrix_product.hpp"
#include "systolic/kernels/window_product.hpp"

namespace systolic::grad {

/// sums [window][out] += window^T dy over all windows of one item: x of w.size, dy [outputs][out].
template <class T>
void add_window_gradient(const kernels::WindowRows& w, const T* x, const T* dy, Index out, T* sums,
                         Workspace& workspace) {
  Workspace::Scope scope(workspace);
  if constexpr (std::is_same_v<T, float>) {
    if (kernels::pairs_columns(out) && !w.dilated() && w.outputs[2] % 2 == 0) {
      // Two windows side by side as one, with both their dy: what is not of a window and its own dy is left out.
      kernels::WindowRows pairs = w;
      pairs.kernel[2] += w.stride[2];
      pairs.stride[2] *= 2;
      pairs.outputs[2] /= 2;
      T* both = workspace.allocate<T>(pairs.window_size() * 2 * out);
      std::fill_n(both, pairs.window_size() * 2 * out, T(0));
      add_window_gradient(pairs, x, dy, 2 * out, both, workspace);
      for (Index k = 0; k < w.window_size(); ++k)
        for (Index o = 0; o < out; ++o)
          sums[k * out + o] += both[k * 2 * out + o] + both[(k + w.window_stride()) * 2 * out + out + o];
      return;
    }
  }
  const Index window = w.window_size(), step = w.window_stride(), columns = w.outputs[2], lines = w.lines();
  // Whole windows a row: those after the last one run into the next row and meet a dy of zero.
  const Index places = (w.size_of_rows() + step - 1) / step, pitch = places * step;
  const Index together = std::clamp<Index>(kernels::detail::window_buffer / pitch, 1, lines);
  T* rows = workspace.allocate<T>(together * pitch + window);
  // What no window fills is read, too: it must be numbers.
  for (Index line = 0; line < together; ++line)
    std::fill_n(rows + line * pitch + w.size_of_rows(), pitch - w.size_of_rows(), T(0));
  std::fill_n(rows + together * pitch, window, T(0));
  const Index panel = kernels::row_product_panel();
  float* packed = workspace.allocate<float>(kernels::PackedMatrix::packed_size(together * places, out, panel));
  for (Index first = 0; first < lines; first += together) {
    const Index count = std::min(together, lines - first), depth = count * places;
    for (Index line = 0; line < count; ++line)
      kernels::gather_window_rows(w, x, (first + line) / w.outputs[1], (first + line) % w.outputs[1],
                                  rows + line * pitch);
    const T* g = dy + first * columns * out;
    if constexpr (std::is_same_v<T, float>) {
      std::fill_n(packed, kernels::PackedMatrix::packed_size(depth, out, panel), 0.0f);
      for (Index n = 0; n < out; n += panel)
        for (Index line = 0; line < count; ++line)
          kernels::detail::copy_pixels(g + line * columns * out + n, out, columns, std::min(panel, out - n),
                                       packed + n * depth + line * places * panel, panel);
      kernels::RowProduct product;
      product.x = rows;
      product.x_stride = 1;
      product.x_depth_stride = step;
      product.rows = window;
      product.weights = {depth, out, panel, packed};
      product.initial = sums;
      product.y = sums;
      product.y_stride = out;
      kernels::row_product(product);
    } else {
      for (Index line = 0; line < count; ++line)
        for (Index c = 0; c < columns; ++c)
          for (Index k = 0; k < window; ++k)
            for (Index o = 0; o < out; ++o)
              sums[k * out + o] += rows[line * pitch + c * step + k] * g[(line * columns + c) * out + o];
    }
  }
}

/// Adds the weight gradient of a convolution to dw [out][in][time][rows][columns]: x of w.size and dy [outputs][out],
/// `batch` of each. Every item is summed by itself and the items are added in order, so that the result does not depend
/// on the threads.
template <class T>
void add_weight_gradient(const kernels::WindowRows& w, const T* x, const T* dy, Index batch, Index out, T* dw,
                         Workspace& workspace) {
  Workspace::Scope scope(workspace);
  const Index window = w.window_size(), count = window * out, in = w.channels;
  const Index x_item = w.size[0] * w.size[1] * w.size[2] * in, dy_item = w.lines() * w.outputs[2] * out;
  const int threads = static_cast<int>(std::min<Index>(workspace.threads(), std::max<Index>(1, batch)));
  T* sums = workspace.allocate<T>(threads * count);
  T* total = workspace.allocate<T>(count);
  std::fill_n(total, count, T(0));
  for (int i = 0; i < threads; ++i) workspace.worker(i);
  for (Index first = 0; first < batch; first += threads) {
    const Index items = std::min<Index>(threads, batch - first);
    parallel_for(items, threads, [&](Index i, int worker) {
      std::fill_n(sums + i * count, count, T(0));
      add_window_gradient(w, x + (first + i) * x_item, dy + (first + i) * dy_item, out, sums + i * count,
                          workspace.worker(worker));
    });
    for (Index i = 0; i < items; ++i)
      for (Index n = 0; n < count; ++n) total[n] += sums[i * count + n];
  }
  // From the windows' order (column, time and row, channel) to the weight's.
  const Index rows = w.kernel[0] * w.kernel[1], columns = w.kernel[2], taps = rows * columns;
  // A few outputs at a time, so that both sides are read and written in runs.
  constexpr Index together = 16;
  for (Index first = 0; first < out; first += together)
    for (Index c = 0; c < in; ++c)
      for (Index row = 0; row < rows; ++row)
        for (Index column = 0; column < columns; ++column) {
          const T* from = total + ((column * rows + row) * in + c) * out;
          T* to = dw + c * taps + row * columns + column;
          for (Index o = first; o < std::min(out, first + together); ++o) to[o * in * taps] += from[o];
        }
}

}  // namespace systolic::grad
