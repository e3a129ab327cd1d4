#pragma once
// The graph mixing layer in training: its gather and scatter are each other's adjoint, the rest is a linear layer.

#include "systolic/grad/operations.hpp"
#include "systolic/nn/graph_mixing.hpp"

namespace systolic::grad {

template <class T>
Variable<T> as_nodes(const Variable<T>& x, Index nodes, Tape<T>& tape) {
  return tape.record(nn::as_nodes(x.value, nodes, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index i = 0; i < dy.batch * dy.batch_stride(); ++i) dx.data[i] += dy.data[i];
  });
}

/// x [batch][nodes][in] -> [batch][nodes][out].
template <class T>
Variable<T> apply(const nn::GraphMixing<T>& mixing, const Variable<T>& x, Tape<T>& tape) {
  const nn::GraphMixing<T>* source = &mixing;
  const Variable<T> gathered = tape.record(mixing.gather(x.value, tape.workspace()),
                                           [=, &tape](nn::Sequence<T> dy) { source->scatter(dy, tape.gradient(x)); });
  return apply(mixing.layer, gathered, nn::Activation{}, tape);
}

}  // namespace systolic::grad
