#pragma once
// The multi-scale cross-restoration network (Jiang et al., MICCAI 2023). Three encoders read the recording, one beat of
// it and its trend; attention lets the recording and the beat look at each other; three decoders restore the recording
// twice (from the cross-attended latent alone, and together with the trend's) and the beat once. What the network,
// trained on normal recordings only, cannot restore is abnormal.
//
//   global [4800][leads] -> encoder -> [136][50] --+-- attention, -- + --> decoder -> restored global, log-variance
//   local   [480][leads] -> encoder ->   [1][50] --+   two MLPs   -- | --> decoder -> restored beat, log-variance
//   trend  [4800][leads] -> encoder -> [136][50] ------------------- + --> decoder -> global restored from the trend

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "systolic/nn/attention.hpp"
#include "systolic/nn/block.hpp"
#include "systolic/nn/branches.hpp"
#include "systolic/nn/dropout.hpp"
#include "systolic/nn/layer_norm.hpp"
#include "systolic/nn/pool.hpp"
#include "systolic/nn/sequence_operations.hpp"

namespace systolic {

/// Sizes of the network. Positions of the latents follow from the lengths.
struct RestorationOptions {
  Index leads = 12;
  Index hidden = 50;  ///< channels of a latent
  Index width = 32;   ///< channels after the first convolution; each later one doubles them
  Index heads = 2;
  Index length = 4800;              ///< samples of the global signal
  Index beat_length = 480;          ///< samples of a beat; leaves one position
  double amplitude = 1;             ///< largest restored value: the decoders end in a tanh, which is multiplied by it
  double log_variance_range = 1;    ///< the same for the log-variance; 1, as published, leaves it hardly any influence
  bool beats_in_millivolt = false;  ///< a beat stays in mV; as published each lead of it is scaled to [-1, 1]
  bool attributes = false;          ///< whether there is an attribute predictor
  /// Positions of the global latent: five halvings, then a kernel of 15.
  Index positions() const noexcept { return length / 32 - 14; }
};

namespace detail {

/// Each block leaves its output the margin that the next one's layer wants.
template <class Blocks>
void join_blocks(Blocks& blocks) {
  for (std::size_t i = 0; i + 1 < blocks.size(); ++i) blocks[i].output_margin = blocks[i + 1].layer.input_margin();
}

}  // namespace detail

/// Six convolutions: leads -> 32 -> 64 -> 128 -> 256 -> 512 channels, each halving the length (kernel 4, stride 2,
/// padding 1), then kernel 15 to the latent. Leaky ReLU 0.2 after all but the last, batch norm after the second to the
/// fifth.
template <class T>
struct Encoder {
  std::vector<nn::Block<T, nn::Conv1d<T>>> blocks;

  Encoder(Index leads, Index hidden, Index width) {
    const nn::Activation leaky{nn::Activation::Kind::leaky_relu};
    blocks.push_back({nn::Conv1d<T>({.in = leads, .out = width, .kernel = 4, .stride = 2, .padding = 1}), {}, leaky});
    for (Index channels = width; channels < 16 * width; channels *= 2)
      blocks.push_back({nn::Conv1d<T>({.in = channels, .out = 2 * channels, .kernel = 4, .stride = 2, .padding = 1}),
                        nn::BatchNorm1d<T>(2 * channels), leaky});
    blocks.push_back({nn::Conv1d<T>({.in = 16 * width, .out = hidden, .kernel = 15}), {}, {}});
    detail::join_blocks(blocks);
  }
};

/// The encoder's mirror: kernel 15 from the latent to 512 channels, four doublings of the length that halve the
/// channels, and one to the output. ReLU and batch norm after all but the last, which ends in tanh.
template <class T>
struct Decoder {
  std::vector<nn::Block<T, nn::ConvTranspose1d<T>>> blocks;

  Decoder(Index in, Index out, Index width) {
    const nn::Activation relu{nn::Activation::Kind::relu};
    blocks.push_back(
        {nn::ConvTranspose1d<T>({.in = in, .out = 16 * width, .kernel = 15}), nn::BatchNorm1d<T>(16 * width), relu});
    for (Index channels = 16 * width; channels > width; channels /= 2)
      blocks.push_back(
          {nn::ConvTranspose1d<T>({.in = channels, .out = channels / 2, .kernel = 4, .stride = 2, .padding = 1}),
           nn::BatchNorm1d<T>(channels / 2), relu});
    blocks.push_back({nn::ConvTranspose1d<T>({.in = width, .out = out, .kernel = 4, .stride = 2, .padding = 1}),
                      {},
                      {nn::Activation::Kind::tanh}});
    detail::join_blocks(blocks);
  }
};

/// Encoders and decoders pass a value through their blocks. In inference the value is a Sequence and the context a
/// Workspace; apply(block, value, context) is looked up by the value, so a higher floor can bring its own.
template <class Blocks, class Value, class Context>
nn::OutputOf<Value> apply_blocks(const Blocks& blocks, const Value& x, Context& context) {
  auto y = apply(blocks.front(), x, context);
  for (std::size_t i = 1; i < blocks.size(); ++i) y = apply(blocks[i], y, context);
  return y;
}

/// The same in inference: as many batch items at a time as leave what flows between the layers in the second-level
/// cache.
template <class Blocks, class U>
nn::Sequence<std::remove_const_t<U>> apply_blocks(const Blocks& blocks, const nn::Sequence<U>& x,
                                                  Workspace& workspace) {
  using T = std::remove_const_t<U>;
  constexpr Index cached = 1 << 18;  // numbers that one layer gives
  const auto& first = blocks.front().layer;
  Index length = x.length;
  for (const auto& block : blocks) length = block.layer.output_length(length);
  const Index once = std::max<Index>(1, cached / (first.output_length(x.length) * first.out_channels()));
  const auto run = [&](nn::Sequence<const T> part) { return apply_in_turns(blocks, 0, part, workspace); };
  if (x.batch <= once) return run(x);
  const nn::Sequence<T> result = nn::make_sequence<T>(workspace, x.batch, length, blocks.back().layer.out_channels());
  for (Index b = 0; b < x.batch; b += once) {
    Workspace::Scope scope(workspace);
    const nn::Sequence<T> y = run({x.item(b), std::min(once, x.batch - b), x.length, x.channels, x.margin});
    std::copy_n(y.data, y.batch * y.batch_stride(), result.item(b));
  }
  return result;
}

template <class T, class Value, class Context>
nn::OutputOf<Value> apply(const Encoder<T>& encoder, const Value& x, Context& context) {
  return apply_blocks(encoder.blocks, x, context);
}
template <class T, class Value, class Context>
nn::OutputOf<Value> apply(const Decoder<T>& decoder, const Value& x, Context& context) {
  return apply_blocks(decoder.blocks, x, context);
}

/// Two linear layers with a ReLU between them, on the last axis.
template <class T>
struct TwoLayerPerceptron {
  nn::Linear<T> first, second;
  TwoLayerPerceptron(Index in, Index hidden, Index out) : first(in, hidden), second(hidden, out) {}
};

/// What the attribute predictor predicts, in its order. Source: Huang et al. 2026.
inline constexpr std::array<const char*, 7> attribute_names = {"age", "sex", "heart_rate", "pr", "qt", "qtc", "qrs"};

/// Predicts attributes of patient and recording from the latents of recording and trend: mean and standard deviation of
/// each channel over the positions, then two linear layers. (The published predictor reads all 136 positions; this one
/// has 2 % of its weights and does not care where in the recording something is.)
template <class T>
struct AttributePredictor {
  TwoLayerPerceptron<T> layers;
  explicit AttributePredictor(Index hidden) : layers(4 * hidden, 64, static_cast<Index>(attribute_names.size())) {}
};

/// -> [batch][1][7], in units of the training's standard deviations
template <class T, class Value, class Context>
Value apply(const AttributePredictor<T>& predictor, const Value& global_latent, const Value& trend_latent,
            Context& context) {
  const nn::Activation relu{nn::Activation::Kind::relu}, none{};
  const Value pooled = pool_moments(concatenate_channels(global_latent, trend_latent, context), context);
  return apply(predictor.layers.second, apply(predictor.layers.first, pooled, relu, context), none, context);
}

template <class T>
class Restoration {
 public:
  RestorationOptions options;
  Encoder<T> global_encoder, local_encoder, trend_encoder;
  Decoder<T> global_decoder, local_decoder, trend_decoder;
  nn::MultiHeadAttention<T> attention;
  nn::LayerNorm<T> layer_norm;
  nn::Dropout attention_dropout;
  TwoLayerPerceptron<T> local_mlp, global_mlp;  // along the positions, not the channels
  std::optional<AttributePredictor<T>> attribute_predictor;

  explicit Restoration(const RestorationOptions& settings = {})
      : options(settings),
        global_encoder(settings.leads, settings.hidden, settings.width),
        local_encoder(settings.leads, settings.hidden, settings.width),
        trend_encoder(settings.leads, settings.hidden, settings.width),
        global_decoder(settings.hidden, settings.leads + 1, settings.width),
        local_decoder(settings.hidden, settings.leads + 1, settings.width),
        trend_decoder(2 * settings.hidden, settings.leads, settings.width),
        attention(settings.heads, settings.hidden),
        layer_norm(settings.hidden, nn::LayerNormForm::unbiased_std),
        local_mlp(tokens(settings), 2 * tokens(settings), 1),
        global_mlp(tokens(settings), 4 * tokens(settings), settings.positions()) {
    if (settings.attributes) attribute_predictor.emplace(settings.hidden);
  }

  /// Global and local latent after the exchange between them.
  template <class Value>
  struct Latents {
    Value global, local;
  };

  /// Cross-attention: the latents [batch][136][50] and [batch][1][50] become 137 tokens, look at each other, and two
  /// perceptrons along the positions turn what they saw into an update of each latent.
  template <class Value, class Context>
  Latents<Value> cross_attend(const Value& global, const Value& local, Context& context) const {
    const Value tokens = concatenate_time(global, local, context);
    const Value attended = apply(attention_dropout, apply(attention, tokens, context), context);
    const Value mixed = apply(layer_norm, add(tokens, attended, context), context);
    const Value by_channel = transpose(mixed, context);  // [batch][50][137]
    const nn::Activation relu{nn::Activation::Kind::relu}, none{};
    const auto update = [&](const TwoLayerPerceptron<T>& mlp) {
      const Value hidden = apply(mlp.first, by_channel, relu, context);
      return transpose(apply(mlp.second, hidden, none, context), context);
    };
    return {add(global, update(global_mlp), context), add(local, update(local_mlp), context)};
  }

  /// What the network restores; the last channel of `global` and `local` is the log-variance.
  template <class Value>
  struct Restored {
    Value global, local, trend;       ///< [batch][4800][leads + 1], [batch][480][leads + 1], [batch][4800][leads]
    std::optional<Value> attributes;  ///< [batch][1][7], where there is a predictor
  };

  /// The whole network, as the paper draws it.
  /// global [batch][4800][leads] and local [batch][480][leads] (both masked in training and scoring), trend
  /// [batch][4800][leads] of the unmasked recording.
  template <class Value, class Context>
  Restored<Value> operator()(const Value& global, const Value& local, const Value& trend, Context& context) const {
    const auto branch = [](const auto& encoder, const Value& x) {
      return [&](auto& own) { return apply(encoder, x, own); };
    };
    const auto [trend_latent, global_latent] =
        nn::run_branches(context, branch(trend_encoder, trend), branch(global_encoder, global));
    const Latents<Value> latents = cross_attend(global_latent, apply(local_encoder, local, context), context);
    std::optional<Value> attributes;
    if (attribute_predictor) attributes = apply(*attribute_predictor, latents.global, trend_latent, context);
    const auto restored = [&](const Decoder<T>& decoder, const Value& latent) {
      return [&](auto& own) { return decode(decoder, latent, own); };
    };
    const auto restored_trend = [&, &of_trend = trend_latent](auto& own) {
      if constexpr (std::is_same_v<Value, nn::Sequence<T>>)
        if (in_halves()) return decode_trend(latents.global, trend_share(of_trend, own), own);
      return decode(trend_decoder, concatenate_channels(latents.global, of_trend, own), own);
    };
    // The trend's decoder, of twice the latent, takes about as long as the two others.
    const auto [trend_again, global_again, local_again] = nn::run_branches(
        context, restored_trend, restored(global_decoder, latents.global), restored(local_decoder, latents.local));
    return {global_again, local_again, trend_again, attributes};
  }

  /// What a decoder makes of a latent, in the units of the signals.
  template <class Value, class Context>
  Value decode(const Decoder<T>& decoder, const Value& latent, Context& context) const {
    return in_units(apply(decoder, latent, context), context);
  }

  /// Makes the model ready for inference: folds batch norms, packs weights. To be called again when weights change.
  /// A precision other than f32 is that of all convolutions but the first of each encoder, which meets the recording,
  /// and the last of each decoder, which restores it. Without `keep_weights` the convolutions' unpacked weights, most
  /// of the model's memory, are given back one by one: the model cannot be prepared, saved or trained again. That is
  /// for float only; others compute with them.
  void prepare(Precision precision = Precision::f32, bool keep_weights = true) {
    precision_ = precision;
    split_trend_decoder(keep_weights);
    for (Encoder<T>* encoder : {&global_encoder, &local_encoder, &trend_encoder})
      prepare_blocks(encoder->blocks, encoder == &local_encoder ? options.beat_length : options.length,
                     &encoder->blocks.front(), keep_weights);
    for (Decoder<T>* decoder : {&global_decoder, &local_decoder, &trend_decoder})
      prepare_blocks(decoder->blocks, decoder == &local_decoder ? 1 : options.positions(), &decoder->blocks.back(),
                     keep_weights);
    attention.prepare();
    for (TwoLayerPerceptron<T>* mlp : {&local_mlp, &global_mlp}) {
      mlp->first.prepare();
      mlp->second.prepare();
    }
    if (attribute_predictor) {
      attribute_predictor->layers.first.prepare();
      attribute_predictor->layers.second.prepare();
    }
  }

  /// What prepare() was asked for.
  Precision precision() const noexcept { return precision_; }

  // The trend decoder's first layer is linear in its input, the global latent beside the trend latent, and the trend
  // latent is the same for every mask and beat of a recording: its half is computed once.

  /// The trend latent's share of the trend decoder's first layer, batch norm included: [batch][136][50] ->
  /// [batch][150][512]. Requires prepare().
  nn::Sequence<T> trend_share(nn::Sequence<const T> trend_latent, Workspace& workspace) const {
    return (*trend_half_)(trend_latent, workspace, {}, trend_decoder.blocks.front().output_margin);
  }
  /// The trend decoder, given the trend's share, of one item or of each: global latent [batch][136][50] ->
  /// [batch][4800][leads].
  nn::Sequence<T> decode_trend(nn::Sequence<const T> global_latent, nn::Sequence<const T> share,
                               Workspace& workspace) const {
    const auto& blocks = trend_decoder.blocks;
    const nn::Sequence<T> y =
        (*global_half_)(global_latent, workspace, blocks.front().activation, share.margin, &share);
    return in_units(apply_in_turns(blocks, 1, y, workspace), workspace);
  }

 private:
  template <class Value, class Context>
  Value in_units(const Value& restored, Context& context) const {
    if (options.amplitude == 1 && options.log_variance_range == 1) return restored;
    return scale_channels(restored, options.leads, static_cast<T>(options.amplitude),
                          static_cast<T>(options.log_variance_range), context);
  }

  static Index tokens(const RestorationOptions& settings) { return settings.positions() + 1; }

  /// Whether the first layer of the trend decoder is there in halves only.
  bool in_halves() const noexcept {
    return global_half_ && global_half_->prepared() && !trend_decoder.blocks.front().layer.prepared();
  }

  /// `outer` meets the recording: its precision is f32.
  template <class Block>
  void prepare_blocks(std::vector<Block>& blocks, Index length, const Block* outer, bool keep_weights) const {
    for (Block& block : blocks) {
      length = block.layer.output_length(length);
      if (block.layer.weight.empty()) continue;
      if (&block == outer)
        block.prepare();
      else
        block.prepare(precision_, length);
      if (!keep_weights) block.layer.weight = {};
    }
  }

  void split_trend_decoder(bool keep_weights) {
    nn::Block<T, nn::ConvTranspose1d<T>>& first = trend_decoder.blocks.front();
    assert(!first.layer.weight.empty());
    nn::ConvTranspose1dOptions half = first.layer.options;
    half.in = options.hidden;
    global_half_.emplace(half);
    trend_half_.emplace(half);
    const T* weight = first.layer.weight.data();
    std::copy_n(weight, global_half_->weight.size(), global_half_->weight.data());
    std::copy_n(weight + global_half_->weight.size(), trend_half_->weight.size(), trend_half_->weight.data());
    const nn::ChannelAffine<T> affine = first.norm->affine();
    const Index outputs = first.layer.output_length(options.positions());
    if (!keep_weights) first.layer.weight = {};
    for (nn::ConvTranspose1d<T>* layer : {&*global_half_, &*trend_half_}) {
      layer->prepare(&affine, precision_, outputs);
      if (!keep_weights) layer->weight = {};
    }
  }

  std::optional<nn::ConvTranspose1d<T>> global_half_, trend_half_;
  Precision precision_ = Precision::f32;
};

/// Calls visitor(name, tensor) for every tensor of the network, with the names of the published checkpoint.
template <class T, class Visitor>
void visit_parameters(Restoration<T>& net, Visitor&& visitor) {
  // A published encoder or decoder is one list: layer, [batch norm,] activation, layer, ...
  const auto visit_blocks = [&visitor](auto& blocks, const std::string& branch) {
    int position = 0;
    for (auto& block : blocks) {
      visit_parameters(block.layer, branch + ".main." + std::to_string(position++), visitor);
      if (block.norm) visit_parameters(*block.norm, branch + ".main." + std::to_string(position++), visitor);
      ++position;
    }
  };
  visit_blocks(net.global_encoder.blocks, "global_encoder");
  visit_blocks(net.global_decoder.blocks, "global_decoder");
  visit_blocks(net.local_encoder.blocks, "local_encoder");
  visit_blocks(net.local_decoder.blocks, "local_decoder");
  visit_blocks(net.trend_encoder.blocks, "trend_encoder");
  visit_blocks(net.trend_decoder.blocks, "trend_decoder");
  visit_parameters(net.local_mlp.first, "local_mlp.0", visitor);
  visit_parameters(net.local_mlp.second, "local_mlp.2", visitor);
  visit_parameters(net.global_mlp.first, "global_mlp.0", visitor);
  visit_parameters(net.global_mlp.second, "global_mlp.2", visitor);
  visit_parameters(net.attention, "attn", visitor);
  visit_parameters(net.layer_norm, "layer_norm", visitor);
  if (net.attribute_predictor) {
    visit_parameters(net.attribute_predictor->layers.first, "predictor.0", visitor);
    visit_parameters(net.attribute_predictor->layers.second, "predictor.2", visitor);
  }
}

}  // namespace systolic
