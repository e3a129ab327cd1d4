#pragma once
// Steps read from strips, and points that take them, in training.

#include <cmath>
#include <vector>

#include "systolic/grad/image.hpp"
#include "systolic/nn/strip_read_out.hpp"

namespace systolic::grad {

/// nn::strip_steps. With g the gradient of a step, e_r = g0 place_r + g1 value_r and its mean m = sum p e:
/// d logit_r = p_r (e_r - m), d value_r = p_r g1. `columns` must live until the step is done.
template <class T>
Variable<T> strip_steps(const ImageVariable<T>& x, const std::vector<Index>& columns, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::strip_steps(x.value(), columns, tape.workspace());
  return tape.record(y, [=, &tape, &columns](nn::Sequence<T> g) {
    const nn::Image<T> in = x.value();
    const nn::Sequence<T> dx = tape.gradient(x.pixels);
    const Index rows = in.extent.rows, row = in.extent.columns * in.channels();
    nn::for_each_strip_step(in, columns, [&](Index from, Index to) {
      const T* z = in.pixels.data + from;
      T* dz = dx.data + from;
      const T across = g.data[to], along = g.data[to + 1];
      const T mean = across * y.data[to] + along * y.data[to + 1];
      T largest = z[0], sum = 0;
      for (Index r = 1; r < rows; ++r) largest = std::max(largest, z[r * row]);
      for (Index r = 0; r < rows; ++r) sum += std::exp(z[r * row] - largest);
      for (Index r = 0; r < rows; ++r) {
        const T p = std::exp(z[r * row] - largest) / sum;
        dz[r * row] += p * (across * nn::strip_place<T>(r, rows) + along * z[r * row + 1] - mean);
        dz[r * row + 1] += p * along;
      }
    });
  });
}

/// nn::take_steps: [batch][nodes][2]. The bases are no variables, and must live until the step is done.
template <class T>
Variable<T> take_steps(nn::Sequence<const T> bases, const Variable<T>& steps, Tape<T>& tape) {
  const nn::Sequence<T> s = steps.value;
  const nn::Sequence<T> y = nn::make_sequence<T>(tape.workspace(), s.batch, s.length, 2);
  nn::take_steps<T>(bases, s, y);
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> ds = tape.gradient(steps);
    for (Index i = 0; i < dy.batch * dy.length; ++i) {
      const T *basis = bases.data + 6 * i, *from = dy.data + 2 * i;
      ds.data[2 * i] += basis[2] * from[0] + basis[3] * from[1];
      ds.data[2 * i + 1] += basis[4] * from[0] + basis[5] * from[1];
    }
  });
}

}  // namespace systolic::grad
