#pragma once
// Diagnoses by the published network: the probability of each of its classes and the attributes of patient and
// recording. docs/diagnosis.md, "The published network".

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/ecg/diagnosis_names.hpp"
#include "systolic/ecg/diagnosis_published.hpp"
#include "systolic/ecg/diagnosis_published_input.hpp"

namespace systolic {

/// Every member has an initializer, so that {.window = 4} compiles without a warning about the others.
struct ClassifyPublishedOptions {
  Index window = 0;            ///< which ten seconds of the recording
  bool allow_missing = false;  ///< chest leads that are missing become 0
  bool one_beat = false;       ///< a beat of each sheet, drawn at random, as published; otherwise the mean over all
  std::uint64_t seed = 1;      ///< of that draw, and of the place where a sheet has no R peak
};

/// What is known about a window after its diagnosis.
struct PublishedDiagnosis {
  std::string reason;                 ///< why it could not be analysed; empty: it was
  std::vector<double> probabilities;  ///< of each class, the network's order (published_diagnosis_names)
  /// Age, sex (0 male, 1 female), heart rate, PR, QT, QTc, QRS: in years, beats a minute and ms where the weights say
  /// how they are scaled, otherwise as the network gives them.
  std::array<double, attribute_names.size()> attributes{};
  std::vector<std::vector<Index>> beats;  ///< the beats of each sheet that were read, samples of the sheet
  std::vector<std::string> warnings;      ///< a sheet without R peaks was read at a place drawn at random
};

/// Mean and standard deviation of each attribute in the training, from the metadata attributes.mean and
/// attributes.deviation: attribute = mean + deviation * output.
struct PublishedAttributeScale {
  std::array<double, attribute_names.size()> mean{}, deviation{};
};

/// The scale that a weights file states; none in a published checkpoint. An error where it is stated and malformed.
template <class = void>
inline Result<std::optional<PublishedAttributeScale>> find_published_attribute_scale(const nn::StateDict& state,
                                                                                     const std::string& file) {
  PublishedAttributeScale scale;
  const auto numbers = [&](const char* key, std::array<double, attribute_names.size()>& target) {
    const std::string* text = state.find_metadata(key);
    const auto values = text == nullptr ? std::nullopt : numbers_from_text<double>(*text);
    if (!values || values->size() != target.size()) return false;
    for (std::size_t i = 0; i < target.size(); ++i)
      if (!std::isfinite(target[i] = (*values)[i])) return false;
    return true;
  };
  if (state.find_metadata("attributes.mean") == nullptr) return std::optional<PublishedAttributeScale>();
  for (const char* key : {"attributes.mean", "attributes.deviation"})
    if (!numbers(key, key == std::string("attributes.mean") ? scale.mean : scale.deviation))
      return error_at(file, std::string("metadata ") + key, "is not seven numbers");
  return std::optional<PublishedAttributeScale>(scale);
}

/// The published network with its weights. Immutable once made: any number of threads may call classify(), each with a
/// Workspace of its own.
class PublishedDiagnoser {
 public:
  /// Calls network.prepare(). `name` and `checksum` say which weights these are.
  /// Requires a backbone of signals of 4800 samples in 4 or 12 channels.
  template <class = void>
  explicit PublishedDiagnoser(PublishedDiagnosisNetwork<float> network,
                              std::optional<PublishedAttributeScale> scale = {}, std::string name = {},
                              std::string checksum = {})
      : network_(std::move(network)),
        scale_(scale),
        weights_name_(std::move(name)),
        weights_checksum_(std::move(checksum)) {
    network_.prepare();
  }

  const PublishedDiagnosisNetwork<float>& network() const noexcept { return network_; }
  const std::optional<PublishedAttributeScale>& attribute_scale() const noexcept { return scale_; }
  const std::string& weights_name() const noexcept { return weights_name_; }
  const std::string& weights_checksum() const noexcept { return weights_checksum_; }
  Index classes() const noexcept { return network_.options.classifier.classes; }
  /// The name of a class; "class 17" where the network has other classes than the published 116.
  template <class = void>
  std::string class_name(Index number) const {
    if (classes() == static_cast<Index>(published_diagnosis_names.size()))
      return published_diagnosis_names[static_cast<std::size_t>(number)];
    return "class " + std::to_string(number);
  }

  /// Diagnoses a window of a recording. A window that cannot be analysed is a result with a reason. Probabilities are
  /// averaged over the beats of a sheet, then over the sheets; equal options give equal results, whatever the number of
  /// threads. Ensures finite results.
  template <class = void>
  PublishedDiagnosis classify(const Record& record, const ClassifyPublishedOptions& options,
                              Workspace& workspace) const {
    PublishedDiagnosis result;
    const Index channels = network_.options.backbone.leads;
    const PublishedSheets found = published_sheets(record, options.window, channels, options.allow_missing);
    result.reason = found.reason;
    if (!result.reason.empty()) return result;
    result.probabilities.assign(static_cast<std::size_t>(classes()), 0.0);
    for (std::size_t i = 0; i < found.sheets.size(); ++i) {
      Random random(options.seed, static_cast<std::uint64_t>(options.window) * 2 + i);
      const PublishedInput input = published_input(found.sheets[i], options.one_beat, random);
      if (!input.found)
        result.warnings.push_back("no R peak found in sheet " + std::to_string(i) + "; sample " +
                                  std::to_string(input.places[0]) + " was drawn as a beat");
      result.beats.push_back(input.places);
      add_sheet(input, static_cast<double>(found.sheets.size()), result, workspace);
    }
    for (const double probability : result.probabilities)
      if (!std::isfinite(probability)) result.reason = "the probabilities are not finite: the weights cannot be used";
    for (const double attribute : result.attributes)
      if (!std::isfinite(attribute)) result.reason = "the attributes are not finite: the weights cannot be used";
    if (!result.reason.empty()) {
      result.probabilities.clear();
      result.attributes = {};
    }
    return result;
  }

 private:
  using Signal = nn::Sequence<float>;

  /// x [1][time][channels], `times` times.
  template <class = void>
  static Signal repeat(Signal x, Index times, Workspace& workspace) {
    const Signal y = nn::make_sequence<float>(workspace, times, x.length, x.channels);
    for (Index b = 0; b < times; ++b) std::copy_n(x.data, x.length * x.channels, y.item(b));
    return y;
  }

  // Recording and trend are the same for all beats, so their latents are computed once.
  template <class = void>
  void add_sheet(const PublishedInput& input, double sheets, PublishedDiagnosis& result, Workspace& workspace) const {
    Workspace::Scope scope(workspace);
    const Restoration<float>& backbone = network_.backbone;
    const Index beats = input.beats.shape()[0];
    const auto view = [](const Tensor<float>& x) { return nn::as_sequence(x.view()); };
    const Signal global = repeat(apply(backbone.global_encoder, view(input.global), workspace), beats, workspace);
    const Signal trend = repeat(apply(backbone.trend_encoder, view(input.trend), workspace), beats, workspace);
    const Signal local = apply(backbone.local_encoder, view(input.beats), workspace);
    const auto latents = backbone.cross_attend(global, local, workspace);
    const auto heads = network_.diagnose(concatenate_channels(latents.global, trend, workspace), workspace);
    const double share = 1 / (sheets * static_cast<double>(beats));
    for (Index b = 0; b < beats; ++b) {
      for (Index c = 0; c < classes(); ++c)
        result.probabilities[static_cast<std::size_t>(c)] +=
            share / (1 + std::exp(-static_cast<double>(heads.logits.item(b)[c])));
      for (std::size_t a = 0; a < attribute_names.size(); ++a) {
        const double output = static_cast<double>(heads.attributes.item(b)[a]);
        result.attributes[a] += share * (scale_ ? scale_->mean[a] + scale_->deviation[a] * output : output);
      }
    }
  }

  PublishedDiagnosisNetwork<float> network_;
  std::optional<PublishedAttributeScale> scale_;
  std::string weights_name_, weights_checksum_;
};

}  // namespace systolic
