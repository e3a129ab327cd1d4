#pragma once
// A filter that computes its outputs in pairs, with three products where two outputs take four. Cut in two halves a and
// b, such that neighbouring outputs are
//
//   y0 = X0 a + X1 b          s  = X1 (a + b)
//   y1 = X1 a + X2 b          y0 = s + (X0 - X1) a,  y1 = s - (X1 - X2) b
//
// the sums s serve both. It is the smallest of the minimal filtering algorithms (Winograd 1980): a quarter of the
// multiplications less for differences of the input, and about twice the rounding error of the plain sum.
//
// Two kinds of filter have such halves. A kernel of twice the stride: a is its first half, b its second, and X0, X1, X2
// are consecutive runs of `stride` samples. A long kernel of stride 1: a has the taps of even number and b the odd
// ones, which meet every other sample; X0 and X2 are then samples of one parity, X1 those of the other.

#include <algorithm>
#include <vector>

#include "systolic/kernels/elementwise.hpp"
#include "systolic/kernels/packed_weights.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

class PairedFilter {
 public:
  PairedFilter() = default;

  /// Whether a filter with that many outputs is faster so. Short signals are not: they wait for their weights, of which
  /// this has half as many more.
  static bool pays(Index channels, Index kernel, Index stride, Index outputs) noexcept {
    if (outputs < 64) return false;
    return kernel == 2 * stride ? stride * channels >= 128 : stride == 1 && kernel > 7;
  }

  /// Weight k of output channel n is value(k, n), where k = tap * channels + channel. Requires a kernel of 2 stride, or
  /// a stride of 1.
  template <class Value>
  PairedFilter(Index channels, Index kernel, Index stride, Index columns, const Value& value)
      : channels_(channels), kernel_(kernel), stride_(stride), columns_(columns) {
    const bool runs = consecutive();
    const Index depth = half() * channels, second_depth = runs ? depth : kernel / 2 * channels;
    std::vector<Index> place(static_cast<std::size_t>(depth));  // of weight k of the first filter
    for (Index k = 0; k < depth; ++k)
      place[static_cast<std::size_t>(k)] = runs ? k : k / channels * 2 * channels + k % channels;
    const Index apart = runs ? depth : channels;
    const auto first = [&](Index k, Index n) { return value(place[static_cast<std::size_t>(k)], n); };
    const auto second = [&](Index k, Index n) { return value(place[static_cast<std::size_t>(k)] + apart, n); };
    shared_ = kernels::PackedWeights(
        depth, columns, [&](Index k, Index n) { return first(k, n) + (k < second_depth ? second(k, n) : 0.0f); });
    first_ = kernels::PackedWeights(depth, columns, first);
    second_ = kernels::PackedWeights(second_depth, columns, [&](Index k, Index n) { return -second(k, n); });
  }

  bool empty() const noexcept { return shared_.empty(); }
  /// Whether the kernel is of twice the stride: differences() may be given.
  bool consecutive() const noexcept { return kernel_ == 2 * stride_; }

  /// y[t] = x[t] - x[t + stride], of x's shape; in the workspace. The last `stride` samples of a margin mean nothing.
  template <class = void>
  static Sequence<const float> differences(Sequence<const float> x, Index stride, Workspace& workspace) {
    // Items and margins are one piece of memory.
    const Index count = x.batch * x.batch_stride(), border = x.margin * x.channels, run = stride * x.channels;
    float* y = workspace.allocate<float>(count);
    const int threads = workspace.threads();
    parallel_for(threads, threads, [&](Index task, int) {
      const Index first = (count - run) * task / threads, last = (count - run) * (task + 1) / threads;
      const float* from = x.data - border + first;
      kernels::subtract(from, from + run, y + first, last - first);
    });
    return {y + border, x.batch, x.length, x.channels, x.margin};
  }

  /// Fills the outputs of `product`, whose x and weights are not looked at: output t of an item sees the samples from
  /// t stride - left on. Requires of x a margin that holds all of them. `given`: differences(x, stride), where several
  /// filters see the same x.
  template <class = void>
  [[gnu::noinline]] void operator()(Sequence<const float> x, Index left, kernels::RowProduct product,
                                    Workspace& workspace, const Sequence<const float>* given = nullptr) const {
    Workspace::Scope scope(workspace);
    const Index outputs = product.rows, pairs = (outputs + 1) / 2;
    const Inputs inputs = consecutive() ? run_inputs(x, given ? *given : differences(x, stride_, workspace), left)
                                        : sample_inputs(x, left, outputs, workspace);
    float* sums = workspace.allocate<float>(product.batch * pairs * columns_);
    kernels::RowProduct shared = product;
    shared.rows = pairs;
    shared.x = inputs.middle;
    shared.x_stride = inputs.stride;
    shared.x_batch_stride = inputs.middle_batch_stride;
    shared.weights = shared_.matrix();
    if (product.initial != nullptr) shared.bias = nullptr;
    shared.initial = nullptr;
    shared.slope = 1;
    shared.y = sums;
    shared.y_stride = columns_;
    shared.y_batch_stride = pairs * columns_;
    kernels::row_product(shared, workspace.threads());

    for (const Index odd : {Index{0}, Index{1}}) {
      kernels::RowProduct own = product;
      own.rows = (outputs + 1 - odd) / 2;
      own.x = odd ? inputs.second : inputs.first;
      own.x_stride = inputs.stride;
      own.x_batch_stride = inputs.batch_stride;
      own.weights = odd ? second_.matrix() : first_.matrix();
      own.y = product.y + odd * product.y_stride;
      own.y_stride = 2 * product.y_stride;
      own.initial = sums;
      own.initial_stride = columns_;
      own.initial_batch_stride = pairs * columns_;
      if (product.initial != nullptr) {
        add_initial(product, sums, odd);
        own.initial = own.y;
        own.initial_stride = own.y_stride;
        own.initial_batch_stride = own.y_batch_stride;
      }
      kernels::row_product(own, workspace.threads());
    }
  }

 private:
  /// X1, X0 - X1 and X1 - X2 of the first pair; those of the next are `stride` floats further on.
  struct Inputs {
    const float *middle, *first, *second;
    Index stride, middle_batch_stride, batch_stride;
  };

  Index half() const noexcept { return consecutive() ? stride_ : (kernel_ + 1) / 2; }

  template <class = void>
  Inputs run_inputs(Sequence<const float> x, Sequence<const float> differences, Index left) const {
    const Index run = stride_ * channels_, first = -left * channels_;
    return {x.data + first + run, differences.data + first, differences.data + first + run, 2 * run,
            x.batch_stride(),     x.batch_stride()};
  }

  template <class = void>
  Inputs sample_inputs(Sequence<const float> x, Index left, Index outputs, Workspace& workspace) const {
    const Index length = (outputs + 1) / 2 + half() - 1, count = length * channels_;
    float* odd = workspace.allocate<float>(x.batch * 3 * count);
    float* zeros = workspace.allocate<float>(channels_);
    std::fill_n(zeros, channels_, 0.0f);
    parallel_for(x.batch, workspace.threads(), [&](Index b, int) {
      float* out = odd + b * 3 * count;
      const auto sample = [&](Index i) {  // an odd number of outputs or taps asks for what nobody gave
        return i < outputs + kernel_ - 1 ? x.item(b) + (i - left) * channels_ : zeros;
      };
      for (Index j = 0; j < length; ++j, out += channels_) {
        std::copy_n(sample(2 * j + 1), channels_, out);
        kernels::subtract(sample(2 * j), out, out + count, channels_);
        kernels::subtract(out, sample(2 * j + 2), out + 2 * count, channels_);
      }
    });
    return {odd, odd + count, odd + 2 * count, channels_, 3 * count, 3 * count};
  }

  /// y = initial + sums, for the outputs of one parity.
  template <class = void>
  void add_initial(const kernels::RowProduct& product, const float* sums, Index odd) const {
    const Index pairs = (product.rows + 1) / 2;
    for (Index b = 0; b < product.batch; ++b)
      for (Index t = odd; t < product.rows; t += 2) {
        const float* initial = product.initial + b * product.initial_batch_stride + t * product.y_stride;
        const float* sum = sums + (b * pairs + t / 2) * columns_;
        float* y = product.y + b * product.y_batch_stride + t * product.y_stride;
        for (Index n = 0; n < columns_; ++n) y[n] = initial[n] + sum[n];
      }
  }

  kernels::PackedWeights shared_, first_, second_;  // a + b, a, -b
  Index channels_ = 0, kernel_ = 0, stride_ = 1, columns_ = 0;
};

}  // namespace systolic::nn
