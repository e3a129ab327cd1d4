#include "systolic/io/video.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "support/files.hpp"
#include "support/video_bytes.hpp"
#include "systolic/io/frames.hpp"

using namespace systolic;

namespace {

/// A bright disk that moves over a slope.
Tensor<std::uint8_t> moving_disk(Index count, Index rows, Index columns) {
  Tensor<std::uint8_t> frames({count, rows, columns});
  for (Index t = 0; t < count; ++t)
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c) {
        const double distance =
            std::hypot(static_cast<double>(r) - 20 - static_cast<double>(t), static_cast<double>(c) - 24);
        frames(t, r, c) = static_cast<std::uint8_t>(
            std::lround(30 + static_cast<double>(c) / 2 + 180 / (1 + std::exp(distance - 9))));
      }
  return frames;
}

double mean_error(const Tensor<std::uint8_t>& a, const Tensor<std::uint8_t>& b) {
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i)
    sum += std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i]));
  return sum / static_cast<double>(a.size());
}

std::string cause(const std::string& path) {
  const auto clip = io::read_video(path);
  return clip ? "" : clip.error().message.substr(path.size() + 2);
}

}  // namespace

TEST_CASE("AVI and MP4 become grey frames, in order, with their rate") {
  const testing::TemporaryFolder folder;
  const Tensor<std::uint8_t> frames = moving_disk(12, 48, 64);
  const auto check = [&](const char* name, AVCodecID codec, AVPixelFormat pixels, AVRational rate, double most) {
    CAPTURE(name);
    const std::string path = folder.path(name);
    if (!testing::write_video(path, frames, codec, pixels, rate)) {
      MESSAGE("passed over: no such encoder for " << name);
      return;
    }
    const auto clip = io::read_clip_and_rate(path);
    if (!clip) FAIL(clip.error().message);
    REQUIRE(clip->frames.shape() == frames.shape());
    CHECK(clip->frames_a_second == doctest::Approx(av_q2d(rate)).epsilon(1e-3));
    CHECK(mean_error(clip->frames, frames) < most);
    CHECK(std::equal(clip->frames.begin(), clip->frames.end(), io::read_clip(path)->begin()));
  };
  check("mjpeg.avi", AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, {50, 1}, 1.5);  // as EchoNet-Dynamic's
  check("raw.avi", AV_CODEC_ID_RAWVIDEO, AV_PIX_FMT_BGR24, {25, 1}, 1e-9);
  check("lossless.mkv", AV_CODEC_ID_FFV1, AV_PIX_FMT_GRAY8, {30, 1}, 1e-9);
  check("limited.mkv", AV_CODEC_ID_FFV1, AV_PIX_FMT_YUV420P, {30, 1}, 0.6);
  check("h264.mp4", AV_CODEC_ID_H264, AV_PIX_FMT_YUV420P, {30000, 1001}, 2.5);
  check("mpeg4.mp4", AV_CODEC_ID_MPEG4, AV_PIX_FMT_YUV420P, {24, 1}, 2.5);
}

TEST_CASE("what is no video, or a damaged one, says why") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path("v.avi");
  REQUIRE(testing::write_video(path, moving_disk(20, 48, 64), AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, {50, 1}));
  const std::string whole = testing::read_bytes(path);
  testing::write_bytes(folder.path("cut.avi"), whole.substr(0, whole.size() / 2));
  CHECK(cause(folder.path("cut.avi")).find("is cut short") != std::string::npos);
  testing::write_bytes(folder.path("empty.avi"), "");
  CHECK(cause(folder.path("empty.avi")).starts_with("is no clip that can be read"));
  testing::write_bytes(folder.path("text.avi"), "hello, this is text and no video at all\n");
  CHECK(cause(folder.path("text.avi")).starts_with("is no clip that can be read"));
  testing::write_bytes(folder.path("head.avi"), whole.substr(0, 400));
  CHECK_FALSE(cause(folder.path("head.avi")).empty());
  CHECK(cause(folder.path("absent.avi")).starts_with("could not be opened"));
  CHECK(cause(folder.path("")) == "is a folder, not a file");
  int refused = 0;
  testing::for_each_damage(whole, 40, [&](const std::string& damaged) {
    testing::write_bytes(folder.path("bent.avi"), damaged);
    refused += !cause(folder.path("bent.avi")).empty();
  });
  CHECK(refused > 5);
}

TEST_CASE("a playlist opens no other file") {
  const testing::TemporaryFolder folder;
  const std::string inner = folder.path("v.avi");
  REQUIRE(testing::write_video(inner, moving_disk(2, 16, 16), AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, {50, 1}));
  testing::write_bytes(folder.path("list.avi"),
                       "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nv.avi\n#EXT-X-ENDLIST\n");
  CHECK_FALSE(io::read_video(folder.path("list.avi")));
  testing::write_bytes(folder.path("list.ffconcat"), "ffconcat version 1.0\nfile v.avi\n");
  CHECK_FALSE(io::read_video(folder.path("list.ffconcat")));
}
