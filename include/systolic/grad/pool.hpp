#pragma once
// Adjoints of pooling along time (nn/pool.hpp).

#include "systolic/grad/tape.hpp"
#include "systolic/nn/pool.hpp"

namespace systolic::grad {

/// The gradient of a maximum goes to the first sample that has it, and to none where the padding's zero was larger.
template <class T>
Variable<T> max_pool1d(const Variable<T>& x, Index kernel, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::max_pool1d(x.value, kernel, tape.workspace());
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    const Index channels = dx.channels;
    for (Index b = 0; b < dy.batch; ++b)
      for (Index t = 0; t < dy.length; ++t)
        for (Index c = 0; c < channels; ++c)
          for (Index s = t * kernel, end = std::min(s + kernel, dx.length); s < end; ++s)
            if (x.value.item(b)[s * channels + c] == y.item(b)[t * channels + c]) {
              dx.item(b)[s * channels + c] += dy.item(b)[t * channels + c];
              break;
            }
  });
}

/// The mean over n samples: dx = dy / n.
template <class T>
Variable<T> mean_over_time(const Variable<T>& x, Tape<T>& tape) {
  return tape.record(nn::mean_over_time(x.value, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    const T share = T(1) / static_cast<T>(dx.length);
    for (Index b = 0; b < dx.batch; ++b)
      for (Index t = 0; t < dx.length; ++t)
        for (Index c = 0; c < dx.channels; ++c) dx.item(b)[t * dx.channels + c] += share * dy.item(b)[c];
  });
}

}  // namespace systolic::grad
