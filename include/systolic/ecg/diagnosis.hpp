#pragma once
// The slim diagnosis network: which statements apply to a recording. It stands on the restoration network's global
// encoder, pretrained on normal recordings, and reads it one layer before the latent, where 150 positions of 64 ms
// still tell beats apart. Residual convolutions look from beat to beat; what they found is pooled over time and put
// beside the beat's measurements, which a small perceptron reads; two linear layers give the logits of the statements
// and the attributes of patient and recording. docs/diagnosis.md compares it with the published network
// (ecg/diagnosis_published.hpp), which has 25 times its weights.
//
//   global [4800][12] -> encoder [150][256] -> [150][96] -> residual blocks -> [38][96] -> moments, maxima --+-- logits
//   measurements [237] -> perceptron [96] -------------------------------------------------------------------+--
//   attributes

#include <string>
#include <utility>
#include <vector>

#include "systolic/ecg/beat_measures.hpp"
#include "systolic/ecg/restoration.hpp"

namespace systolic {

/// Sizes of the network.
struct DiagnosisOptions {
  Index leads = 12;
  Index width = 16;     ///< of the encoder, as in RestorationOptions
  Index channels = 96;  ///< of the residual blocks
  Index kernel = 5;     ///< of their convolutions
  Index measurements = measurement_count;
  Index measured = 96;  ///< what the perceptron makes of them
  Index classes = 76;
};

/// x + second(first(x)), where `first` may halve the length and `shortcut` then does so too.
template <class T>
struct ResidualBlock {
  nn::Block<T, nn::Conv1d<T>> first, second;
  std::optional<nn::Block<T, nn::Conv1d<T>>> shortcut;

  ResidualBlock(Index channels, Index kernel, Index stride)
      : first{nn::Conv1d<T>(
                  {.in = channels, .out = channels, .kernel = kernel, .stride = stride, .padding = kernel / 2}),
              nn::BatchNorm1d<T>(channels), nn::Activation{nn::Activation::Kind::relu}},
        second{nn::Conv1d<T>({.in = channels, .out = channels, .kernel = kernel, .padding = kernel / 2}),
               nn::BatchNorm1d<T>(channels),
               {}} {
    if (stride > 1)
      shortcut = nn::Block<T, nn::Conv1d<T>>{
          nn::Conv1d<T>({.in = channels, .out = channels, .kernel = 3, .stride = stride, .padding = 1}),
          nn::BatchNorm1d<T>(channels),
          {}};
  }
};

template <class T, class Value, class Context>
Value apply(const ResidualBlock<T>& block, const Value& x, Context& context) {
  const Value change = apply(block.second, apply(block.first, x, context), context);
  return block.shortcut ? add(apply(*block.shortcut, x, context), change, context) : add(x, change, context);
}

template <class T>
class Diagnosis {
 public:
  DiagnosisOptions options;
  std::vector<nn::Block<T, nn::Conv1d<T>>> encoder;  ///< the first five blocks of the restoration's global encoder
  nn::Block<T, nn::Conv1d<T>> reduce;
  std::vector<ResidualBlock<T>> blocks;
  nn::Block<T, nn::Conv1d<T>> widen;
  nn::Linear<T> measured;
  nn::Linear<T> classes, attributes;
  nn::Dropout pooled_dropout{0.3f}, measured_dropout{0.3f};

  explicit Diagnosis(const DiagnosisOptions& settings = {})
      : options(settings),
        encoder(Encoder<T>(settings.leads, 1, settings.width).blocks),
        reduce(point_wise(16 * settings.width, settings.channels)),
        widen(point_wise(settings.channels, 2 * settings.channels)),
        measured(settings.measurements, settings.measured),
        classes(pooled() + settings.measured, settings.classes),
        attributes(pooled() + settings.measured, static_cast<Index>(attribute_names.size())) {
    encoder.pop_back();  // the convolution to the latent
    for (const Index stride : {1, 2, 2}) blocks.emplace_back(settings.channels, settings.kernel, stride);
  }

  template <class Value>
  struct Read {
    Value logits;      ///< [batch][1][classes]
    Value attributes;  ///< [batch][1][7], in standard deviations of the training's recordings
  };

  /// The pretrained part: global [batch][4800][leads] mV -> [batch][150][16 width].
  template <class Value, class Context>
  auto encode(const Value& global, Context& context) const {
    auto x = apply(encoder.front(), global, context);
    for (std::size_t i = 1; i < encoder.size(); ++i) x = apply(encoder[i], x, context);
    return x;
  }

  /// The rest: what encode() gave, and measurements [batch][1][measurements], standardized.
  template <class Value, class Context>
  Read<Value> read(const Value& encoded, const Value& measurements, Context& context) const {
    Value x = apply(reduce, encoded, context);
    for (const ResidualBlock<T>& block : blocks) x = apply(block, x, context);
    x = apply(widen, x, context);
    const Value moments = pool_moments(x, context), largest = max_over_time(x, context);
    const nn::Activation relu{nn::Activation::Kind::relu}, none{};
    const Value seen = apply(pooled_dropout, concatenate_channels(moments, largest, context), context);
    const Value beat = apply(measured, apply(measured_dropout, measurements, context), relu, context);
    const Value all = concatenate_channels(seen, apply(pooled_dropout, beat, context), context);
    return {apply(classes, all, none, context), apply(attributes, all, none, context)};
  }

  /// Makes the model ready for inference: folds batch norms, packs weights. To be called again when weights change.
  void prepare() {
    visit_blocks(*this, [](nn::Block<T, nn::Conv1d<T>>& block, const std::string&) { block.prepare(); });
    for (nn::Linear<T>* layer : {&measured, &classes, &attributes}) layer->prepare();
  }

  /// Calls visitor(block, name) for every convolution block.
  template <class Visitor>
  friend void visit_blocks(Diagnosis& net, Visitor&& visitor) {
    int position = 0;  // as in the published list of layers, batch norms and activations
    for (auto& block : net.encoder) {
      visitor(block, "global_encoder.main." + std::to_string(position));
      position += block.norm ? 3 : 2;
    }
    visitor(net.reduce, "diagnosis.reduce");
    for (std::size_t i = 0; i < net.blocks.size(); ++i) {
      const std::string name = "diagnosis.blocks." + std::to_string(i);
      visitor(net.blocks[i].first, name + ".first");
      visitor(net.blocks[i].second, name + ".second");
      if (net.blocks[i].shortcut) visitor(*net.blocks[i].shortcut, name + ".shortcut");
    }
    visitor(net.widen, "diagnosis.widen");
  }

 private:
  Index pooled() const noexcept { return 6 * options.channels; }

  static nn::Block<T, nn::Conv1d<T>> point_wise(Index in, Index out) {
    return {nn::Conv1d<T>({.in = in, .out = out}), nn::BatchNorm1d<T>(out), nn::Activation{nn::Activation::Kind::relu}};
  }
};

/// Calls visitor(name, tensor) for every tensor of the network. The encoder's have the names of the restoration
/// network's.
template <class T, class Visitor>
void visit_parameters(Diagnosis<T>& net, Visitor&& visitor) {
  visit_blocks(net, [&visitor](nn::Block<T, nn::Conv1d<T>>& block, const std::string& name) {
    const bool pretrained = name.starts_with("global_encoder");
    visit_parameters(block.layer, name, visitor);
    if (!block.norm) return;
    const std::size_t digits = name.find_last_of('.') + 1;
    visit_parameters(
        *block.norm,
        pretrained ? name.substr(0, digits) + std::to_string(std::stoi(name.substr(digits)) + 1) : name + ".norm",
        visitor);
  });
  visit_parameters(net.measured, "diagnosis.measured", visitor);
  visit_parameters(net.classes, "diagnosis.classes", visitor);
  visit_parameters(net.attributes, "diagnosis.attributes", visitor);
}

}  // namespace systolic
