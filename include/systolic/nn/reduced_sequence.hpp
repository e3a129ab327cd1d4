#pragma once
// What a layer in 16 or 8 bits reads: a sequence in such numbers, with a margin of zeros.

#include "systolic/kernels/reduced_product.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

/// [batch][margin + time + margin][channel]; `data` is the margin's first number of item 0.
struct ReducedSequence {
  std::uint8_t* data = nullptr;
  float* scales = nullptr;  ///< [batch], of int8: what a unit is worth; the item's largest magnitude is 127 of them
  Index batch_stride = 0;   ///< numbers
};

/// `x` in numbers of `precision`, in the workspace, with what a product of rows x_stride apart reads behind its end.
template <class = void>
[[gnu::noinline]] inline ReducedSequence reduce(Sequence<const float> x, Precision precision, Index margin,
                                                Index x_stride, Workspace& workspace) {
  const Index bytes = kernels::reduced_bytes(precision), border = margin * x.channels * bytes;
  const Index count = x.length * x.channels, slack = kernels::reduced_slack(x_stride, precision);
  const int zero = precision == Precision::int8 ? kernels::int8_zero : 0;
  ReducedSequence y;
  y.batch_stride = count + 2 * margin * x.channels;
  y.data = workspace.allocate<std::uint8_t>(x.batch * y.batch_stride * bytes + slack);
  y.scales = workspace.allocate<float>(x.batch);
  for (Index b = 0; b < x.batch; ++b) {
    std::uint8_t* item = y.data + b * y.batch_stride * bytes;
    std::fill_n(item, border, static_cast<std::uint8_t>(zero));
    item += border;
    if (precision == Precision::int8) {
      y.scales[b] = kernels::largest_magnitude(x.item(b), count) / 127;
      kernels::to_bytes(x.item(b), count, y.scales[b], item);
    } else {
      y.scales[b] = 1;
      kernels::to_bfloat16(x.item(b), count, reinterpret_cast<std::uint16_t*>(item));
    }
    std::fill_n(item + count * bytes, border, static_cast<std::uint8_t>(zero));
  }
  std::fill_n(y.data + x.batch * y.batch_stride * bytes, slack, static_cast<std::uint8_t>(zero));
  return y;
}

}  // namespace systolic::nn
