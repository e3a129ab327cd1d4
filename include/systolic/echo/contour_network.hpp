#pragma once
// The network of EchoNarrator: from the frames between end-diastole and end-systole to the contours of the first and
// the last of them, and the ejection fraction.

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "systolic/echo/clip_encoder.hpp"
#include "systolic/echo/graph_decoder.hpp"
#include "systolic/echo/key_points.hpp"

namespace systolic::echo {

struct ContourNetworkOptions {
  Index frames = 4;  ///< published 16
  Index size = 48;   ///< rows and columns; published 112
  ClipEncoderOptions encoder{1, {16, 32, 64, 128}, 1};
  /// 0: the mean over time and place of each channel of the encoder is a feature, as published. Otherwise a linear
  /// layer makes so many features of all that the encoder gives: it still knows where something was.
  Index features = 128;
  std::vector<Index> decoder{16, 32, 32, 48};
};

template <class T>
struct ContourNetwork {
  ContourNetworkOptions options;
  ClipEncoder<T> encoder;
  std::optional<nn::Linear<T>> read_out;
  GraphDecoder<T> decoder;
  FractionHead<T> fraction;

  explicit ContourNetwork(const ContourNetworkOptions& settings = {})
      : options(settings),
        encoder(settings.encoder),
        read_out(make_read_out(settings, encoder)),
        decoder(feature_count(settings), nn::temporal_graph(static_cast<Index>(key_point_count)), settings.decoder),
        fraction(feature_count(settings)) {}

  /// Folds the batch norms and packs the weights. To be called again whenever they change.
  void prepare() {
    encoder.prepare();
    if (read_out) read_out->prepare();
    decoder.prepare();
    for (nn::Linear<T>& layer : fraction.layers) layer.prepare();
  }

 private:
  static Index feature_count(const ContourNetworkOptions& options) noexcept {
    return options.features > 0 ? options.features : options.encoder.widths.back();
  }
  static std::optional<nn::Linear<T>> make_read_out(const ContourNetworkOptions& options,
                                                    const ClipEncoder<T>& encoder) {
    if (options.features == 0) return std::nullopt;
    const nn::ImageExtent extent = encoder.output_extent({options.frames, options.size, options.size});
    return nn::Linear<T>(extent.count() * options.encoder.widths.back(), options.features);
  }
};

/// What the network says of a clip.
template <class Value>
struct ContourReading {
  Value points;    ///< [batch][80][2]: key points (x, y) of the first frame, then of the last; shares of the image
  Value fraction;  ///< [batch][1][1]: the ejection fraction, a share, not bounded
};

/// x [batch][frames][size][size][1] as echo/contour_input.hpp makes it.
template <class T, class Value, class Context>
auto run_network(const ContourNetwork<T>& network, const Value& x, Context& context) {
  const auto encoded = run_encoder(network.encoder, x, context);
  const auto features = network.read_out ? apply(*network.read_out, flatten(encoded.pixels, context),
                                                 nn::Activation{nn::Activation::Kind::leaky_relu}, context)
                                         : mean_over_pixels(encoded, context);
  const auto points = run_decoder(network.decoder, features, context);
  const auto fraction = run_head(network.fraction, features, context);
  return ContourReading<std::remove_const_t<decltype(points)>>{points, fraction};
}

template <class T, class Visitor>
void visit_parameters(ContourNetwork<T>& network, Visitor&& visitor) {
  visit_parameters(network.encoder, "encoder.", visitor);
  if (network.read_out) visit_parameters(*network.read_out, "read_out", visitor);
  visit_parameters(network.decoder, "decoder", visitor);
  visit_parameters(network.fraction, "fraction", visitor);
}

}  // namespace systolic::echo
