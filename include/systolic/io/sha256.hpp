#pragma once
// SHA-256 (FIPS 180-4), which tells whether a file of weights is the one that was written.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "systolic/io/bytes.hpp"
#include "systolic/io/sha256_x86.hpp"

namespace systolic::io {

/// Takes bytes in any number of pieces; `finish()` gives the digest of all of them and may be called once.
class Sha256 {
 public:
  /// `portable` keeps to plain arithmetic where the processor has instructions for SHA-256; the digest is the same.
  explicit Sha256(bool portable = false) noexcept : portable_(portable || !detail::has_sha256_instructions()) {}

  template <class = void>
  void update(std::string_view bytes) noexcept {
    length_ += bytes.size();
    while (!bytes.empty()) {
      if (pending_ == 0 && bytes.size() >= block_.size()) {
        compress(reinterpret_cast<const unsigned char*>(bytes.data()));
        bytes.remove_prefix(block_.size());
        continue;
      }
      const std::size_t count = std::min(bytes.size(), block_.size() - pending_);
      std::memcpy(block_.data() + pending_, bytes.data(), count);
      bytes.remove_prefix(count);
      pending_ += count;
      if (pending_ == block_.size()) {
        compress(block_.data());
        pending_ = 0;
      }
    }
  }

  /// 64 lower-case hexadecimal digits.
  template <class = void>
  [[gnu::cold]] std::string finish() noexcept {
    // A bit of 1, zeros up to the last 8 bytes of a block, and there the length in bits.
    const std::uint64_t bits = length_ * 8;
    char padding[72] = {'\x80'};
    const std::size_t zeros = (119 - pending_) % 64;
    for (std::size_t i = 0; i < 8; ++i) padding[1 + zeros + i] = static_cast<char>(bits >> (56 - 8 * i) & 0xFF);
    update(std::string_view(padding, 1 + zeros + 8));
    std::string digest;
    for (const std::uint32_t word : state_)
      for (int shift = 28; shift >= 0; shift -= 4) digest += "0123456789abcdef"[word >> shift & 15];
    return digest;
  }

 private:
  template <class = void>
  void compress(const unsigned char* block) noexcept {
    // The first 32 bits of the fractions of the cube roots of the first 64 primes.
    static constexpr std::uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    if (!portable_) return detail::sha256_compress_x86(block, k, state_.data());
    std::uint32_t w[64];
    for (int i = 0; i < 16; ++i) w[i] = load<std::uint32_t, std::endian::big>(block + 4 * i);
    for (int i = 16; i < 64; ++i) {
      const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
      const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state_;
    for (int i = 0; i < 64; ++i) {
      const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i];
      const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    const std::uint32_t step[8] = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state_[i] += step[i];
  }

  // The first 32 bits of the fractions of the square roots of the first 8 primes.
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> block_{};
  std::size_t pending_ = 0;
  std::uint64_t length_ = 0;
  bool portable_;
};

/// The SHA-256 digest of `bytes` in hexadecimal.
template <class = void>
inline std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace systolic::io
