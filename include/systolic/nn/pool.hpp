#pragma once
// Pooling along time.

#include <cmath>
#include <type_traits>

#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

/// The largest of each `kernel` consecutive samples, windows side by side (stride = kernel); a last window that the
/// signal does not fill is completed with zeros on the right, as SAME padding of the diagnosis network does.
/// x [batch][time][channels] -> [batch][ceil(time / kernel)][channels] in the workspace.
template <class In>
Sequence<std::remove_const_t<In>> max_pool1d(Sequence<In> x, Index kernel, Workspace& workspace, Index margin = 0) {
  using T = std::remove_const_t<In>;
  const Index length = (x.length + kernel - 1) / kernel;
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, length, x.channels, margin);
  for (Index b = 0; b < x.batch; ++b)
    for (Index t = 0; t < length; ++t) {
      T* out = y.item(b) + t * x.channels;
      const Index end = std::min((t + 1) * kernel, x.length);
      std::copy_n(x.item(b) + t * kernel * x.channels, x.channels, out);
      for (Index s = t * kernel + 1; s < end; ++s)
        for (Index c = 0; c < x.channels; ++c) out[c] = std::max(out[c], x.item(b)[s * x.channels + c]);
      if (end < (t + 1) * kernel)
        for (Index c = 0; c < x.channels; ++c) out[c] = std::max(out[c], T(0));
    }
  return y;
}

/// The mean over time: x [batch][time][channels] -> y [batch][channels].
template <class T>
void mean_over_time(Sequence<const T> x, T* y) {
  for (Index b = 0; b < x.batch; ++b, y += x.channels) {
    std::fill_n(y, x.channels, T(0));
    for (Index t = 0; t < x.length; ++t)
      for (Index c = 0; c < x.channels; ++c) y[c] += x.item(b)[t * x.channels + c];
    for (Index c = 0; c < x.channels; ++c) y[c] /= static_cast<T>(x.length);
  }
}

/// The same as a sequence [batch][1][channels] in the workspace.
template <class T>
Sequence<T> mean_over_time(Sequence<T> x, Workspace& workspace) {
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, 1, x.channels);
  mean_over_time<T>(x, y.data);
  return y;
}

inline constexpr double pooled_floor = 1e-6;  ///< added to a variance, so that its root has a slope everywhere

/// Mean over time, then standard deviation over time, of every channel: [batch][time][c] -> [batch][1][2 c].
template <class T>
Sequence<T> pool_moments(Sequence<T> x, Workspace& workspace) {
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, 1, 2 * x.channels);
  const T count = static_cast<T>(x.length);
  for (Index b = 0; b < x.batch; ++b)
    for (Index c = 0; c < x.channels; ++c) {
      T mean = 0, squares = 0;
      for (Index t = 0; t < x.length; ++t) mean += x.item(b)[t * x.channels + c] / count;
      for (Index t = 0; t < x.length; ++t) {
        const T centred = x.item(b)[t * x.channels + c] - mean;
        squares += centred * centred;
      }
      y.item(b)[c] = mean;
      y.item(b)[x.channels + c] = std::sqrt(squares / count + static_cast<T>(pooled_floor));
    }
  return y;
}

/// The largest over time, of every channel: [batch][time][c] -> [batch][1][c]. Requires a sample.
template <class T>
Sequence<T> max_over_time(Sequence<T> x, Workspace& workspace) {
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, 1, x.channels);
  for (Index b = 0; b < x.batch; ++b) {
    std::copy_n(x.item(b), x.channels, y.item(b));
    for (Index t = 1; t < x.length; ++t)
      for (Index c = 0; c < x.channels; ++c) y.item(b)[c] = std::max(y.item(b)[c], x.item(b)[t * x.channels + c]);
  }
  return y;
}

}  // namespace systolic::nn
