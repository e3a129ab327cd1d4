#pragma once
// The SHA-256 instructions of x86 processors: ten times the speed of the portable rounds in sha256.hpp, which stay the
// reference. Compiled without any flag, chosen at run time.

#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>

#include "systolic/io/bytes.hpp"

namespace systolic::io::detail {

template <class = void>
inline bool has_sha256_instructions() noexcept {
  static const bool present = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    const bool sse41 = __get_cpuid(1, &a, &b, &c, &d) && (c >> 19 & 1);
    return sse41 && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
  }();
  return present;
}

using Words4 = std::uint32_t __attribute__((vector_size(16)));  // additions wrap
using Operand = int __attribute__((vector_size(16)));           // the same, as the instructions' functions take it

/// Sixteen times four rounds over one block of 64 bytes; `k` are the 64 round constants.
template <class = void>
[[gnu::target("sha,sse4.1")]] inline void sha256_compress_x86(const unsigned char* block, const std::uint32_t* k,
                                                              std::uint32_t* state) noexcept {
  // The instructions keep the eight state words as two vectors, highest lane first: ABEF and CDGH.
  const Words4 abef_before = {state[5], state[4], state[1], state[0]};
  const Words4 cdgh_before = {state[7], state[6], state[3], state[2]};
  auto abef = reinterpret_cast<Operand>(abef_before), cdgh = reinterpret_cast<Operand>(cdgh_before);
  Words4 schedule[4];  // the last sixteen message words
  for (int i = 0; i < 16; ++i) {
    Words4& next = schedule[i % 4];  // still holds the words 16 back
    if (i < 4) {
      for (int lane = 0; lane < 4; ++lane)
        next[lane] = load<std::uint32_t, std::endian::big>(block + 16 * i + 4 * lane);
    } else {
      const Words4 back12 = schedule[(i + 1) % 4], back8 = schedule[(i + 2) % 4], back4 = schedule[(i + 3) % 4];
      const Words4 back7 = __builtin_shufflevector(back8, back4, 1, 2, 3, 4);
      const auto first = reinterpret_cast<Words4>(
          __builtin_ia32_sha256msg1(reinterpret_cast<Operand>(next), reinterpret_cast<Operand>(back12)));
      next = reinterpret_cast<Words4>(
          __builtin_ia32_sha256msg2(reinterpret_cast<Operand>(first + back7), reinterpret_cast<Operand>(back4)));
    }
    const Words4 constants = {k[4 * i], k[4 * i + 1], k[4 * i + 2], k[4 * i + 3]};
    const auto sum = reinterpret_cast<Operand>(next + constants);
    cdgh = __builtin_ia32_sha256rnds2(cdgh, abef, sum);
    abef = __builtin_ia32_sha256rnds2(abef, cdgh, __builtin_shufflevector(sum, sum, 2, 3, 2, 3));
  }
  const Words4 high = abef_before + reinterpret_cast<Words4>(abef);
  const Words4 low = cdgh_before + reinterpret_cast<Words4>(cdgh);
  const std::uint32_t result[8] = {high[3], high[2], low[3], low[2], high[1], high[0], low[1], low[0]};
  for (int i = 0; i < 8; ++i) state[i] = result[i];
}

}  // namespace systolic::io::detail

#else

namespace systolic::io::detail {
inline bool has_sha256_instructions() noexcept { return false; }
inline void sha256_compress_x86(const unsigned char*, const std::uint32_t*, std::uint32_t*) noexcept {}
}  // namespace systolic::io::detail

#endif
