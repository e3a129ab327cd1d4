#pragma once
// Intel's matrix extension: eight tiles of 16 rows x 64 bytes, and one instruction that multiplies two of them into a
// third. It is reached by assembly: <immintrin.h> would take longer to compile than all kernels.

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "systolic/simd/isa.hpp"
#include "systolic/simd/vector.hpp"

#if SYSTOLIC_DISPATCH && defined(__x86_64__) && defined(__linux__)
#define SYSTOLIC_HAS_AMX 1
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#define SYSTOLIC_HAS_AMX 0
#endif

namespace systolic::simd {

/// Whether the processor multiplies tiles of bf16 and int8 and the system allows it: the kernel wants to be asked once
/// by every process, since it then has 8 KB more to save of each thread. SYSTOLIC_ISA caps this as it caps
/// active_isa().
template <class = void>
inline bool has_amx() noexcept {
#if SYSTOLIC_HAS_AMX
  static const bool usable = [] {
    const char* cap = std::getenv("SYSTOLIC_ISA");
    if (active_isa() != Isa::avx512 || (cap != nullptr && std::strcmp(cap, "avx512") == 0)) return false;
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned bf16 = 1u << 22, tile = 1u << 24, int8 = 1u << 25;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & (bf16 | tile | int8)) != (bf16 | tile | int8)) return false;
    constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM of asm/prctl.h
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
  }();
  return usable;
#else
  return false;
#endif
}

/// Whether 64 products of 8-bit numbers are one instruction (AVX-512 VNNI).
template <class = void>
inline bool has_vnni() noexcept {
#if SYSTOLIC_DISPATCH
  static const bool usable = active_isa() == Isa::avx512 && __builtin_cpu_supports("avx512vnni");
  return usable;
#else
  return false;
#endif
}

#if SYSTOLIC_HAS_AMX
/// All tiles as large as they can be, for the calling thread and until the end of the scope.
class Tiles {
 public:
  Tiles() {
    struct alignas(64) Shape {
      std::uint8_t palette = 1, first = 0, reserved[14] = {};
      std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    };
    static const Shape shape;
    asm volatile("ldtilecfg %0" : : "m"(shape));
  }
  ~Tiles() { asm volatile("tilerelease"); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
};

template <int Tile>
SYSTOLIC_INLINE void clear_tile() {
  asm volatile("tilezero %%tmm%c0" : : "i"(Tile));
}
/// 16 rows of 64 bytes that lie `stride` bytes apart.
template <int Tile>
SYSTOLIC_INLINE void load_tile(const void* from, long stride) {
  asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(Tile), "r"(from), "r"(stride) : "memory");
}
template <int Tile>
SYSTOLIC_INLINE void store_tile(void* to, long stride) {
  asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(Tile), "r"(to), "r"(stride) : "memory");
}
/// Sum += A B: A 16 x 32 bf16, B 16 pairs of rows x 16 columns, Sum 16 x 16 floats.
template <int Sum, int A, int B>
SYSTOLIC_INLINE void multiply_bf16() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sum), "i"(A), "i"(B));
}
/// The same of A 16 x 64 unsigned and B 16 fours of rows x 16 columns of signed bytes, into integers.
template <int Sum, int A, int B>
SYSTOLIC_INLINE void multiply_int8() {
  asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(Sum), "i"(A), "i"(B));
}
#endif

}  // namespace systolic::simd
