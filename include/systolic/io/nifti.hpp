#pragma once
// Images in NIfTI-1 files: a header of 348 bytes, then the numbers, columns first. Of the header the extents, the
// number type, the scale and the size of a pixel are used; orientation is left alone. Format: nifti1.h of the NIfTI
// working group.

#include <string>
#include <string_view>

#include "systolic/io/image_elements.hpp"

namespace systolic::io {
namespace detail {

template <class T>
T nifti_field(std::string_view bytes, std::size_t place, bool big) noexcept {
  return big ? load<T, std::endian::big>(bytes.data() + place) : load<T>(bytes.data() + place);
}

}  // namespace detail

/// The images in the bytes of a .nii file: its first axis is along the columns, the second along the rows, the third or
/// fourth, whichever is longer than 1, over frames. `path` is named in errors.
template <class = void>
inline Result<ImageStack> parse_nifti(const std::string& path, std::string_view bytes) {
  constexpr std::size_t header = 348;
  const auto fail = [&](std::string_view cause) { return error_at(path, "header", cause); };
  if (bytes.size() < header + 4) return fail("has fewer than 352 bytes: this is no NIfTI file");
  const bool big = load<std::int32_t, std::endian::big>(bytes.data()) == static_cast<std::int32_t>(header);
  if (!big && load<std::int32_t>(bytes.data()) != static_cast<std::int32_t>(header))
    return fail("does not begin with its own length: this is no NIfTI-1 file");
  if (bytes.substr(344, 3) != "n+1") return fail("says that the image is in another file, which is not read");
  Index extents[5] = {1, 1, 1, 1, 1};
  const int axes = detail::nifti_field<std::int16_t>(bytes, 40, big);
  if (axes < 2 || axes > 7) return fail("names no 2 to 7 axes");
  for (int axis = 0; axis < axes; ++axis) {
    const Index extent = detail::nifti_field<std::int16_t>(bytes, 42 + 2 * static_cast<std::size_t>(axis), big);
    if (extent < 1) return fail("has an axis without extent");
    extents[std::min(axis, 4)] *= extent;
  }
  if (extents[4] > 1 || (extents[2] > 1 && extents[3] > 1))
    return fail("has more than one axis beside rows and columns");
  const int code = detail::nifti_field<std::int16_t>(bytes, 70, big);
  const ImageElement* element = nullptr;
  for (const ImageElement& known : image_elements)
    if (known.nifti == code) element = &known;
  if (element == nullptr) return failure_at(path, "header", {"has numbers of type ", code, ", which is not read"});
  const float offset = detail::nifti_field<float>(bytes, 108, big);
  if (!(offset >= static_cast<float>(header)) || offset > static_cast<float>(bytes.size()))
    return fail("places the image outside the file");
  float slope = detail::nifti_field<float>(bytes, 112, big), shift = detail::nifti_field<float>(bytes, 116, big);
  if (!std::isfinite(slope) || slope == 0 || !std::isfinite(shift)) {
    slope = 1;  // as the format says of a slope of 0: not used
    shift = 0;
  }
  ImageStack stack;
  auto pixels = load_pixels(bytes.substr(static_cast<std::size_t>(offset)), *element, big, extents[2] * extents[3],
                            extents[1], extents[0], slope, shift);
  if (!pixels) return error_at(path, "", pixels.error().message);
  stack.pixels = std::move(*pixels);
  const float width = detail::nifti_field<float>(bytes, 80, big), height = detail::nifti_field<float>(bytes, 84, big);
  if (!(width > 0) || !(height > 0) || !std::isfinite(width) || !std::isfinite(height))
    return fail("has no size of a pixel");
  stack.size = {static_cast<double>(height), static_cast<double>(width)};
  return stack;
}

}  // namespace systolic::io
