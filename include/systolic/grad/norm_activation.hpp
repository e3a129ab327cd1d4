#pragma once
// Batch norm and activation in training where they stand before a convolution: one operation on the tape, with the
// batch's own statistics.

#include "systolic/grad/batch_norm.hpp"
#include "systolic/grad/tape.hpp"
#include "systolic/nn/norm_activation.hpp"

namespace systolic::grad {

/// Training: x -> act(norm(x)); moves the running statistics.
template <class T>
Variable<T> apply(const nn::NormActivation<T>& layer, const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> in = x.value;
  const nn::Sequence<T> z =
      nn::make_sequence<T>(tape.workspace(), in.batch, in.length, in.channels, layer.output_margin);
  const BatchStatistics<T> statistics =
      measure<T>(layer.norm, in, tape.parameter_value(layer.norm.running_mean),
                 tape.parameter_value(layer.norm.running_var), tape.threads(), tape.shard());
  normalize<T>(statistics, layer.activation, in, z, tape.threads());
  const nn::NormActivation<T>* source = &layer;
  return tape.record(z, [=, &tape](nn::Sequence<T> dz) {
    const NormGradient<T> norm(statistics, source->activation, in, dz, tape.parameter_gradient(source->norm.weight),
                               tape.parameter_gradient(source->norm.bias), tape.threads(), tape.shard());
    if (!tape.wanted(x)) return;
    norm.pass_back_all(in, dz, tape.threads());
    tape.pass(x, dz);
  });
}

}  // namespace systolic::grad
