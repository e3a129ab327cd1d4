#include "systolic/kernels/window_adjoint.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace systolic;

TEST_CASE("the phases of an axis hold every pixel once and meet exactly the taps that meet it") {
  for (Index size = 1; size < 12; ++size)
    for (Index kernel = 1; kernel < 5; ++kernel)
      for (Index stride = 1; stride < 5; ++stride)
        for (Index padding = 0; padding < 4; ++padding)
          for (Index dilation = 1; dilation < 4; ++dilation) {
            const Index reach = dilation * (kernel - 1) + 1;
            if (size + 2 * padding < reach) continue;
            const Index outputs = (size + 2 * padding - reach) / stride + 1;
            // Pairs (pixel, tap, output), as the convolution has them and as the phases say.
            std::set<std::vector<Index>> expected, found;
            std::multiset<Index> pixels;
            for (Index t = 0; t < outputs; ++t)
              for (Index k = 0; k < kernel; ++k) {
                const Index pixel = t * stride + k * dilation - padding;
                if (pixel >= 0 && pixel < size) expected.insert({pixel, k, t});
              }
            for (const kernels::AxisPhase& phase : kernels::axis_phases(size, kernel, stride, padding, dilation))
              for (Index m = 0; m < phase.count; ++m) {
                const Index pixel = phase.first + m * stride;
                pixels.insert(pixel);
                for (Index j = 0; j < phase.taps; ++j) {
                  const Index output = m + j * phase.dilation - phase.padding;
                  if (output >= 0 && output < outputs)
                    found.insert({pixel, phase.last_tap - j * phase.tap_step, output});
                }
              }
            CAPTURE(size);
            CAPTURE(kernel);
            CAPTURE(stride);
            CAPTURE(padding);
            CAPTURE(dilation);
            REQUIRE(found == expected);
            REQUIRE(static_cast<Index>(pixels.size()) == size);
            REQUIRE(std::set<Index>(pixels.begin(), pixels.end()).size() == pixels.size());
          }
}
