#pragma once
// The two matrix products that the gradients of image convolutions consist of, a row of outputs at a time.

#include <type_traits>

#include "systolic/grad/matrix_product.hpp"
#include "systolic/kernels/packed_weights.hpp"

namespace systolic::grad {

/// A matrix that many rows are multiplied with: value(k, n), k < depth, n < columns.
template <class T>
class FixedMatrix {
 public:
  template <class Value>
  FixedMatrix(Index depth, Index columns, Value&& value) : depth_(depth), columns_(columns) {
    if constexpr (std::is_same_v<T, float>) {
      packed_ = kernels::PackedWeights(depth, columns, value);
    } else {
      for (Index k = 0; k < depth; ++k)
        for (Index n = 0; n < columns; ++n) plain_.push_back(value(k, n));
    }
  }
  Index columns() const noexcept { return columns_; }

  /// y [rows][columns] = x [rows][depth] times the matrix; rows of x x_stride apart, y without gaps.
  void multiply(const T* x, Index x_stride, Index rows, T* y) const {
    if constexpr (std::is_same_v<T, float>) {
      kernels::RowProduct product;
      product.x = x;
      product.x_stride = x_stride;
      product.rows = rows;
      product.weights = packed_.matrix();
      product.y = y;
      product.y_stride = columns_;
      kernels::row_product(product);
    } else {
      for (Index r = 0; r < rows; ++r)
        for (Index n = 0; n < columns_; ++n) {
          T sum = 0;
          for (Index k = 0; k < depth_; ++k)
            sum += x[r * x_stride + k] * plain_[static_cast<std::size_t>(k * columns_ + n)];
          y[r * columns_ + n] = sum;
        }
    }
  }

 private:
  Index depth_, columns_;
  kernels::PackedWeights packed_;
  std::vector<T> plain_;
};

/// Calls item(b, sums, workspace of the worker) for every batch item on up to the workspace's threads; `sums` are
/// `count` numbers, zero at first, that belong to the item. Then adds those of all items, in order, by
/// add(number, sum). So the result does not depend on the threads.
template <class T, class Item, class Add>
void sum_over_items(Index batch, Index count, Workspace& workspace, Item&& item, Add&& add) {
  Workspace::Scope scope(workspace);
  const int threads = static_cast<int>(std::min<Index>(workspace.threads(), std::max<Index>(1, batch)));
  T* sums = workspace.allocate<T>(batch * count);
  std::fill_n(sums, batch * count, T(0));
  for (int i = 0; i < threads; ++i) workspace.worker(i);
  parallel_for(batch, threads, [&](Index b, int worker) {
    Workspace& own = workspace.worker(worker);
    Workspace::Scope own_scope(own);
    item(b, sums + b * count, own);
  });
  for (Index b = 0; b < batch; ++b)
    for (Index i = 0; i < count; ++i) add(i, sums[b * count + i]);
}

}  // namespace systolic::grad
