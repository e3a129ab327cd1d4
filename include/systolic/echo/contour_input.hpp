#pragma once
// From a clip of any size to what the contour network reads: 16 frames, small squares, brightness evened out.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/echo/contour_network.hpp"

namespace systolic::echo {

/// Frame i of `count` between `first` and `last` (either may be the larger), as EchoGraphs chooses it: rounded towards
/// the first.
inline Index frame_between(Index first, Index last, Index i, Index count) noexcept {
  return count < 2 ? first : first + i * (last - first) / (count - 1);
}

/// Where the network's image is taken from: turned by `angle` (radians), grown by `scale` around its middle, shifted;
/// shares of the image. The default is the image itself.
struct ImageChange {
  double angle = 0, scale = 1;
  Point shift{0, 0};

  /// The place in the original of a place in the changed image.
  template <class = void>
  Point original(Point p) const noexcept {
    const Point from = (p - Point{0.5, 0.5} - shift) * (1 / scale);
    const double c = std::cos(angle), s = std::sin(angle);
    return {0.5 + c * from.x + s * from.y, 0.5 - s * from.x + c * from.y};
  }
  /// Its inverse.
  template <class = void>
  Point changed(Point p) const noexcept {
    const Point from = p - Point{0.5, 0.5};
    const double c = std::cos(angle), s = std::sin(angle);
    return Point{0.5, 0.5} + shift + Point{c * from.x - s * from.y, s * from.x + c * from.y} * scale;
  }
};

/// A place of an image with rows x columns pixels, shares of its size, in pixels (whose middles are whole numbers), and
/// back.
inline Point in_pixels(Point share, Index rows, Index columns) noexcept {
  return {share.x * static_cast<double>(columns) - 0.5, share.y * static_cast<double>(rows) - 0.5};
}
inline Point in_shares(Point pixel, Index rows, Index columns) noexcept {
  return {(pixel.x + 0.5) / static_cast<double>(columns), (pixel.y + 0.5) / static_cast<double>(rows)};
}

/// Writes frames `first` to `last` of clip [frame][row][column] as x [frames][size][size]: every pixel the mean of
/// places side by side in it, at least one an original pixel, bilinear between pixels, black outside; then mean 0 and
/// deviation 1 over the whole.
template <class = void>
inline void make_contour_input(TensorView<const std::uint8_t> clip, Index first, Index last,
                               const ContourNetworkOptions& options, const ImageChange& change, float* x) {
  const Index rows = clip.shape()[1], columns = clip.shape()[2], size = options.size, area = size * size;
  struct Tap {
    Index pixel;
    std::array<float, 4> weights;  // of the pixel, its right and lower neighbours and the one between them
  };
  const Index steps = std::clamp<Index>((std::max(rows, columns) + size - 1) / size, 1, 16);
  // Where each output pixel reads, the same for all frames.
  std::vector<Tap> taps;
  for (Index r = 0; r < size; ++r)
    for (Index c = 0; c < size; ++c)
      for (Index sub = 0; sub < steps * steps; ++sub) {
        const auto place = [&](Index at, Index part) {
          return (static_cast<double>(at) + (static_cast<double>(part) + 0.5) / static_cast<double>(steps)) /
                 static_cast<double>(size);
        };
        const Point p = in_pixels(change.original({place(c, sub % steps), place(r, sub / steps)}), rows, columns);
        Tap tap{0, {}};
        if (p.x >= -0.5 && p.y >= -0.5 && p.x <= static_cast<double>(columns) - 0.5 &&
            p.y <= static_cast<double>(rows) - 0.5) {
          const Index column =
              std::clamp<Index>(static_cast<Index>(std::floor(p.x)), 0, std::max<Index>(columns - 2, 0));
          const Index row = std::clamp<Index>(static_cast<Index>(std::floor(p.y)), 0, std::max<Index>(rows - 2, 0));
          const auto right = static_cast<float>(std::clamp(p.x - static_cast<double>(column), 0.0, 1.0));
          const auto down = static_cast<float>(std::clamp(p.y - static_cast<double>(row), 0.0, 1.0));
          tap = {row * columns + column,
                 {(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down}};
        }
        taps.push_back(tap);
      }
  const Index right = columns > 1 ? 1 : 0, below = rows > 1 ? columns : 0;
  double sum = 0, squares = 0;
  for (Index f = 0; f < options.frames; ++f) {
    const std::uint8_t* image = clip.data() + frame_between(first, last, f, options.frames) * rows * columns;
    const Tap* tap = taps.data();
    for (Index i = 0; i < area; ++i) {
      float value = 0;
      for (Index sub = 0; sub < steps * steps; ++sub, ++tap) {
        const std::uint8_t* pixel = image + tap->pixel;
        value += tap->weights[0] * static_cast<float>(pixel[0]) + tap->weights[1] * static_cast<float>(pixel[right]) +
                 tap->weights[2] * static_cast<float>(pixel[below]) +
                 tap->weights[3] * static_cast<float>(pixel[below + right]);
      }
      value /= static_cast<float>(steps * steps);
      x[f * area + i] = value;
      sum += static_cast<double>(value);
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
  }
  const double count = static_cast<double>(options.frames * area), mean = sum / count;
  const double deviation = std::sqrt(std::max(squares / count - mean * mean, 0.0));
  const auto scale = static_cast<float>(1 / std::max(deviation, 1e-3)), shift = static_cast<float>(mean);
  for (Index i = 0; i < options.frames * area; ++i) x[i] = (x[i] - shift) * scale;
}

}  // namespace systolic::echo
