#pragma once
// The value that a share of others lie below, without sorting them.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <limits>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic::signal {

namespace detail {

/// x[k] as if x [count] were sorted; reorders x. Requires 0 <= k < count and no NaN. As std::nth_element, but the
/// partition is without a branch: which side a value falls on is a matter of chance, and a processor that guesses it
/// loses more time than swapping every value takes.
template <class = void>
inline double select(double* x, Index count, Index k) {
  // Chance halves the rest again and again; values that are laid out to defeat it are std::nth_element's.
  for (int round = 0; round < 64 && count > 12; ++round) {
    const double a = x[count / 4], b = x[count / 2], c = x[count - 1 - count / 4];
    const double pivot = std::max(std::min(a, b), std::min(std::max(a, b), c));
    // Whatever `belongs` goes to the front; gives how many those are.
    const auto partition = [&](auto belongs) {
      Index front = 0;
      for (Index i = 0; i < count; ++i) {
        const double value = x[i];
        x[i] = x[front];
        x[front] = value;
        front += belongs(value);
      }
      return front;
    };
    Index front = partition([pivot](double value) { return value < pivot; });
    if (k < front) {
      count = front;
      continue;
    }
    if (front == 0) {  // the pivot is the smallest, maybe many times over
      front = partition([pivot](double value) { return value <= pivot; });
      if (k < front) return pivot;
    }
    x += front;
    count -= front;
    k -= front;
  }
  std::nth_element(x, x + k, x + count);
  return x[k];
}

inline Index place_of(double q, std::size_t count) noexcept {
  return static_cast<Index>(q * static_cast<double>(count - 1) + 0.5);
}

}  // namespace detail

/// The value below which a share `q` of the values lies; reorders them. 0 for none. Requires no NaN.
template <class = void>
inline double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  return detail::select(values.data(), static_cast<Index>(values.size()), detail::place_of(q, values.size()));
}

/// Values for whose quantile nobody cares how far below a floor it lies: those that are not above it need only be
/// counted. Keeps its memory.
class Sample {
 public:
  /// Empties it.
  void clear(double floor) noexcept {
    floor_ = floor;
    size_ = kept_ = 0;
  }
  std::size_t size() const noexcept { return size_; }

  /// Adds x[0], x[step], ..., `count` values, none of them NaN. Requires count >= 0.
  template <class = void>
  void add(const double* x, Index count, Index step) {
    size_ += static_cast<std::size_t>(count);
    if (values_.size() < size_) values_.resize(2 * size_);
    const double floor = floor_;
    double* end = values_.data() + kept_;
    for (; count > 0; --count, x += step) {  // without a branch, too
      *end = *x;
      end += *x > floor;
    }
    kept_ = static_cast<std::size_t>(end - values_.data());
  }

  /// The floor or the value below which a share `q` of all values lies, whichever is larger. Requires one at least.
  template <class = void>
  double quantile(double q) {
    assert(size_ > 0);
    const Index place = detail::place_of(q, size_) - static_cast<Index>(size_ - kept_);
    return place < 0 ? floor_ : detail::select(values_.data(), static_cast<Index>(kept_), place);
  }

 private:
  double floor_ = -std::numeric_limits<double>::infinity();
  std::size_t size_ = 0, kept_ = 0;
  std::vector<double> values_;
};

}  // namespace systolic::signal
