#pragma once
// The weights of a convolution in narrow groups, packed for kernels/grouped_product.hpp, and the walk over batch items
// and blocks of output channels.

#include "systolic/core/parallel.hpp"
#include "systolic/kernels/grouped_product.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

/// Calls body(task, workspace of the worker) for every task, each in a Scope of its own.
template <class Body>
void for_each_with_scratch(Index tasks, Workspace& workspace, Body&& body) {
  const int threads = workspace.threads();
  for (int i = 0; i < threads; ++i) workspace.worker(i);
  parallel_for(tasks, threads, [&](Index task, int worker) {
    Workspace& scratch = workspace.worker(worker);
    Workspace::Scope scope(scratch);
    body(task, scratch);
  });
}

class GroupedWeights {
 public:
  GroupedWeights() = default;

  /// Packs the weights value(o, c, k): output channel o, channel c of its group, tap k.
  template <class Value>
  GroupedWeights(const kernels::Groups& groups, Index kernel, Value&& value) : groups_(groups), kernel_(kernel) {
    constexpr Index lanes = kernels::grouped_lanes;
    const Index blocks = groups.blocks(), depth = groups.in_group;
    packed_.resize(static_cast<std::size_t>(blocks * block_size()));
    for (Index block = 0; block < blocks; ++block)
      for (Index k = 0; k < kernel; ++k)
        for (Index c = 0; c < depth; ++c)
          for (Index lane = 0; lane < groups.lanes(block); ++lane)
            packed_[static_cast<std::size_t>(block * block_size() + (k * depth + c) * lanes + lane)] =
                value(block * lanes + lane, c, k);
  }
  bool empty() const noexcept { return packed_.empty(); }

  /// y[b][t][o] = leak(start + sum_{k,c} w[o][c][k] x[b][t stride + k - left][c of o's group]); x counts as having
  /// spread - 1 zeros after each sample. `start` is bias [out], or y itself where that is nullptr.
  template <class = void>
  void operator()(Sequence<const float> x, Index left, Index stride, Index spread, const float* bias, float slope,
                  Sequence<float> y, Workspace& workspace) const {
    constexpr Index lanes = kernels::grouped_lanes;
    const Index blocks = groups_.blocks(), plane_rows = (y.length - 1) * stride + kernel_;
    for_each_with_scratch(x.batch * blocks, workspace, [&](Index task, Workspace& scratch) {
      const Index item = task / blocks, block = task % blocks;
      float* planes = scratch.allocate<float>(groups_.in_group * plane_rows * lanes);
      kernels::make_planes(x.item(item), x.length, x.channels, groups_, block, left, spread, plane_rows, planes);
      kernels::GroupedProduct product;
      product.planes = planes;
      product.plane_rows = plane_rows;
      product.depth = groups_.in_group;
      product.kernel = kernel_;
      product.stride = stride;
      product.weights = packed_.data() + block * block_size();
      product.slope = slope;
      product.y = y.item(item) + block * lanes;
      product.y_stride = y.channels;
      product.start = bias != nullptr ? bias + block * lanes : product.y;
      product.start_stride = bias != nullptr ? 0 : product.y_stride;
      product.rows = y.length;
      product.lanes = groups_.lanes(block);
      kernels::grouped_product(product);
    });
  }

 private:
  Index block_size() const noexcept { return kernel_ * groups_.in_group * kernels::grouped_lanes; }

  kernels::Groups groups_;
  Index kernel_ = 0;
  AlignedVector<float> packed_;  // [block][kernel][in_group][16]
};

}  // namespace systolic::nn
