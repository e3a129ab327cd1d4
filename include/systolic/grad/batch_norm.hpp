#pragma once
// Batch norm and activation of a block in training, in one pass each way. With m values a channel, x^ = (x - mean) /
// spread, z = act(weight x^ + bias) and g = dz act'(.):
//   dbias = sum g,  dweight = sum g x^,  dx = weight / spread (g - dbias / m - x^ dweight / m).
// docs/layers/batch_norm.md derives it.

#include <cmath>
#include <vector>

#include "systolic/core/parallel.hpp"
#include "systolic/grad/shard.hpp"
#include "systolic/kernels/channel_norm.hpp"
#include "systolic/nn/activation.hpp"
#include "systolic/nn/batch_norm.hpp"

namespace systolic::grad {

/// Mean and 1 / spread of each channel of a batch.
template <class T>
struct BatchStatistics {
  std::vector<T> mean, inverse_spread;
};

namespace detail {

/// `count` sums over batch and time for each channel, [count][channels]: sum(b, sums) adds those of batch item b. Each
/// item is summed by itself and the items are added in order, so that the result does not depend on the threads; then
/// the processes' sums are added.
template <class T, class Sum>
std::vector<double> channel_sums(Index batch, Index sums, int threads, const Shard& shard, Sum sum) {
  std::vector<T> partial(static_cast<std::size_t>(batch * sums), T(0));
  parallel_for(batch, threads, [&](Index b, int) { sum(b, partial.data() + b * sums); });
  std::vector<double> total(static_cast<std::size_t>(sums), 0.0);
  for (Index b = 0; b < batch; ++b)
    for (Index i = 0; i < sums; ++i)
      total[static_cast<std::size_t>(i)] += static_cast<double>(partial[static_cast<std::size_t>(b * sums + i)]);
  shard.sum(total.data(), sums);
  return total;
}

}  // namespace detail

/// Statistics of x, and the running ones moved towards them (mean, unbiased variance) by the layer's momentum;
/// `running_mean` and `running_var` may be nullptr.
template <class T>
BatchStatistics<T> measure(const nn::BatchNorm1d<T>& layer, nn::Sequence<const T> x, T* running_mean, T* running_var,
                           int threads, const Shard& shard = {}) {
  const double count = static_cast<double>(shard.whole_batch(x.batch) * x.length);
  const auto sums = detail::channel_sums<T>(x.batch, x.channels, threads, shard, [&](Index b, T* sum) {
    kernels::add_channel_sums(x.item(b), x.length, x.channels, sum);
  });
  BatchStatistics<T> result;
  for (const double sum : sums) result.mean.push_back(static_cast<T>(sum / count));
  const T* mean = result.mean.data();
  const auto squares = detail::channel_sums<T>(x.batch, x.channels, threads, shard, [&](Index b, T* sum) {
    kernels::add_channel_squares(x.item(b), x.length, x.channels, mean, sum);
  });
  for (Index c = 0; c < x.channels; ++c) {
    const double variance = squares[static_cast<std::size_t>(c)] / count;
    result.inverse_spread.push_back(static_cast<T>(1 / std::sqrt(variance + static_cast<double>(layer.epsilon))));
    if (running_mean != nullptr) running_mean[c] += layer.momentum * (mean[c] - running_mean[c]);
    if (running_var != nullptr)
      running_var[c] += layer.momentum * (static_cast<T>(variance * count / (count - 1)) - running_var[c]);
  }
  return result;
}

/// z = act(weight x^ + bias) into z, of x's shape.
template <class T>
void normalize(const nn::BatchNorm1d<T>& layer, const BatchStatistics<T>& statistics, const nn::Activation& activation,
               nn::Sequence<const T> x, nn::Sequence<T> z, int threads) {
  std::vector<T> scale, shift;
  for (Index c = 0; c < x.channels; ++c) {
    const auto i = static_cast<std::size_t>(c);
    scale.push_back(layer.weight(c) * statistics.inverse_spread[i]);
    shift.push_back(layer.bias(c) - statistics.mean[i] * scale[i]);
  }
  const T slope = static_cast<T>(activation.slope());
  parallel_for(x.batch, threads, [&](Index b, int) {
    kernels::scale_shift_leak(x.item(b), x.length, x.channels, scale.data(), shift.data(), slope, z.item(b));
  });
}

/// Turns dz, of z's shape, into dx in place, and adds to dweight and dbias (which may be nullptr). z is the block's
/// result: its sign says on which side of the activation's kink it was.
template <class T>
void backward(const nn::BatchNorm1d<T>& layer, const BatchStatistics<T>& statistics, const nn::Activation& activation,
              nn::Sequence<const T> x, nn::Sequence<const T> z, nn::Sequence<T> dz, T* dweight, T* dbias, int threads,
              const Shard& shard = {}) {
  const T slope = static_cast<T>(activation.slope());
  const T* mean = statistics.mean.data();
  const T* inverse = statistics.inverse_spread.data();
  const Index channels = x.channels;
  const double count = static_cast<double>(shard.whole_batch(x.batch) * x.length);
  const auto sums = detail::channel_sums<T>(x.batch, 2 * channels, threads, shard, [&](Index b, T* sum) {
    kernels::add_norm_gradient_sums(x.item(b), z.item(b), dz.item(b), x.length, channels, mean, slope, sum,
                                    sum + channels);
  });
  // dx = scale g + factor x + shift: the formula above, sorted by what changes from sample to sample.
  std::vector<T> scale, factor, shift;
  for (Index c = 0; c < channels; ++c) {
    const double bias_sum = sums[static_cast<std::size_t>(c)];
    const double weight_sum = sums[static_cast<std::size_t>(channels + c)] * static_cast<double>(inverse[c]);
    const double rate = static_cast<double>(layer.weight(c) * inverse[c]);
    const double slant = -rate * static_cast<double>(inverse[c]) * weight_sum / count;
    scale.push_back(static_cast<T>(rate));
    factor.push_back(static_cast<T>(slant));
    shift.push_back(static_cast<T>(-rate * bias_sum / count - slant * static_cast<double>(mean[c])));
    // These sums are over all processes already, and the gradients are about to be added up: one process has them.
    if (shard.collective != nullptr && shard.collective->rank() != 0) continue;
    if (dbias != nullptr) dbias[c] += static_cast<T>(bias_sum);
    if (dweight != nullptr) dweight[c] += static_cast<T>(weight_sum);
  }
  parallel_for(x.batch, threads, [&](Index b, int) {
    kernels::norm_input_gradient(x.item(b), z.item(b), dz.item(b), x.length, channels, scale.data(), factor.data(),
                                 shift.data(), slope);
  });
}

}  // namespace systolic::grad
