#pragma once
// Grey images as PNG. Needs libpng (component systolic::png).

#include <png.h>

#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {
namespace detail {

/// What libpng says when it gives up. It leaves by a long jump: functions that it is called from hold nothing that
/// would have to be destroyed.
struct PngMessage {
  char text[160] = "";
};

template <class = void>
[[noreturn]] inline void stop_png(png_structp png, png_const_charp message) {
  auto* kept = static_cast<PngMessage*>(png_get_error_ptr(png));
  std::strncpy(kept->text, message, sizeof kept->text - 1);
  png_longjmp(png, 1);
}
inline void ignore_png_warning(png_structp, png_const_charp) {}

class PngReader {
 public:
  explicit PngReader(std::string_view bytes)
      : bytes_(bytes),
        png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &message_, &stop_png, &ignore_png_warning)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_)) {}
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  const char* message() const noexcept { return info_ == nullptr ? "not enough memory" : message_.text; }
  Index rows() const noexcept { return static_cast<Index>(png_get_image_height(png_, info_)); }
  Index columns() const noexcept { return static_cast<Index>(png_get_image_width(png_, info_)); }
  Index channels() const noexcept { return png_get_channels(png_, info_); }

  /// Reads up to the pixels, and asks for bytes of grey or red, green, blue.
  template <class = void>
  bool read_header() {
    if (info_ == nullptr) return false;
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, &PngReader::read);
    png_set_user_limits(png_, static_cast<png_uint_32>(largest_extent), static_cast<png_uint_32>(largest_extent));
    png_set_chunk_malloc_max(png_, 1 << 20);  // of what is no pixel: profiles, texts
    png_read_info(png_, info_);
    png_set_expand(png_);
    png_set_scale_16(png_);
    png_set_strip_alpha(png_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  /// Fills [rows][columns][channels].
  template <class = void>
  bool read_pixels(unsigned char* out) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    const std::size_t stride = png_get_rowbytes(png_, info_);
    for (int pass = 0; pass < passes_; ++pass)
      for (Index row = 0; row < rows(); ++row)
        png_read_row(png_, out + static_cast<std::size_t>(row) * stride, nullptr);
    png_read_end(png_, nullptr);  // verifies the last checksums
    return true;
  }

 private:
  template <class = void>
  static void read(png_structp png, png_bytep out, std::size_t count) {
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    if (reader->bytes_.size() < count) png_error(png, "the file ends too early");
    std::memcpy(out, reader->bytes_.data(), count);
    reader->bytes_.remove_prefix(count);
  }

  std::string_view bytes_;
  PngMessage message_;
  png_structp png_;
  png_infop info_;
  int passes_ = 1;
};

class PngWriter {
 public:
  PngWriter()
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &message_, &stop_png, &ignore_png_warning)),
        info_(png_ == nullptr ? nullptr : png_create_info_struct(png_)) {}
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }

  const char* message() const noexcept { return info_ == nullptr ? "not enough memory" : message_.text; }
  std::string take() { return std::move(bytes_); }

  template <class = void>
  bool write(const TensorView<const std::uint8_t>& image) {
    if (info_ == nullptr) return false;
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_write_fn(png_, this, &PngWriter::append, nullptr);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(image.shape()[1]), static_cast<png_uint_32>(image.shape()[0]), 8,
                 PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    for (Index row = 0; row < image.shape()[0]; ++row) png_write_row(png_, image.data() + row * image.shape()[1]);
    png_write_end(png_, nullptr);
    return true;
  }

 private:
  template <class = void>
  static void append(png_structp png, png_bytep bytes, std::size_t count) {
    bool kept = true;
    try {
      static_cast<PngWriter*>(png_get_io_ptr(png))->bytes_.append(reinterpret_cast<const char*>(bytes), count);
    } catch (const std::bad_alloc&) {
      kept = false;
    }
    if (!kept) png_error(png, "not enough memory");
  }

  PngMessage message_;
  std::string bytes_;
  png_structp png_;
  png_infop info_;
};

}  // namespace detail

inline constexpr std::string_view png_magic = "\x89PNG\r\n\x1A\n";

/// The image [row][column] in the bytes of a PNG file; `path` is named in errors. Grey, colour and palette images of 1
/// to 16 bits, interlaced or not, up to 16384 x 16384: 16 bits are scaled to 8, colours become their luma, transparency
/// is left out, numbers are taken as they stand (gamma and profiles are not applied).
template <class = void>
inline Result<Tensor<std::uint8_t>> parse_png(const std::string& path, std::string_view bytes) {
  if (!bytes.starts_with(png_magic)) return error_at(path, "", "is no PNG file");
  detail::PngReader reader(bytes);
  if (!reader.read_header()) return failure_at(path, "header", {"PNG cannot be read: ", reader.message()});
  const Index rows = reader.rows(), columns = reader.columns(), channels = reader.channels();
  // Deflate makes 1032 bytes of one, with at most 8 pixels each.
  if (rows * columns / (1032 * 8) > static_cast<Index>(bytes.size()))
    return failure_at(path, "header", {"promises ", rows, " x ", columns, " pixels, more than its bytes can hold"});
  std::vector<unsigned char> pixels(static_cast<std::size_t>(rows * columns * channels));
  if (!reader.read_pixels(pixels.data())) return failure_at(path, "pixels", {"PNG cannot be read: ", reader.message()});
  Tensor<std::uint8_t> image({rows, columns});
  const unsigned char* next = pixels.data();
  for (std::uint8_t& pixel : image) {
    pixel = channels < 3 ? *next : detail::grey_of(next[0], next[1], next[2]);
    next += channels;
  }
  return image;
}

template <class = void>
inline Result<Tensor<std::uint8_t>> read_png(const std::string& path) {
  const auto bytes = read_file(path, std::uint64_t{1} << 30);
  if (!bytes) return bytes.error();
  return parse_png(path, *bytes);
}

/// A grey image [row][column] as the bytes of a PNG file. An Error (the cause only) where it is empty or larger than
/// libpng allows.
template <class = void>
inline Result<std::string> png_bytes(TensorView<const std::uint8_t> image) {
  if (image.shape().rank() != 2 || image.size() == 0) return Error{"there is no image"};
  detail::PngWriter writer;
  if (!writer.write(image)) return failure({"PNG cannot be written: ", writer.message()});
  return writer.take();
}

/// Writes a grey image [row][column] as a PNG file.
inline Status write_png(const std::string& path, TensorView<const std::uint8_t> image) {
  const auto bytes = png_bytes(image);
  return bytes ? write_file_atomically(path, *bytes) : Status(error_at(path, "", bytes.error().message));
}

}  // namespace systolic::io
