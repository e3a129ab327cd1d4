#pragma once
// From a strip along a line to a step for each of its points: where across the strip something lies, finer than a row,
// and how far along the line the point should go.

#include <cmath>
#include <type_traits>
#include <vector>

#include "systolic/nn/image.hpp"

namespace systolic::nn {

/// Where row r of `rows` lies across a strip: -1 to 1, 0 in the middle.
template <class T>
T strip_place(Index r, Index rows) noexcept {
  return (static_cast<T>(2 * r + 1) - static_cast<T>(rows)) / static_cast<T>(rows);
}

/// Calls visit(b, node, place of row 0 in x, of the step in y) for each step that strip_steps gives.
template <class T, class Visit>
void for_each_strip_step(const Image<T>& x, const std::vector<Index>& columns, Visit&& visit) {
  const auto nodes = static_cast<Index>(columns.size());
  const Index pairs = x.channels() / 2;
  for (Index b = 0; b < x.batch(); ++b)
    for (Index pair = 0; pair < pairs; ++pair)
      for (Index k = 0; k < nodes; ++k)
        visit(b * x.extent.count() * x.channels() + columns[static_cast<std::size_t>(k)] * x.channels() + 2 * pair,
              ((b * pairs + pair) * nodes + k) * 2);
}

/// x [batch][rows][columns][2 * pairs], the channels of a pair a logit and a value -> [batch][pairs * nodes][2], where
/// node k reads column columns[k]: with p the softmax of the column's logits, (sum of p place, sum of p value).
/// Requires a time of 1.
template <class Value>
auto strip_steps(Image<Value> x, const std::vector<Index>& columns, Workspace& workspace) {
  using T = std::remove_const_t<Value>;
  assert(x.extent.time == 1 && x.channels() % 2 == 0);
  const Index rows = x.extent.rows, row = x.extent.columns * x.channels();
  const Sequence<T> y =
      make_sequence<T>(workspace, x.batch(), x.channels() / 2 * static_cast<Index>(columns.size()), 2);
  for_each_strip_step(x, columns, [&](Index from, Index to) {
    const T* z = x.pixels.data + from;
    T largest = z[0], sum = 0, across = 0, along = 0;
    for (Index r = 1; r < rows; ++r) largest = std::max(largest, z[r * row]);
    for (Index r = 0; r < rows; ++r) {
      const T p = std::exp(z[r * row] - largest);
      sum += p;
      across += p * strip_place<T>(r, rows);
      along += p * z[r * row + 1];
    }
    y.data[to] = across / sum;
    y.data[to + 1] = along / sum;
  });
  return y;
}

/// Points of a plane, moved: bases [batch][nodes][6], of each node a point and two steps, (x, y) each; steps
/// [batch][nodes][2] -> y [batch][nodes][2], point + steps[0] first + steps[1] second.
template <class T>
void take_steps(Sequence<const T> bases, Sequence<const T> steps, Sequence<T> y) noexcept {
  for (Index i = 0; i < steps.batch * steps.length; ++i) {
    const T *basis = bases.data + 6 * i, *step = steps.data + 2 * i;
    for (Index c = 0; c < 2; ++c) y.data[2 * i + c] = basis[c] + step[0] * basis[2 + c] + step[1] * basis[4 + c];
  }
}

}  // namespace systolic::nn
