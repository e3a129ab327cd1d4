#include "systolic/io/pgm.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/files.hpp"

using namespace systolic;

TEST_CASE("PGM of one and of two bytes a pixel") {
  const auto plain = io::parse_pgm("a", std::string("P5\n# a comment\n2 1\n255\n") + "\x07\xF0");
  REQUIRE(plain);
  CHECK(plain->shape() == Shape{1, 2});
  CHECK((*plain)(0, 0) == 7);
  CHECK((*plain)(0, 1) == 0xF0);
  const auto wide = io::parse_pgm("a", std::string("P5 2 2 65535\n") + std::string("\0\0\xFF\xFF\x80\x00\x00\x80", 8));
  REQUIRE(wide);
  CHECK((*wide)(0, 0) == 0);
  CHECK((*wide)(0, 1) == 255);
  CHECK((*wide)(1, 0) == 128);
  CHECK((*wide)(1, 1) == 0);
  // White is what the header says; more than white is white.
  const auto coarse = io::parse_pgm("a", std::string("P5 3 1 15\n") + std::string("\x00\x0F\x20", 3));
  REQUIRE(coarse);
  CHECK((*coarse)(0, 1) == 255);
  CHECK((*coarse)(0, 2) == 255);
}

TEST_CASE("what is no PGM says why") {
  const auto cause = [](const std::string& bytes) {
    const auto image = io::parse_pgm("a.pgm", bytes);
    return image ? "" : image.error().message;
  };
  CHECK(cause("P2 1 1 255\n0") == "a.pgm: is no binary PGM (it does not begin with P5)");
  CHECK(cause("P5 0 1 255\n") == "a.pgm: header: has no size from 1 to 16384");
  CHECK(cause("P5 99999999 99999999 255\n") == "a.pgm: header: has no size from 1 to 16384");
  CHECK(cause("P5 9 9 255\nxx") == "a.pgm: pixels: has 2 pixels, not 81");
  CHECK(cause("P5 1 2 65535\nabc") == "a.pgm: pixels: has 1 pixels, not 2");
  CHECK(cause("P5 1 1 65536\nab") == "a.pgm: header: has no number of grey levels up to 65535");
  CHECK(cause("P5") == "a.pgm: header: has no size from 1 to 16384");
  const testing::TemporaryFolder folder;
  CHECK_FALSE(io::read_pgm(folder.path("absent.pgm")));
  testing::write_bytes(folder.path("b.pgm"), "P5 1 1 255\nA");
  CHECK((*io::read_pgm(folder.path("b.pgm")))(0, 0) == 'A');
}
