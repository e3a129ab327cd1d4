#pragma once
// Convolution of images, each of a clip by itself: the three-dimensional layer with a kernel of one time.

#include "systolic/nn/conv3d.hpp"

namespace systolic::nn {

/// The same along rows and columns.
struct Conv2dOptions {
  Index in = 1;
  Index out = 1;
  Index kernel = 1;
  Index stride = 1;
  Index padding = 0;  ///< zeros on all four sides
  Index dilation = 1;
  bool bias = false;
};

/// Its weight is [out][in][rows][columns], as image networks store it.
template <class T>
class Conv2d : public Conv3d<T> {
 public:
  explicit Conv2d(const Conv2dOptions& o)
      : Conv3d<T>({.in = o.in,
                   .out = o.out,
                   .kernel = {1, o.kernel, o.kernel},
                   .stride = {1, o.stride, o.stride},
                   .padding = {0, o.padding, o.padding},
                   .dilation = {1, o.dilation, o.dilation},
                   .bias = o.bias}) {
    this->weight.reshape({o.out, o.in, o.kernel, o.kernel});
  }
};

}  // namespace systolic::nn
