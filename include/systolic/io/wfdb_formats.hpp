#pragma once
// How WFDB signal files pack samples into bytes. Format: signal(5) of the WFDB Applications Guide,
// https://physionet.org/physiotools/wag/signal-5.htm. A format is a function that unpacks one group of samples.

#include <cstdint>
#include <limits>

#include "systolic/io/bytes.hpp"

namespace systolic::io {

/// One storage format. Samples lie in packs: `samples` of them in `bytes` bytes.
struct WfdbFormat {
  int number;
  int samples;
  int bytes;
  int bits;              ///< that a sample has of them
  std::int32_t invalid;  ///< the value that marks a sample as not recorded
  bool differences;      ///< a sample is stored as the step from the one before
  void (*unpack)(const unsigned char* pack, std::int32_t* samples);

  /// Bytes that the first `count` samples of a file take: of its last pack, only what is needed must be there.
  template <class = void>
  std::uint64_t bytes_for(std::uint64_t count) const noexcept {
    const std::uint64_t packs = count / static_cast<std::uint64_t>(samples);
    const std::uint64_t left = count % static_cast<std::uint64_t>(samples);
    const std::uint64_t last = number == 310 ? 2 * left : (left * static_cast<std::uint64_t>(bits) + 7) / 8;
    return packs * static_cast<std::uint64_t>(bytes) + last;
  }
};

namespace detail {

/// The lowest `bits` bits of `value` as a two's complement number.
template <class = void>
inline std::int32_t sign_extend(std::uint32_t value, int bits) noexcept {
  const std::uint32_t sign = std::uint32_t{1} << (bits - 1);
  value &= (sign << 1) - 1;
  return static_cast<std::int32_t>((value ^ sign) - sign);
}

inline void unpack_wfdb_8(const unsigned char* pack, std::int32_t* out) { *out = load<std::int8_t>(pack); }
inline void unpack_wfdb_16(const unsigned char* pack, std::int32_t* out) { *out = load<std::int16_t>(pack); }
inline void unpack_wfdb_24(const unsigned char* pack, std::int32_t* out) {
  *out = sign_extend(load<std::uint16_t>(pack) | static_cast<std::uint32_t>(pack[2]) << 16, 24);
}
inline void unpack_wfdb_32(const unsigned char* pack, std::int32_t* out) { *out = load<std::int32_t>(pack); }
inline void unpack_wfdb_61(const unsigned char* pack, std::int32_t* out) {
  *out = load<std::int16_t, std::endian::big>(pack);
}
inline void unpack_wfdb_80(const unsigned char* pack, std::int32_t* out) { *out = *pack - 128; }
inline void unpack_wfdb_160(const unsigned char* pack, std::int32_t* out) { *out = load<std::uint16_t>(pack) - 32768; }
/// Two samples of 12 bits: the middle byte lends its low half to the first, its high half to the second.
inline void unpack_wfdb_212(const unsigned char* pack, std::int32_t* out) {
  out[0] = sign_extend(pack[0] | static_cast<std::uint32_t>(pack[1]) << 8, 12);
  out[1] = sign_extend(pack[2] | static_cast<std::uint32_t>(pack[1] & 0xF0) << 4, 12);
}
/// Three samples of 10 bits: two 16-bit words hold one each in bits 1-10, and in bits 11-15 half of the third.
template <class = void>
inline void unpack_wfdb_310(const unsigned char* pack, std::int32_t* out) {
  const std::uint32_t first = load<std::uint16_t>(pack);
  const std::uint32_t second = load<std::uint16_t>(pack + 2);
  out[0] = sign_extend(first >> 1, 10);
  out[1] = sign_extend(second >> 1, 10);
  out[2] = sign_extend(first >> 11 | (second >> 11) << 5, 10);
}
/// Three samples of 10 bits, one after the other in a 32-bit word.
inline void unpack_wfdb_311(const unsigned char* pack, std::int32_t* out) {
  const std::uint32_t word = load<std::uint32_t>(pack);
  for (int i = 0; i < 3; ++i) out[i] = sign_extend(word >> (10 * i), 10);
}

}  // namespace detail

inline constexpr int wfdb_largest_pack = 3;  ///< samples
inline constexpr WfdbFormat wfdb_formats[] = {
    {8, 1, 1, 8, std::numeric_limits<std::int32_t>::min(), true, detail::unpack_wfdb_8},
    {16, 1, 2, 16, -32768, false, detail::unpack_wfdb_16},
    {24, 1, 3, 24, -8388608, false, detail::unpack_wfdb_24},
    {32, 1, 4, 32, std::numeric_limits<std::int32_t>::min(), false, detail::unpack_wfdb_32},
    {61, 1, 2, 16, -32768, false, detail::unpack_wfdb_61},
    {80, 1, 1, 8, -128, false, detail::unpack_wfdb_80},
    {160, 1, 2, 16, -32768, false, detail::unpack_wfdb_160},
    {212, 2, 3, 12, -2048, false, detail::unpack_wfdb_212},
    {310, 3, 4, 10, -512, false, detail::unpack_wfdb_310},
    {311, 3, 4, 10, -512, false, detail::unpack_wfdb_311},
};

/// The format of that number, or nullptr.
template <class = void>
inline const WfdbFormat* find_wfdb_format(int number) noexcept {
  for (const WfdbFormat& format : wfdb_formats)
    if (format.number == number) return &format;
  return nullptr;
}

}  // namespace systolic::io
