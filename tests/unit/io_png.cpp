#include "systolic/io/png.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/files.hpp"
#include "support/png_bytes.hpp"
#include "systolic/core/random.hpp"

using namespace systolic;
using testing::png_file;

namespace {

std::vector<int> pixels(const std::string& file) {
  const auto image = io::parse_png("a.png", file);
  if (!image) FAIL(image.error().message);
  return {image->begin(), image->end()};
}

}  // namespace

TEST_CASE("what is written reads back, to the last pixel") {
  const testing::TemporaryFolder folder;
  Random random(5, 1);
  for (const Shape& size : {Shape{1, 1}, Shape{37, 53}, Shape{256, 256}}) {
    Tensor<std::uint8_t> image(size);
    for (std::uint8_t& pixel : image) pixel = static_cast<std::uint8_t>(random.uniform(0, 256));
    REQUIRE(io::write_png(folder.path("a.png"), image.view()));
    const auto read = io::read_png(folder.path("a.png"));
    REQUIRE(read);
    REQUIRE(read->shape() == size);
    CHECK(std::equal(image.begin(), image.end(), read->begin()));
  }
  CHECK_FALSE(io::png_bytes(Tensor<std::uint8_t>({0, 4}).view()));
  CHECK_FALSE(io::png_bytes(Tensor<std::uint8_t>({2, 2, 2}).view()));
}

TEST_CASE("grey of 1 to 16 bits, colours, palettes, transparency, interlaced or not") {
  for (const bool interlaced : {false, true}) {
    CAPTURE(interlaced);
    const auto file = [&](int type, int depth, bool clear, int columns, std::vector<unsigned char> bytes) {
      return png_file(2, columns, {type, depth, interlaced, clear}, std::move(bytes));
    };
    CHECK(pixels(file(PNG_COLOR_TYPE_GRAY, 8, false, 2, {1, 2, 3, 255})) == std::vector<int>{1, 2, 3, 255});
    CHECK(pixels(file(PNG_COLOR_TYPE_GRAY, 8, true, 2, {0, 2, 3, 255})) == std::vector<int>{0, 2, 3, 255});
    CHECK(pixels(file(PNG_COLOR_TYPE_GRAY, 1, false, 2, {0x80, 0x40})) == std::vector<int>{255, 0, 0, 255});
    CHECK(pixels(file(PNG_COLOR_TYPE_GRAY, 4, false, 2, {0x0F, 0x18})) == std::vector<int>{0, 255, 17, 136});
    CHECK(pixels(file(PNG_COLOR_TYPE_GRAY, 16, false, 2, {0, 0, 0xFF, 0xFF, 0x80, 0x00, 0x01, 0xFF})) ==
          std::vector<int>{0, 255, 128, 2});
    CHECK(pixels(file(PNG_COLOR_TYPE_GRAY_ALPHA, 8, false, 2, {9, 0, 8, 255, 7, 1, 6, 2})) ==
          std::vector<int>{9, 8, 7, 6});
    CHECK(pixels(file(PNG_COLOR_TYPE_RGB, 8, false, 2, {255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90})) ==
          std::vector<int>{76, 150, 29, 90});
    CHECK(pixels(file(PNG_COLOR_TYPE_RGB_ALPHA, 8, false, 1, {255, 0, 0, 1, 0, 255, 0, 0})) ==
          std::vector<int>{76, 150});
    const auto palette = [](int i) { return (299 * i + 587 * 2 * i + 114 * (255 - i) + 500) / 1000; };
    CHECK(pixels(file(PNG_COLOR_TYPE_PALETTE, 8, true, 2, {0, 1, 2, 100})) ==
          std::vector<int>{palette(0), palette(1), palette(2), palette(100)});
    CHECK(pixels(file(PNG_COLOR_TYPE_PALETTE, 2, false, 2, {0x10, 0xB0})) ==
          std::vector<int>{palette(0), palette(1), palette(2), palette(3)});
  }
}

TEST_CASE("what is no PNG says why") {
  const auto cause = [](const std::string& bytes) {
    const auto image = io::parse_png("a.png", bytes);
    return image ? "" : image.error().message;
  };
  std::vector<unsigned char> noise(64 * 64);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<unsigned char>(i * i * 31);
  const std::string whole = png_file(64, 64, {}, noise);
  CHECK(cause("P5 1 1 255\nA") == "a.png: is no PNG file");
  CHECK(cause("") == "a.png: is no PNG file");
  CHECK(cause(whole.substr(0, 20)) == "a.png: header: PNG cannot be read: the file ends too early");
  CHECK(cause(whole.substr(0, whole.size() / 2)) == "a.png: pixels: PNG cannot be read: the file ends too early");
  std::string bent = whole;
  bent[whole.size() / 2] = static_cast<char>(bent[whole.size() / 2] ^ 1);
  CHECK(cause(bent).starts_with("a.png: pixels: PNG cannot be read: "));
  std::string huge = whole;  // a width of 2^24, with the wrong checksum for it
  huge[17] = 1;
  CHECK(cause(huge).starts_with("a.png: header: PNG cannot be read: "));
  int refused = 0;
  testing::for_each_damage(whole, 300, [&](const std::string& damaged) { refused += !cause(damaged).empty(); });
  CHECK(refused > 280);
}

TEST_CASE("an image that promises more pixels than its bytes can hold takes no memory") {
  // 16384 x 16384 of one bit; the rows are missing.
  std::string file = png_file(1, 1, {PNG_COLOR_TYPE_GRAY, 1}, {0});
  const auto put = [&](std::size_t place, std::uint32_t number) {
    for (int i = 0; i < 4; ++i) file[place + static_cast<std::size_t>(i)] = static_cast<char>(number >> (24 - 8 * i));
  };
  put(16, 16384);
  put(20, 16384);
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(file[i]);
    for (int k = 0; k < 8; ++k) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0u);
  }
  put(29, ~crc);
  const auto image = io::parse_png("a.png", file);
  REQUIRE_FALSE(image);
  CHECK(image.error().message == "a.png: header: promises 16384 x 16384 pixels, more than its bytes can hold");
}
