#pragma once
// Heat maps in training, and the loss of their landmarks.

#include <cmath>

#include "systolic/grad/image.hpp"
#include "systolic/nn/heat_map.hpp"

namespace systolic::grad {

/// Logits [batch][rows][columns][channels] -> expected (row, column) of each channel [batch][channels][2]. With p the
/// softmax, e_i = g . (row, column) of pixel i and its mean m = sum p e: d logit_i = p_i (e_i - m).
template <class T>
Variable<T> landmark_coordinates(const ImageVariable<T>& logits, Tape<T>& tape) {
  const nn::Image<T> maps = nn::heat_maps<T>(logits.value(), tape.workspace());
  const nn::Sequence<T> points = nn::expected_coordinates<T>(maps, tape.workspace());
  return tape.record(points, [=, &tape](nn::Sequence<T> g) {
    const nn::Sequence<T> dx = tape.gradient(logits.pixels);
    const Index channels = maps.channels(), columns = maps.extent.columns;
    // In double: e - m of pixels near the landmark is a small difference of large numbers.
    for (Index b = 0; b < maps.batch(); ++b)
      for (Index c = 0; c < channels; ++c) {
        const double down = static_cast<double>(g.item(b)[2 * c]), right = static_cast<double>(g.item(b)[2 * c + 1]);
        const T* p = maps.item(b) + c;
        T* to = dx.item(b) + c;
        const auto for_each_pixel = [&](auto&& visit) {
          Index i = 0;
          for (Index r = 0; r < maps.extent.rows; ++r)
            for (Index column = 0; column < columns; ++column, i += channels)
              visit(i, down * static_cast<double>(r) + right * static_cast<double>(column));
        };
        double mean = 0;
        for_each_pixel([&](Index i, double e) { mean += static_cast<double>(p[i]) * e; });
        for_each_pixel([&](Index i, double e) { to[i] += static_cast<T>(static_cast<double>(p[i]) * (e - mean)); });
      }
  });
}

/// Logits -> the expected row of each channel within one column [batch][channels][1] (nn::expected_rows_at). With p the
/// softmax over the column and m its mean row: d logit_r = g p_r (r - m); other columns have no part.
template <class T>
Variable<T> landmark_rows_at(const ImageVariable<T>& logits, Index column, Tape<T>& tape) {
  const nn::Sequence<T> rows = nn::expected_rows_at<T>(logits.value(), column, tape.workspace());
  return tape.record(rows, [=, &tape](nn::Sequence<T> g) {
    const nn::Sequence<T> dx = tape.gradient(logits.pixels);
    const nn::Image<T> x = logits.value();
    const Index channels = x.channels(), row = x.extent.columns * channels, count = x.extent.rows;
    for (Index b = 0; b < x.batch(); ++b)
      for (Index c = 0; c < channels; ++c) {
        const T* z = x.item(b) + column * channels + c;
        T* dz = dx.item(b) + column * channels + c;
        T largest = z[0], sum = 0;
        for (Index r = 1; r < count; ++r) largest = std::max(largest, z[r * row]);
        for (Index r = 0; r < count; ++r) sum += std::exp(z[r * row] - largest);
        for (Index r = 0; r < count; ++r)
          dz[r * row] += g.item(b)[c] * std::exp(z[r * row] - largest) / sum * (static_cast<T>(r) - rows.item(b)[c]);
      }
  });
}

/// Mean over the batch of the length of (points - target), all coordinates of an item as one vector:
/// points and target [batch][landmarks][2]. d = (points - target) / (length batch); 0 where the length is.
template <class T>
Variable<T> landmark_distance(const Variable<T>& points, nn::Sequence<const T> target, Tape<T>& tape) {
  const Index size = target.length * target.channels, batch = target.batch;
  assert(points.value.length * points.value.channels == size && points.value.batch == batch);
  std::vector<T> lengths;
  double sum = 0;
  for (Index b = 0; b < batch; ++b) {
    double squares = 0;
    for (Index i = 0; i < size; ++i) {
      const double difference = static_cast<double>(points.value.item(b)[i] - target.item(b)[i]);
      squares += difference * difference;
    }
    lengths.push_back(static_cast<T>(std::sqrt(squares)));
    sum += std::sqrt(squares);
  }
  const double whole = static_cast<double>(tape.shard().whole_batch(batch));
  const nn::Sequence<T> loss = nn::make_sequence<T>(tape.workspace(), 1, 1, 1);
  loss.data[0] = static_cast<T>(sum / whole);
  return tape.record(loss, [=, &tape](nn::Sequence<T> seed) {
    const nn::Sequence<T> dx = tape.gradient(points);
    for (Index b = 0; b < batch; ++b) {
      const T length = lengths[static_cast<std::size_t>(b)];
      if (!(length > T(0))) continue;
      const T share = seed.data[0] / (length * static_cast<T>(whole));
      for (Index i = 0; i < size; ++i) dx.item(b)[i] += share * (points.value.item(b)[i] - target.item(b)[i]);
    }
  });
}

}  // namespace systolic::grad
