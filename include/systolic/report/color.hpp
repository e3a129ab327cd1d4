#pragma once
// The colour scale of the localization map.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

namespace systolic::report {

struct Color {
  double red, green, blue;  ///< 0 to 255

  /// "#rrggbb".
  template <class = void>
  std::string text() const {
    std::string result = "#";
    for (const double part : {red, green, blue}) {
      const int value = static_cast<int>(std::clamp(std::round(part), 0.0, 255.0));
      for (const int digit : {value / 16, value % 16}) result += "0123456789abcdef"[digit];
    }
    return result;
  }
};

/// A sequential scale in steps, from the white of the paper to blue. Lightness falls evenly, so it reads the same with
/// any colour vision and in grey print; it stays light enough for a black trace on top; and blue is what the red lines
/// of ECG paper are not.
class ColorScale {
 public:
  static constexpr int steps = 12;

  /// 0 at the value 0 and `steps` at `top` and above. Requires top > 0.
  explicit ColorScale(double top) noexcept : top_(top) {}

  double top() const noexcept { return top_; }

  /// The step of a value, 0 (not drawn) to steps; what is not a number is not drawn.
  int step(double value) const noexcept {
    if (!(value > 0)) return 0;
    return static_cast<int>(std::fmin(std::floor(value / top_ * (steps + 1)), steps));
  }

  template <class = void>
  Color color(int step) const noexcept {
    const double place = static_cast<double>(step) / steps * (anchors.size() - 1);
    const std::size_t below = std::min(static_cast<std::size_t>(place), anchors.size() - 2);
    const double part = place - static_cast<double>(below);
    const auto mix = [part](double a, double b) { return a + part * (b - a); };
    const Color &a = anchors[below], &b = anchors[below + 1];
    return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
  }

 private:
  static constexpr std::array<Color, 5> anchors = {
      {{255, 255, 255}, {216, 232, 247}, {165, 205, 236}, {107, 169, 216}, {62, 128, 190}}};
  double top_;
};

}  // namespace systolic::report
