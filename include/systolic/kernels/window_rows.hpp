#pragma once
// The windows of one row of outputs of an image convolution, side by side, so that the row product can read them. For
// every column the pixels of all kernel rows (and times) are put together; the window of an output is then a run of
// kernel columns, and the next one starts `stride` columns further on, as in one dimension. That copies each pixel once
// a kernel row, not once a tap. Where a kernel is dilated along the columns every window is laid out by itself.

#include <algorithm>

#include "systolic/kernels/image_reference.hpp"

namespace systolic::kernels {

/// The geometry of a convolution of one item: extents along time, rows and columns.
struct WindowRows {
  Triple size{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, padding{0, 0, 0}, dilation{1, 1, 1};
  Index channels = 1;

  /// Extents of the outputs. Requires that the padded image is no smaller than the kernel's reach.
  Triple out_size() const noexcept {
    Triple result{};
    for (std::size_t i = 0; i < 3; ++i)
      result[i] = (size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1;
    return result;
  }
  bool dilated() const noexcept { return dilation[2] > 1 && kernel[2] > 1; }
  /// Numbers that a column holds: those of all kernel rows.
  Index column_size() const noexcept { return kernel[0] * kernel[1] * channels; }
  Index columns() const noexcept {
    const Index outputs = out_size()[2];
    return dilated() ? outputs * kernel[2] : (outputs - 1) * stride[2] + kernel[2];
  }
  Index size_of_rows() const noexcept { return columns() * column_size(); }
  /// From one window to the next; its length.
  Index window_stride() const noexcept { return (dilated() ? kernel[2] : stride[2]) * column_size(); }
  Index window_size() const noexcept { return kernel[2] * column_size(); }
  /// The image's column that column j of the windows comes from.
  Index source_column(Index j) const noexcept {
    return dilated() ? j / kernel[2] * stride[2] + j % kernel[2] * dilation[2] - padding[2] : j - padding[2];
  }

  /// Calls visit(offset in the window rows, offset in the image or -1 for padding) for each run of `channels` numbers
  /// of the windows of output row (t, r).
  template <class Visit>
  void for_each_run(Index t, Index r, Visit&& visit) const {
    const Index width = columns(), step = column_size();
    for (Index kt = 0; kt < kernel[0]; ++kt)
      for (Index kr = 0; kr < kernel[1]; ++kr) {
        const Index st = t * stride[0] + kt * dilation[0] - padding[0];
        const Index sr = r * stride[1] + kr * dilation[1] - padding[1];
        const bool inside = st >= 0 && st < size[0] && sr >= 0 && sr < size[1];
        Index offset = (kt * kernel[1] + kr) * channels;
        for (Index j = 0; j < width; ++j, offset += step) {
          const Index sc = source_column(j);
          visit(offset, inside && sc >= 0 && sc < size[2] ? ((st * size[1] + sr) * size[2] + sc) * channels : -1);
        }
      }
  }
};

/// rows [size_of_rows()] = the windows of output row (t, r) of the image x; padding is zero.
template <class T>
void gather_window_rows(const WindowRows& windows, const T* x, Index t, Index r, T* rows) {
  const Index n = windows.channels;
  windows.for_each_run(t, r, [=](Index to, Index from) {
    if (from >= 0)
      std::copy_n(x + from, n, rows + to);
    else
      std::fill_n(rows + to, n, T(0));
  });
}

/// The adjoint: adds the windows to the image.
template <class T>
void scatter_window_rows(const WindowRows& windows, const T* rows, Index t, Index r, T* x) {
  const Index n = windows.channels;
  windows.for_each_run(t, r, [=](Index from, Index to) {
    if (to >= 0)
      for (Index i = 0; i < n; ++i) x[to + i] += rows[from + i];
  });
}

}  // namespace systolic::kernels
