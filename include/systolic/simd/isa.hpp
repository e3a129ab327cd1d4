#pragma once
// Which instruction set the hot loops run with. It is chosen while the program runs, so that headers compiled without
// any -m flag still use what the processor has.

#include <cstdlib>
#include <cstring>
#include <initializer_list>

// Run-time choice needs target attributes (GCC, Clang) and an x86 processor; elsewhere the kernels are built once, over
// xsimd::batch, for the architecture that the compiler was told.
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__)) && !defined(SYSTOLIC_NO_DISPATCH)
#define SYSTOLIC_DISPATCH 1
#else
#define SYSTOLIC_DISPATCH 0
#endif

// Code whose machine instructions depend on -m flags lives in an inline namespace that names them: two translation
// units with different flags then link without one taking the other's functions.
#if defined(__AVX512F__)
#define SYSTOLIC_ISA_NAMESPACE built_for_avx512
#elif defined(__AVX2__)
#define SYSTOLIC_ISA_NAMESPACE built_for_avx2
#else
#define SYSTOLIC_ISA_NAMESPACE built_for_baseline
#endif

namespace systolic::simd {

enum class Isa { baseline, avx2, avx512 };

inline const char* isa_name(Isa isa) noexcept {
  return isa == Isa::avx512 ? "avx512" : isa == Isa::avx2 ? "avx2" : "baseline";
}

/// The best instruction set that this processor has and the kernels know.
template <class = void>
inline Isa hardware_isa() noexcept {
#if SYSTOLIC_DISPATCH
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return Isa::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
#endif
  return Isa::baseline;
}

/// The instruction set in use: the hardware's, capped by the environment variable SYSTOLIC_ISA (baseline, avx2 or
/// avx512; anything else caps nothing). Decided at the first call, the same ever after.
template <class = void>
inline Isa active_isa() noexcept {
  static const Isa chosen = [] {
    const Isa hardware = hardware_isa();
    const char* cap = std::getenv("SYSTOLIC_ISA");
    if (cap != nullptr)
      for (const Isa isa : {Isa::baseline, Isa::avx2})
        if (std::strcmp(cap, isa_name(isa)) == 0 && isa < hardware) return isa;
    return hardware;
  }();
  return chosen;
}

}  // namespace systolic::simd
