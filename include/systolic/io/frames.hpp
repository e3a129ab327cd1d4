#pragma once
// Clips: an .npy of shape (frames, rows, columns), uint8, or a folder of frames as binary PGM files.

#include <dirent.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

namespace detail {

inline constexpr Index most_pixels = Index{1} << 31;  ///< of a clip
inline constexpr Index largest_extent = 16384;

/// A header field of a PGM: a number after blanks and comments.
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

/// Names of the folder's files that end in .pgm, in order; of numbers in names the values count ("9" before "10").
inline std::vector<std::string> pgm_names(const std::string& folder) {
  std::vector<std::string> names;
  if (DIR* directory = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(directory)) {
      const std::string name = entry->d_name;
      if (name.ends_with(".pgm") || name.ends_with(".PGM")) names.push_back(name);
    }
    ::closedir(directory);
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
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
    return a.size() - i != b.size() - j ? a.size() - i < b.size() - j : a < b;
  });
  return names;
}

}  // namespace detail

/// Reads a binary PGM (P5) of up to 255 grey levels: [rows][columns].
inline Result<Tensor<std::uint8_t>> read_pgm(const std::string& path) {
  const auto bytes = read_file(path, std::uint64_t{1} << 29);
  if (!bytes) return bytes.error();
  std::string_view left = *bytes;
  if (!left.starts_with("P5")) return error_at(path, "", "is no binary PGM (it does not begin with P5)");
  left.remove_prefix(2);
  const auto columns = detail::pgm_number(left), rows = detail::pgm_number(left), levels = detail::pgm_number(left);
  const auto fits = [](const auto& extent) { return extent && *extent >= 1 && *extent <= detail::largest_extent; };
  if (!fits(columns) || !fits(rows)) return error_at(path, "header", "has no size from 1 to 16384");
  if (!levels || *levels < 1 || *levels > 255)
    return error_at(path, "header", "has no number of grey levels up to 255");
  if (!left.empty()) left.remove_prefix(1);  // the one blank before the pixels
  if (static_cast<Index>(left.size()) < *rows * *columns)
    return failure_at(path, "pixels", {"has ", left.size(), " pixels, not ", *rows * *columns});
  Tensor<std::uint8_t> image({*rows, *columns});
  std::copy_n(left.data(), image.size(), reinterpret_cast<char*>(image.data()));
  return image;
}

/// Reads a clip as [frame][row][column]. Frames of a folder are its PGM files in the order of their names.
inline Result<Tensor<std::uint8_t>> read_clip(const std::string& path) {
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) {
    auto clip = read_npy<std::uint8_t>(path);
    if (!clip) return clip.error();
    const Shape& s = clip->shape();
    if (s.rank() != 3 || s.count() == 0)
      return error_at(path, "", "has shape " + s.text() + "; a clip is (frames, rows, columns)");
    return clip;
  }
  ::closedir(directory);
  const std::vector<std::string> names = detail::pgm_names(path);
  if (names.empty()) return error_at(path, "", "holds no .pgm file");
  Tensor<std::uint8_t> clip;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string file = path + (path.ends_with('/') ? "" : "/") + names[i];
    const auto frame = read_pgm(file);
    if (!frame) return frame.error();
    const Index rows = frame->shape()[0], columns = frame->shape()[1];
    if (i == 0) {
      if (static_cast<Index>(names.size()) > detail::most_pixels / (rows * columns))
        return error_at(path, "", "holds more than 2 GB of pixels");
      clip = Tensor<std::uint8_t>({static_cast<Index>(names.size()), rows, columns});
    } else if (rows != clip.shape()[1] || columns != clip.shape()[2]) {
      return failure_at(
          file, "",
          {"is ", rows, " x ", columns, " pixels, the first frame ", clip.shape()[1], " x ", clip.shape()[2]});
    }
    std::copy(frame->begin(), frame->end(), clip.begin() + static_cast<Index>(i) * frame->size());
  }
  return clip;
}

}  // namespace systolic::io
