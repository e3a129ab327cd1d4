#pragma once
// A block in training: convolution, batch norm with the batch's own statistics, activation, as one operation on the
// tape that keeps the convolution's result and the block's.

#include <optional>
#include <vector>

#include "systolic/grad/batch_norm.hpp"
#include "systolic/grad/convolution.hpp"
#include "systolic/grad/tape.hpp"
#include "systolic/nn/block.hpp"

namespace systolic::grad {

/// dy times the derivative of the activation at the point where it gave z, in place.
template <class T>
void activation_backward(const nn::Activation& activation, nn::Sequence<const T> z, nn::Sequence<T> dz,
                         int threads = 1) {
  if (activation.kind == nn::Activation::Kind::none) return;
  const T slope = static_cast<T>(activation.slope());
  parallel_for(dz.batch, threads, [&](Index b, int) {
    const T* value = z.item(b);
    T* gradient = dz.item(b);
    const Index count = dz.length * dz.channels;
    if (activation.kind == nn::Activation::Kind::tanh)
      for (Index i = 0; i < count; ++i) gradient[i] *= T(1) - value[i] * value[i];
    else
      for (Index i = 0; i < count; ++i) gradient[i] *= value[i] > T(0) ? T(1) : slope;
  });
}

/// The same, and dbias[c] += sum over batch and time of the result; dbias may be nullptr.
template <class T>
void activation_backward(const nn::Activation& activation, nn::Sequence<const T> z, nn::Sequence<T> dz, T* dbias,
                         int threads = 1) {
  if (activation.kind == nn::Activation::Kind::tanh || dbias == nullptr) {
    activation_backward(activation, z, dz, threads);
    if (dbias != nullptr) add_bias_gradient<T>(dz, dbias);
    return;
  }
  const T slope = static_cast<T>(activation.slope());
  const auto sums = detail::channel_sums<T>(dz.batch, dz.channels, threads, {}, [&](Index b, T* sum) {
    kernels::leak_gradient(z.item(b), dz.item(b), dz.length, dz.channels, slope, sum);
  });
  for (Index c = 0; c < dz.channels; ++c) dbias[c] += static_cast<T>(sums[static_cast<std::size_t>(c)]);
}

namespace detail {

/// Calls body(first item, number of items, workspace of the worker) for all items of a batch, in groups of as many as
/// keep `numbers` an item in the second-level cache from one step of the body to the next.
template <class Body>
void for_each_group(Index batch, Index numbers, Workspace& workspace, Body&& body) {
  constexpr Index cached = 1 << 17;
  const Index together = std::clamp<Index>(cached / std::max<Index>(1, numbers), 1, std::max<Index>(1, batch));
  const Index groups = (batch + together - 1) / together;
  nn::for_each_with_scratch(groups, workspace, [&](Index group, Workspace& scratch) {
    const Index first = batch * group / groups;
    body(first, batch * (group + 1) / groups - first, scratch);
  });
}

/// A block's layer in a training step: packed without the batch norm, which inference folds in and training must not.
template <class T, class Layer>
struct StepLayer {
  Layer forward;
  std::optional<InputGradient<T, Layer>> backward;

  /// `length`: of the input.
  StepLayer(const Layer& layer, Index length) : forward(layer.options), length_(length) {}

  /// Takes over the weights of step number `step`, once for each way. `passed_back`: whether the input's gradient will
  /// be wanted.
  void set_weight(const Layer& layer, std::size_t step, bool passed_back) {
    if (forward_step_ != step) {
      forward_step_ = step;
      forward.weight = layer.weight;
      forward.bias = layer.bias;
      forward.prepare(nullptr, Precision::f32, forward.output_length(length_));
    }
    if (!passed_back || backward_step_ == step) return;
    backward_step_ = step;
    if (backward)
      backward->set_weight(layer);
    else
      backward.emplace(layer, length_);
  }

 private:
  Index length_;
  std::size_t forward_step_ = ~std::size_t{0}, backward_step_ = forward_step_;
};

}  // namespace detail

/// Training: x -> act(norm(layer(x))). A few items at a time go through all that needs no others.
template <class T, class Layer>
Variable<T> apply(const nn::Block<T, Layer>& block, const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> in = x.value;
  const Index length = block.layer.output_length(in.length), channels = block.layer.out_channels();
  auto* step = &tape.template kept<detail::StepLayer<T, Layer>>(block.layer, in.length);
  step->set_weight(block.layer, tape.step(), tape.wanted(x));
  const Layer& layer = step->forward;
  const auto z = nn::make_sequence<T>(tape.workspace(), in.batch, length, channels, block.output_margin);
  nn::Sequence<T> raw;
  std::optional<BatchStatistics<T>> statistics;
  if (block.norm) {
    raw = nn::make_sequence<T>(tape.workspace(), in.batch, length, channels);
    ItemMoments<T> moments(in.batch, channels);
    detail::for_each_group(in.batch, in.batch_stride(), tape.workspace(),
                           [&](Index b, Index count, Workspace& scratch) {
                             layer.run(in.items(b, count), raw.items(b, count), scratch);
                             for (Index i = b; i < b + count; ++i) moments.measure(raw, i);
                           });
    statistics = join<T>(*block.norm, moments, length, tape.parameter_value(block.norm->running_mean),
                         tape.parameter_value(block.norm->running_var), tape.shard());
    normalize<T>(*statistics, block.activation, raw, z, tape.threads());
  } else {
    const bool activated = layer.prepared() && block.activation.kind != nn::Activation::Kind::tanh;
    detail::for_each_group(in.batch, in.batch_stride(), tape.workspace(),
                           [&](Index b, Index count, Workspace& scratch) {
                             layer.run(in.items(b, count), z.items(b, count), scratch, block.activation);
                             if (!activated) nn::activate_in_place(block.activation, z.items(b, count));
                           });
  }
  const nn::Block<T, Layer>* source = &block;
  return tape.record(z, [=, &tape](nn::Sequence<T> dz) {
    std::optional<NormGradient<T>> norm;
    if (source->norm)
      norm.emplace(*statistics, source->activation, raw, dz, tape.parameter_gradient(source->norm->weight),
                   tape.parameter_gradient(source->norm->bias), tape.threads(), tape.shard());
    else
      activation_backward<T>(source->activation, z, dz, tape.parameter_gradient(source->layer.bias), tape.threads());
    if (tape.wanted(x)) {
      const InputGradient<T, Layer>& input_gradient = *step->backward;
      const auto [dx, fresh] = tape.destination(x);
      detail::for_each_group(in.batch, dz.batch_stride(), tape.workspace(),
                             [&, to = dx, write = fresh](Index b, Index count, Workspace& scratch) {
                               for (Index i = b; norm && i < b + count; ++i) norm->pass_back(raw, dz, i);
                               input_gradient(dz.items(b, count), to.items(b, count), write, scratch);
                             });
    } else if (norm) {
      norm->pass_back_all(raw, dz, tape.threads());
    }
    // A bias before a norm, too: the norm's own way back has made its gradient (almost) nothing, as it should be.
    if (T* dbias = tape.parameter_gradient(source->layer.bias); dbias && norm) add_bias_gradient<T>(dz, dbias);
    if (T* dweight = tape.parameter_gradient(source->layer.weight))
      add_weight_gradient<T>(step->forward, in, dz, dweight, tape.workspace());
  });
}

/// Passes x through blocks, as apply_blocks() of inference does. Their weights are packed before, for as many blocks at
/// once as there are threads.
template <class Layer, class T>
Variable<T> apply_blocks(const std::vector<nn::Block<T, Layer>>& blocks, const Variable<T>& x, Tape<T>& tape) {
  std::vector<detail::StepLayer<T, Layer>*> layers;
  Index length = x.value.length;
  for (const auto& block : blocks) {
    layers.push_back(&tape.template kept<detail::StepLayer<T, Layer>>(block.layer, length));
    length = block.layer.output_length(length);
  }
  const bool wanted = tape.wanted(x);
  parallel_for(static_cast<Index>(blocks.size()), tape.threads(), [&](Index i, int) {
    const auto number = static_cast<std::size_t>(i);
    layers[number]->set_weight(blocks[number].layer, tape.step(), number > 0 || wanted);
  });
  Variable<T> y = x;
  for (const auto& block : blocks) y = apply(block, y, tape);
  return y;
}

}  // namespace systolic::grad
