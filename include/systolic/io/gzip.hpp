#pragma once
// Files that gzip compressed, in memory. Needs zlib (component systolic::gzip).

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "systolic/core/result.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {

/// What the bytes of a .gz file hold, all of its members, up to `most` bytes; the Error is the cause only.
template <class = void>
inline Result<std::string> gunzip(std::string_view compressed, std::uint64_t most = std::uint64_t{1} << 31) {
  std::string plain;
  while (!compressed.empty()) {
    z_stream stream{};
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return Error{"is compressed by gzip, and zlib does not start"};
    int status = Z_OK;
    std::size_t place = 0;
    while (status == Z_OK) {
      if (stream.avail_in == 0 && place < compressed.size()) {
        const std::size_t count = std::min<std::size_t>(compressed.size() - place, std::size_t{1} << 30);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data() + place));
        stream.avail_in = static_cast<uInt>(count);
        place += count;
      }
      char part[65536];
      stream.next_out = reinterpret_cast<Bytef*>(part);
      stream.avail_out = sizeof(part);
      status = inflate(&stream, Z_NO_FLUSH);
      plain.append(part, sizeof(part) - stream.avail_out);
      if (plain.size() > most) break;
    }
    const std::size_t rest = stream.avail_in;
    inflateEnd(&stream);
    if (plain.size() > most) return failure({"is compressed by gzip and holds more than ", most, " bytes"});
    if (status == Z_BUF_ERROR) return Error{"is compressed by gzip and is cut short"};
    if (status != Z_STREAM_END) return Error{"is compressed by gzip and is damaged"};
    compressed.remove_prefix(place - rest);
    // Zeros after a member are padding.
    compressed.remove_prefix(std::min(compressed.find_first_not_of('\0'), compressed.size()));
  }
  return plain;
}

}  // namespace systolic::io
