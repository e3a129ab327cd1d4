#pragma once
// From heat maps to coordinates (DSNT, Nibali et al. 2018): a softmax over the pixels turns logits into a distribution,
// its expected row and column are the landmark. Differentiable, and finer than a pixel.

#include <cmath>
#include <vector>

#include "systolic/nn/image.hpp"

namespace systolic::nn {

/// The softmax over all pixels, a channel at a time, in the workspace. Requires a time of 1.
template <class T>
Image<T> heat_maps(Image<const T> logits, Workspace& workspace) {
  assert(logits.extent.time == 1);
  const Index pixels = logits.extent.count(), channels = logits.channels();
  const Image<T> maps = make_image<T>(workspace, logits.batch(), logits.extent, channels);
  std::vector<T> largest(static_cast<std::size_t>(channels)), share(largest.size());
  std::vector<double> sums(largest.size());
  for (Index b = 0; b < logits.batch(); ++b) {
    const T* x = logits.item(b);
    T* y = maps.item(b);
    std::copy_n(x, channels, largest.begin());
    std::fill(sums.begin(), sums.end(), 0.0);
    for (Index i = 0; i < pixels; ++i)
      for (std::size_t c = 0; c < largest.size(); ++c)
        largest[c] = std::max(largest[c], x[i * channels + static_cast<Index>(c)]);
    for (Index i = 0; i < pixels; ++i)
      for (std::size_t c = 0; c < largest.size(); ++c) {
        const Index place = i * channels + static_cast<Index>(c);
        y[place] = std::exp(x[place] - largest[c]);
        sums[c] += static_cast<double>(y[place]);
      }
    for (std::size_t c = 0; c < largest.size(); ++c) share[c] = static_cast<T>(1 / sums[c]);
    for (Index i = 0; i < pixels; ++i)
      for (std::size_t c = 0; c < largest.size(); ++c) y[i * channels + static_cast<Index>(c)] *= share[c];
  }
  return maps;
}

/// The expected (row, column) of each map: [batch][rows][columns][channels] -> [batch][channels][2], pixels.
template <class T>
Sequence<T> expected_coordinates(Image<const T> maps, Workspace& workspace) {
  const Index channels = maps.channels();
  const Sequence<T> points = make_sequence<T>(workspace, maps.batch(), channels, 2);
  std::vector<double> sums(static_cast<std::size_t>(2 * channels));
  for (Index b = 0; b < maps.batch(); ++b) {
    std::fill(sums.begin(), sums.end(), 0.0);
    const T* p = maps.item(b);
    for (Index r = 0; r < maps.extent.rows; ++r)
      for (Index column = 0; column < maps.extent.columns; ++column)
        for (std::size_t c = 0; c < sums.size(); c += 2, ++p) {
          sums[c] += static_cast<double>(*p) * static_cast<double>(r);
          sums[c + 1] += static_cast<double>(*p) * static_cast<double>(column);
        }
    for (std::size_t c = 0; c < sums.size(); ++c) points.item(b)[c] = static_cast<T>(sums[c]);
  }
  return points;
}

/// The expected row of each map given its column, from the logits (a softmax over that column alone, which cannot be
/// empty): [batch][rows][columns][channels] -> [batch][channels][1].
template <class T>
Sequence<T> expected_rows_at(Image<const T> logits, Index column, Workspace& workspace) {
  const Index channels = logits.channels(), row = logits.extent.columns * channels;
  const Sequence<T> rows = make_sequence<T>(workspace, logits.batch(), channels, 1);
  for (Index b = 0; b < logits.batch(); ++b)
    for (Index c = 0; c < channels; ++c) {
      const T* x = logits.item(b) + column * channels + c;
      T largest = x[0], sum = 0, weighted = 0;
      for (Index r = 1; r < logits.extent.rows; ++r) largest = std::max(largest, x[r * row]);
      for (Index r = 0; r < logits.extent.rows; ++r) {
        const T p = std::exp(x[r * row] - largest);
        sum += p;
        weighted += p * static_cast<T>(r);
      }
      rows.item(b)[c] = weighted / sum;
    }
  return rows;
}

/// How far each map spreads about its expected (row, column), the root of the mean squared distance: maps
/// [batch][rows][columns][channels] and points [batch][channels][2] -> [batch][channels][1], pixels.
template <class T>
Sequence<T> coordinate_spreads(Image<const T> maps, Sequence<const T> points, Workspace& workspace) {
  const Index channels = maps.channels();
  const Sequence<T> spreads = make_sequence<T>(workspace, maps.batch(), channels, 1);
  for (Index b = 0; b < maps.batch(); ++b)
    for (Index c = 0; c < channels; ++c) {
      const T* point = points.item(b) + 2 * c;
      T sum = 0;
      for (Index i = 0; i < maps.extent.count(); ++i) {
        const T down = static_cast<T>(i / maps.extent.columns) - point[0];
        const T right = static_cast<T>(i % maps.extent.columns) - point[1];
        sum += maps.item(b)[i * channels + c] * (down * down + right * right);
      }
      spreads.item(b)[c] = std::sqrt(std::max(sum, T(0)));
    }
  return spreads;
}

/// The same within one column, about its expected rows [batch][channels][1], from the logits.
template <class T>
Sequence<T> row_spreads_at(Image<const T> logits, Index column, Sequence<const T> rows, Workspace& workspace) {
  const Index channels = logits.channels(), row = logits.extent.columns * channels;
  const Sequence<T> spreads = make_sequence<T>(workspace, logits.batch(), channels, 1);
  for (Index b = 0; b < logits.batch(); ++b)
    for (Index c = 0; c < channels; ++c) {
      const T* x = logits.item(b) + column * channels + c;
      T largest = x[0], sum = 0, squares = 0;
      for (Index r = 1; r < logits.extent.rows; ++r) largest = std::max(largest, x[r * row]);
      for (Index r = 0; r < logits.extent.rows; ++r) {
        const T p = std::exp(x[r * row] - largest), off = static_cast<T>(r) - rows.item(b)[c];
        sum += p;
        squares += p * off * off;
      }
      spreads.item(b)[c] = std::sqrt(squares / sum);
    }
  return spreads;
}

}  // namespace systolic::nn
