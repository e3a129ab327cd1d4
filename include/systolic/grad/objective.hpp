#pragma once
// What the networks are trained to make small, as operations on the tape. Every function returns a scalar variable
// [1][1][1]; add() joins them. Where several processes share a batch, each has its part of the whole batch's mean: the
// parts add up to it.

#include <algorithm>
#include <cmath>
#include <vector>

#include "systolic/grad/losses.hpp"
#include "systolic/grad/operations.hpp"

namespace systolic::grad {

/// The restoration loss of grad/losses.hpp: restored [batch][time][leads + 1], target [batch][time][leads], both
/// without margin. With n elements: d/dx = -2 exp(-v) (target - x) / n, d/dv = 1 / (n / leads) - sum over leads exp(-v)
/// (target - x)^2 / n. Source: Jiang et al. 2023, equation 3.
template <class T>
Variable<T> uncertain_restoration_loss(const Variable<T>& restored, nn::Sequence<const T> target, Tape<T>& tape) {
  const nn::Sequence<T> x = restored.value;
  const Index leads = target.channels;
  assert(x.channels == leads + 1 && x.length == target.length && x.batch == target.batch);
  const Index whole = tape.shard().whole_batch(x.batch);
  const double count = static_cast<double>(whole * x.length * leads);
  const nn::Sequence<T> loss = nn::make_sequence<T>(tape.workspace(), 1, 1, 1);
  const double share_of_batch = static_cast<double>(x.batch) / static_cast<double>(whole);
  loss.data[0] = x.batch == 0 ? T(0) : static_cast<T>(share_of_batch * restoration_loss<T>(x.view(), target.view()));
  return tape.record(loss, [=, &tape](nn::Sequence<T> seed) {
    const nn::Sequence<T> dx = tape.gradient(restored);
    const T share = seed.data[0] / static_cast<T>(count);
    for (Index b = 0; b < x.batch; ++b)
      for (Index t = 0; t < x.length; ++t) {
        const T* row = x.item(b) + t * x.channels;
        const T* wanted = target.item(b) + t * leads;
        T* out = dx.item(b) + t * x.channels;
        const T precision = std::exp(-row[leads]);
        T sum = 0;
        for (Index c = 0; c < leads; ++c) {
          const T difference = wanted[c] - row[c];
          sum += difference * difference;
          out[c] -= 2 * share * precision * difference;
        }
        out[leads] += share * (static_cast<T>(leads) - precision * sum);
      }
  });
}

/// mean((target - x)^2) over all elements; d/dx = -2 (target - x) / n.
template <class T>
Variable<T> mean_squared_error(const Variable<T>& x, nn::Sequence<const T> target, Tape<T>& tape) {
  assert(x.value.channels == target.channels && x.value.length == target.length);
  const Index row = target.length * target.channels;
  double sum = 0;
  for (Index b = 0; b < target.batch; ++b)
    for (Index i = 0; i < row; ++i) {
      const double difference = static_cast<double>(target.item(b)[i] - x.value.item(b)[i]);
      sum += difference * difference;
    }
  const double count = static_cast<double>(tape.shard().whole_batch(target.batch) * row);
  const nn::Sequence<T> loss = nn::make_sequence<T>(tape.workspace(), 1, 1, 1);
  loss.data[0] = static_cast<T>(sum / count);
  return tape.record(loss, [=, &tape](nn::Sequence<T> seed) {
    const nn::Sequence<T> dx = tape.gradient(x);
    const T share = 2 * seed.data[0] / static_cast<T>(count);
    for (Index b = 0; b < target.batch; ++b)
      for (Index i = 0; i < row; ++i) dx.item(b)[i] -= share * (target.item(b)[i] - x.value.item(b)[i]);
  });
}

/// mean((target - x)^2) over the elements whose target is known (finite); 0 where none is.
template <class T>
Variable<T> known_mean_squared_error(const Variable<T>& x, nn::Sequence<const T> target, Tape<T>& tape) {
  assert(x.value.margin == 0 && target.margin == 0 && x.value.channels == target.channels);
  const Index size = target.batch * target.length * target.channels;
  double sum = 0, count = 0;
  for (Index i = 0; i < size; ++i) {
    if (!std::isfinite(target.data[i])) continue;
    const double difference = static_cast<double>(target.data[i] - x.value.data[i]);
    sum += difference * difference;
    count += 1;
  }
  tape.shard().sum(&count, 1);
  const nn::Sequence<T> loss = nn::make_sequence<T>(tape.workspace(), 1, 1, 1);
  loss.data[0] = static_cast<T>(count > 0 ? sum / count : 0);
  return tape.record(loss, [=, &tape](nn::Sequence<T> seed) {
    if (!(count > 0)) return;
    const nn::Sequence<T> dx = tape.gradient(x);
    const T share = 2 * seed.data[0] / static_cast<T>(count);
    for (Index i = 0; i < size; ++i)
      if (std::isfinite(target.data[i])) dx.data[i] -= share * (target.data[i] - x.value.data[i]);
  });
}

/// The asymmetric loss of grad/losses.hpp of the logits x [batch][1][classes]. The focal weight w is a constant of the
/// gradient: where the class is present d/dx = -w (1 - p), where it is absent w p (1 - p) / q; 0 where a logarithm is
/// floored or q is capped.
template <class T>
Variable<T> asymmetric_loss(const Variable<T>& x, nn::Sequence<const T> target, const AsymmetricLossOptions& options,
                            Tape<T>& tape) {
  assert(x.value.margin == 0 && target.margin == 0 && x.value.channels == target.channels);
  const nn::Sequence<T> loss = nn::make_sequence<T>(tape.workspace(), 1, 1, 1);
  loss.data[0] = static_cast<T>(asymmetric_loss<T>(x.value.view(), target.view(), options));
  return tape.record(loss, [=, &tape](nn::Sequence<T> seed) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index i = 0; i < target.batch * target.batch_stride(); ++i) {
      if (std::isnan(target.data[i])) continue;
      const bool present = target.data[i] > T(0.5);
      const double logit = static_cast<double>(x.value.data[i]), p = 1 / (1 + std::exp(-logit));
      const detail::AsymmetricTerm term = detail::asymmetric_term(logit, present, options);
      if (term.likelihood <= 1e-8 || (!present && term.likelihood >= 1)) continue;
      const double slope = present ? -(1 - p) : p * (1 - p) / term.likelihood;
      dx.data[i] += seed.data[0] * static_cast<T>(term.weight * slope);
    }
  });
}

/// Mean over the rows of -log softmax(x)[class of the row]; x [batch][1][classes]. d/dx = (softmax(x) - 1 at the class)
/// / rows.
template <class T>
Variable<T> cross_entropy(const Variable<T>& x, const std::vector<Index>& classes, Tape<T>& tape) {
  const Index rows = x.value.batch * x.value.length, width = x.value.channels;
  assert(x.value.margin == 0 && static_cast<Index>(classes.size()) == rows);
  T* probabilities = tape.workspace().template allocate<T>(rows * width);
  std::copy_n(x.value.data, rows * width, probabilities);
  kernels::softmax_rows_reference(probabilities, rows, width, T(1));
  double sum = 0;
  for (Index r = 0; r < rows; ++r) {
    // log softmax from the logits: a probability may have rounded to 0.
    const T* row = x.value.data + r * width;
    const double largest = static_cast<double>(*std::max_element(row, row + width));
    double total = 0;
    for (Index c = 0; c < width; ++c) total += std::exp(static_cast<double>(row[c]) - largest);
    sum += largest + std::log(total) - static_cast<double>(row[classes[static_cast<std::size_t>(r)]]);
  }
  const nn::Sequence<T> loss = nn::make_sequence<T>(tape.workspace(), 1, 1, 1);
  const double count = static_cast<double>(tape.shard().whole_batch(x.value.batch) * x.value.length);
  loss.data[0] = static_cast<T>(sum / count);
  return tape.record(loss, [=, &tape](nn::Sequence<T> seed) {
    const nn::Sequence<T> dx = tape.gradient(x);
    const T share = seed.data[0] / static_cast<T>(count);
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < width; ++c) {
        const bool wanted = c == classes[static_cast<std::size_t>(r)];
        dx.data[r * width + c] += share * (probabilities[r * width + c] - (wanted ? T(1) : T(0)));
      }
  });
}

}  // namespace systolic::grad
