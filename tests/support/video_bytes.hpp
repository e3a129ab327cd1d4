#pragma once
// Small videos for tests, written by FFmpeg's libraries.

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
}

#include <cstdint>
#include <string>

#include "systolic/core/tensor.hpp"

namespace testing {

/// Writes grey frames [frame][row][column], even extents, as the kind of video that the path's ending and the codec
/// say. False where this build of FFmpeg has no such encoder.
inline bool write_video(const std::string& path, const systolic::Tensor<std::uint8_t>& frames, AVCodecID id,
                        AVPixelFormat pixels, AVRational rate) {
  const AVCodec* encoder = avcodec_find_encoder(id);
  if (encoder == nullptr) return false;
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* format = nullptr;
  if (avformat_alloc_output_context2(&format, nullptr, nullptr, path.c_str()) < 0) return false;
  AVCodecContext* codec = avcodec_alloc_context3(encoder);
  codec->height = static_cast<int>(frames.shape()[1]);
  codec->width = static_cast<int>(frames.shape()[2]);
  codec->time_base = av_inv_q(rate);
  codec->framerate = rate;
  codec->pix_fmt = pixels;
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_QSCALE;
  codec->global_quality = 2 * FF_QP2LAMBDA;
  codec->bit_rate = 4'000'000;
  if ((format->oformat->flags & AVFMT_GLOBALHEADER) != 0) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  bool good = avcodec_open2(codec, encoder, nullptr) >= 0;
  AVStream* stream = good ? avformat_new_stream(format, nullptr) : nullptr;
  AVFrame* frame = av_frame_alloc();
  AVPacket* packet = av_packet_alloc();
  if (good) {
    avcodec_parameters_from_context(stream->codecpar, codec);
    stream->time_base = codec->time_base;
    stream->avg_frame_rate = rate;
    good = avio_open(&format->pb, path.c_str(), AVIO_FLAG_WRITE) >= 0 && avformat_write_header(format, nullptr) >= 0;
  }
  const auto drain = [&] {
    while (avcodec_receive_packet(codec, packet) >= 0) {
      av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
      packet->stream_index = 0;
      good = av_interleaved_write_frame(format, packet) >= 0 && good;
    }
  };
  const bool limited = pixels == AV_PIX_FMT_YUV420P;
  const int step = pixels == AV_PIX_FMT_BGR24 ? 3 : 1;
  for (systolic::Index t = 0; good && t < frames.shape()[0]; ++t) {
    frame->format = pixels;
    frame->width = codec->width;
    frame->height = codec->height;
    good = av_frame_get_buffer(frame, 0) >= 0;
    for (int row = 0; good && row < codec->height; ++row)
      for (int column = 0; column < codec->width; ++column) {
        const int grey = frames(t, row, column);
        for (int k = 0; k < step; ++k)
          frame->data[0][row * frame->linesize[0] + column * step + k] =
              static_cast<std::uint8_t>(limited ? 16 + (grey * 219 + 127) / 255 : grey);
        for (int plane = 1; frame->data[plane] != nullptr && plane < 3; ++plane)
          frame->data[plane][row / 2 * frame->linesize[plane] + column / 2] = 128;
      }
    frame->pts = t;
    good = good && avcodec_send_frame(codec, frame) >= 0;
    if (good) drain();
    av_frame_unref(frame);
  }
  if (good) {
    avcodec_send_frame(codec, nullptr);
    drain();
    good = av_write_trailer(format) >= 0 && good;
  }
  if (format->pb != nullptr) avio_closep(&format->pb);
  av_packet_free(&packet);
  av_frame_free(&frame);
  avcodec_free_context(&codec);
  avformat_free_context(format);
  return good;
}

}  // namespace testing
