#pragma once
// Videos as clips: whatever FFmpeg's libraries decode of AVI, MP4, QuickTime, Matroska, MPEG, ASF and GIF files. Needs
// libavformat, libavcodec and libswscale (component systolic::video).

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/clip.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {
namespace detail {

template <class = void>
inline std::string video_message(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = "";
  av_strerror(code, text, sizeof text);
  return text;
}

/// How FFmpeg reads: by these functions, from this file and from nothing else.
struct VideoSource {
  InputFile file;
  std::int64_t place = 0;

  template <class = void>
  static int read(void* source, std::uint8_t* out, int count) {
    auto& self = *static_cast<VideoSource*>(source);
    const std::int64_t left = static_cast<std::int64_t>(self.file.size()) - self.place;
    if (left <= 0) return AVERROR_EOF;
    count = static_cast<int>(std::min<std::int64_t>(count, left));
    if (!self.file.read(static_cast<std::uint64_t>(self.place), out, static_cast<std::size_t>(count)))
      return AVERROR(EIO);
    self.place += count;
    return count;
  }
  template <class = void>
  static std::int64_t seek(void* source, std::int64_t offset, int whence) {
    auto& self = *static_cast<VideoSource*>(source);
    const auto size = static_cast<std::int64_t>(self.file.size());
    if ((whence & AVSEEK_SIZE) != 0) return size;
    const int from = whence & ~AVSEEK_FORCE;
    const std::int64_t start = from == SEEK_SET ? 0 : from == SEEK_CUR ? self.place : size;
    if (offset < -start || offset > (std::int64_t{1} << 60) - start) return AVERROR(EINVAL);
    return self.place = start + offset;
  }
};

struct VideoDeleter {
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
template <class T>
using VideoPointer = std::unique_ptr<T, VideoDeleter>;

/// Turns decoded pictures into grey ones.
class GreyPictures {
 public:
  /// Appends the frame's pixels to `out`, rows of `columns`. False where its kind of pixel is not known.
  template <class = void>
  bool append(const AVFrame& frame, std::vector<std::uint8_t>& out) {
    const auto kind = static_cast<AVPixelFormat>(frame.format);
    const AVPixFmtDescriptor* about = av_pix_fmt_desc_get(kind);
    if (about == nullptr) return false;
    const std::size_t start = out.size();
    out.resize(start + static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height));
    return has_luma_plane(*about) ? (copy_luma(frame, *about, out.data() + start), true)
                                  : convert(frame, kind, out.data() + start);
  }

 private:
  template <class = void>
  static bool has_luma_plane(const AVPixFmtDescriptor& about) noexcept {
    constexpr std::uint64_t others = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL |
                                     AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BAYER;
    return (about.flags & others) == 0 && about.comp[0].depth == 8 && about.comp[0].step == 1 &&
           about.comp[0].offset == 0 && about.comp[0].plane == 0;
  }

  /// Luma is grey already; that of most compressed videos runs from 16 to 235.
  template <class = void>
  static void copy_luma(const AVFrame& frame, const AVPixFmtDescriptor& about, std::uint8_t* out) {
    const bool limited =
        frame.color_range == AVCOL_RANGE_MPEG || (frame.color_range != AVCOL_RANGE_JPEG && about.nb_components >= 3 &&
                                                  std::string(about.name).rfind("yuvj", 0) != 0);
    for (int row = 0; row < frame.height; ++row) {
      const std::uint8_t* line = frame.data[0] + static_cast<std::ptrdiff_t>(row) * frame.linesize[0];
      for (int column = 0; column < frame.width; ++column) {
        const int value = line[column];
        *out++ = static_cast<std::uint8_t>(limited ? std::clamp(((value - 16) * 255 + 109) / 219, 0, 255) : value);
      }
    }
  }

  template <class = void>
  bool convert(const AVFrame& frame, AVPixelFormat kind, std::uint8_t* out) {
    if (!scaler_ || kind != kind_ || frame.width != width_ || frame.height != height_) {
      scaler_.reset(sws_getContext(frame.width, frame.height, kind, frame.width, frame.height, AV_PIX_FMT_RGB24,
                                   SWS_POINT | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
      kind_ = kind, width_ = frame.width, height_ = frame.height;
      stride_ = (3 * width_ + 63) / 64 * 64;  // what its fast paths may touch
      colours_.resize(static_cast<std::size_t>(stride_) * static_cast<std::size_t>(height_) + 64);
    }
    if (!scaler_) return false;
    std::uint8_t* planes[] = {colours_.data(), nullptr, nullptr, nullptr};
    const int strides[] = {stride_, 0, 0, 0};
    if (sws_scale(scaler_.get(), frame.data, frame.linesize, 0, height_, planes, strides) != height_) return false;
    for (int row = 0; row < height_; ++row) {
      const std::uint8_t* next = colours_.data() + static_cast<std::ptrdiff_t>(row) * stride_;
      for (int column = 0; column < width_; ++column, next += 3) *out++ = grey_of(next[0], next[1], next[2]);
    }
    return true;
  }

  VideoPointer<SwsContext> scaler_;
  AVPixelFormat kind_ = AV_PIX_FMT_NONE;
  int width_ = 0, height_ = 0, stride_ = 0;
  std::vector<std::uint8_t> colours_;
};

/// The file's container, opened, and a decoder of its best video stream.
struct OpenVideo {
  std::unique_ptr<VideoSource> source;
  VideoPointer<AVIOContext> io;
  VideoPointer<AVFormatContext> format;
  VideoPointer<AVCodecContext> codec;
  AVStream* stream = nullptr;
};

/// Containers that hold videos. Playlists, which name other files and addresses, are not among them.
inline constexpr const char* video_containers = "avi,mov,matroska,mpeg,mpegts,asf,gif";

template <class = void>
inline Result<OpenVideo> open_video(const std::string& path) {
  auto file = InputFile::open(path);
  if (!file) return file.error();
  av_log_set_level(AV_LOG_QUIET);
  const auto refuse = [&](const char* what, int code) { return failure_at(path, "", {what, video_message(code)}); };
  OpenVideo video;
  video.source = std::make_unique<VideoSource>(VideoSource{std::move(*file)});
  constexpr int buffer_size = 1 << 16;
  auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_size));
  if (buffer == nullptr) return refuse("", AVERROR(ENOMEM));
  video.io.reset(
      avio_alloc_context(buffer, buffer_size, 0, video.source.get(), &VideoSource::read, nullptr, &VideoSource::seek));
  if (!video.io) {
    av_free(buffer);
    return refuse("", AVERROR(ENOMEM));
  }
  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) return refuse("", AVERROR(ENOMEM));
  format->pb = video.io.get();
  format->format_whitelist = av_strdup(video_containers);
  // Nothing in the file may open another.
  format->io_open = [](AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); };
  int code = avformat_open_input(&format, nullptr, nullptr, nullptr);  // frees the context where it fails
  if (code < 0) return refuse("is no clip that can be read (an .npy, a folder of PNG or PGM frames, a video): ", code);
  video.format.reset(format);
  if (code = avformat_find_stream_info(format, nullptr); code < 0) return refuse("video cannot be read: ", code);
  const AVCodec* decoder = nullptr;
  const int index = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
  if (index < 0) return error_at(path, "", "holds no video that can be decoded");
  video.stream = format->streams[index];
  video.codec.reset(avcodec_alloc_context3(decoder));
  if (!video.codec) return refuse("", AVERROR(ENOMEM));
  if (code = avcodec_parameters_to_context(video.codec.get(), video.stream->codecpar); code >= 0) {
    video.codec->thread_count = 1;
    video.codec->max_pixels = largest_extent * largest_extent;
    code = avcodec_open2(video.codec.get(), decoder, nullptr);
  }
  if (code < 0) return refuse("its decoder cannot be opened: ", code);
  return video;
}

}  // namespace detail

/// Reads a video: all frames, in the order in which they are shown, as grey values (luma; colours by ITU-R BT.601), and
/// the frame rate that the file states. Refused: frames that cannot be decoded, frames of several sizes, more than
/// 16384 rows or columns, more than 2 GB of pixels. FFmpeg's own messages are switched off for the process; nothing but
/// the file itself is opened, whatever it refers to.
template <class = void>
inline Result<Clip> read_video(const std::string& path) {
  auto video = detail::open_video(path);
  if (!video) return video.error();
  detail::VideoPointer<AVFrame> frame(av_frame_alloc());
  detail::VideoPointer<AVPacket> packet(av_packet_alloc());
  if (!frame || !packet) return error_at(path, "", "not enough memory");

  std::vector<std::uint8_t> pixels;
  detail::GreyPictures pictures;
  Index count = 0, rows = 0, columns = 0;
  const auto place = [&] { return joined({"frame ", count}); };
  /// Takes what the decoder has ready.
  const auto receive = [&]() -> Status {
    for (;;) {
      const int code = avcodec_receive_frame(video->codec.get(), frame.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
      if (code < 0) return error_at(path, place(), "cannot be decoded: " + detail::video_message(code));
      if ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0)
        return error_at(path, place(), "is damaged");
      if (count == 0) rows = frame->height, columns = frame->width;
      if (frame->height != rows || frame->width != columns)
        return failure_at(
            path, place(),
            {"is ", frame->height, " x ", frame->width, " pixels, the first frame ", rows, " x ", columns});
      if (rows < 1 || columns < 1 || rows > detail::largest_extent || columns > detail::largest_extent)
        return failure_at(path, place(), {"is ", rows, " x ", columns, " pixels; 1 to 16384 are read"});
      if ((count + 1) * rows * columns > detail::most_pixels)
        return error_at(path, "", "holds more than 2 GB of pixels");
      if (!pictures.append(*frame, pixels)) return error_at(path, place(), "has pixels of an unknown kind");
      ++count;
      av_frame_unref(frame.get());
    }
  };
  for (;;) {
    int code = av_read_frame(video->format.get(), packet.get());
    if (code == AVERROR_EOF) break;
    if (code < 0) return error_at(path, place(), "cannot be read: " + detail::video_message(code));
    if (packet->stream_index == video->stream->index) {
      if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0) return error_at(path, place(), "is cut short");
      code = avcodec_send_packet(video->codec.get(), packet.get());
      if (code < 0) return error_at(path, place(), "cannot be decoded: " + detail::video_message(code));
      if (auto status = receive(); !status) return status.error();
    }
    av_packet_unref(packet.get());
  }
  avcodec_send_packet(video->codec.get(), nullptr);
  if (auto status = receive(); !status) return status.error();
  if (count == 0) return error_at(path, "", "holds no frame");

  Clip clip;
  clip.frames = Tensor<std::uint8_t>({count, rows, columns});
  std::copy(pixels.begin(), pixels.end(), clip.frames.begin());
  const AVRational rate = av_guess_frame_rate(video->format.get(), video->stream, nullptr);
  if (rate.num > 0 && rate.den > 0) clip.frames_a_second = av_q2d(rate);
  return clip;
}

}  // namespace systolic::io
