#pragma once
// Pooling of images.

#include <type_traits>

#include "systolic/nn/image.hpp"

namespace systolic::nn {

/// Calls visit(first number of the output, first number of the window's pixel, channels, whether it is the window's
/// first) for every pixel of every window of kernel x kernel pixels side by side; pixels that fill no window are left
/// out.
template <class Visit>
void for_each_pooled(const ImageExtent& in, Index channels, Index kernel, Visit&& visit) {
  const Index rows = in.rows / kernel, columns = in.columns / kernel;
  for (Index t = 0; t < in.time; ++t)
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c)
        for (Index kr = 0; kr < kernel; ++kr)
          for (Index kc = 0; kc < kernel; ++kc) {
            const Index from = ((t * in.rows + r * kernel + kr) * in.columns + c * kernel + kc) * channels;
            const Index to = ((t * rows + r) * columns + c) * channels;
            visit(to, from, channels, kr == 0 && kc == 0);
          }
}

/// The largest of each kernel x kernel pixels, windows side by side, a channel and time at a time.
template <class T>
Image<std::remove_const_t<T>> max_pool2d(Image<T> x, Index kernel, Workspace& workspace) {
  using Number = std::remove_const_t<T>;
  const ImageExtent out{x.extent.time, x.extent.rows / kernel, x.extent.columns / kernel};
  const Image<Number> y = make_image<Number>(workspace, x.batch(), out, x.channels());
  for (Index b = 0; b < x.batch(); ++b) {
    const T* from = x.item(b);
    Number* to = y.item(b);
    for_each_pooled(x.extent, x.channels(), kernel, [=](Index o, Index i, Index channels, bool first) {
      if (first) return static_cast<void>(std::copy_n(from + i, channels, to + o));
      for (Index c = 0; c < channels; ++c) to[o + c] = from[i + c] > to[o + c] ? from[i + c] : to[o + c];
    });
  }
  return y;
}

}  // namespace systolic::nn
