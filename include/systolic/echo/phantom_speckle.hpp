#pragma once
// Speckle of phantoms: what ultrasound makes of scatterers finer than it can resolve, the magnitude of a random complex
// field that is correlated over the width of a pulse (Goodman 1975).

#include <array>
#include <cmath>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/core/tensor.hpp"

namespace systolic::echo {

/// A complex field of mean square 1 that repeats after 256 texels both ways, correlated over about two texels.
class SpeckleField {
 public:
  static constexpr Index size = 256;
  using Value = std::array<float, 2>;  ///< real and imaginary part

  /// The field; made at the first call, the same in every program.
  static const SpeckleField& get() {
    static const SpeckleField field;
    return field;
  }

  /// Between the four texels around; any finite u, v up to about 1e8.
  template <class = void>
  Value at(double u, double v) const noexcept {
    const double left = std::floor(u), top = std::floor(v);
    const auto x = static_cast<long>(left), y = static_cast<long>(top);
    const auto fx = static_cast<float>(u - left), fy = static_cast<float>(v - top);
    const Value &a = texel(x, y), &b = texel(x + 1, y), &c = texel(x, y + 1), &d = texel(x + 1, y + 1);
    Value result;
    for (std::size_t i = 0; i < 2; ++i)
      result[i] = (1 - fy) * ((1 - fx) * a[i] + fx * b[i]) + fy * ((1 - fx) * c[i] + fx * d[i]);
    return result;
  }

 private:
  static constexpr long mask = size - 1;

  template <class = void>
  SpeckleField() : values_(static_cast<std::size_t>(size * size)) {
    Random random(7, 1);
    for (Value& value : values_) value = {static_cast<float>(random.normal()), static_cast<float>(random.normal())};
    for (const bool down : {false, true})
      for (int pass = 0; pass < 2; ++pass) smooth(down);
    double power = 0;
    for (const Value& value : values_) power += static_cast<double>(value[0] * value[0] + value[1] * value[1]);
    const auto factor = static_cast<float>(std::sqrt(static_cast<double>(size * size) / power));
    for (Value& value : values_) value = {value[0] * factor, value[1] * factor};
  }

  const Value& texel(long x, long y) const noexcept {
    return values_[static_cast<std::size_t>((y & mask) * size + (x & mask))];
  }

  /// The mean of three neighbours.
  template <class = void>
  void smooth(bool down) {
    std::vector<Value> result(values_.size());
    for (long y = 0; y < size; ++y)
      for (long x = 0; x < size; ++x)
        for (std::size_t i = 0; i < 2; ++i)
          result[static_cast<std::size_t>(y * size + x)][i] =
              (texel(x - !down, y - down)[i] + texel(x, y)[i] + texel(x + !down, y + down)[i]) / 3;
    values_ = std::move(result);
  }

  std::vector<Value> values_;
};

}  // namespace systolic::echo
