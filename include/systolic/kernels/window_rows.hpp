#pragma once
// The windows of one row of outputs of an image convolution, side by side, so that the row product can read them. For
// every column the pixels of all kernel rows (and times) are put together; the window of an output is then a run of
// kernel columns, and the next one starts `stride` columns further on, as in one dimension. That copies each pixel once
// a kernel row, not once a tap. Where a kernel is dilated along the columns every window is laid out by itself.

#include <algorithm>
#include <cstring>

#include "systolic/kernels/image_reference.hpp"

namespace systolic::kernels {

/// The geometry of a convolution of one item: extents along time, rows and columns.
struct WindowRows {
  Triple size{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1};
  Triple padding{0, 0, 0};  ///< zeros before the image; where negative, that many of its pixels are passed over
  Triple dilation{1, 1, 1};
  Index channels = 1;
  Triple outputs{1, 1, 1};  ///< windows along each axis

  /// The same with as many outputs as a convolution with equal padding on both sides has. Requires that the padded
  /// image is no smaller than the kernel's reach.
  WindowRows with_all_outputs() const noexcept {
    WindowRows result = *this;
    for (std::size_t i = 0; i < 3; ++i)
      result.outputs[i] = (size[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1;
    return result;
  }
  bool dilated() const noexcept { return dilation[2] > 1 && kernel[2] > 1; }
  /// Whether the windows of a row, and of all rows, are the image as it is.
  bool plain() const noexcept { return kernel == Triple{1, 1, 1} && stride == kernel && outputs == size; }
  /// Numbers that a column holds: those of all kernel rows.
  Index column_size() const noexcept { return kernel[0] * kernel[1] * channels; }
  Index columns() const noexcept {
    return dilated() ? outputs[2] * kernel[2] : (outputs[2] - 1) * stride[2] + kernel[2];
  }
  Index size_of_rows() const noexcept { return columns() * column_size(); }
  /// Rows of outputs.
  Index lines() const noexcept { return outputs[0] * outputs[1]; }
  /// From one window to the next; its length.
  Index window_stride() const noexcept { return (dilated() ? kernel[2] : stride[2]) * column_size(); }
  Index window_size() const noexcept { return kernel[2] * column_size(); }
};

namespace detail {

/// Copies `count` pixels of `channels` numbers, from_stride apart, to places `stride` apart; zeros where there is no
/// image. Copies of the usual sizes are a few instructions, not a call.
template <class T>
void copy_pixels(const T* from, Index from_stride, Index count, Index channels, T* to, Index stride) {
  const auto copy_fixed = [=]<std::size_t Channels>(std::integral_constant<std::size_t, Channels>) {
    T* place = to;
    if (from == nullptr)
      for (Index i = 0; i < count; ++i, place += stride) std::memset(place, 0, Channels * sizeof(T));
    else
      for (Index i = 0; i < count; ++i, place += stride)
        std::memcpy(place, from + i * from_stride, Channels * sizeof(T));
  };
  switch (channels) {
    case 1:
      return copy_fixed(std::integral_constant<std::size_t, 1>{});
    case 4:
      return copy_fixed(std::integral_constant<std::size_t, 4>{});
    case 8:
      return copy_fixed(std::integral_constant<std::size_t, 8>{});
    case 16:
      return copy_fixed(std::integral_constant<std::size_t, 16>{});
    case 32:
      return copy_fixed(std::integral_constant<std::size_t, 32>{});
    default:
      break;
  }
  for (Index i = 0; i < count; ++i)
    if (from == nullptr)
      std::fill_n(to + i * stride, channels, T(0));
    else
      std::copy_n(from + i * from_stride, channels, to + i * stride);
}

}  // namespace detail

/// rows [size_of_rows()] = the windows of output row (t, r) of the image x; padding is zero.
template <class T>
void gather_window_rows(const WindowRows& w, const T* x, Index t, Index r, T* rows) {
  const Index n = w.channels, step = w.column_size(), width = w.columns();
  // Columns [first, last) of the windows come from the image.
  const Index first = std::clamp<Index>(w.padding[2], 0, width);
  const Index last = std::clamp<Index>(w.size[2] + w.padding[2], first, width);
  for (Index kt = 0; kt < w.kernel[0]; ++kt)
    for (Index kr = 0; kr < w.kernel[1]; ++kr, rows += n) {
      const Index st = t * w.stride[0] + kt * w.dilation[0] - w.padding[0];
      const Index sr = r * w.stride[1] + kr * w.dilation[1] - w.padding[1];
      const bool inside = st >= 0 && st < w.size[0] && sr >= 0 && sr < w.size[1];
      const T* line = inside ? x + (st * w.size[1] + sr) * w.size[2] * n : nullptr;
      if (w.dilated()) {
        for (Index j = 0; j < width; ++j) {
          const Index column = j / w.kernel[2] * w.stride[2] + j % w.kernel[2] * w.dilation[2] - w.padding[2];
          const bool within = inside && column >= 0 && column < w.size[2];
          detail::copy_pixels<T>(within ? line + column * n : nullptr, n, 1, n, rows + j * step, step);
        }
        continue;
      }
      detail::copy_pixels<T>(nullptr, n, first, n, rows, step);
      detail::copy_pixels<T>(inside ? line + (first - w.padding[2]) * n : nullptr, n, last - first, n,
                             rows + first * step, step);
      detail::copy_pixels<T>(nullptr, n, width - last, n, rows + last * step, step);
    }
}

}  // namespace systolic::kernels
