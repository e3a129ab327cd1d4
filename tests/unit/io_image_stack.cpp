#include "systolic/io/image_stack.hpp"

#include <doctest/doctest.h>

#include "support/echo_data_sets.hpp"
#include "support/files.hpp"

using namespace systolic;

namespace {

Tensor<float> numbered(const Shape& shape) {
  Tensor<float> x(shape);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 200);
  return x;
}

}  // namespace

TEST_CASE("NIfTI: extents, size of a pixel, scale") {
  const Tensor<float> images = numbered({3, 4, 5});
  std::string bytes = testing::nifti_file(images);
  auto stack = io::parse_nifti("a.nii", bytes);
  REQUIRE(stack);
  CHECK(stack->pixels.shape() == Shape{3, 4, 5});
  CHECK(stack->size.row == doctest::Approx(0.5));
  CHECK(stack->size.column == doctest::Approx(0.4));
  for (Index i = 0; i < images.size(); ++i) CHECK(stack->pixels.data()[i] == images.data()[i]);
  const float slope = 0.5f, shift = 3;
  std::memcpy(bytes.data() + 112, &slope, 4);
  std::memcpy(bytes.data() + 116, &shift, 4);
  stack = io::parse_nifti("a.nii", bytes);
  REQUIRE(stack);
  CHECK(stack->pixels(1, 0, 0) == 13);
  const auto grey = io::grey_values(stack->pixels);
  CHECK(grey(0, 0, 1) == 4);  // 3.5, rounded away from 0
  // One image has one frame.
  CHECK(io::parse_nifti("a.nii", testing::nifti_file(numbered({4, 5})))->pixels.shape() == Shape{1, 4, 5});
}

TEST_CASE("NIfTI that cannot be read says why") {
  const std::string good = testing::nifti_file(numbered({3, 4, 5}));
  const auto cause = [](std::string bytes, std::size_t place, auto value) {
    std::memcpy(bytes.data() + place, &value, sizeof(value));
    const auto stack = io::parse_nifti("a", bytes);
    return stack ? "" : stack.error().message;
  };
  CHECK(io::parse_nifti("a", "short").error().message == "a: header: has fewer than 352 bytes: this is no NIfTI file");
  CHECK(cause(good, 0, std::int32_t{540}) == "a: header: does not begin with its own length: this is no NIfTI-1 file");
  CHECK(cause(good, 70, std::int16_t{128}) == "a: header: has numbers of type 128, which is not read");
  CHECK(cause(good, 46, std::int16_t{300}) == "a: has 60 pixels, not 6000");
  CHECK(cause(good, 42, std::int16_t{-5}) == "a: header: has an axis without extent");
  CHECK(cause(good, 108, std::nanf("")) == "a: header: places the image outside the file");
  CHECK(cause(good, 80, 0.0f) == "a: header: has no size of a pixel");
  CHECK(cause(good, 344, 'x') == "a: header: says that the image is in another file, which is not read");
}

TEST_CASE("MetaImage: pixels in a file of their own, or behind the header") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path("a.mhd");
  const std::string header =
      "ObjectType = Image\nNDims = 3\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
      "ElementSpacing = 0.4 0.5 1\nDimSize = 3 2 1\nElementType = MET_SHORT\n";
  testing::write_bytes(path, header + "ElementDataFile = a.raw\n");
  testing::write_bytes(folder.path("a.raw"), std::string("\x01\0\x02\0\x03\0\x04\0\x05\0\xFF\xFF", 12));
  const auto stack = io::read_image_stack(path);
  REQUIRE(stack);
  CHECK(stack->pixels.shape() == Shape{1, 2, 3});
  CHECK(stack->pixels(0, 1, 0) == 4);
  CHECK(stack->pixels(0, 1, 2) == -1);
  CHECK(stack->size.row == doctest::Approx(0.5));
  const auto local = io::parse_meta_image("b.mha", header + "ElementDataFile = LOCAL\n" + std::string(12, '\1'));
  REQUIRE(local);
  CHECK(local->pixels(0, 0, 0) == 257);

  const auto cause = [&](const std::string& text) { return io::parse_meta_image("a", text).error().message; };
  CHECK(cause(header) == "a: header: has no ElementDataFile: this is no MetaImage");
  CHECK(cause("something\n") == "a: header: has a line without '=': this is no MetaImage");
  CHECK(cause(header + "ElementDataFile = ../x.raw\n") ==
        "a: header: names pixels in another folder, which is not followed");
  CHECK(cause("CompressedData = True\n") == "a: header: says that the pixels are compressed, which is not read");
  CHECK(cause(header + "ElementDataFile = none.raw\n").find("none.raw: could not be opened") != std::string::npos);
  CHECK(cause(header + "ElementDataFile = LOCAL\nxyz") == "a: has 1 pixels, not 6");
}
