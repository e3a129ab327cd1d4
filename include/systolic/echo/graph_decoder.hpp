#pragma once
// From the features of a clip to key points, ejection fraction and frames: the heads of EchoNarrator, as EchoGraphs
// (Thomas et al. 2022) publishes them.

#include <string>
#include <vector>

#include "systolic/nn/elu.hpp"
#include "systolic/nn/graph_mixing.hpp"
#include "systolic/nn/image_operations.hpp"
#include "systolic/nn/layer_norm.hpp"

namespace systolic::echo {

/// The key point decoder: a linear layer gives every node its first features, graph mixing layers with ELU between
/// reduce them, the last one gives two coordinates.
template <class T>
struct GraphDecoder {
  nn::Linear<T> first;  ///< features -> nodes * channels.back()
  std::vector<nn::GraphMixing<T>> layers;

  /// `channels` are listed from the output's side, as published: {4, 8, 8, 16, 16, 32, 32, 48}. One layer keeps the
  /// last of them, the others walk the list backwards.
  GraphDecoder(Index features, const nn::GraphTable& table, const std::vector<Index>& channels)
      : first(features, table.nodes * channels.back()) {
    Index in = channels.back();
    for (std::size_t i = channels.size(); i-- > 0;) {
      layers.emplace_back(table, in, channels[i]);
      in = channels[i];
    }
    layers.emplace_back(table, in, 2);
  }

  Index nodes() const noexcept { return layers.front().table.nodes; }
  void prepare() {
    first.prepare();
    for (nn::GraphMixing<T>& mixing : layers) mixing.layer.prepare();
  }
};

/// x [batch][1][features] -> [batch][nodes][2], pixels or shares of the image.
template <class T, class Value, class Context>
auto run_decoder(const GraphDecoder<T>& decoder, const Value& x, Context& context) {
  auto value = as_nodes(apply(decoder.first, x, nn::Activation{}, context), decoder.nodes(), context);
  for (std::size_t i = 0; i < decoder.layers.size(); ++i) {
    value = apply(decoder.layers[i], value, context);
    if (i + 1 < decoder.layers.size()) value = apply_elu(value, context);
  }
  return value;
}

template <class T, class Visitor>
void visit_parameters(GraphDecoder<T>& decoder, const std::string& prefix, Visitor&& visitor) {
  visit_parameters(decoder.first, prefix + ".0", visitor);
  for (std::size_t i = 0; i < decoder.layers.size(); ++i)
    visit_parameters(decoder.layers[i], prefix + "." + std::to_string(i + 1), visitor);
}

/// The head for the ejection fraction: linear layers 512 -> 48 -> 48 -> 32 -> 32 -> 16 -> 1, ELU after all but the
/// first and the last. The result is a share, not bounded.
template <class T>
struct FractionHead {
  std::vector<nn::Linear<T>> layers;

  explicit FractionHead(Index features) {
    Index in = features;
    for (const Index out : {48, 48, 32, 32, 16, 1}) {
      layers.emplace_back(in, out);
      in = out;
    }
  }
};

/// x [batch][1][features] -> [batch][1][1].
template <class T, class Value, class Context>
auto run_head(const FractionHead<T>& head, const Value& x, Context& context) {
  auto value = apply(head.layers[0], x, nn::Activation{}, context);
  for (std::size_t i = 1; i < head.layers.size(); ++i) {
    value = apply(head.layers[i], value, nn::Activation{}, context);
    if (i + 1 < head.layers.size()) value = apply_elu(value, context);
  }
  return value;
}

template <class T, class Visitor>
void visit_parameters(FractionHead<T>& head, const std::string& prefix, Visitor&& visitor) {
  for (std::size_t i = 0; i < head.layers.size(); ++i)
    visit_parameters(head.layers[i], prefix + "." + std::to_string(i), visitor);
}

/// Which frame of a clip is end-diastole and which end-systole: linear, layer norm, leaky ReLU 0.05, twice (256, 128),
/// then linear to 2 x (frames + 1) logits; class 0 is "not in this clip".
template <class T>
struct FrameHead {
  nn::Linear<T> first, second, last;
  nn::LayerNorm<T> norm1, norm2;

  FrameHead(Index features, Index frames)
      : first(features, 256), second(256, 128), last(128, 2 * (frames + 1)), norm1(256), norm2(128) {}
};

/// x [batch][1][features] -> [batch][1][(frames + 1) * 2], class by class.
template <class T, class Value, class Context>
auto run_head(const FrameHead<T>& head, const Value& x, Context& context) {
  nn::Activation leaky{nn::Activation::Kind::leaky_relu};
  leaky.leak = 0.05f;
  auto value = activate(leaky, apply(head.norm1, apply(head.first, x, nn::Activation{}, context), context), context);
  value = activate(leaky, apply(head.norm2, apply(head.second, value, nn::Activation{}, context), context), context);
  return apply(head.last, value, nn::Activation{}, context);
}

template <class T, class Visitor>
void visit_parameters(FrameHead<T>& head, const std::string& prefix, Visitor&& visitor) {
  visit_parameters(head.first, prefix + ".0", visitor);
  visit_parameters(head.norm1, prefix + ".1", visitor);
  visit_parameters(head.second, prefix + ".3", visitor);
  visit_parameters(head.norm2, prefix + ".4", visitor);
  visit_parameters(head.last, prefix + ".6", visitor);
}

}  // namespace systolic::echo
