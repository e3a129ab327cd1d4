#pragma once
// Convolutions of images and clips as plain loops: what the fast ones must equal.

#include <array>

#include "systolic/core/tensor.hpp"

namespace systolic::kernels {

/// Along time, rows and columns.
using Triple = std::array<Index, 3>;

/// y[t][r][c][o] = bias[o] + sum over kernel and channels of weight[o][i][kt][kr][kc] x[t s + kt d - p ...][i], one
/// item. x [time][rows][columns][in] of the extents `size`, y of `out_size`; weight [out][in][kt][kr][kc]; bias [out]
/// or nullptr.
template <class T>
[[gnu::noinline]] void conv3d_reference(const T* x, const Triple& size, Index in, const T* weight, const T* bias,
                                        const Triple& kernel, const Triple& stride, const Triple& padding,
                                        const Triple& dilation, Index out, const Triple& out_size, T* y) {
  const Index taps = kernel[0] * kernel[1] * kernel[2];
  for (Index t = 0; t < out_size[0]; ++t)
    for (Index r = 0; r < out_size[1]; ++r)
      for (Index c = 0; c < out_size[2]; ++c)
        for (Index o = 0; o < out; ++o, ++y) {
          T sum = bias != nullptr ? bias[o] : T(0);
          Index tap = 0;
          for (Index kt = 0; kt < kernel[0]; ++kt)
            for (Index kr = 0; kr < kernel[1]; ++kr)
              for (Index kc = 0; kc < kernel[2]; ++kc, ++tap) {
                const Index st = t * stride[0] + kt * dilation[0] - padding[0];
                const Index sr = r * stride[1] + kr * dilation[1] - padding[1];
                const Index sc = c * stride[2] + kc * dilation[2] - padding[2];
                if (st < 0 || st >= size[0] || sr < 0 || sr >= size[1] || sc < 0 || sc >= size[2]) continue;
                const T* pixel = x + ((st * size[1] + sr) * size[2] + sc) * in;
                for (Index i = 0; i < in; ++i) sum += weight[(o * in + i) * taps + tap] * pixel[i];
              }
          *y = sum;
        }
}

/// y[r s + kr - p][c s + kc - p][o] += weight[i][o][kr][kc] x[r][c][i], on top of bias[o]; one image.
/// x [rows][columns][in], y [out_rows][out_columns][out], weight [in][out][kr][kc].
template <class T>
[[gnu::noinline]] void conv_transpose2d_reference(const T* x, Index rows, Index columns, Index in, const T* weight,
                                                  const T* bias, Index kernel_rows, Index kernel_columns, Index stride,
                                                  Index padding, Index out, Index out_rows, Index out_columns, T* y) {
  for (Index pixel = 0; pixel < out_rows * out_columns; ++pixel)
    for (Index o = 0; o < out; ++o) y[pixel * out + o] = bias != nullptr ? bias[o] : T(0);
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c)
      for (Index kr = 0; kr < kernel_rows; ++kr)
        for (Index kc = 0; kc < kernel_columns; ++kc) {
          const Index tr = r * stride + kr - padding, tc = c * stride + kc - padding;
          if (tr < 0 || tr >= out_rows || tc < 0 || tc >= out_columns) continue;
          for (Index o = 0; o < out; ++o)
            for (Index i = 0; i < in; ++i)
              y[(tr * out_columns + tc) * out + o] +=
                  weight[((i * out + o) * kernel_rows + kr) * kernel_columns + kc] * x[(r * columns + c) * in + i];
        }
}

}  // namespace systolic::kernels
