#pragma once
// The graph mixing layer in training: its gather and scatter are each other's adjoint, the rest is a linear layer.

#include "systolic/grad/operations.hpp"
#include "systolic/nn/graph_mixing.hpp"

namespace systolic::grad {

/// x [batch][nodes][in] -> [batch][nodes][out].
template <class T>
Variable<T> apply(const nn::GraphMixing<T>& mixing, const Variable<T>& x, Tape<T>& tape) {
  const nn::GraphMixing<T>* source = &mixing;
  const Variable<T> gathered = tape.record(mixing.gather(x.value, tape.workspace()),
                                           [=, &tape](nn::Sequence<T> dy) { source->scatter(dy, tape.gradient(x)); });
  return apply(mixing.layer, gathered, nn::Activation{}, tape);
}

}  // namespace systolic::grad
