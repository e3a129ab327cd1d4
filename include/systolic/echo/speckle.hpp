#pragma once
// The grain of ultrasound images.

#include <cmath>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/core/tensor.hpp"

namespace systolic::echo {

/// A periodic texture of fully developed speckle: the magnitude of a complex Gaussian field (Rayleigh distributed),
/// smoothed so that grains are wider than they are deep, with mean 1.
class Speckle {
 public:
  explicit Speckle(Random& random) {
    std::vector<float> real(pixels), imaginary(pixels);
    for (auto* field : {&real, &imaginary}) {
      for (float& value : *field) value = static_cast<float>(random.normal());
      smooth(*field, 1);
      smooth(*field, 1);
      smooth(*field, side);
    }
    double sum = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
      magnitude_.push_back(std::sqrt(real[i] * real[i] + imaginary[i] * imaginary[i]));
      sum += static_cast<double>(magnitude_[i]);
    }
    for (float& value : magnitude_) value *= static_cast<float>(static_cast<double>(pixels) / sum);
  }

  /// Bilinear between the texture's pixels, at any place less than a million pixels from its origin.
  double at(double x, double y) const noexcept {
    const double left = std::floor(x), top = std::floor(y), right = x - left, down = y - top;
    const auto column = wrapped(left), row = wrapped(top);
    const auto next_column = (column + 1) % side, next_row = (row + 1) % side;
    const auto value = [this](std::size_t r, std::size_t c) { return static_cast<double>(magnitude_[r * side + c]); };
    return (1 - down) * ((1 - right) * value(row, column) + right * value(row, next_column)) +
           down * ((1 - right) * value(next_row, column) + right * value(next_row, next_column));
  }

 private:
  static constexpr std::size_t side = 128, pixels = side * side;

  static std::size_t wrapped(double place) noexcept {
    return static_cast<std::size_t>(static_cast<Index>(place) + (Index{1} << 20)) % side;
  }
  /// A binomial filter of three along the columns (step 1) or the rows (step side), around the edges.
  static void smooth(std::vector<float>& field, std::size_t step) {
    const std::vector<float> before = field;
    for (std::size_t row = 0; row < side; ++row)
      for (std::size_t column = 0; column < side; ++column) {
        const std::size_t next = step == 1 ? row * side + (column + 1) % side : (row + 1) % side * side + column;
        const std::size_t last =
            step == 1 ? row * side + (column + side - 1) % side : (row + side - 1) % side * side + column;
        field[row * side + column] = 0.5f * before[row * side + column] + 0.25f * (before[next] + before[last]);
      }
  }

  std::vector<float> magnitude_;
};

}  // namespace systolic::echo
