#pragma once
// Images in MetaImage files: lines of "Key = value" (.mhd), and the numbers in a file of their own (.raw) or behind the
// header (.mha, "LOCAL"). Format: ITK's MetaIO documentation. Compressed ones are refused.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "systolic/io/csv_cells.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/image_elements.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {
namespace detail {

/// Up to four numbers of a value.
template <class = void>
inline std::array<double, 4> meta_numbers(std::string_view value) noexcept {
  std::array<double, 4> numbers{};
  TextReader words(value);
  for (double& number : numbers) number = parse_number<double>(words.word()).value_or(0);
  return numbers;
}

}  // namespace detail

/// Reads the header `bytes` of the file `path`, and its pixels. Axes as in NIfTI: columns, rows, frames.
template <class = void>
inline Result<ImageStack> parse_meta_image(const std::string& path, std::string_view bytes) {
  const auto fail = [&](std::string_view cause) { return error_at(path, "header", cause); };
  std::array<double, 4> extents{}, spacing{1, 1, 1, 1};
  Index axes = 0;
  bool big = false;
  const ImageElement* element = nullptr;
  std::string_view type, data;
  TextReader lines(bytes);
  while (!lines.at_end() && data.empty()) {
    TextReader line(lines.line());
    const std::string key = detail::plain_word(line.until("="));
    if (!line.accept('=')) return fail("has a line without '=': this is no MetaImage");
    const std::string_view value = line.rest();
    const bool yes = detail::plain_word(value) == "true";
    if (key == "ndims") axes = parse_number<Index>(value).value_or(0);
    if (key == "dimsize") extents = detail::meta_numbers(value);
    if (key == "elementspacing") spacing = detail::meta_numbers(value);
    if (key == "elementtype") type = value;
    if (key == "elementbyteordermsb" || key == "binarydatabyteordermsb") big = yes;
    if (key == "compresseddata" && yes) return fail("says that the pixels are compressed, which is not read");
    if (key == "elementnumberofchannels" && value != "1") return fail("has colours; grey images are read");
    if (key == "elementdatafile") data = value;
  }
  for (const ImageElement& known : image_elements)
    if (known.meta == type) element = &known;
  if (data.empty()) return fail("has no ElementDataFile: this is no MetaImage");
  if (element == nullptr) return fail("has elements of type " + in_quotes(type) + ", which is not read");
  if (axes < 2 || axes > 4) return fail("has no 2 to 4 axes");
  std::array<Index, 4> sizes{1, 1, 1, 1};
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(axes); ++axis) {
    if (!(extents[axis] >= 1 && extents[axis] <= 1e6)) return fail("has an axis without extent");
    sizes[axis] = static_cast<Index>(extents[axis]);
  }
  if (sizes[2] > 1 && sizes[3] > 1) return fail("has more than one axis beside rows and columns");
  if (!(spacing[0] > 0) || !(spacing[1] > 0)) return fail("has no size of a pixel");
  std::string loaded;
  std::string_view pixels;
  if (detail::plain_word(data) == "local") {
    pixels = bytes.substr(static_cast<std::size_t>(data.data() + data.size() - bytes.data()));
    pixels.remove_prefix(
        std::min(pixels.find('\n') == std::string_view::npos ? pixels.size() : pixels.find('\n') + 1, pixels.size()));
  } else {
    if (data.find('/') != std::string_view::npos) return fail("names pixels in another folder, which is not followed");
    auto content = read_file(split_path(path).first + std::string(data), std::uint64_t{1} << 32);
    if (!content) return content.error();
    loaded = std::move(*content);
    pixels = loaded;
  }
  auto values = load_pixels(pixels, *element, big, sizes[2] * sizes[3], sizes[1], sizes[0]);
  if (!values) return error_at(path, "", values.error().message);
  return ImageStack{std::move(*values), {spacing[1], spacing[0]}};
}

}  // namespace systolic::io
