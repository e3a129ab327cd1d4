#pragma once
// A handful of floats that one instruction works on. The kernels are written once over this small set of operations
// and instantiated for every width. Vectors are members of a struct and go by reference: passed bare, their calling
// convention would depend on -m flags.

#include <cstring>

#include "systolic/simd/isa.hpp"

#if !SYSTOLIC_DISPATCH || defined(SYSTOLIC_WITH_XSIMD)
#include <xsimd/xsimd.hpp>
#define SYSTOLIC_HAS_XSIMD 1
#else
#define SYSTOLIC_HAS_XSIMD 0
#endif

#if defined(__GNUC__)
#define SYSTOLIC_INLINE [[gnu::always_inline]] inline
#else
#define SYSTOLIC_INLINE inline
#endif
// A lambda that becomes part of its caller, and so of the instruction set that the caller is compiled for.
#if defined(__GNUC__)
#define SYSTOLIC_INLINE_LAMBDA __attribute__((always_inline))
#else
#define SYSTOLIC_INLINE_LAMBDA
#endif
// Makes the compiler forget where a pointer came from, so that it keeps the pointer in a register and addresses by it,
// instead of inventing a register for every address that it computes.
#if defined(__GNUC__)
#define SYSTOLIC_OPAQUE(pointer) asm("" : "+r"(pointer))
#define SYSTOLIC_PREFETCH(pointer) __builtin_prefetch(pointer, 0, 2)       // into the second-level cache
#define SYSTOLIC_PREFETCH_NEAR(pointer) __builtin_prefetch(pointer, 1, 3)  // into the first, to be written
#else
#define SYSTOLIC_PREFETCH_NEAR(pointer) static_cast<void>(pointer)
#define SYSTOLIC_PREFETCH(pointer) static_cast<void>(pointer)
#define SYSTOLIC_OPAQUE(pointer) static_cast<void>(pointer)
#endif
#if defined(__clang__)
#define SYSTOLIC_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define SYSTOLIC_UNROLL _Pragma("GCC unroll 16")
#else
#define SYSTOLIC_UNROLL
#endif

namespace systolic::simd {
inline namespace SYSTOLIC_ISA_NAMESPACE {

#if defined(__GNUC__)
namespace detail {
// Spelled out for each width: g++ 12 does not see that a vector type is one while its width is a template's parameter.
template <int Width>
struct Lanes;
template <>
struct Lanes<4> {
  typedef float Floats __attribute__((vector_size(16)));
  typedef int Integers __attribute__((vector_size(16)));
};
template <>
struct Lanes<8> {
  typedef float Floats __attribute__((vector_size(32)));
  typedef int Integers __attribute__((vector_size(32)));
};
template <>
struct Lanes<16> {
  typedef float Floats __attribute__((vector_size(64)));
  typedef int Integers __attribute__((vector_size(64)));
};
}  // namespace detail

/// `Width` floats over the compiler's vector extension: what they compile to is the business of the function that they
/// are inlined into, so one template serves every `target`.
template <int Width>
struct FloatVector {
  static constexpr int width = Width;
  using Native = typename detail::Lanes<Width>::Floats;
  using Integers = typename detail::Lanes<Width>::Integers;

  SYSTOLIC_INLINE void load(const float* p) { std::memcpy(&v, p, sizeof v); }
  SYSTOLIC_INLINE void store(float* p) const { std::memcpy(p, &v, sizeof v); }
  SYSTOLIC_INLINE void clear() { v = Native{}; }
  // Through an array: of all ways to say "the same in every lane", the one that g++ 12 and clang 14 both turn into one
  // broadcast even when they inline it from here into a function for wider vectors. Where all of the file is compiled
  // for those, it is the only one that g++ does not (it prefers to write half a vector twice).
  SYSTOLIC_INLINE void fill(float x) {
#if defined(__AVX512F__)
    v = x - Native{};
#else
    float lanes[Width];
    for (int i = 0; i < Width; ++i) lanes[i] = x;
    load(lanes);
#endif
  }
  /// this += a * b, in one rounding where the instruction set has fused multiply-add.
  SYSTOLIC_INLINE void add_product(const FloatVector& a, const FloatVector& b) { v += a.v * b.v; }
  SYSTOLIC_INLINE void add(const FloatVector& a) { v += a.v; }
  SYSTOLIC_INLINE void subtract(const FloatVector& a) { v -= a.v; }
  SYSTOLIC_INLINE void multiply(const FloatVector& a) { v *= a.v; }
  SYSTOLIC_INLINE void divide(const FloatVector& a) { v /= a.v; }
  /// The larger and the smaller of both; a lane of this that is NaN stays NaN.
  SYSTOLIC_INLINE void maximum(const FloatVector& a) { choose(v < a.v, a.v, v); }
  SYSTOLIC_INLINE void minimum(const FloatVector& a) { choose(v > a.v, a.v, v); }
  /// Negative lanes become `slope` times themselves (slope 0: ReLU, 1: nothing).
  SYSTOLIC_INLINE void leak(const FloatVector& slope) {
    // The sign bit chooses the factor, 1 or `slope`: three instructions, where comparing and choosing take five.
    Native one = Native{} + 1.0f, below = slope.v;
    const Integers differing = reinterpret_cast<Integers>(one) ^ reinterpret_cast<Integers>(below);
    const Integers sign = reinterpret_cast<Integers>(v) >> 31;
    v *= reinterpret_cast<Native>(reinterpret_cast<Integers>(one) ^ (sign & differing));
  }
  /// Lanes of `a` where this lies below `limit`, lanes of `b` elsewhere.
  SYSTOLIC_INLINE void choose_below(const FloatVector& limit, const FloatVector& a, const FloatVector& b) {
    choose(v < limit.v, a.v, b.v);
  }
  /// Without its sign; with the sign of `a`.
  SYSTOLIC_INLINE void magnitude() { set_signs(Integers{}); }
  SYSTOLIC_INLINE void copy_sign(const FloatVector& a) {
    Native signs = a.v;
    set_signs(reinterpret_cast<Integers>(signs));
  }
  /// Towards zero; requires |lane| < 2^31.
  SYSTOLIC_INLINE void truncate() { v = __builtin_convertvector(__builtin_convertvector(v, Integers), Native); }
  /// this *= 2^n for whole-numbered lanes n in [-126, 127].
  SYSTOLIC_INLINE void scale_by_power_of_two(const FloatVector& n) {
    v *= reinterpret_cast<Native>((__builtin_convertvector(n.v, Integers) + 127) << 23);
  }
  /// The sum of all lanes, pairwise.
  SYSTOLIC_INLINE float sum() const {
    float lanes[Width];
    store(lanes);
    for (int n = Width / 2; n > 0; n /= 2)
      for (int i = 0; i < n; ++i) lanes[i] += lanes[i + n];
    return lanes[0];
  }

  Native v;

 private:
  SYSTOLIC_INLINE void set_signs(const Integers& signs) {
    v = reinterpret_cast<Native>((reinterpret_cast<Integers>(v) & 0x7fffffff) | (signs & ~0x7fffffff));
  }
  // By bits: g++ 12 takes a vector's ?: apart into single lanes before it knows the target that it is inlined into.
  SYSTOLIC_INLINE void choose(const Integers& mask, const Native& yes, const Native& no) {
    v = reinterpret_cast<Native>((reinterpret_cast<const Integers&>(yes) & mask) |
                                 (reinterpret_cast<const Integers&>(no) & ~mask));
  }
};
#endif

#if SYSTOLIC_HAS_XSIMD
/// The same operations over xsimd::batch: NEON, other compilers, and whatever else xsimd knows.
struct XsimdVector {
  using Batch = xsimd::batch<float>;
  static constexpr int width = static_cast<int>(Batch::size);

  void load(const float* p) { v = Batch::load_unaligned(p); }
  void store(float* p) const { v.store_unaligned(p); }
  void clear() { v = Batch(0.0f); }
  void fill(float x) { v = Batch(x); }
  void add_product(const XsimdVector& a, const XsimdVector& b) { v = xsimd::fma(a.v, b.v, v); }
  void add(const XsimdVector& a) { v += a.v; }
  void subtract(const XsimdVector& a) { v -= a.v; }
  void multiply(const XsimdVector& a) { v *= a.v; }
  void divide(const XsimdVector& a) {
#if XSIMD_WITH_NEON64
    v = Batch(vdivq_f32(v.data, a.v.data));  // xsimd multiplies by an estimate of 1 / a: not the last bit
#else
    v /= a.v;
#endif
  }
  void maximum(const XsimdVector& a) { v = xsimd::select(v < a.v, a.v, v); }
  void minimum(const XsimdVector& a) { v = xsimd::select(v > a.v, a.v, v); }
  void leak(const XsimdVector& slope) { v = xsimd::select(v > Batch(0.0f), v, v * slope.v); }
  void choose_below(const XsimdVector& limit, const XsimdVector& a, const XsimdVector& b) {
    v = xsimd::select(v < limit.v, a.v, b.v);
  }
  void magnitude() { v = xsimd::abs(v); }
  void copy_sign(const XsimdVector& a) { v = xsimd::copysign(v, a.v); }
  void truncate() { v = xsimd::trunc(v); }
  void scale_by_power_of_two(const XsimdVector& n) { v = xsimd::ldexp(v, xsimd::to_int(n.v)); }
  float sum() const {
    float lanes[Batch::size], total = 0;
    store(lanes);
    for (const float lane : lanes) total += lane;
    return total;
  }

  Batch v;
};
#endif

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::simd
