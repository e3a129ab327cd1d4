#pragma once
// The pixels of medical images as files store them, and as numbers.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/point.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {

/// An image, or several of one size.
struct ImageStack {
  Tensor<float> pixels;  ///< [frame][row][column]
  echo::PixelSize size;  ///< mm
};

/// A number type of the NIfTI and MetaImage formats.
struct ImageElement {
  int nifti;              ///< its code there
  std::string_view meta;  ///< its name there
  int bytes;
  float (*little)(const void*);
  float (*big)(const void*);
};

namespace detail {

template <class T, std::endian order>
float load_pixel(const void* bytes) {
  return static_cast<float>(load<T, order>(bytes));
}
template <class T>
constexpr ImageElement image_element(int nifti, std::string_view meta) {
  return {nifti, meta, sizeof(T), load_pixel<T, std::endian::little>, load_pixel<T, std::endian::big>};
}

}  // namespace detail

inline constexpr ImageElement image_elements[] = {
    detail::image_element<std::uint8_t>(2, "MET_UCHAR"), detail::image_element<std::int8_t>(256, "MET_CHAR"),
    detail::image_element<std::int16_t>(4, "MET_SHORT"), detail::image_element<std::uint16_t>(512, "MET_USHORT"),
    detail::image_element<std::int32_t>(8, "MET_INT"),   detail::image_element<std::uint32_t>(768, "MET_UINT"),
    detail::image_element<float>(16, "MET_FLOAT"),       detail::image_element<double>(64, "MET_DOUBLE"),
};

/// `frames` images of rows x columns from the elements at the front of `bytes`: factor * element + offset. The Error is
/// the cause only: extents out of reach, too few bytes, a number that is not finite.
template <class = void>
inline Result<Tensor<float>> load_pixels(std::string_view bytes, const ImageElement& element, bool big, Index frames,
                                         Index rows, Index columns, float factor = 1, float offset = 0) {
  if (frames < 1 || rows < 1 || columns < 1 || rows > detail::largest_extent || columns > detail::largest_extent ||
      frames > detail::most_pixels / (rows * columns))
    return failure({"has an impossible size (", columns, " x ", rows, " x ", frames, ")"});
  const Index count = frames * rows * columns, held = static_cast<Index>(bytes.size()) / element.bytes;
  if (held < count) return failure({"has ", held, " pixels, not ", count});
  Tensor<float> pixels({frames, rows, columns});
  const auto load_one = big ? element.big : element.little;
  const char* next = bytes.data();
  for (float& pixel : pixels) {
    pixel = load_one(next) * factor + offset;
    if (!std::isfinite(pixel)) return Error{"has a pixel that is no finite number"};
    next += element.bytes;
  }
  return pixels;
}

/// Pixels as grey values, 0 to 255, rounded.
template <class = void>
inline Tensor<std::uint8_t> grey_values(const Tensor<float>& pixels) {
  Tensor<std::uint8_t> grey(pixels.shape());
  for (Index i = 0; i < pixels.size(); ++i)
    grey.data()[i] = static_cast<std::uint8_t>(std::lround(std::min(std::max(pixels.data()[i], 0.0f), 255.0f)));
  return grey;
}

}  // namespace systolic::io
