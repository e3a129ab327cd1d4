#pragma once
// PNG files of every kind of pixel, for tests of the reader. Needs libpng.

#include <png.h>

#include <cstdint>
#include <string>
#include <vector>

namespace testing {

/// How a PNG file holds its pixels.
struct PngKind {
  int color_type = PNG_COLOR_TYPE_GRAY;
  int depth = 8;
  bool interlaced = false;
  bool transparent = false;  ///< the first grey, colour or palette entry is see-through
};

/// A PNG file whose rows hold `row_bytes` bytes each, as PNG packs them; palettes have the colours (i, 2 i, 255 - i).
inline std::string png_file(int rows, int columns, const PngKind& kind, std::vector<unsigned char> bytes) {
  std::string file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp self, png_bytep part, std::size_t count) {
        static_cast<std::string*>(png_get_io_ptr(self))->append(reinterpret_cast<const char*>(part), count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(columns), static_cast<png_uint_32>(rows), kind.depth,
               kind.color_type, kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> palette;
  for (int i = 0; i < 1 << kind.depth && i < 256; ++i)
    palette.push_back({static_cast<png_byte>(i), static_cast<png_byte>(2 * i), static_cast<png_byte>(255 - i)});
  if (kind.color_type == PNG_COLOR_TYPE_PALETTE)
    png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  png_byte clear = 0;
  png_color_16 clear_color{};
  if (kind.transparent) png_set_tRNS(png, info, &clear, 1, &clear_color);
  png_write_info(png, info);
  std::vector<png_bytep> lines;
  const std::size_t stride = bytes.size() / static_cast<std::size_t>(rows);
  for (int row = 0; row < rows; ++row) lines.push_back(bytes.data() + static_cast<std::size_t>(row) * stride);
  png_write_image(png, lines.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

}  // namespace testing
