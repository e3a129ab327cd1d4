#pragma once
// A filter that computes its outputs in fours, with fewer products than plain sums take: minimal filtering (Toom 1963,
// Cook 1966, Winograd 1980). Outputs y[i] = sum over k of X[i + k] w[k], with i < m and k < r, are m r products of an
// input and a weight. n = m + r - 1 will do, one for each of n - 1 points a, and one more:
//
//   y[i] = sum over a of a^i P(a)   (+ P(infinity) where i = m - 1)
//
//   P(a) = (sum over q of N(a)[q] X[q]) (sum over k of a^k w[k]) / prod (a - b),   N(a) = prod (z - b), of all b != a
//   P(infinity) = (sum over q of N[q] X[q]) w[r - 1],                              N = prod (z - b), of all b
//
// N(a)[q] is the factor of z^q. That is Lagrange's: the sum over a of a^s N(a) / prod (a - b) interpolates z^s, so it
// is z^s for s < n - 1, and X[q] w[k] comes into y[i] where q = i + k and nowhere else. z^(n-1) needs N on top, which
// is what P(infinity) adds.
//
// Here X is a run of samples and w[k] a matrix: a product is a row product of a quarter of the rows, and combining
// inputs and outputs costs little where runs are long. Weights are combined when they are packed.
//
// Two kinds of filter are cut so. A kernel of twice the stride: X are consecutive runs of `stride` samples, and r = 2:
// five products for eight. A long kernel of stride 1: X are samples, and r = 4: seven for sixteen. Its further blocks
// of four taps meet the inputs of the fours to come, and are summed by the same row products.
//
// More points would save more, but their powers grow, and the rounding error with them: docs/performance.md.

#include <algorithm>
#include <cassert>
#include <vector>

#include "systolic/kernels/packed_weights.hpp"
#include "systolic/kernels/row_combination.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::nn {
namespace detail {

/// The factors of one product each: of the inputs, of the taps, and in the outputs.
template <int Taps>
struct MinimalScheme {
  static constexpr int outputs = 4, taps = Taps, products = outputs + taps - 1;
  float input[products][products] = {};
  double tap[products][taps] = {};
  float output[outputs][products] = {};

  constexpr MinimalScheme() {
    // Of the sets that were tried, in this order, the one with the smallest errors.
    constexpr double points[] = {0, 1, -0.5, -2, -1, 2};
    constexpr int infinity = products - 1;
    static_assert(infinity <= 6);
    for (int a = 0; a < products; ++a) {
      double polynomial[products + 1] = {1}, scale = 1;
      for (int b = 0, degree = 0; b < infinity; ++b) {
        if (b == a) continue;
        ++degree;
        for (int q = degree; q >= 0; --q)
          polynomial[q] = (q > 0 ? polynomial[q - 1] : 0.0) - points[b] * (q < degree ? polynomial[q] : 0.0);
        if (a != infinity) scale *= points[a] - points[b];
      }
      for (int q = 0; q < products; ++q) input[a][q] = static_cast<float>(polynomial[q]);
      double power = 1;
      for (int k = 0; k < std::max(taps, outputs); ++k) {
        const double own = a != infinity ? power : 0.0;
        if (k < taps) tap[a][k] = a == infinity && k + 1 == taps ? 1.0 : own / scale;
        if (k < outputs) output[k][a] = static_cast<float>(a == infinity && k + 1 == outputs ? 1.0 : own);
        if (a != infinity) power *= points[a];
      }
    }
  }
};

/// What a product sees of its inputs: all combinations of a four's.
template <int Taps>
struct InputCombination {
  static constexpr MinimalScheme<Taps> scheme{};
  static constexpr int inputs = scheme.products, outputs = scheme.products, step = scheme.outputs;
  static constexpr bool starts = false;
  static constexpr float factor(int o, int i) { return scheme.input[o][i]; }
  static constexpr bool finishes(int) { return false; }
};

/// What the products of the points other than 0 and infinity are in the four outputs. Products of those two go into the
/// first and the last output alone, which are not final before.
template <int Taps>
struct OutputCombination {
  static constexpr MinimalScheme<Taps> scheme{};
  static constexpr int inputs = scheme.products - 2, outputs = scheme.outputs;
  static constexpr bool starts = true;
  static constexpr float factor(int o, int i) { return scheme.output[o][i + 1]; }
  static constexpr bool finishes(int o) { return o > 0 && o + 1 < outputs; }
};

}  // namespace detail

class MinimalFilter {
 public:
  MinimalFilter() = default;

  /// Whether a filter with that many outputs is faster so. Short signals are not: they wait for their weights, of which
  /// this has up to two and a half times as many.
  static bool pays(Index channels, Index kernel, Index stride, Index outputs) noexcept {
    if (outputs < 64) return false;
    return kernel == 2 * stride ? stride * channels >= 128 : stride == 1 && kernel > 7;
  }

  /// Weight k of output channel n is value(k, n), where k = tap * channels + channel. Requires a kernel of 2 stride, or
  /// a stride of 1.
  template <class Value>
  MinimalFilter(Index channels, Index kernel, Index stride, Index columns, const Value& value)
      : run_(stride * channels), taps_(kernel / stride), columns_(columns) {
    if (taps_ == 2)
      pack<2>(value);
    else
      pack<4>(value);
  }

  bool empty() const noexcept { return weights_.empty(); }

  /// Fills the outputs of `product`, whose x and weights are not looked at: output t of an item sees the samples from
  /// t stride - left on. Requires of x a margin that holds all of them, of the product a bias or an initial, and that
  /// initial is not y.
  template <class = void>
  [[gnu::noinline]] void operator()(Sequence<const float> x, Index left, const kernels::RowProduct& product,
                                    Workspace& workspace) const {
    assert((product.bias != nullptr || product.initial != nullptr) && product.initial != product.y);
    Workspace::Scope scope(workspace);
    const float* first = x.data - left * x.channels;
    if (taps_ == 2)
      filter<2>(first, x.batch_stride(), product, workspace);
    else
      filter<4>(first, x.batch_stride(), product, workspace);
  }

 private:
  /// Blocks of taps.
  Index blocks(Index taps_of_block) const noexcept { return (taps_ + taps_of_block - 1) / taps_of_block; }

  template <int Taps, class Value>
  void pack(const Value& value) {
    static constexpr detail::MinimalScheme<Taps> scheme{};
    const Index depth = blocks(Taps) * run_;
    AlignedVector<float> combined(static_cast<std::size_t>(depth * columns_));  // [column][depth]
    for (const auto& factors : scheme.tap) {
      float* to = combined.data();
      for (Index n = 0; n < columns_; ++n)
        for (Index first = 0; first < taps_; first += Taps, to += run_) {
          double factor[Taps];
          Index from[Taps];
          for (int i = 0; i < Taps; ++i) {  // the last block may lack some taps
            factor[i] = first + i < taps_ ? factors[i] : 0.0;
            from[i] = std::min(first + i, taps_ - 1) * run_;
          }
          for (Index k = 0; k < run_; ++k) {
            double sum = 0;
            for (int i = 0; i < Taps; ++i) sum += factor[i] * static_cast<double>(value(from[i] + k, n));
            to[k] = static_cast<float>(sum);
          }
        }
      weights_.emplace_back(depth, columns_, [&](Index k, Index n) { return combined.data()[n * depth + k]; });
    }
  }

  template <int Taps>
  void filter(const float* x, Index x_batch_stride, const kernels::RowProduct& product, Workspace& workspace) const {
    using Input = detail::InputCombination<Taps>;
    using Output = detail::OutputCombination<Taps>;
    constexpr Index last = Output::outputs - 1;
    const Index batch = product.batch, fours = (product.rows + last) / Output::outputs,
                steps = fours + blocks(Taps) - 1;

    float* inputs = workspace.allocate<float>(Input::outputs * batch * steps * run_);
    combine_inputs<Input>(x, x_batch_stride, product, steps, inputs, workspace);

    // `own` tells where the outputs go and what they start from.
    const auto multiply = [&](Index point, kernels::RowProduct own) {
      own.x = inputs + point * batch * steps * run_;
      own.x_stride = run_;
      own.x_batch_stride = steps * run_;
      own.batch = batch;
      own.weights = weights_[static_cast<std::size_t>(point)].matrix();
      kernels::row_product(own, workspace.threads());
    };
    float* sums = workspace.allocate<float>(Output::inputs * batch * fours * columns_);
    for (Index i = 0; i < Output::inputs; ++i) {
      kernels::RowProduct own;
      own.rows = fours;
      own.y = sums + i * batch * fours * columns_;
      own.y_stride = columns_;
      own.y_batch_stride = fours * columns_;
      multiply(i + 1, own);
    }
    combine_outputs<Output>(sums, product, fours, workspace);
    for (const Index output : {Index{0}, last}) {
      kernels::RowProduct own;
      own.rows = (product.rows + last - output) / Output::outputs;
      own.y = product.y + output * product.y_stride;
      own.y_stride = Output::outputs * product.y_stride;
      own.y_batch_stride = product.y_batch_stride;
      own.initial = own.y;
      own.initial_batch_stride = own.y_batch_stride;
      own.slope = product.slope;
      multiply(output == 0 ? 0 : Input::outputs - 1, own);
    }
  }

  /// inputs [product][batch][step][run], of x [batch][run].
  template <class Input>
  void combine_inputs(const float* x, Index x_batch_stride, const kernels::RowProduct& product, Index steps,
                      float* inputs, Workspace& workspace) const {
    kernels::RowCombination all;
    all.x_tile = Input::step * run_;
    all.x_row = run_;
    all.y_tile = run_;
    all.y_row = product.batch * steps * run_;
    all.rows = Input::outputs;
    all.count = run_;
    // Beyond the runs of an item, zeros: the last four, or the last block of taps, may ask for what nobody gave.
    const Index given = product.rows + taps_ - 1;
    const Index whole = std::clamp<Index>((given - Input::inputs + Input::step) / Input::step, 0, steps);
    const Index padded = (steps - whole) * Input::step + Input::inputs;
    const Index copied = std::min(given - whole * Input::step, padded);
    float* copy = workspace.allocate<float>(padded * run_);
    std::fill_n(copy, padded * run_, 0.0f);
    for (Index b = 0; b < product.batch; ++b) {
      kernels::RowCombination rest = all;
      std::copy_n(x + b * x_batch_stride + whole * all.x_tile, copied * run_, copy);
      rest.x = copy;
      rest.y = inputs + (b * steps + whole) * run_;
      rest.tiles = steps - whole;
      kernels::combine_rows<Input>(rest);
    }
    in_shares(product.batch, whole, workspace, [&](Index b, Index first, Index last) {
      kernels::RowCombination share = all;
      share.x = x + b * x_batch_stride + first * all.x_tile;
      share.y = inputs + (b * steps + first) * run_;
      share.tiles = last - first;
      kernels::combine_rows<Input>(share);
    });
  }

  /// y of the product, final but for the first and the last of each four, of sums [point][batch][four][column].
  template <class Output>
  void combine_outputs(const float* sums, const kernels::RowProduct& product, Index fours, Workspace& workspace) const {
    const Index whole = product.rows / Output::outputs;
    in_shares(product.batch, fours, workspace, [&](Index b, Index first, Index last) {
      kernels::RowCombination share;
      share.x = sums + (b * fours + first) * columns_;
      share.x_tile = columns_;
      share.x_row = product.batch * fours * columns_;
      share.start = product.bias;
      if (product.initial != nullptr) {
        share.start_row = product.initial_stride != 0 ? product.initial_stride : product.y_stride;
        share.start_tile = Output::outputs * share.start_row;
        share.start = product.initial + b * product.initial_batch_stride + first * share.start_tile;
      }
      share.y_row = product.y_stride;
      share.y_tile = Output::outputs * product.y_stride;
      share.y = product.y + b * product.y_batch_stride + first * share.y_tile;
      share.rows = Output::outputs;
      share.tiles = std::min(last, whole) - first;
      share.count = columns_;
      share.slope = product.slope;
      kernels::combine_rows<Output>(share);
      if (last <= whole) return;
      share.x += share.tiles * share.x_tile;
      share.start += share.tiles * share.start_tile;
      share.y += share.tiles * share.y_tile;
      share.rows = product.rows % Output::outputs;
      share.tiles = 1;
      kernels::combine_rows<Output>(share);
    });
  }

  /// Calls work(item, first, last) for shares of `count` of every item.
  template <class Work>
  static void in_shares(Index batch, Index count, Workspace& workspace, const Work& work) {
    const Index shares = workspace.threads();
    parallel_for(batch * shares, workspace.threads(), [&](Index task, int) {
      const Index share = task % shares, first = count * share / shares, last = count * (share + 1) / shares;
      if (first < last) work(task / shares, first, last);
    });
  }

  std::vector<kernels::PackedWeights> weights_;  // of each product
  Index run_ = 0, taps_ = 0, columns_ = 0;
};

}  // namespace systolic::nn
