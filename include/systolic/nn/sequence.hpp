#pragma once
// What flows between layers: [batch][time][channel] with a margin of zero rows before and after every batch item, so
// that the window of a padded convolution is contiguous memory and no inner loop asks where the signal ends.

#include <algorithm>

#include "systolic/core/tensor.hpp"
#include "systolic/core/workspace.hpp"

namespace systolic::nn {

/// A view of [batch][margin + time + margin][channel]; `data` is time 0 of item 0. The margin holds zeros.
template <class T>
struct Sequence {
  T* data = nullptr;
  Index batch = 0;
  Index length = 0;
  Index channels = 0;
  Index margin = 0;

  Index batch_stride() const noexcept { return (length + 2 * margin) * channels; }
  T* item(Index b) const noexcept { return data + b * batch_stride(); }
  /// `count` items from item `first` on.
  Sequence items(Index first, Index count) const noexcept { return {item(first), count, length, channels, margin}; }
  operator Sequence<const T>() const noexcept { return {data, batch, length, channels, margin}; }

  /// The same memory as a plain array. Requires a margin of 0.
  TensorView<T> view() const noexcept {
    assert(margin == 0);
    return {data, {batch, length, channels}};
  }
};

namespace detail {
template <class Value>
struct Output {
  using Type = Value;
};
template <class T>
struct Output<Sequence<const T>> {
  using Type = Sequence<T>;
};
}  // namespace detail

/// What layers make of a Value: the same kind, but one that may be written.
template <class Value>
using OutputOf = typename detail::Output<Value>::Type;

/// An array [batch][time][channel] as a sequence without margin.
template <class T>
Sequence<T> as_sequence(TensorView<T> x) {
  assert(x.shape().rank() == 3);
  return {x.data(), x.shape()[0], x.shape()[1], x.shape()[2], 0};
}

/// A sequence in memory of batch * (length + 2 margin) * channels numbers: the margin is zeroed, the rest left as it
/// is.
template <class T>
[[gnu::noinline]] Sequence<T> sequence_in(T* memory, Index batch, Index length, Index channels, Index margin) {
  const Index border = margin * channels;
  const Sequence<T> result{memory + border, batch, length, channels, margin};
  for (Index b = 0; b < batch; ++b) {
    std::fill_n(result.item(b) - border, border, T(0));
    std::fill_n(result.item(b) + length * channels, border, T(0));
  }
  return result;
}

/// An uninitialised sequence with a zeroed margin, in the workspace.
template <class T>
Sequence<T> make_sequence(Workspace& workspace, Index batch, Index length, Index channels, Index margin = 0) {
  return sequence_in(workspace.allocate<T>(batch * (length + 2 * margin) * channels), batch, length, channels, margin);
}

/// `x` itself where its margin suffices, else a copy in the workspace with at least that margin.
template <class T>
[[gnu::noinline]] Sequence<const T> with_margin(Sequence<const T> x, Index margin, Workspace& workspace) {
  if (x.margin >= margin) return x;
  const Sequence<T> copy = make_sequence<T>(workspace, x.batch, x.length, x.channels, margin);
  for (Index b = 0; b < x.batch; ++b) std::copy_n(x.item(b), x.length * x.channels, copy.item(b));
  return copy;
}

}  // namespace systolic::nn
