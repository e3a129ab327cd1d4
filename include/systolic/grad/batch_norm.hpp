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

/// What batch norm needs of each item by itself, [items][channels]: a channel's mean, and the sum of squares about it.
template <class T>
struct ItemMoments {
  std::vector<T> mean, squares;

  ItemMoments(Index items, Index channels)
      : mean(static_cast<std::size_t>(items * channels)), squares(static_cast<std::size_t>(items * channels)) {}

  /// Measures item `item` of x. Items may be measured by several threads at once.
  void measure(nn::Sequence<const T> x, Index item) {
    T* const own = mean.data() + item * x.channels;
    kernels::add_channel_sums(x.item(item), x.length, x.channels, own);
    for (Index c = 0; c < x.channels; ++c) own[c] /= static_cast<T>(x.length);
    kernels::add_channel_squares(x.item(item), x.length, x.channels, own, squares.data() + item * x.channels);
  }
};

/// Of each channel of a batch: mean, 1 / spread, and what normalize() does with it: scale x + shift.
template <class T>
struct BatchStatistics {
  std::vector<T> mean, inverse_spread, scale, shift;
};

/// The statistics of all items of all processes, each item `length` samples, added in order, and the running ones moved
/// towards them (mean, unbiased variance) by the layer's momentum; `running_mean` and `running_var` may be nullptr.
/// Squares about other means are moved as Chan, Golub and LeVeque (1983) do.
template <class T>
BatchStatistics<T> join(const nn::BatchNorm1d<T>& layer, const ItemMoments<T>& moments, Index length, T* running_mean,
                        T* running_var, const Shard& shard = {}) {
  const auto channels = static_cast<std::size_t>(layer.weight.size());
  const std::size_t items = moments.mean.size() / channels;
  const double samples = static_cast<double>(length);
  const double count = samples * static_cast<double>(shard.whole_batch(static_cast<Index>(items)));
  std::vector<double> means(channels), squares(channels);
  for (std::size_t i = 0; i < items * channels; ++i)
    means[i % channels] += static_cast<double>(moments.mean[i]) * samples / count;
  shard.sum(means.data(), static_cast<Index>(channels));
  for (std::size_t i = 0; i < items * channels; ++i) {
    const double away = static_cast<double>(moments.mean[i]) - means[i % channels];
    squares[i % channels] += static_cast<double>(moments.squares[i]) + samples * away * away;
  }
  shard.sum(squares.data(), static_cast<Index>(channels));
  BatchStatistics<T> result;
  for (std::size_t c = 0; c < channels; ++c) {
    const double variance = squares[c] / count;
    const T mean = static_cast<T>(means[c]);
    const T inverse = static_cast<T>(1 / std::sqrt(variance + static_cast<double>(layer.epsilon)));
    result.mean.push_back(mean);
    result.inverse_spread.push_back(inverse);
    result.scale.push_back(layer.weight.data()[c] * inverse);
    result.shift.push_back(layer.bias.data()[c] - mean * result.scale[c]);
    if (running_mean != nullptr) running_mean[c] += layer.momentum * (mean - running_mean[c]);
    if (running_var != nullptr)
      running_var[c] += layer.momentum * (static_cast<T>(variance * count / (count - 1)) - running_var[c]);
  }
  return result;
}

/// The same of x.
template <class T>
BatchStatistics<T> measure(const nn::BatchNorm1d<T>& layer, nn::Sequence<const T> x, T* running_mean, T* running_var,
                           int threads, const Shard& shard = {}) {
  ItemMoments<T> moments(x.batch, x.channels);
  parallel_for(x.batch, threads, [&](Index b, int) { moments.measure(x, b); });
  return join(layer, moments, x.length, running_mean, running_var, shard);
}

/// z = act(weight x^ + bias) into z, of x's shape.
template <class T>
void normalize(const BatchStatistics<T>& statistics, const nn::Activation& activation, nn::Sequence<const T> x,
               nn::Sequence<T> z, int threads) {
  const T slope = static_cast<T>(activation.slope());
  parallel_for(x.batch, threads, [&](Index b, int) {
    kernels::scale_shift_leak(x.item(b), x.length, x.channels, statistics.scale.data(), statistics.shift.data(), slope,
                              z.item(b));
  });
}

/// The way back through normalize(), in two steps: what all items have to say together, then each item by itself.
template <class T>
class NormGradient {
 public:
  /// Sums over the batch; adds to dweight and dbias (which may be nullptr). `statistics` must live as long as this.
  NormGradient(const BatchStatistics<T>& statistics, const nn::Activation& activation, nn::Sequence<const T> x,
               nn::Sequence<const T> dz, T* dweight, T* dbias, int threads, const Shard& shard = {})
      : leaked_{statistics.scale.data(), statistics.shift.data(), static_cast<T>(activation.slope())} {
    const Index channels = x.channels;
    const double count = static_cast<double>(shard.whole_batch(x.batch) * x.length);
    const auto sums = detail::channel_sums<T>(x.batch, 2 * channels, threads, shard, [&](Index b, T* sum) {
      kernels::add_norm_gradient_sums(x.item(b), dz.item(b), x.length, channels, leaked_, statistics.mean.data(), sum,
                                      sum + channels);
    });
    // dx = scale g + factor x + shift: the formula above, sorted by what changes from sample to sample.
    for (Index c = 0; c < channels; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const double inverse = static_cast<double>(statistics.inverse_spread[i]);
      const double bias_sum = sums[i], weight_sum = sums[static_cast<std::size_t>(channels + c)] * inverse;
      const double rate = static_cast<double>(statistics.scale[i]), slant = -rate * inverse * weight_sum / count;
      factor_.push_back(static_cast<T>(slant));
      shift_.push_back(static_cast<T>(-rate * bias_sum / count - slant * static_cast<double>(statistics.mean[i])));
      // These sums are over all processes already, and the gradients are about to be added up: one process has them.
      if (shard.collective != nullptr && shard.collective->rank() != 0) continue;
      if (dbias != nullptr) dbias[c] += static_cast<T>(bias_sum);
      if (dweight != nullptr) dweight[c] += static_cast<T>(weight_sum);
    }
  }

  /// Turns an item of dz into that of dx, in place.
  void pass_back(nn::Sequence<const T> x, nn::Sequence<T> dz, Index item) const {
    kernels::norm_input_gradient(x.item(item), dz.item(item), x.length, x.channels, leaked_, factor_.data(),
                                 shift_.data());
  }
  /// All items.
  void pass_back_all(nn::Sequence<const T> x, nn::Sequence<T> dz, int threads) const {
    parallel_for(x.batch, threads, [&](Index b, int) { pass_back(x, dz, b); });
  }

 private:
  kernels::Leaked<T> leaked_;
  std::vector<T> factor_, shift_;
};

}  // namespace systolic::grad
