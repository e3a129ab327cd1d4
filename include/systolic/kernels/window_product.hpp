#pragma once
// Convolution of images as a row product over gathered windows. As many rows of outputs are gathered at a time as stay
// in the second-level cache: the weights are then read once for all of them.

#include <type_traits>
#include <vector>

#include "systolic/core/workspace.hpp"
#include "systolic/kernels/channel_norm.hpp"
#include "systolic/kernels/packed_weights.hpp"
#include "systolic/kernels/window_adjoint.hpp"

namespace systolic::kernels {

/// Whether products with so few columns are done for two windows at a time.
template <class = void>
inline bool pairs_columns(Index columns) noexcept {
  return 4 * columns <= row_product_panel();
}

/// A matrix [window][columns] that windows are multiplied with: packed in float, plain otherwise.
template <class T>
class WindowWeights {
 public:
  WindowWeights() = default;
  /// Number k of a window meets source[offsets[k] + n * stride] for column n, times factors[n] where there are any.
  /// Windows follow each other `step` numbers apart.
  WindowWeights(const T* source, const std::vector<Index>& offsets, Index stride, Index columns, Index step,
                const T* factors = nullptr)
      : columns_(columns) {
    const Index depth = static_cast<Index>(offsets.size());
    const auto value = [&](Index k, Index n) {
      const T weight = source[offsets[static_cast<std::size_t>(k)] + n * stride];
      return factors != nullptr ? weight * factors[n] : weight;
    };
    if constexpr (std::is_same_v<T, float>) {
      packed_ = PackedWeights(depth, columns, value);
      if (pairs_columns(columns))
        paired_ = PackedWeights(depth + step, 2 * columns, [&](Index k, Index n) {
          if (n >= columns) k -= step;
          return k < 0 || k >= depth ? 0.0f : value(k, n % columns);
        });
    } else {
      for (Index k = 0; k < depth; ++k)
        for (Index n = 0; n < columns; ++n) plain_.push_back(value(k, n));
    }
  }

  bool empty() const noexcept { return packed_.empty() && plain_.empty(); }
  Index columns() const noexcept { return columns_; }
  template <class = void>
  PackedMatrix packed() const noexcept {
    return packed_.matrix();
  }
  /// For two windows side by side as one, [window + step][2 columns]: with few columns most of a vector would be idle.
  template <class = void>
  PackedMatrix paired() const noexcept {
    return paired_.matrix();
  }
  const T* plain() const noexcept { return plain_.data(); }

 private:
  PackedWeights packed_, paired_;
  std::vector<T> plain_;
  Index columns_ = 0;
};

/// The weights [out][in][time][rows][columns] of a convolution for the windows of its input.
template <class T>
WindowWeights<T> window_weights(const T* weight, Index out, Index in, const Triple& kernel, Index column_stride,
                                const T* factors = nullptr) {
  const Index taps = kernel[0] * kernel[1] * kernel[2];
  std::vector<Index> offsets;
  for (Index column = 0; column < kernel[2]; ++column)
    for (Index row = 0; row < kernel[0] * kernel[1]; ++row)
      for (Index c = 0; c < in; ++c) offsets.push_back(c * taps + row * kernel[2] + column);
  return {weight, offsets, in * taps, out, column_stride * kernel[0] * kernel[1] * in, factors};
}
/// The same weights for the windows of its output that belong to a phase of the input's pixels.
template <class T>
WindowWeights<T> phase_weights(const T* weight, Index out, Index in, const Triple& kernel, const WindowPhase& phase) {
  const Index taps = kernel[0] * kernel[1] * kernel[2];
  const auto tap = [&](std::size_t axis, Index j) { return phase.axes[axis].last_tap - j * phase.axes[axis].tap_step; };
  std::vector<Index> offsets;
  for (Index c = 0; c < phase.axes[2].taps; ++c)
    for (Index t = 0; t < phase.axes[0].taps; ++t)
      for (Index r = 0; r < phase.axes[1].taps; ++r)
        for (Index o = 0; o < out; ++o)
          offsets.push_back(o * in * taps + (tap(0, t) * kernel[1] + tap(1, r)) * kernel[2] + tap(2, c));
  return {weight, offsets, taps, in, phase.axes[0].taps * phase.axes[1].taps * out};
}

/// y = leak(start + window times weights), for every window of every item.
template <class T>
struct WindowProduct {
  WindowRows windows;
  const T* x = nullptr;  ///< [batch][time][row][column][channel]
  Index batch = 1;
  const WindowWeights<T>* weights = nullptr;
  const T* bias = nullptr;  ///< [columns], or nullptr
  bool add = false;         ///< start is what y holds, instead of the bias
  T slope = 1;              ///< of negative results: 1 none, 0 ReLU
  const T* scale =
      nullptr;  ///< [columns]: what comes after the slope, y = scale y + shift; or nullptr. Then y is dense
  const T* shift = nullptr;
  T* y = nullptr;
  Triple y_stride{0, 0, 0};  ///< between outputs along time, rows and columns
  Index y_batch_stride = 0;

  /// y as an image [batch][time][row][column][channel] of its own.
  void set_dense(T* to) noexcept {
    y = to;
    y_stride[2] = weights->columns();
    y_stride[1] = windows.outputs[2] * y_stride[2];
    y_stride[0] = windows.outputs[1] * y_stride[1];
    y_batch_stride = windows.outputs[0] * y_stride[0];
  }
};

namespace detail {

/// Numbers of gathered windows: 512 KB of floats.
inline constexpr Index window_buffer = Index{1} << 17;

/// Rows of outputs, all of the same time, whose windows are gathered together.
inline Index lines_together(const WindowRows& w) noexcept {
  return std::clamp<Index>(window_buffer / std::max<Index>(1, w.size_of_rows()), 1, w.outputs[1]);
}

/// Output rows [first, last) of time t of an item.
template <class T>
void multiply_lines(const WindowProduct<T>& p, const T* x, Index t, Index first, Index last, T* buffer, T* y) {
  const WindowRows& w = p.windows;
  const Index pitch = w.size_of_rows(), columns = p.weights->columns();
  const T* rows = buffer;
  if (w.plain())
    rows = x + (t * w.outputs[1] + first) * pitch;
  else
    for (Index r = first; r < last; ++r) gather_window_rows(w, x, t, r, buffer + (r - first) * pitch);
  y += t * p.y_stride[0] + first * p.y_stride[1];
  T* const results = y;
  if constexpr (std::is_same_v<T, float>) {
    RowProduct product;
    product.x = rows;
    product.x_stride = w.window_stride();
    product.x_batch_stride = pitch;
    product.batch = last - first;
    product.rows = w.outputs[2];
    product.weights = p.weights->packed();
    product.bias = p.bias;
    product.slope = p.slope;
    product.y = y;
    product.y_stride = p.y_stride[2];
    product.y_batch_stride = p.y_stride[1];
    // As many pairs of windows as there are: what they read together is a window and a step long.
    float two_biases[32] = {};
    if (pairs_columns(columns) && !w.dilated() && w.outputs[2] % 2 == 0 && p.y_stride[2] == columns) {
      product.x_stride *= 2;
      product.rows /= 2;
      product.weights = p.weights->paired();
      product.y_stride *= 2;
      if (p.bias != nullptr) {
        for (Index n = 0; n < 2 * columns; ++n) two_biases[n] = p.bias[n % columns];
        product.bias = two_biases;
      }
    }
    if (p.add) {
      product.initial = y;
      product.initial_batch_stride = p.y_stride[1];
    }
    row_product(product);
  } else {
    const Index window = w.window_size();
    for (Index r = first; r < last; ++r, rows += pitch, y += p.y_stride[1])
      for (Index c = 0; c < w.outputs[2]; ++c)
        for (Index n = 0; n < columns; ++n) {
          T* to = y + c * p.y_stride[2] + n;
          T sum = p.add ? *to : p.bias != nullptr ? p.bias[n] : T(0);
          for (Index k = 0; k < window; ++k)
            sum += rows[c * w.window_stride() + k] * p.weights->plain()[k * columns + n];
          *to = sum > T(0) ? sum : p.slope * sum;
        }
  }
  // While the numbers are still in the cache.
  if (p.scale != nullptr)
    kernels::scale_shift_leak(results, (last - first) * w.outputs[2], columns, p.scale, p.shift, T(1), results);
}

}  // namespace detail

/// Computes `product` on up to the workspace's threads; the result does not depend on their number.
template <class T>
void window_product(const WindowProduct<T>& product, Workspace& workspace) {
  const WindowRows& w = product.windows;
  const Index rows = w.outputs[1], together = detail::lines_together(w), blocks = (rows + together - 1) / together;
  const Index item = w.size[0] * w.size[1] * w.size[2] * w.channels, buffer = together * w.size_of_rows();
  const int threads = workspace.threads();
  Workspace::Scope scope(workspace);
  T* buffers = workspace.allocate<T>(w.plain() ? 0 : buffer * threads);
  parallel_for(product.batch * w.outputs[0] * blocks, threads, [&](Index task, int worker) {
    const Index b = task / blocks / w.outputs[0], t = task / blocks % w.outputs[0], block = task % blocks;
    detail::multiply_lines(product, product.x + b * item, t, block * together, std::min(rows, (block + 1) * together),
                           buffers + worker * buffer, product.y + b * product.y_batch_stride);
  });
}

/// The adjoint of a convolution with windows `w` over an image of `columns` channels: y, an image of w.size, from
/// x [batch] of w.outputs with `channels` channels. weights: one set for each of window_phases(w), in order. y becomes
/// bias (or 0) plus what the windows give, negative numbers times `slope`; with `add` that is added to what y holds.
template <class T>
void window_adjoint(const WindowRows& w, const std::vector<WindowWeights<T>>& weights, const T* x, Index batch,
                    Index channels, Index columns, const T* bias, T slope, bool add, T* y, Workspace& workspace) {
  const Triple pixel{w.size[1] * w.size[2] * columns, w.size[2] * columns, columns};
  const std::vector<WindowPhase> phases = window_phases(w);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const WindowPhase& phase = phases[i];
    if (phase.pixels() == 0 || (phase.taps() == 0 && add)) continue;
    WindowProduct<T> product;
    product.windows = phase.windows(w.outputs, channels);
    product.x = x;
    product.batch = batch;
    product.weights = &weights[i];
    product.bias = bias;
    product.slope = slope;
    product.add = add;
    product.y = y;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      product.y += phase.axes[axis].first * pixel[axis];
      product.y_stride[axis] = pixel[axis] * w.stride[axis];
    }
    product.y_batch_stride = w.size[0] * pixel[0];
    if (phase.taps() > 0) {
      window_product(product, workspace);
      continue;
    }
    // No window has these pixels.
    const auto start = [&](Index n) {
      const T value = bias != nullptr ? bias[n] : T(0);
      return value > T(0) ? value : slope * value;
    };
    for (Index b = 0; b < batch; ++b)
      for (Index t = 0; t < phase.axes[0].count; ++t)
        for (Index r = 0; r < phase.axes[1].count; ++r)
          for (Index c = 0; c < phase.axes[2].count; ++c)
            for (Index n = 0; n < columns; ++n)
              product.y[b * product.y_batch_stride + t * product.y_stride[0] + r * product.y_stride[1] +
                        c * product.y_stride[2] + n] = start(n);
  }
}

}  // namespace systolic::kernels
