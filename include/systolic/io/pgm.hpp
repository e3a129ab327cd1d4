#pragma once
// Grey images as binary PGM (P5). Format: netpbm, pgm(5).

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {
namespace detail {

/// A header field of a PGM: a number after blanks and comments.
template <class = void>
inline std::optional<Index> pgm_number(std::string_view& bytes) noexcept {
  for (;;) {
    while (!bytes.empty() && std::string_view(" \t\r\n").find(bytes.front()) != std::string_view::npos)
      bytes.remove_prefix(1);
    if (!bytes.starts_with('#')) break;
    bytes.remove_prefix(std::min(bytes.find('\n'), bytes.size()));
  }
  const std::size_t end = std::min(bytes.find_first_of(" \t\r\n#"), bytes.size());
  const auto number = parse_number<Index>(bytes.substr(0, end));
  bytes.remove_prefix(end);
  return number;
}

}  // namespace detail

/// The image [row][column] in the bytes of a PGM file; `path` is named in errors. Numbers up to the header's white
/// (255, or two bytes each up to 65535) become 0 to 255, rounded.
template <class = void>
inline Result<Tensor<std::uint8_t>> parse_pgm(const std::string& path, std::string_view bytes) {
  if (!bytes.starts_with("P5")) return error_at(path, "", "is no binary PGM (it does not begin with P5)");
  bytes.remove_prefix(2);
  const auto columns = detail::pgm_number(bytes), rows = detail::pgm_number(bytes), white = detail::pgm_number(bytes);
  const auto fits = [](const auto& extent) { return extent && *extent >= 1 && *extent <= detail::largest_extent; };
  if (!fits(columns) || !fits(rows)) return error_at(path, "header", "has no size from 1 to 16384");
  if (!white || *white < 1 || *white > 65535)
    return error_at(path, "header", "has no number of grey levels up to 65535");
  if (!bytes.empty()) bytes.remove_prefix(1);  // the one blank before the pixels
  const bool wide = *white > 255;
  const auto held = static_cast<Index>(bytes.size()) / (wide ? 2 : 1);
  if (held < *rows * *columns) return failure_at(path, "pixels", {"has ", held, " pixels, not ", *rows * *columns});
  Tensor<std::uint8_t> image({*rows, *columns});
  const auto* next = reinterpret_cast<const unsigned char*>(bytes.data());
  for (std::uint8_t& pixel : image) {
    Index value = *next++;
    if (wide) value = value << 8 | *next++;
    pixel = static_cast<std::uint8_t>((std::min(value, *white) * 255 + *white / 2) / *white);
  }
  return image;
}

template <class = void>
inline Result<Tensor<std::uint8_t>> read_pgm(const std::string& path) {
  const auto bytes = read_file(path, std::uint64_t{1} << 30);
  if (!bytes) return bytes.error();
  return parse_pgm(path, *bytes);
}

}  // namespace systolic::io
