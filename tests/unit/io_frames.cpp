#include "systolic/io/frames.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/files.hpp"

using namespace systolic;

namespace {

template <class T>
std::string cause(const Result<T>& result) {
  return result ? std::string() : result.error().message;
}

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a folder of frames: natural order, one size, other files passed over") {
  const testing::TemporaryFolder folder;
  const auto put = [&](const char* name, const std::string& bytes) { testing::write_bytes(folder.path(name), bytes); };
  CHECK(contains(cause(io::read_clip(folder.path(""))), "holds no .png or .pgm file"));
  put("f10.pgm", std::string("P5 2 1 255\n") + "\x09\x0A");
  put("f9.PGM", std::string("P5\n# a comment\n2 1\n255\n") + "\x07\x08");
  put("f010b.pgm", std::string("P5 2 1 255\n") + "\x0B\x0C");
  put("truth.json", "{}");
  put(".hidden.pgm", "no image");
  const auto clip = io::read_clip_and_rate(folder.path(""));
  REQUIRE(clip);
  CHECK(clip->frames.shape() == Shape{3, 1, 2});
  CHECK(clip->frames(0, 0, 0) == 7);
  CHECK(clip->frames(1, 0, 1) == 10);
  CHECK(clip->frames(2, 0, 0) == 11);
  CHECK(clip->frames_a_second == 0);
  put("f11.pgm", "P5 3 1 255\nabc");
  CHECK(contains(cause(io::read_clip(folder.path(""))), "f11.pgm: is 1 x 3 pixels, the first frame 1 x 2"));
  put("f11.pgm", "P5 2 1 255\na");
  CHECK(contains(cause(io::read_clip(folder.path(""))), "f11.pgm: pixels: has 1 pixels, not 2"));
  put("f11.pgm", "text");
  CHECK(contains(cause(io::read_clip(folder.path(""))), "f11.pgm: is neither a PNG file nor a binary PGM"));
}

TEST_CASE("the content tells a clip's format, not its name") {
  const testing::TemporaryFolder folder;
  Tensor<std::uint8_t> frames({2, 3, 4});
  frames(1, 2, 3) = 200;
  REQUIRE(io::write_npy(folder.path("clip.avi"), frames));
  const auto read = io::read_clip(folder.path("clip.avi"));
  REQUIRE(read);
  CHECK((*read)(1, 2, 3) == 200);

  Tensor<std::uint8_t> flat({2, 3});
  REQUIRE(io::write_npy(folder.path("flat.npy"), flat));
  CHECK(contains(cause(io::read_clip(folder.path("flat.npy"))), "a clip is (frames, rows, columns)"));
  CHECK(contains(cause(io::read_clip(folder.path("absent.npy"))), "could not be opened"));
  testing::write_bytes(folder.path("one"), "P5 2 1 255\nab");
  CHECK(contains(cause(io::read_clip(folder.path("one"))), "is one image; a clip is a folder of them"));
  testing::write_bytes(folder.path("d"), std::string(128, '\0') + "DICM");
  CHECK(contains(cause(io::read_clip(folder.path("d"))), "is DICOM, of which no images are read"));
  testing::write_bytes(folder.path("t"), "some text");
  CHECK(contains(cause(io::read_clip(folder.path("t"))), "is no clip that can be read"));
  testing::write_bytes(folder.path("v"), "RIFF    AVI LIST");
#ifdef SYSTOLIC_WITH_VIDEO
  CHECK_FALSE(cause(io::read_clip(folder.path("v"))).empty());
#else
  CHECK(contains(cause(io::read_clip(folder.path("v"))), "is a video (AVI); reading it needs FFmpeg's libraries"));
#endif
}

TEST_CASE("PNG frames, alone and among PGM files") {
  const testing::TemporaryFolder folder;
  testing::write_bytes(folder.path("f2.pgm"), "P5 2 1 255\nab");
#ifdef SYSTOLIC_WITH_PNG
  Tensor<std::uint8_t> image({1, 2});
  image(0, 1) = 77;
  REQUIRE(io::write_png(folder.path("f10.png"), image.view()));
  const auto clip = io::read_clip(folder.path(""));
  REQUIRE(clip);
  REQUIRE(clip->shape() == Shape{2, 1, 2});
  CHECK((*clip)(0, 0, 0) == 'a');
  CHECK((*clip)(1, 0, 1) == 77);
#else
  testing::write_bytes(folder.path("f10.png"), "\x89PNG\r\n\x1A\n");
  CHECK(contains(cause(io::read_clip(folder.path(""))), "is PNG; reading it needs libpng (component systolic::png)"));
#endif
}
