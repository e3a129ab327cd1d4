#pragma once
// Chance that is the same on every machine: the standard library's distributions are not.

#include <cstdint>

namespace systolic {

/// A stream of numbers by splitmix64 (S. Vigna, 2015). Streams of different (seed, stream) do not resemble each other:
/// a simulation draws from a stream for each of its parts, so that one which draws more does not move the others; a
/// training from a stream for each step, so that it can be taken up at any of them.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) noexcept : state_(seed) {
    state_ = next() ^ (stream * 0xD1342543DE82EF95u);
  }

  /// Uniform on [0, 1).
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }

  /// Uniform on 0 .. count - 1, but for a bias of count / 2^53. Requires count > 0.
  std::int64_t below(std::int64_t count) noexcept {
    return static_cast<std::int64_t>(uniform() * static_cast<double>(count));
  }

  /// Mean 0, variance 1, as the sum of twelve uniform numbers (bounded by 6): sums are exact everywhere, the logarithm
  /// of other methods is not.
  template <class = void>
  double normal() noexcept {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

  /// Passes over `count` numbers of uniform() or next().
  void skip(std::uint64_t count) noexcept { state_ += count * step; }

  /// 64 random bits.
  template <class = void>
  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += step;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

 private:
  static constexpr std::uint64_t step = 0x9E3779B97F4A7C15u;
  std::uint64_t state_;
};

/// Puts `items` in random order (Fisher and Yates).
template <class Items>
void shuffle(Items& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)));
    const auto kept = items[i - 1];
    items[i - 1] = items[j];
    items[j] = kept;
  }
}

}  // namespace systolic
