#pragma once
// Several processes that train one model on one batch, each on its own items. Whatever a step takes from the whole
// batch (statistics of batch norm, means in losses, draws of dropout) goes through here, so that the step does what one
// process with the whole batch would do.

#include "systolic/core/tensor.hpp"

namespace systolic::grad {

/// Sums over all processes. Every process calls the same sums in the same order.
class Collective {
 public:
  virtual ~Collective() = default;
  virtual int rank() const noexcept = 0;  ///< 0 .. size - 1
  virtual int size() const noexcept = 0;
  virtual void sum(double* values, Index count) = 0;  ///< in place, the same result everywhere
  virtual void sum(float* values, Index count) = 0;
};

/// This process's part of the batch: items [first, first + its own) of `total`. The default is the whole batch.
struct Shard {
  Index first = 0;
  Index total = 0;  ///< 0: as many as there are here
  Collective* collective = nullptr;

  Index whole_batch(Index own) const noexcept { return total > 0 ? total : own; }
  template <class T>
  void sum(T* values, Index count) const {
    if (collective != nullptr) collective->sum(values, count);
  }
};

}  // namespace systolic::grad
