#pragma once
// Transposed 1-D convolution. Output t takes tap k from input (t + padding - k) / stride where that is whole, so all
// outputs with the same phase (t + padding) mod stride use the same taps, and these meet neighbouring inputs: each
// phase is a row product whose window is a run of consecutive inputs with the taps in reverse.

#include <type_traits>
#include <vector>

#include "systolic/kernels/packed_weights.hpp"
#include "systolic/kernels/reference.hpp"
#include "systolic/nn/activation.hpp"
#include "systolic/nn/batch_norm.hpp"
#include "systolic/nn/minimal_filter.hpp"
#include "systolic/nn/reduced_sequence.hpp"

namespace systolic::nn {

struct ConvTranspose1dOptions {
  Index in = 1;
  Index out = 1;
  Index kernel = 1;
  Index stride = 1;
  Index padding = 0;  ///< samples cut from both ends of the output
  bool bias = false;
};

template <class T>
class ConvTranspose1d {
 public:
  ConvTranspose1dOptions options;
  Tensor<T> weight;  ///< [in][out][kernel]
  Tensor<T> bias;    ///< [out], or empty

  explicit ConvTranspose1d(const ConvTranspose1dOptions& settings)
      : options(settings), weight({settings.in, settings.out, settings.kernel}) {
    if (options.bias) bias = Tensor<T>({options.out});
  }

  Index out_channels() const noexcept { return options.out; }
  Index output_length(Index length) const noexcept {
    return (length - 1) * options.stride - 2 * options.padding + options.kernel;
  }
  /// Margin of the input that saves a copy: the longest run of taps of a phase, less one.
  Index input_margin() const noexcept { return (options.kernel - 1) / options.stride; }

  /// Packs the weights for the row product, with what follows (a folded batch norm) multiplied in. To be called again
  /// whenever they change. With a precision other than f32 they, and what comes in, are rounded to it.
  /// `outputs`: how many a call will ask for, where that is known; many are computed in fours.
  void prepare(const ChannelAffine<T>* next = nullptr, Precision precision = Precision::f32, Index outputs = 0) {
    (void)precision;
    (void)outputs;
    if constexpr (std::is_same_v<T, float>) {
      packed_.clear();
      minimal_ = {};
      reduced_.clear();
      // A row of the minimal filter has the outputs of all phases side by side, as they are in memory.
      const bool minimal = precision == Precision::f32 && options.kernel % options.stride == 0 &&
                           MinimalFilter::pays(options.in, tap_count(0), 1, outputs / options.stride);
      AlignedVector<T> columns;
      for (Index phase = 0; phase < options.stride; ++phase) {
        const Index taps = tap_count(phase);
        const Index depth = taps * options.in;
        // [out][tap][in]: what an output is made of, in the order in which it is summed.
        if (!minimal || phase == 0)
          columns.assign(static_cast<std::size_t>((minimal ? options.stride : 1) * options.out * depth), T(0));
        T* const first_column = columns.data() + (minimal ? phase * options.out * depth : 0);
        // Some inputs at a time: both sides are then read and written in runs.
        constexpr Index together = 16;
        for (Index first = 0; first < options.in; first += together)
          for (Index n = 0; n < options.out; ++n) {
            const T factor = next ? next->scale[static_cast<std::size_t>(n)] : T(1);
            for (Index tap = 0; tap < taps; ++tap) {
              const T* from = weight.data() + n * options.kernel + phase + options.stride * (taps - 1 - tap);
              T* to = first_column + n * depth + tap * options.in;
              for (Index c = first; c < std::min(options.in, first + together); ++c)
                to[c] = from[c * options.out * options.kernel] * factor;
            }
          }
        const auto column = [&](Index k, Index n) { return columns.data()[n * depth + k]; };
        if (minimal) {
          if (phase + 1 == options.stride)
            minimal_ = MinimalFilter(options.in, taps, 1, options.stride * options.out, column);
        } else if (precision == Precision::f32) {
          packed_.emplace_back(depth, options.out, column);
        } else {
          reduced_.emplace_back(precision, depth, options.out, column);
        }
      }
      folded_bias_.assign(static_cast<std::size_t>(options.stride * options.out), T(0));
      for (Index n = 0; n < options.stride * options.out; ++n) {
        const Index o = n % options.out;
        const auto i = static_cast<std::size_t>(o);
        const T own = bias.empty() ? T(0) : bias(o);
        folded_bias_[static_cast<std::size_t>(n)] = next ? own * next->scale[i] + next->shift[i] : own;
      }
    } else {
      (void)next;
    }
  }
  bool prepared() const noexcept { return !packed_.empty() || !minimal_.empty() || !reduced_.empty(); }

  /// x [batch][time][in] -> [batch][time_out][out], in the workspace, with a margin for the layer after it. A prepared
  /// layer applies the folded batch norm and the slope of `activation`; its tanh is the caller's.
  /// `initial`, in y's layout, of one item or of as many, takes the place of the bias: the part of a sum that other
  /// inputs made.
  Sequence<T> operator()(Sequence<const T> x, Workspace& workspace, const Activation& activation = {}, Index margin = 0,
                         const Sequence<const T>* initial = nullptr) const {
    const Sequence<T> y = make_sequence<T>(workspace, x.batch, output_length(x.length), options.out, margin);
    run(x, y, workspace, activation, initial);
    return y;
  }

  /// The same into y, of the output's shape.
  void run(Sequence<const T> x, Sequence<T> y, Workspace& workspace, const Activation& activation = {},
           const Sequence<const T>* initial = nullptr) const {
    assert(x.channels == options.in && y.length == output_length(x.length) && y.channels == options.out);
    if constexpr (std::is_same_v<T, float>) {
      if (prepared()) {
        Workspace::Scope scope(workspace);
        if (!reduced_.empty())
          run_reduced(x, y, activation, initial, workspace);
        else if (!minimal_.empty())
          run_minimal(with_margin(x, input_margin(), workspace), y, activation, initial, workspace);
        else
          run_prepared(with_margin(x, input_margin(), workspace), y, activation, initial, workspace);
        return;
      }
    }
    assert(initial == nullptr);
    for (Index b = 0; b < x.batch; ++b)
      kernels::conv_transpose1d_reference<T>({x.item(b), {1, x.length, x.channels}}, weight.view(),
                                             bias.empty() ? nullptr : bias.data(), options.stride, options.padding,
                                             {y.item(b), {1, y.length, options.out}});
  }

 private:
  Index tap_count(Index phase) const noexcept {
    return phase < options.kernel ? (options.kernel - phase + options.stride - 1) / options.stride : 0;
  }

  /// What all products of a layer have in common: outputs t = first, first + stride, ... have phase `phase`, and the
  /// first one's window ends at input last_input.
  struct Phase {
    Index first, rows, window;
  };
  Phase place(Index phase, Index length) const noexcept {
    const Index first = ((phase - options.padding) % options.stride + options.stride) % options.stride;
    const Index last_input = (first + options.padding - phase) / options.stride;
    return {first, (length - first + options.stride - 1) / options.stride, last_input - tap_count(phase) + 1};
  }
  template <class Product>
  void set_output(Product& product, const Phase& phase, Sequence<T> y, const Activation& activation,
                  const Sequence<const T>* initial) const {
    product.batch = y.batch;
    product.rows = phase.rows;
    product.bias = folded_bias_.data();
    if (initial != nullptr) {
      product.initial = initial->data + phase.first * options.out;
      product.initial_batch_stride = initial->batch > 1 ? initial->batch_stride() : 0;
    }
    product.slope = activation.slope();
    product.y = y.data + phase.first * options.out;
    product.y_stride = options.stride * options.out;
    product.y_batch_stride = y.batch_stride();
  }

  [[gnu::noinline]] void run_prepared(Sequence<const T> x, Sequence<T> y, const Activation& activation,
                                      const Sequence<const T>* initial,
                                      Workspace& workspace) const requires std::is_same_v<T, float> {
    for (Index number = 0; number < options.stride; ++number) {
      const Phase phase = place(number, y.length);
      if (phase.first >= y.length) continue;
      kernels::RowProduct product;
      set_output(product, phase, y, activation, initial);
      product.x = x.data + phase.window * options.in;
      product.x_stride = options.in;
      product.x_batch_stride = x.batch_stride();
      product.weights = packed_[static_cast<std::size_t>(number)].matrix();
      kernels::row_product(product, workspace.threads());
    }
  }

  /// Output t of every phase: `stride` samples, of which the first and the last `padding` of all are cut off.
  [[gnu::noinline]] void run_minimal(Sequence<const T> x, Sequence<T> y, const Activation& activation,
                                     const Sequence<const T>* initial,
                                     Workspace& workspace) const requires std::is_same_v<T, float> {
    const Index taps = tap_count(0), cut = options.padding * options.out;
    // They are written nevertheless, into the margin.
    Sequence<T> wide = y;
    if (y.margin < options.padding) wide = make_sequence<T>(workspace, y.batch, y.length, y.channels, options.padding);
    kernels::RowProduct product;
    product.batch = y.batch;
    product.rows = x.length + taps - 1;
    product.bias = folded_bias_.data();
    if (initial != nullptr) {
      const Sequence<const T> start = with_margin(*initial, options.padding, workspace);
      product.initial = start.data - cut;
      product.initial_batch_stride = initial->batch > 1 ? start.batch_stride() : 0;
    }
    product.slope = activation.slope();
    product.y = wide.data - cut;
    product.y_stride = options.stride * options.out;
    product.y_batch_stride = wide.batch_stride();
    minimal_(x, taps - 1, product, workspace);
    for (Index b = 0; b < y.batch; ++b) {
      std::fill_n(wide.item(b) - cut, cut, T(0));
      std::fill_n(wide.item(b) + y.length * options.out, cut, T(0));
      if (y.margin < options.padding) std::copy_n(wide.item(b), y.length * options.out, y.item(b));
    }
  }

  [[gnu::noinline]] void run_reduced(Sequence<const T> x, Sequence<T> y, const Activation& activation,
                                     const Sequence<const T>* initial,
                                     Workspace& workspace) const requires std::is_same_v<T, float> {
    const Precision precision = reduced_.front().precision();
    const ReducedSequence source = reduce(x, precision, input_margin(), options.in, workspace);
    for (Index number = 0; number < options.stride; ++number) {
      const Phase phase = place(number, y.length);
      if (phase.first >= y.length) continue;
      kernels::ReducedProduct product;
      product.x = source.data + (input_margin() + phase.window) * options.in * kernels::reduced_bytes(precision);
      product.x_stride = options.in;
      product.x_batch_stride = source.batch_stride;
      product.x_scales = source.scales;
      product.weights = &reduced_[static_cast<std::size_t>(number)];
      set_output(product, phase, y, activation, initial);
      kernels::reduced_product(product, workspace.threads());
    }
  }

  std::vector<kernels::PackedWeights> packed_;    // a matrix [taps][in] x [out] a phase
  MinimalFilter minimal_;                         // instead, where there are many outputs
  std::vector<kernels::ReducedWeights> reduced_;  // instead, in another precision
  std::vector<T> folded_bias_;
};

template <class T, class Visitor>
void visit_parameters(ConvTranspose1d<T>& layer, const std::string& prefix, Visitor&& visitor) {
  visitor(prefix + ".weight", layer.weight);
  if (!layer.bias.empty()) visitor(prefix + ".bias", layer.bias);
}

}  // namespace systolic::nn
