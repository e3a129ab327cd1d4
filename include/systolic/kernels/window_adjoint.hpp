#pragma once
// A convolution of images the other way round: every window adds its number, weighted, to the pixels that it came from.
// Seen from a pixel that is again a convolution, of the windows' numbers, whose kernel is turned round; with a stride
// the pixels fall into phases, each of which meets other taps. So there is nothing to scatter.
//
// Along one axis pixel x meets tap k of window t where x + padding = t stride + k dilation.

#include <numeric>
#include <vector>

#include "systolic/kernels/window_rows.hpp"

namespace systolic::kernels {

/// The pixels of one axis that meet the same taps: first, first + stride, ...
struct AxisPhase {
  Index first = 0, count = 0;
  Index taps = 0;
  Index last_tap = 0, tap_step = 1;  ///< window element j meets tap last_tap - j tap_step
  Index padding = 0, dilation = 1;   ///< of the convolution over the windows' numbers
};

/// The `stride` phases of an axis of `size` pixels; their taps and counts may be 0.
template <class = void>
inline std::vector<AxisPhase> axis_phases(Index size, Index kernel, Index stride, Index padding, Index dilation) {
  std::vector<AxisPhase> phases;
  const Index common = std::gcd(stride, dilation);
  for (Index first = 0; first < stride; ++first) {
    AxisPhase phase;
    phase.first = first;
    phase.count = first < size ? (size - first + stride - 1) / stride : 0;
    phase.tap_step = stride / common;
    phase.dilation = dilation / common;
    for (Index k = 0; k < kernel; ++k)
      if ((first + padding - k * dilation) % stride == 0) {
        ++phase.taps;
        phase.last_tap = k;
      }
    // Pixel `first` meets the last tap of this window: where the convolution over the windows begins.
    if (phase.taps > 0) phase.padding = -(first + padding - phase.last_tap * dilation) / stride;
    phases.push_back(phase);
  }
  return phases;
}

/// Phases along time, rows and columns together.
struct WindowPhase {
  AxisPhase axes[3];

  Index taps() const noexcept { return axes[0].taps * axes[1].taps * axes[2].taps; }
  Index pixels() const noexcept { return axes[0].count * axes[1].count * axes[2].count; }
  /// The convolution over the windows' numbers, `out` of them a window, that gives the phase's pixels.
  WindowRows windows(const Triple& outputs, Index out) const noexcept {
    WindowRows result;
    result.size = outputs;
    result.channels = out;
    for (std::size_t i = 0; i < 3; ++i) {
      result.kernel[i] = axes[i].taps;
      result.padding[i] = axes[i].padding;
      result.dilation[i] = axes[i].dilation;
      result.outputs[i] = axes[i].count;
    }
    return result;
  }
};

/// All phases of the pixels that the windows of a convolution come from.
template <class = void>
inline std::vector<WindowPhase> window_phases(const WindowRows& w) {
  std::vector<WindowPhase> phases;
  const auto along = [&](std::size_t i) {
    return axis_phases(w.size[i], w.kernel[i], w.stride[i], w.padding[i], w.dilation[i]);
  };
  const auto times = along(0), rows = along(1), columns = along(2);
  for (const AxisPhase& t : times)
    for (const AxisPhase& r : rows)
      for (const AxisPhase& c : columns) phases.push_back({{t, r, c}});
  return phases;
}

}  // namespace systolic::kernels
