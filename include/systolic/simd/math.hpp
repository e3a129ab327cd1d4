#pragma once
// exp and tanh over the vector concept. Polynomials after S. L. Moshier's Cephes library (single precision), good to
// about 2 units in the last place. NaN stays NaN, so that what went wrong in a network is seen in its output.

#include "systolic/simd/vector.hpp"

namespace systolic::simd {
inline namespace SYSTOLIC_ISA_NAMESPACE {

/// c[0] + x (c[1] + x (...)): a polynomial by Horner's rule.
template <class V, int Count>
SYSTOLIC_INLINE void polynomial(V& result, const V& x, const float (&coefficients)[Count]) {
  result.fill(coefficients[Count - 1]);
  SYSTOLIC_UNROLL
  for (int i = Count - 2; i >= 0; --i) {
    V next;
    next.fill(coefficients[i]);
    next.add_product(result, x);
    result = next;
  }
}

/// x = e^x; arguments are clamped to [-87, 88], where the result is a normal number.
template <class V>
SYSTOLIC_INLINE void exponential(V& x) {
  V bound, n, half, minus_half, zero, factor;
  bound.fill(-87.0f);
  x.maximum(bound);
  bound.fill(88.0f);
  x.minimum(bound);
  // x = n ln 2 + r with whole n and |r| <= ln(2) / 2; ln 2 in two parts, so that r keeps its digits.
  factor.fill(1.44269504088896341f);
  half.fill(0.5f);
  minus_half.fill(-0.5f);
  zero.fill(0.0f);
  n = x;
  n.choose_below(zero, minus_half, half);
  n.add_product(x, factor);
  n.truncate();
  factor.fill(-0.693359375f);
  x.add_product(n, factor);
  factor.fill(2.12194440e-4f);
  x.add_product(n, factor);
  V series, square = x;
  square.multiply(x);
  polynomial(
      series, x,
      {5.0000001201e-1f, 1.6666665459e-1f, 4.1665795894e-2f, 8.3334519073e-3f, 1.3981999507e-3f, 1.9875691500e-4f});
  V one;
  one.fill(1.0f);
  x.add_product(series, square);
  x.add(one);
  x.scale_by_power_of_two(n);
}

/// x = tanh x = -sign(x) u / (2 + u) with u = e^(-2 |x|) - 1, which keeps its digits near zero: with -2 |x| = n ln 2 +
/// r it is 2^n (e^r - 1) + (2^n - 1), and n is 0 there.
template <class V>
SYSTOLIC_INLINE void hyperbolic_tangent(V& x) {
  V r = x, n, factor, bound, one;
  r.magnitude();
  bound.fill(10.0f);  // 1 - tanh 10 is less than half the last digit of 1
  r.minimum(bound);
  factor.fill(-2.0f);
  r.multiply(factor);
  n.fill(-0.5f);
  factor.fill(1.44269504088896341f);
  n.add_product(r, factor);
  n.truncate();
  factor.fill(-0.693359375f);
  r.add_product(n, factor);
  factor.fill(2.12194440e-4f);
  r.add_product(n, factor);
  V series, square = r;
  square.multiply(r);
  polynomial(
      series, r,
      {5.0000001201e-1f, 1.6666665459e-1f, 4.1665795894e-2f, 8.3334519073e-3f, 1.3981999507e-3f, 1.9875691500e-4f});
  r.add_product(series, square);
  one.fill(1.0f);
  V power = one;
  power.scale_by_power_of_two(n);
  V u = power;
  u.subtract(one);
  u.add_product(power, r);
  V sum;
  sum.fill(2.0f);
  sum.add(u);
  u.divide(sum);
  u.copy_sign(x);
  x = u;
}

}  // namespace SYSTOLIC_ISA_NAMESPACE
}  // namespace systolic::simd
