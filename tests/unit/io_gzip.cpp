#include "systolic/io/gzip.hpp"

#include <doctest/doctest.h>

#include "support/echo_data_sets.hpp"
#include "support/files.hpp"
#include "support/gzip_bytes.hpp"
#include "systolic/io/image_stack.hpp"

using namespace systolic;

using testing::gzip;

TEST_CASE("what was compressed comes back, in several members, too") {
  std::string plain;
  for (unsigned i = 0; i < 100000; ++i) plain += static_cast<char>(i * i % 251);
  CHECK(*io::gunzip(gzip(plain)) == plain);
  CHECK(*io::gunzip(gzip("one, ") + gzip("two") + std::string(7, '\0')) == "one, two");
  CHECK(*io::gunzip(gzip("")) == "");
}

TEST_CASE("damaged, cut short, too large") {
  const std::string plain(100000, 'a'), bytes = gzip(plain);
  CHECK(io::gunzip(bytes.substr(0, bytes.size() - 9)).error().message == "is compressed by gzip and is cut short");
  std::string damaged = bytes;
  damaged[bytes.size() - 6] ^= 1;
  CHECK(io::gunzip(damaged).error().message == "is compressed by gzip and is damaged");
  CHECK(io::gunzip("xyz").error().message == "is compressed by gzip and is damaged");
  CHECK(io::gunzip(bytes, 1000).error().message == "is compressed by gzip and holds more than 1000 bytes");
}

TEST_CASE("a compressed NIfTI file") {
  const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("a.nii.gz"), gzip(testing::nifti_file(testing::ventricle_mask(1))));
  const auto stack = io::read_image_stack(folder.path("a.nii.gz"));
  REQUIRE(stack);
  CHECK(stack->pixels.shape() == Shape{1, 100, 112});
  CHECK(stack->pixels(0, 50, 56) == 1);
}
