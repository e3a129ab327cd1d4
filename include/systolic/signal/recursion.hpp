#pragma once
// The recursion of a linear filter, over channels side by side: along time every output waits for the one before, so
// vectors go across channels, and several of them give the processor something to do while one waits.

#include <cstddef>
#include <cstring>
#include <type_traits>

#include "systolic/core/tensor.hpp"
#include "systolic/simd/vector.hpp"

namespace systolic::signal::detail {

/// Channels that go through the recursion together: those of a standard recording; where there are but a few, four.
inline constexpr Index lanes = 12, few_lanes = 4;

/// Largest order, so that the state needs no heap; 2 at most where all `lanes` go together.
inline constexpr Index largest_order = 32;

/// Coefficients with a[0] = 1 and zeros up to the order, and the state after an endless input of ones.
struct Recursion {
  Index order = 0;
  double b[largest_order + 1] = {}, a[largest_order + 1] = {}, steady[largest_order + 1] = {};
};

inline namespace SYSTOLIC_ISA_NAMESPACE {

/// Four channels: one register of AVX2, two of SSE2 or NEON. g++ -O2 would not see a vector in loops over four numbers.
#if defined(__GNUC__)
typedef double FourChannels __attribute__((vector_size(32)));
#else
struct FourChannels {
  double lane[4] = {};
  template <class Operation>
  static FourChannels of(Operation operation) {
    FourChannels result;
    for (int i = 0; i < 4; ++i) result.lane[i] = operation(i);
    return result;
  }
  friend FourChannels operator*(double a, const FourChannels& x) {
    return of([&](int i) { return a * x.lane[i]; });
  }
  friend FourChannels operator+(const FourChannels& x, const FourChannels& y) {
    return of([&](int i) { return x.lane[i] + y.lane[i]; });
  }
  friend FourChannels operator-(const FourChannels& x, const FourChannels& y) {
    return of([&](int i) { return x.lane[i] - y.lane[i]; });
  }
};
#endif

/// One pass in direct form II transposed over x [length][4 Fours], in place; `step` is 1 forward, -1 backward (x then
/// points at the last row). It starts in the steady state, scaled by the first row. Order is an integer or an
/// std::integral_constant, with which the state stays in registers.
template <int Fours, Index StateSize, class Order>
SYSTOLIC_INLINE void filter_lanes(Order order, const Recursion& recursion, double* x, Index length, Index step) {
  FourChannels state[StateSize + 1][Fours] = {};
  double a[StateSize + 1], b[StateSize + 1];  // copies, which no store to x can change
  std::memcpy(a, recursion.a, sizeof a);
  std::memcpy(b, recursion.b, sizeof b);
  for (int i = 0; i < Fours; ++i) {
    FourChannels first;
    std::memcpy(&first, x + 4 * i, sizeof first);
    for (Index k = 0; k < order; ++k) state[k][i] = recursion.steady[k] * first;
  }
  for (Index t = 0; t < length; ++t, x += step * 4 * Fours) {
    SYSTOLIC_UNROLL
    for (int i = 0; i < Fours; ++i) {
      FourChannels in;
      std::memcpy(&in, x + 4 * i, sizeof in);
      const FourChannels out = b[0] * in + state[0][i];
      for (Index k = 0; k < order; ++k) state[k][i] = b[k + 1] * in - a[k + 1] * out + state[k + 1][i];
      std::memcpy(x + 4 * i, &out, sizeof out);
    }
  }
}

template <class = void>
SYSTOLIC_INLINE void run_both_ways(const Recursion& recursion, Index width, double* x, Index length) {
  const auto both = [&](auto fours, auto state_size, auto order) SYSTOLIC_INLINE_LAMBDA {
    filter_lanes<fours, state_size>(order, recursion, x, length, 1);
    filter_lanes<fours, state_size>(order, recursion, x + (length - 1) * width, length, -1);
  };
  constexpr std::integral_constant<int, lanes / 4> all;
  constexpr std::integral_constant<int, few_lanes / 4> few;
  constexpr std::integral_constant<Index, 2> two;
  constexpr std::integral_constant<Index, largest_order> any;
  if (width == lanes)
    both(all, two, two);
  else if (recursion.order == 2)
    both(few, two, two);
  else
    both(few, any, recursion.order);
}

#if SYSTOLIC_DISPATCH
// Without fused multiply-add, and so with the baseline's results to the last bit.
template <class = void>
[[gnu::target("avx2")]] inline void both_ways_avx2(const Recursion& recursion, Index width, double* x, Index length) {
  run_both_ways(recursion, width, x, length);
}
#endif

/// Forward and backward over x [length][width], in place. Requires a width of few_lanes, or of `lanes` and an order of
/// at most 2 (what a lower one lacks is zero). The result does not depend on the instruction set.
template <class = void>
inline void filter_both_ways(const Recursion& recursion, Index width, double* x, Index length,
                             simd::Isa isa = simd::active_isa()) {
#if SYSTOLIC_DISPATCH
  if (isa != simd::Isa::baseline) return both_ways_avx2(recursion, width, x, length);
#endif
  (void)isa;
  run_both_ways(recursion, width, x, length);
}

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::signal::detail
