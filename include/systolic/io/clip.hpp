#pragma once
// A clip: the frames of a video or of a folder of images, as grey values.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "systolic/core/tensor.hpp"

namespace systolic::io {

/// Frames [frame][row][column], grey values 0 (black) to 255.
struct Clip {
  Tensor<std::uint8_t> frames;
  double frames_a_second = 0;  ///< as a video states it; 0: not known
};

namespace detail {

inline constexpr Index most_pixels = Index{1} << 31;  ///< of a clip
inline constexpr Index largest_extent = 16384;        ///< rows or columns of a frame

/// The grey of a colour by its luma (ITU-R BT.601), rounded.
constexpr std::uint8_t grey_of(unsigned red, unsigned green, unsigned blue) noexcept {
  return static_cast<std::uint8_t>((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

}  // namespace detail

/// "frame2" before "frame10": runs of digits count as numbers. Names that differ in leading zeros only are ordered by
/// length, so that any two different names have an order.
template <class = void>
inline bool natural_less(std::string_view a, std::string_view b) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    while (i < a.size() && a[i] == '0') ++i;
    while (j < b.size() && b[j] == '0') ++j;
    const std::size_t a_start = i, b_start = j;
    while (i < a.size() && is_digit(a[i])) ++i;
    while (j < b.size() && is_digit(b[j])) ++j;
    if (i - a_start != j - b_start) return i - a_start < j - b_start;
    const int order = a.compare(a_start, i - a_start, b, b_start, j - b_start);
    if (order != 0) return order < 0;
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace systolic::io
