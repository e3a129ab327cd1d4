#pragma once
// Moving and adding sequences: what a model does between its layers. Every result is new, in the workspace, without
// margin.

#include <type_traits>

#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

/// x without its margin.
template <class T>
Sequence<std::remove_const_t<T>> copy(Sequence<T> x, Workspace& workspace) {
  const auto y = make_sequence<std::remove_const_t<T>>(workspace, x.batch, x.length, x.channels);
  for (Index b = 0; b < x.batch; ++b) std::copy_n(x.item(b), x.length * x.channels, y.item(b));
  return y;
}

/// a [batch][time_a][channels], then b [batch][time_b][channels], along time.
template <class T>
Sequence<T> concatenate_time(Sequence<T> a, Sequence<T> b, Workspace& workspace) {
  assert(a.batch == b.batch && a.channels == b.channels);
  const Sequence<T> y = make_sequence<T>(workspace, a.batch, a.length + b.length, a.channels);
  for (Index i = 0; i < a.batch; ++i) {
    std::copy_n(a.item(i), a.length * a.channels, y.item(i));
    std::copy_n(b.item(i), b.length * b.channels, y.item(i) + a.length * a.channels);
  }
  return y;
}

/// a [batch][time][channels_a] beside b [batch][time][channels_b].
template <class T>
Sequence<T> concatenate_channels(Sequence<T> a, Sequence<T> b, Workspace& workspace) {
  assert(a.batch == b.batch && a.length == b.length);
  const Sequence<T> y = make_sequence<T>(workspace, a.batch, a.length, a.channels + b.channels);
  for (Index i = 0; i < a.batch; ++i)
    for (Index t = 0; t < a.length; ++t) {
      T* row = y.item(i) + t * y.channels;
      std::copy_n(a.item(i) + t * a.channels, a.channels, row);
      std::copy_n(b.item(i) + t * b.channels, b.channels, row + a.channels);
    }
  return y;
}

/// x between channels of zeros, `below` of them before its own and `above` after.
template <class T>
Sequence<T> pad_channels(Sequence<T> x, Index below, Index above, Workspace& workspace) {
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, x.length, below + x.channels + above);
  std::fill_n(y.data, y.batch * y.batch_stride(), T(0));
  for (Index b = 0; b < x.batch; ++b)
    for (Index t = 0; t < x.length; ++t)
      std::copy_n(x.item(b) + t * x.channels, x.channels, y.item(b) + t * y.channels + below);
  return y;
}

/// [batch][time][channel] -> [batch][1][time * channel], the same memory. Requires a margin of 0.
template <class T>
Sequence<T> flatten(Sequence<T> x, Workspace&) {
  assert(x.margin == 0);
  return {x.data, x.batch, 1, x.length * x.channels, 0};
}

/// a + b, of the same shape.
template <class T>
Sequence<T> add(Sequence<T> a, Sequence<T> b, Workspace& workspace) {
  assert(a.batch == b.batch && a.length == b.length && a.channels == b.channels);
  const Sequence<T> y = copy(a, workspace);
  for (Index i = 0; i < a.batch; ++i)
    for (Index j = 0; j < a.length * a.channels; ++j) y.item(i)[j] += b.item(i)[j];
  return y;
}

/// The first `channels` channels times `factor`, those after them times `rest`, in place.
template <class T>
Sequence<T> scale_channels(Sequence<T> x, Index channels, std::type_identity_t<T> factor, std::type_identity_t<T> rest,
                           Workspace&) {
  for (Index b = 0; b < x.batch; ++b)
    for (Index t = 0; t < x.length; ++t) {
      T* row = x.item(b) + t * x.channels;
      for (Index c = 0; c < x.channels; ++c) row[c] *= c < channels ? factor : rest;
    }
  return x;
}

/// [batch][time][channel] -> [batch][channel][time].
template <class T>
Sequence<T> transpose(Sequence<T> x, Workspace& workspace) {
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, x.channels, x.length);
  for (Index b = 0; b < x.batch; ++b)
    for (Index c = 0; c < x.channels; ++c)
      for (Index t = 0; t < x.length; ++t) y.item(b)[c * x.length + t] = x.item(b)[t * x.channels + c];
  return y;
}

}  // namespace systolic::nn
