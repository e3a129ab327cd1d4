#pragma once
// A block in training: convolution, batch norm with the batch's own statistics, activation, as one operation on the
// tape that keeps the convolution's result and the block's.

#include <memory>
#include <optional>

#include "systolic/grad/batch_norm.hpp"
#include "systolic/grad/convolution.hpp"
#include "systolic/grad/tape.hpp"
#include "systolic/nn/block.hpp"

namespace systolic::grad {

/// dy times the derivative of the activation at the point where it gave z, in place.
template <class T>
void activation_backward(const nn::Activation& activation, nn::Sequence<const T> z, nn::Sequence<T> dz) {
  const T slope = static_cast<T>(activation.slope());
  const bool tanh = activation.kind == nn::Activation::Kind::tanh;
  if (activation.kind == nn::Activation::Kind::none) return;
  for (Index b = 0; b < dz.batch; ++b)
    for (Index i = 0; i < dz.length * dz.channels; ++i) {
      const T value = z.item(b)[i];
      dz.item(b)[i] *= tanh ? T(1) - value * value : value > T(0) ? T(1) : slope;
    }
}

/// The same, and dbias[c] += sum over batch and time of the result; dbias may be nullptr.
template <class T>
void activation_backward(const nn::Activation& activation, nn::Sequence<const T> z, nn::Sequence<T> dz, T* dbias) {
  if (activation.kind == nn::Activation::Kind::tanh || (activation.kind == nn::Activation::Kind::none && !dbias)) {
    activation_backward(activation, z, dz);
    if (dbias != nullptr) add_bias_gradient<T>(dz, dbias);
    return;
  }
  std::vector<T> sums(static_cast<std::size_t>(dz.channels));
  const T slope = static_cast<T>(activation.slope());
  for (Index b = 0; b < dz.batch; ++b)
    kernels::leak_gradient(z.item(b), dz.item(b), dz.length, dz.channels, slope, sums.data());
  for (Index c = 0; dbias != nullptr && c < dz.channels; ++c) dbias[c] += sums[static_cast<std::size_t>(c)];
}

/// Training: x -> act(norm(layer(x))).
template <class T, class Layer>
Variable<T> apply(const nn::Block<T, Layer>& block, const Variable<T>& x, Tape<T>& tape) {
  // Packed without the batch norm, which inference folds in and training must not.
  auto layer = std::make_shared<Layer>(block.layer.options);
  layer->weight = block.layer.weight;
  layer->bias = block.layer.bias;
  layer->prepare();
  const nn::Sequence<T> raw = (*layer)(x.value, tape.workspace());
  nn::Sequence<T> z = nn::make_sequence<T>(tape.workspace(), raw.batch, raw.length, raw.channels, block.output_margin);
  std::optional<BatchStatistics<T>> statistics;
  if (block.norm) {
    statistics = measure<T>(*block.norm, raw, tape.parameter_value(block.norm->running_mean),
                            tape.parameter_value(block.norm->running_var), tape.threads(), tape.shard());
    normalize<T>(*block.norm, *statistics, block.activation, raw, z, tape.threads());
  } else {
    for (Index b = 0; b < raw.batch; ++b) std::copy_n(raw.item(b), raw.length * raw.channels, z.item(b));
    nn::activate_in_place(block.activation, z);
  }
  const nn::Block<T, Layer>* source = &block;
  return tape.record(z, [=, &tape](nn::Sequence<T> dz) {
    if (source->norm)
      backward<T>(*source->norm, *statistics, source->activation, raw, z, dz,
                  tape.parameter_gradient(source->norm->weight), tape.parameter_gradient(source->norm->bias),
                  tape.threads(), tape.shard());
    else
      activation_backward<T>(source->activation, z, dz);
    if (T* dbias = tape.parameter_gradient(source->layer.bias)) add_bias_gradient<T>(dz, dbias);
    T* dweight = tape.parameter_gradient(source->layer.weight);
    if (!tape.wanted(x)) return backward<T>(*layer, x.value, dz, dweight, nullptr, tape.workspace());
    nn::Sequence<T> dx = tape.gradient(x);
    backward<T>(*layer, x.value, dz, dweight, &dx, tape.workspace());
  });
}

}  // namespace systolic::grad
