#pragma once
// Images and clips between layers: [batch][time][row][column][channel]. The pixels are a Sequence whose time runs over
// all of them, so that what works a pixel at a time (batch norm, activations, linear layers) needs no second version.

#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

/// Pixels of an image (time 1) or a clip.
struct ImageExtent {
  Index time = 1, rows = 1, columns = 1;

  Index count() const noexcept { return time * rows * columns; }
  friend bool operator==(const ImageExtent&, const ImageExtent&) = default;
};

/// A view of [batch][time][row][column][channel], without margin.
template <class T>
struct Image {
  Sequence<T> pixels;  ///< [batch][time * rows * columns][channel]
  ImageExtent extent;

  T* item(Index b) const noexcept { return pixels.item(b); }
  Index batch() const noexcept { return pixels.batch; }
  Index channels() const noexcept { return pixels.channels; }
  operator Image<const T>() const noexcept { return {pixels, extent}; }
};

/// An array [batch][time][row][column][channel] or, of images, [batch][row][column][channel].
template <class T>
Image<T> as_image(TensorView<T> x) {
  const Shape& s = x.shape();
  assert(s.rank() == 4 || s.rank() == 5);
  const int first = s.rank() - 3;  // of the rows
  const ImageExtent extent{s.rank() == 5 ? s[1] : 1, s[first], s[first + 1]};
  return {{x.data(), s[0], extent.count(), s[first + 2], 0}, extent};
}

/// An uninitialised image in the workspace.
template <class T>
Image<T> make_image(Workspace& workspace, Index batch, const ImageExtent& extent, Index channels) {
  return {make_sequence<T>(workspace, batch, extent.count(), channels), extent};
}

}  // namespace systolic::nn
