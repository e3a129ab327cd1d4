#pragma once
// Multi-head self-attention (Vaswani et al. 2017): every token asks (query), is asked (key) and answers (value).
// head h: softmax(Q_h K_h^T / sqrt(width of a head)) V_h on its share of the channels; a linear layer mixes the heads.

#include <algorithm>

#include "systolic/core/parallel.hpp"
#include "systolic/nn/dropout.hpp"
#include "systolic/nn/linear.hpp"
#include "systolic/nn/sequence.hpp"

namespace systolic::nn {

template <class T>
struct MultiHeadAttention {
  Index heads;
  Linear<T> query, key, value, output;  ///< width -> width each
  Dropout dropout;                      ///< on the weights of the answers, in training

  MultiHeadAttention(Index head_count, Index width)
      : heads(head_count), query(width, width), key(width, width), value(width, width), output(width, width) {
    assert(width % heads == 0);
  }

  Index width() const noexcept { return query.in(); }

  void prepare() {
    for (Linear<T>* layer : {&query, &key, &value, &output}) layer->prepare();
    prepared_ = true;
  }

  /// x [batch][tokens][width], without gaps -> y of the same shape, not overlapping x.
  void operator()(const T* x, Index batch, Index tokens, T* y, Workspace& workspace) const {
    Workspace::Scope scope(workspace);
    const Index rows = batch * tokens, head_width = width() / heads;
    T* q = workspace.allocate<T>(rows * width());
    T* k = workspace.allocate<T>(rows * width());
    T* v = workspace.allocate<T>(rows * width());
    T* mixed = workspace.allocate<T>(rows * width());
    query(x, rows, q, {}, workspace.threads());
    key(x, rows, k, {}, workspace.threads());
    value(x, rows, v, {}, workspace.threads());
    const int workers = static_cast<int>(std::min<Index>(workspace.threads(), batch * heads));
    const Index scratch_size = scratch(tokens, head_width);
    T* memory = workspace.allocate<T>(workers * scratch_size);
    parallel_for(batch * heads, workers, [&](Index task, int worker) {
      const Index offset = task / heads * tokens * width() + task % heads * head_width;
      head(q + offset, k + offset, v + offset, tokens, head_width, mixed + offset, memory + worker * scratch_size);
    });
    output(mixed, rows, y, {}, workspace.threads());
  }

 private:
  void head(const T* q, const T* k, const T* v, Index tokens, Index head_width, T* y, T* weights) const {
    if constexpr (std::is_same_v<T, float>) {
      if (prepared_) {
        const Index panel = kernels::row_product_panel();
        float* packed = weights + scratch_of_weights(tokens);
        kernels::RowProduct scores;
        scores.x = q;
        scores.x_stride = width();
        scores.rows = tokens;
        scores.weights = kernels::pack(k, 1, width(), head_width, tokens, panel, packed);
        scores.y = weights;
        scores.y_stride = tokens;
        kernels::row_product(scores);
        kernels::softmax_rows(weights, tokens, tokens, 1 / std::sqrt(static_cast<float>(head_width)));
        kernels::RowProduct answers;
        answers.x = weights;
        answers.x_stride = tokens;
        answers.rows = tokens;
        answers.weights = kernels::pack(v, width(), 1, tokens, head_width, panel, packed);
        answers.y = y;
        answers.y_stride = width();
        kernels::row_product(answers);
        return;
      }
    }
    kernels::attention_reference(q, k, v, tokens, head_width, width(), weights, y, width());
  }

  // Memory of a head: its weights [tokens][tokens], and keys, then values, packed for the row product.
  static Index scratch_of_weights(Index tokens) { return (tokens * tokens + 15) / 16 * 16; }
  static Index scratch(Index tokens, Index head_width) {
    const Index panel = kernels::row_product_panel();
    return scratch_of_weights(tokens) + std::max(kernels::PackedMatrix::packed_size(head_width, tokens, panel),
                                                 kernels::PackedMatrix::packed_size(tokens, head_width, panel));
  }

  bool prepared_ = false;
};

/// Inference: self-attention of the tokens x [batch][tokens][width]. Requires a margin of 0.
template <class T>
Sequence<T> apply(const MultiHeadAttention<T>& layer, std::type_identity_t<Sequence<const T>> x, Workspace& workspace) {
  assert(x.margin == 0 && x.channels == layer.width());
  const Sequence<T> y = make_sequence<T>(workspace, x.batch, x.length, x.channels);
  layer(x.data, x.batch, x.length, y.data, workspace);
  return y;
}

template <class T, class Visitor>
void visit_parameters(MultiHeadAttention<T>& layer, const std::string& prefix, Visitor&& visitor) {
  visit_parameters(layer.query, prefix + ".linear_layers.0", visitor);
  visit_parameters(layer.key, prefix + ".linear_layers.1", visitor);
  visit_parameters(layer.value, prefix + ".linear_layers.2", visitor);
  visit_parameters(layer.output, prefix + ".output_linear", visitor);
}

}  // namespace systolic::nn
