#pragma once
// The published diagnosis network (Huang et al. 2026; Jiang et al. 2024): the restoration network, and on what it
// decodes the trend branch from, the global latent beside the trend's, a predictor of attributes of patient and
// recording and a classifier of 116 diagnoses. docs/diagnosis.md says how it is used; the library's own network,
// ecg/diagnosis.hpp, is 25 times smaller.
//
//   restoration network -> [136][50] global, [136][50] trend -> z [136][100] --+--> trend decoder
//                                                                              +--> predictor -> 7 attributes
//                                                                              +--> ResNet1d -> 116 logits

#include <array>
#include <string>

#include "systolic/ecg/resnet1d.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic {

/// Sizes of the network; those of the latents follow from the backbone's.
struct PublishedDiagnosisOptions {
  RestorationOptions backbone{.leads = 4};  ///< 4 rows of a printed sheet, or 12 leads
  std::array<Index, 2> predictor = {1360, 136};
  ResNet1dOptions classifier;  ///< its `in` is set by the network
};

/// Flattens z channel by channel (all positions of the first channel, then of the second, ...); three linear layers
/// with ReLU between them.
template <class T>
struct PublishedPredictor {
  std::array<nn::Linear<T>, 3> layers;

  PublishedPredictor(Index in, const std::array<Index, 2>& hidden)
      : layers{nn::Linear<T>(in, hidden[0]), nn::Linear<T>(hidden[0], hidden[1]),
               nn::Linear<T>(hidden[1], static_cast<Index>(attribute_names.size()))} {}
};

/// z [batch][positions][channels] -> [batch][1][7], in the order of attribute_names
template <class T, class Value, class Context>
Value apply(const PublishedPredictor<T>& predictor, const Value& z, Context& context) {
  const nn::Activation relu{nn::Activation::Kind::relu}, none{};
  const Value flat = flatten(transpose(z, context), context);
  const Value hidden = apply(predictor.layers[1], apply(predictor.layers[0], flat, relu, context), relu, context);
  return apply(predictor.layers[2], hidden, none, context);
}

template <class T>
class PublishedDiagnosisNetwork {
 public:
  PublishedDiagnosisOptions options;
  Restoration<T> backbone;
  PublishedPredictor<T> predictor;
  ResNet1d<T> classifier;

  explicit PublishedDiagnosisNetwork(const PublishedDiagnosisOptions& settings = {})
      : options(with_latent(settings)),
        backbone(options.backbone),
        predictor(options.classifier.in * options.backbone.positions(), options.predictor),
        classifier(options.classifier) {}

  template <class Value>
  struct Diagnosed {
    Value attributes;  ///< [batch][1][7]
    Value logits;      ///< [batch][1][classes]
  };
  /// What the two heads make of z [batch][136][100].
  template <class Value, class Context>
  Diagnosed<Value> diagnose(const Value& z, Context& context) const {
    return {apply(predictor, z, context), classifier(z, context)};
  }

  /// The whole network: the restorations (as Restoration's), attributes and logits.
  template <class Value>
  struct Output {
    Value global, local, trend, attributes, logits;
  };
  /// global [batch][4800][leads], local [batch][480][leads] (masked in training only), trend [batch][4800][leads].
  template <class Value, class Context>
  Output<Value> operator()(const Value& global, const Value& local, const Value& trend, Context& context) const {
    const Value trend_latent = apply(backbone.trend_encoder, trend, context);
    const auto latents = backbone.cross_attend(apply(backbone.global_encoder, global, context),
                                               apply(backbone.local_encoder, local, context), context);
    const Value z = concatenate_channels(latents.global, trend_latent, context);
    const Diagnosed<Value> heads = diagnose(z, context);
    return {backbone.decode(backbone.global_decoder, latents.global, context),
            backbone.decode(backbone.local_decoder, latents.local, context),
            backbone.decode(backbone.trend_decoder, z, context), heads.attributes, heads.logits};
  }

  /// Makes the model ready for inference. To be called again when weights change.
  void prepare() {
    backbone.prepare();
    for (nn::Linear<T>& layer : predictor.layers) layer.prepare();
    classifier.prepare();
  }

 private:
  static PublishedDiagnosisOptions with_latent(PublishedDiagnosisOptions settings) {
    settings.backbone.attributes = false;  // the backbone's own predictor is another one
    settings.classifier.in = 2 * settings.backbone.hidden;
    return settings;
  }
};

/// Calls visitor(name, tensor) for every tensor of the network, with the names of the published checkpoint.
template <class T, class Visitor>
void visit_parameters(PublishedDiagnosisNetwork<T>& net, Visitor&& visitor) {
  visit_parameters(net.backbone, visitor);
  visit_parameters(net.predictor.layers[0], "predictor.0", visitor);
  visit_parameters(net.predictor.layers[1], "predictor.2", visitor);
  visit_parameters(net.predictor.layers[2], "predictor.4", visitor);
  visit_parameters(net.classifier, "class_head", visitor);
}

/// Whether these are the tensors of a published diagnosis network.
inline bool is_published_diagnosis(const nn::StateDict& state) {
  return state.find("class_head.dense.weight") != nullptr && state.find("predictor.4.weight") != nullptr;
}

/// The sizes of the network whose tensors these are; `file` names them in errors. Only networks that read signals of
/// 4800 samples in 4 or 12 channels are accepted, and no size beyond what keeps a hostile file from asking for much
/// more memory than its own tensors take.
template <class = void>
inline Result<PublishedDiagnosisOptions> find_published_diagnosis_options(const nn::StateDict& state,
                                                                          const std::string& file) {
  const auto fail = [&](const std::string& cause) { return error_at(file, "weights", cause); };
  std::string missing;
  const auto shape = [&](const std::string& name, int rank) {
    const Tensor<float>* tensor = state.find(name);
    if (tensor != nullptr && tensor->shape().rank() == rank) return tensor->shape();
    if (missing.empty()) missing = name;
    return Shape{1, 1, 1};
  };
  PublishedDiagnosisOptions options;
  RestorationOptions& backbone = options.backbone;
  ResNet1dOptions& classifier = options.classifier;
  const Shape first = shape("global_encoder.main.0.weight", 3), last = shape("global_encoder.main.14.weight", 3);
  backbone.leads = first[1];
  backbone.width = first[0];
  backbone.hidden = last[0];
  const Shape flat = shape("predictor.0.weight", 2), middle = shape("predictor.2.weight", 2);
  options.predictor = {flat[0], middle[0]};
  const Shape entry = shape("class_head.first_block_conv.conv.weight", 3),
              grouped = shape("class_head.basicblock_list.0.conv1.conv.weight", 3);
  classifier.filters = entry[0];
  classifier.kernel = entry[2];
  classifier.classes = shape("class_head.dense.weight", 2)[0];
  if (!missing.empty())
    return fail("these are not of the published diagnosis network: " + missing + " is missing or of another shape");
  if (backbone.leads != 4 && backbone.leads != 12)
    return fail("the network takes " + std::to_string(backbone.leads) + " channels, diagnosis needs 4 or 12");
  const Index group = grouped[1];
  if (backbone.hidden < 2 || backbone.hidden > 256 || backbone.hidden % backbone.heads != 0 || backbone.width < 1 ||
      backbone.width > 64 || last[1] != 16 * backbone.width)
    return fail("a latent of " + std::to_string(backbone.hidden) + " channels behind " +
                std::to_string(backbone.width) + " is not possible");
  if (flat[1] != 2 * backbone.hidden * backbone.positions() || flat[0] < 1 || flat[0] > 4096 || middle[0] < 1 ||
      middle[0] > 4096)
    return fail("a predictor of " + flat.text() + " and " + middle.text() + " is not possible");
  if (classifier.filters < 1 || classifier.filters > 512 || group < 1 || group > 16 ||
      classifier.filters % group != 0 || classifier.kernel < 1 || classifier.kernel > 64 || classifier.classes < 1 ||
      classifier.classes > 4096)
    return fail("a classifier of " + std::to_string(classifier.filters) + " channels in groups of " +
                std::to_string(group) + " is not possible");
  classifier.groups = classifier.filters / group;
  return options;
}

}  // namespace systolic
