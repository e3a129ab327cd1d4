#pragma once
// What a diagnosis network tells apart, how its logits become probabilities and decisions, and on which scales its
// inputs and attributes are: all of it stands in the metadata of its weights.

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/core/result.hpp"
#include "systolic/ecg/measurement_scale.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic {

/// One class of a diagnosis network.
struct DiagnosisClass {
  enum class Kind { statement, superclass };

  std::string code, name;           ///< "LAFB", "left anterior fascicular block"
  Kind kind = Kind::statement;      ///< a superclass gathers statements: "CD", "conduction disturbance"
  Index training_count = 0;         ///< recordings with it that it was learnt from
  double slope = 1, intercept = 0;  ///< of the calibrated logit
  double threshold = 0.5;           ///< a probability from here on counts as present

  double probability(double logit) const { return 1 / (1 + std::exp(-(slope * logit + intercept))); }
};

/// Everything about a diagnosis network that is no tensor of it.
struct DiagnosisScales {
  std::vector<DiagnosisClass> classes;
  MeasurementScale measurements;
  std::array<double, attribute_names.size()> attribute_mean{}, attribute_deviation{};
};

namespace detail {

/// Texts without line breaks, one a line.
template <class = void>
inline std::string lines_to_text(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}
template <class = void>
inline std::vector<std::string> lines_from_text(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t first = 0, end = 0; end != std::string::npos; first = end + 1) {
    end = text.find('\n', first);
    lines.push_back(text.substr(first, end == std::string::npos ? end : end - first));
  }
  return lines;
}

}  // namespace detail

/// Writes classes and scales into the metadata of a weights file: classes.*, measurements.*, attributes.*.
template <class = void>
inline void set_diagnosis_scales(nn::StateDict& state, const DiagnosisScales& scales) {
  std::vector<std::string> codes, names;
  std::vector<double> superclass, counts, slopes, intercepts, thresholds;
  for (const DiagnosisClass& entry : scales.classes) {
    codes.push_back(entry.code);
    names.push_back(entry.name);
    superclass.push_back(entry.kind == DiagnosisClass::Kind::superclass ? 1 : 0);
    counts.push_back(static_cast<double>(entry.training_count));
    slopes.push_back(entry.slope);
    intercepts.push_back(entry.intercept);
    thresholds.push_back(entry.threshold);
  }
  state.set_metadata("classes.codes", detail::lines_to_text(codes));
  state.set_metadata("classes.names", detail::lines_to_text(names));
  state.set_metadata("classes.superclass", numbers_to_text(superclass));
  state.set_metadata("classes.training_count", numbers_to_text(counts));
  state.set_metadata("classes.slope", numbers_to_text(slopes));
  state.set_metadata("classes.intercept", numbers_to_text(intercepts));
  state.set_metadata("classes.threshold", numbers_to_text(thresholds));
  state.set_metadata("measurements.center", numbers_to_text(scales.measurements.center));
  state.set_metadata("measurements.deviation", numbers_to_text(scales.measurements.deviation));
  state.set_metadata("attributes.mean",
                     numbers_to_text(std::vector<double>(scales.attribute_mean.begin(), scales.attribute_mean.end())));
  state.set_metadata("attributes.deviation", numbers_to_text(std::vector<double>(scales.attribute_deviation.begin(),
                                                                                 scales.attribute_deviation.end())));
}

/// Reads them again for a network of so many classes and measurements; `file` names it in errors.
template <class = void>
inline Result<DiagnosisScales> find_diagnosis_scales(const nn::StateDict& state, Index classes, Index measurements,
                                                     const std::string& file) {
  DiagnosisScales scales;
  std::string wrong;
  const auto text = [&](const char* key) -> std::string {
    const std::string* found = state.find_metadata(key);
    if (found == nullptr && wrong.empty()) wrong = key;
    return found == nullptr ? "" : *found;
  };
  const auto numbers = [&](const char* key, Index count, bool positive) {
    auto values = numbers_from_text<double>(text(key)).value_or(std::vector<double>());
    const auto valid = [&](double value) { return std::isfinite(value) && (!positive || value > 0); };
    if (static_cast<Index>(values.size()) != count || !std::all_of(values.begin(), values.end(), valid)) {
      if (wrong.empty()) wrong = key;
      values.assign(static_cast<std::size_t>(count), 1.0);
    }
    return values;
  };
  const auto lines = [&](const char* key) {
    auto values = detail::lines_from_text(text(key));
    if (static_cast<Index>(values.size()) != classes && wrong.empty()) wrong = key;
    values.resize(static_cast<std::size_t>(classes));
    return values;
  };
  const auto codes = lines("classes.codes"), names = lines("classes.names");
  const auto superclass = numbers("classes.superclass", classes, false);
  const auto counts = numbers("classes.training_count", classes, false);
  const auto slopes = numbers("classes.slope", classes, true),
             intercepts = numbers("classes.intercept", classes, false);
  const auto thresholds = numbers("classes.threshold", classes, false);
  for (std::size_t c = 0; c < codes.size(); ++c)
    scales.classes.push_back(
        {codes[c], names[c], superclass[c] > 0 ? DiagnosisClass::Kind::superclass : DiagnosisClass::Kind::statement,
         static_cast<Index>(std::clamp(counts[c], 0.0, 1e12)), slopes[c], intercepts[c], thresholds[c]});
  for (const double value : numbers("measurements.center", measurements, false))
    scales.measurements.center.push_back(static_cast<float>(value));
  for (const double value : numbers("measurements.deviation", measurements, true))
    scales.measurements.deviation.push_back(static_cast<float>(value));
  const auto means = numbers("attributes.mean", static_cast<Index>(attribute_names.size()), false);
  const auto deviations = numbers("attributes.deviation", static_cast<Index>(attribute_names.size()), true);
  std::copy(means.begin(), means.end(), scales.attribute_mean.begin());
  std::copy(deviations.begin(), deviations.end(), scales.attribute_deviation.begin());
  if (!wrong.empty()) return error_at(file, "metadata " + wrong, "is missing or does not fit the network");
  return scales;
}

}  // namespace systolic
