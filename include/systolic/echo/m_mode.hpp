#pragma once
// The anatomical M-mode image: what a scan line sees in the frames around a key frame, a column a frame; and the walls'
// dimensions from landmarks in it.

#include <algorithm>
#include <array>
#include <cstdint>

#include "systolic/echo/scan_line.hpp"

namespace systolic::echo {

inline constexpr Index m_mode_columns = 64;
inline constexpr Index anchor_column = 32;  ///< the column of the key frame

/// The grey value between pixels, from the four around. frame [rows][columns]; places outside take the border's.
template <class = void>
inline double sample_bilinear(const std::uint8_t* frame, Index rows, Index columns, Point p) noexcept {
  const double x = std::clamp(p.x, 0.0, static_cast<double>(columns - 1));
  const double y = std::clamp(p.y, 0.0, static_cast<double>(rows - 1));
  const auto left = std::min(static_cast<Index>(x), std::max<Index>(0, columns - 2));
  const auto top = std::min(static_cast<Index>(y), std::max<Index>(0, rows - 2));
  const Index right = std::min(left + 1, columns - 1), bottom = std::min(top + 1, rows - 1);
  const double fx = x - static_cast<double>(left), fy = y - static_cast<double>(top);
  const auto grey = [&](Index r, Index c) { return static_cast<double>(frame[r * columns + c]); };
  return (1 - fy) * ((1 - fx) * grey(top, left) + fx * grey(top, right)) +
         fy * ((1 - fx) * grey(bottom, left) + fx * grey(bottom, right));
}

/// The frame that a column shows: the key frame at column 32, 32 frames before and 31 behind it; the clip is taken for
/// one cycle that repeats. (The published code shows the key frame twice, in columns 31 and 32.)
inline Index frame_of_column(Index column, Index key_frame, Index frames) noexcept {
  const Index frame = (key_frame + column - anchor_column) % frames;
  return frame < 0 ? frame + frames : frame;
}

/// clip [frame][row][column], grey values -> [line.count][64], 0 to 255. Requires 0 <= key_frame < frames.
template <class = void>
inline Tensor<float> anatomical_m_mode(TensorView<const std::uint8_t> clip, const ScanLine& line, Index key_frame) {
  const Index frames = clip.shape()[0], rows = clip.shape()[1], columns = clip.shape()[2];
  Tensor<float> image({line.count, m_mode_columns});
  for (Index c = 0; c < m_mode_columns; ++c) {
    const std::uint8_t* frame = clip.data() + frame_of_column(c, key_frame, frames) * rows * columns;
    for (Index r = 0; r < line.count; ++r)
      image(r, c) = static_cast<float>(sample_bilinear(frame, rows, columns, line.at(static_cast<double>(r))));
  }
  return image;
}

/// Interventricular septum, inner diameter of the left ventricle, posterior wall.
struct Dimensions {
  double ivs_mm = 0, lvid_mm = 0, lvpw_mm = 0;
};

/// From the samples of the four landmarks along the line (outer septum, inner septum, inner and outer posterior wall),
/// fractions of samples included. Pixels need not be square: distances are taken in mm.
template <class = void>
inline Dimensions measure_dimensions(const ScanLine& line, const std::array<double, 4>& samples,
                                     const PixelSize& size) noexcept {
  std::array<Point, 4> points;
  for (std::size_t i = 0; i < 4; ++i) points[i] = in_millimetres(line.at(samples[i]), size);
  return {distance(points[0], points[1]), distance(points[1], points[2]), distance(points[2], points[3])};
}

}  // namespace systolic::echo
