#pragma once
// Adjoints of what lies between the convolutions: linear layers, attention, layer norm, dropout, and moving and adding
// sequences. Each is the mirror of the function of the same name in nn/.

#include <cmath>
#include <type_traits>

#include "systolic/grad/block.hpp"
#include "systolic/grad/matrix_product.hpp"
#include "systolic/nn/attention.hpp"
#include "systolic/nn/dropout.hpp"
#include "systolic/nn/layer_norm.hpp"
#include "systolic/nn/pool.hpp"
#include "systolic/nn/sequence_operations.hpp"

namespace systolic::grad {

/// z = act(x W^T + b): with g = dz act'(.), dW += g^T x, db += sum g, dx += g W.
template <class T>
Variable<T> apply(const nn::Linear<T>& layer, const Variable<T>& x, const nn::Activation& activation, Tape<T>& tape) {
  assert(x.value.margin == 0);
  const Index rows = x.value.batch * x.value.length, in = layer.in(), out = layer.out();
  const MatrixView<T> input{x.value.data, in, 1}, weight{layer.weight.data(), in, 1};
  const nn::Sequence<T> z = nn::make_sequence<T>(tape.workspace(), x.value.batch, x.value.length, out);
  for (Index r = 0; r < rows; ++r) std::copy_n(layer.bias.data(), out, z.data + r * out);
  add_matrix_product(input, weight.transposed(), rows, in, out, z.data, out, tape.workspace(), tape.threads());
  nn::activate_in_place(activation, z);
  const nn::Linear<T>* source = &layer;
  return tape.record(z, [=, &tape](nn::Sequence<T> dz) {
    activation_backward<T>(activation, z, dz);
    const MatrixView<T> g{dz.data, out, 1};
    if (T* dbias = tape.parameter_gradient(source->bias)) add_bias_gradient<T>(dz, dbias);
    if (T* dweight = tape.parameter_gradient(source->weight))
      add_matrix_product(g.transposed(), input, out, rows, in, dweight, in, tape.workspace(), tape.threads());
    if (tape.wanted(x))
      add_matrix_product(g, weight, rows, out, in, tape.gradient(x).data, in, tape.workspace(), tape.threads());
  });
}

namespace detail {

/// What dropout multiplies `batch` items of `size` numbers with, drawn anew, or nullptr where nothing is dropped. The
/// draws of other processes' items are passed over.
template <class T>
const T* dropout_factors(const nn::Dropout& layer, Index batch, Index size, Tape<T>& tape) {
  if (tape.random() == nullptr || layer.rate <= 0) return nullptr;
  const Index count = batch * size, before = tape.shard().first * size;
  const Index after = tape.shard().whole_batch(batch) * size - before - count;
  tape.random()->skip(static_cast<std::uint64_t>(before));
  T* factors = tape.workspace().template allocate<T>(count);
  const double rate = static_cast<double>(layer.rate);
  for (Index i = 0; i < count; ++i)
    factors[i] = tape.random()->uniform() < rate ? T(0) : static_cast<T>(1 / (1 - rate));
  tape.random()->skip(static_cast<std::uint64_t>(after));
  return factors;
}

/// x * factors in the workspace; x itself where there are none.
template <class T>
const T* times(const T* x, const T* factors, Index count, Workspace& workspace) {
  if (factors == nullptr) return x;
  T* product = workspace.allocate<T>(count);
  for (Index i = 0; i < count; ++i) product[i] = x[i] * factors[i];
  return product;
}

}  // namespace detail

/// Scaled dot-product attention of all heads: with P = softmax(Q K^T s) and Y = P V,
///   dV += P^T dY, dP = dY V^T, dS = P (dP - rowsum(P dP)), dQ += s dS K, dK += s dS^T Q.
/// q, k, v [batch][tokens][width], heads side by side.
/// Dropout on the weights P (Vaswani et al. 2017), where asked for, multiplies P and its gradient by the same factors.
template <class T>
Variable<T> attend(const Variable<T>& q, const Variable<T>& k, const Variable<T>& v, Index heads,
                   const nn::Dropout& dropout, Tape<T>& tape) {
  const Index batch = q.value.batch, tokens = q.value.length, stride = q.value.channels, width = stride / heads;
  const T scale = T(1) / std::sqrt(static_cast<T>(width));
  const nn::Sequence<T> y = nn::make_sequence<T>(tape.workspace(), batch, tokens, stride);
  std::fill_n(y.data, batch * y.batch_stride(), T(0));
  T* weights = tape.workspace().template allocate<T>(batch * heads * tokens * tokens);
  std::fill_n(weights, batch * heads * tokens * tokens, T(0));
  const T* kept = detail::dropout_factors(dropout, batch, heads * tokens * tokens, tape);
  // Calls body(offset of the head in q, k, v, y; its weights; scratch) for every item and head, on the tape's threads.
  const auto for_each_head = [=, &tape](auto&& body) {
    nn::for_each_with_scratch(batch * heads, tape.workspace(), [&](Index task, Workspace& scratch) {
      const Index b = task / heads, h = task % heads;
      body(b * tokens * stride + h * width, weights + (b * heads + h) * tokens * tokens, scratch);
    });
  };
  for_each_head([&](Index at, T* p, Workspace& scratch) {
    const MatrixView<T> queries{q.value.data + at, stride, 1}, keys{k.value.data + at, stride, 1};
    add_matrix_product(queries, keys.transposed(), tokens, width, tokens, p, tokens, scratch);
    kernels::softmax_rows_reference(p, tokens, tokens, scale);
    const T* used = detail::times(p, kept == nullptr ? nullptr : kept + (p - weights), tokens * tokens, scratch);
    add_matrix_product<T>({used, tokens, 1}, {v.value.data + at, stride, 1}, tokens, tokens, width, y.data + at, stride,
                          scratch);
  });
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dq = tape.gradient(q), dk = tape.gradient(k), dv = tape.gradient(v);
    for_each_head([&](Index at, T* p, Workspace& scratch) {
      T* ds = scratch.template allocate<T>(tokens * tokens);
      const T* factors = kept == nullptr ? nullptr : kept + (p - weights);
      const T* used = detail::times(p, factors, tokens * tokens, scratch);
      const MatrixView<T> g{dy.data + at, stride, 1}, probabilities{used, tokens, 1}, scores{ds, tokens, 1};
      add_matrix_product(probabilities.transposed(), g, tokens, tokens, width, dv.data + at, stride, scratch);
      std::fill_n(ds, tokens * tokens, T(0));
      const MatrixView<T> values{v.value.data + at, stride, 1};
      add_matrix_product(g, values.transposed(), tokens, width, tokens, ds, tokens, scratch);
      for (Index i = 0; factors != nullptr && i < tokens * tokens; ++i) ds[i] *= factors[i];
      for (Index i = 0; i < tokens; ++i) {
        T mean = 0;
        for (Index j = 0; j < tokens; ++j) mean += p[i * tokens + j] * ds[i * tokens + j];
        for (Index j = 0; j < tokens; ++j) ds[i * tokens + j] = scale * p[i * tokens + j] * (ds[i * tokens + j] - mean);
      }
      add_matrix_product<T>(scores, {k.value.data + at, stride, 1}, tokens, tokens, width, dq.data + at, stride,
                            scratch);
      add_matrix_product<T>(scores.transposed(), {q.value.data + at, stride, 1}, tokens, tokens, width, dk.data + at,
                            stride, scratch);
    });
  });
}

/// Multi-head self-attention: three linear layers, attention, one linear layer.
template <class T>
Variable<T> apply(const nn::MultiHeadAttention<T>& layer, const Variable<T>& x, Tape<T>& tape) {
  const nn::Activation none{};
  const Variable<T> q = apply(layer.query, x, none, tape), k = apply(layer.key, x, none, tape),
                    v = apply(layer.value, x, none, tape);
  return apply(layer.output, attend(q, k, v, layer.heads, layer.dropout, tape), none, tape);
}

/// Each row: with n^ = (x - mean) / spread and g = dy gain,
///   standard: dx = (g - mean(g) - n^ mean(g n^)) / spread, spread = sqrt(variance + epsilon);
///   unbiased: dx = (g - mean(g)) / spread - (x - mean) sum(g (x - mean)) / (spread^2 deviation (width - 1)),
///             spread = deviation + epsilon.
template <class T>
Variable<T> apply(const nn::LayerNorm<T>& layer, const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::copy(x.value, tape.workspace());
  layer(y.data, y.batch * y.length);
  const nn::LayerNorm<T>* source = &layer;
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const Index width = source->gain.size(), rows = dy.batch * dy.length;
    const T n = static_cast<T>(width);
    T* dgain = tape.parameter_gradient(source->gain);
    T* dshift = tape.parameter_gradient(source->shift);
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index r = 0; r < rows; ++r) {
      const T* in = x.value.data + r * width;
      const T* g = dy.data + r * width;
      T* out = dx.data + r * width;
      T mean = 0, squares = 0, g_mean = 0, g_centred = 0;
      for (Index i = 0; i < width; ++i) mean += in[i] / n;
      for (Index i = 0; i < width; ++i) {
        squares += (in[i] - mean) * (in[i] - mean);
        g_mean += g[i] * source->gain(i) / n;
        g_centred += g[i] * source->gain(i) * (in[i] - mean);
      }
      const bool standard = source->form == nn::LayerNormForm::standard;
      const T deviation = standard ? std::sqrt(squares / n + source->epsilon) : std::sqrt(squares / (n - T(1)));
      const T spread = standard ? deviation : deviation + source->epsilon;
      // d spread / d x_i = (x_i - mean) / (deviation * (n or n - 1)); a constant row has no direction to move in.
      const T through_spread =
          deviation > T(0) ? g_centred / (spread * spread * deviation * (standard ? n : n - T(1))) : T(0);
      for (Index i = 0; i < width; ++i) {
        const T centred = in[i] - mean;
        out[i] += (g[i] * source->gain(i) - g_mean) / spread - centred * through_spread;
        if (dgain != nullptr) dgain[i] += g[i] * centred / spread;
        if (dshift != nullptr) dshift[i] += g[i];
      }
    }
  });
}

/// y = x kept / (1 - rate), kept drawn anew for every number; the identity on a tape without randomness.
template <class T>
Variable<T> apply(const nn::Dropout& layer, const Variable<T>& x, Tape<T>& tape) {
  const Index size = x.value.length * x.value.channels, count = x.value.batch * size;
  assert(x.value.margin == 0);
  const T* factor = detail::dropout_factors(layer, x.value.batch, size, tape);
  if (factor == nullptr) return x;
  const nn::Sequence<T> y = nn::copy(x.value, tape.workspace());
  for (Index i = 0; i < count; ++i) y.data[i] *= factor[i];
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index i = 0; i < count; ++i) dx.data[i] += dy.data[i] * factor[i];
  });
}

/// y = a + b.
template <class T>
Variable<T> add(const Variable<T>& a, const Variable<T>& b, Tape<T>& tape) {
  return tape.record(nn::add(a.value, b.value, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    if (tape.wanted(a)) {
      const nn::Sequence<T> dx = tape.gradient(a);
      for (Index i = 0; i < dy.batch * dy.batch_stride(); ++i) dx.data[i] += dy.data[i];
    }
    if (tape.wanted(b)) tape.pass(b, dy);
  });
}

/// Channels times a factor: the first `channels` of them, and the rest.
template <class T>
Variable<T> scale_channels(const Variable<T>& x, Index channels, std::type_identity_t<T> factor,
                           std::type_identity_t<T> rest, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::copy(x.value, tape.workspace());
  nn::scale_channels(y, channels, factor, rest, tape.workspace());
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index r = 0; r < dy.batch * dy.length; ++r)
      for (Index c = 0; c < dy.channels; ++c)
        dx.data[r * dy.channels + c] += dy.data[r * dy.channels + c] * (c < channels ? factor : rest);
  });
}

/// Mean m and standard deviation s over n samples: dx = dm / n + ds (x - m) / (n s).
template <class T>
Variable<T> pool_moments(const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::pool_moments(x.value, tape.workspace());
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    const T count = static_cast<T>(dx.length);
    for (Index b = 0; b < dx.batch; ++b)
      for (Index t = 0; t < dx.length; ++t)
        for (Index c = 0; c < dx.channels; ++c) {
          const T *moments = y.item(b), *gradient = dy.item(b);
          const T centred = x.value.item(b)[t * dx.channels + c] - moments[c];
          dx.item(b)[t * dx.channels + c] +=
              (gradient[c] + gradient[dx.channels + c] * centred / moments[dx.channels + c]) / count;
        }
  });
}

/// dx = dy at the first sample that is as large as y, 0 elsewhere.
template <class T>
Variable<T> max_over_time(const Variable<T>& x, Tape<T>& tape) {
  const nn::Sequence<T> y = nn::max_over_time(x.value, tape.workspace());
  return tape.record(y, [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index b = 0; b < dx.batch; ++b)
      for (Index c = 0; c < dx.channels; ++c) {
        Index t = 0;
        while (t + 1 < dx.length && x.value.item(b)[t * dx.channels + c] < y.item(b)[c]) ++t;
        dx.item(b)[t * dx.channels + c] += dy.item(b)[c];
      }
  });
}

/// [batch][time][channel] -> [batch][channel][time].
template <class T>
Variable<T> transpose(const Variable<T>& x, Tape<T>& tape) {
  return tape.record(nn::transpose(x.value, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index b = 0; b < dy.batch; ++b)
      for (Index c = 0; c < dx.channels; ++c)
        for (Index t = 0; t < dx.length; ++t) dx.item(b)[t * dx.channels + c] += dy.item(b)[c * dx.length + t];
  });
}

/// x between channels of zeros.
template <class T>
Variable<T> pad_channels(const Variable<T>& x, Index below, Index above, Tape<T>& tape) {
  return tape.record(nn::pad_channels(x.value, below, above, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index r = 0; r < dx.batch * dx.length; ++r)
      for (Index c = 0; c < dx.channels; ++c) dx.data[r * dx.channels + c] += dy.data[r * dy.channels + below + c];
  });
}

/// [batch][time][channel] -> [batch][1][time * channel].
template <class T>
Variable<T> flatten(const Variable<T>& x, Tape<T>& tape) {
  return tape.record(nn::flatten(x.value, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    const nn::Sequence<T> dx = tape.gradient(x);
    for (Index i = 0; i < dy.batch * dy.channels; ++i) dx.data[i] += dy.data[i];
  });
}

/// a, then b, along time.
template <class T>
Variable<T> concatenate_time(const Variable<T>& a, const Variable<T>& b, Tape<T>& tape) {
  return tape.record(nn::concatenate_time(a.value, b.value, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    Index offset = 0;
    for (const Variable<T>* x : {&a, &b}) {
      const Index count = x->value.length * x->value.channels;
      if (tape.wanted(*x)) {
        const nn::Sequence<T> dx = tape.gradient(*x);
        for (Index i = 0; i < dy.batch; ++i)
          for (Index j = 0; j < count; ++j) dx.item(i)[j] += dy.item(i)[offset + j];
      }
      offset += count;
    }
  });
}

/// a beside b.
template <class T>
Variable<T> concatenate_channels(const Variable<T>& a, const Variable<T>& b, Tape<T>& tape) {
  return tape.record(nn::concatenate_channels(a.value, b.value, tape.workspace()), [=, &tape](nn::Sequence<T> dy) {
    Index offset = 0;
    for (const Variable<T>* x : {&a, &b}) {
      const Index channels = x->value.channels;
      if (tape.wanted(*x)) {
        const auto [dx, fresh] = tape.destination(*x);
        for (Index i = 0; i < dy.batch; ++i)
          for (Index t = 0; t < dy.length; ++t) {
            const T* from = dy.item(i) + t * dy.channels + offset;
            T* to = dx.item(i) + t * channels;
            if (fresh)
              std::copy_n(from, channels, to);
            else
              for (Index c = 0; c < channels; ++c) to[c] += from[c];
          }
      }
      offset += channels;
    }
  });
}

}  // namespace systolic::grad
