#pragma once
// Key points less others, for losses of shapes and motions.

#include <utility>
#include <vector>

#include "systolic/echo/key_points.hpp"
#include "systolic/grad/tape.hpp"

namespace systolic::train {

/// Two nodes, by number.
using NodePair = std::pair<Index, Index>;

/// Of every pair the second node less the first: x [batch][nodes][channels] -> y [batch][pairs][channels].
template <class = void>
inline void subtract_nodes(nn::Sequence<const float> x, const std::vector<NodePair>& pairs, nn::Sequence<float> y) {
  const Index channels = x.channels;
  for (Index b = 0; b < x.batch; ++b) {
    float* to = y.item(b);
    for (const auto& [from, until] : pairs)
      for (Index c = 0; c < channels; ++c) *to++ = x.item(b)[until * channels + c] - x.item(b)[from * channels + c];
  }
}

/// The same on a tape. `pairs` must live until the step is done.
template <class = void>
inline grad::Variable<float> node_differences(const grad::Variable<float>& x, const std::vector<NodePair>& pairs,
                                              grad::Tape<float>& tape) {
  const auto y =
      nn::make_sequence<float>(tape.workspace(), x.value.batch, static_cast<Index>(pairs.size()), x.value.channels);
  subtract_nodes(x.value, pairs, y);
  return tape.record(y, [=, &tape, &pairs](nn::Sequence<float> dy) {
    const auto dx = tape.gradient(x);
    const Index channels = dx.channels;
    for (Index b = 0; b < dy.batch; ++b) {
      const float* from = dy.item(b);
      for (const auto& [first, second] : pairs)
        for (Index c = 0; c < channels; ++c, ++from) {
          dx.item(b)[second * channels + c] += *from;
          dx.item(b)[first * channels + c] -= *from;
        }
    }
  });
}

/// A key point in both frames.
template <class = void>
inline std::vector<NodePair> motion_pairs() {
  constexpr auto points = static_cast<Index>(echo::key_point_count);
  std::vector<NodePair> pairs;
  for (Index k = 0; k < points; ++k) pairs.emplace_back(k, points + k);
  return pairs;
}

/// Key points of one side that are three apart, in both frames: the direction and bend of the wall.
template <class = void>
inline std::vector<NodePair> shape_pairs() {
  constexpr auto side = static_cast<Index>(echo::chord_count);
  std::vector<NodePair> pairs;
  for (Index first = 0; first < 4 * side; first += side)
    for (Index k = 0; k + 3 < side; ++k) pairs.emplace_back(first + k, first + k + 3);
  return pairs;
}

}  // namespace systolic::train
