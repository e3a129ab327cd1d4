#pragma once
// What a score means: how it lies among the scores of normal recordings. A calibration belongs to one way of
// preprocessing and scoring, which it names; another way yields a score without a percentile.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/core/result.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/kernels/precision.hpp"
#include "systolic/nn/parameters.hpp"

namespace systolic {

inline const char* normalization_name(Normalization normalization) noexcept {
  return normalization == Normalization::record ? "record" : "none";
}
/// "record" or "none".
template <class = void>
inline std::optional<Normalization> parse_normalization(std::string_view name) noexcept {
  if (name == "record") return Normalization::record;
  if (name == "none") return Normalization::none;
  return std::nullopt;
}

/// The published score is the mean error of the restoration; the combined one (ecg/normality.hpp) has it as a part.
enum class ScoreKind { published, combined };

inline const char* score_kind_name(ScoreKind kind) noexcept {
  return kind == ScoreKind::published ? "published" : "combined";
}
/// "published" or "combined".
template <class = void>
inline std::optional<ScoreKind> parse_score_kind(std::string_view name) noexcept {
  if (name == "published") return ScoreKind::published;
  if (name == "combined") return ScoreKind::combined;
  return std::nullopt;
}

/// How recordings are prepared for a network: as those were that it learned from.
struct Preparation {
  Normalization normalization = Normalization::none;
  signal::PeakMethod peaks = signal::PeakMethod::heartpy;
};

struct Calibration {
  Normalization normalization = Normalization::none;
  signal::PeakMethod peaks = signal::PeakMethod::heartpy;
  std::string score = "published";
  Precision precision = Precision::f32;  ///< of the network; f32 speaks for bf16, too, whose scores are the same
  std::vector<double> quantiles;  ///< of the scores of normal records, at equally spaced probabilities from 0 to 1
  double threshold = 0;           ///< a score above it is called abnormal; 90 % of the normal records lie below
  double map_threshold = 0;       ///< 99th percentile of the localization maps of normal records
  std::string data;               ///< which recordings, for people
  Index records = 0;              ///< how many normal recordings
};

/// The share of normal records that score below `score`, in percent, linear between the calibration's quantiles.
template <class = void>
inline double percentile_among_normals(const Calibration& calibration, double score) {
  const std::vector<double>& q = calibration.quantiles;
  const auto above = std::upper_bound(q.begin(), q.end(), score);
  if (above == q.begin()) return 0;
  if (above == q.end()) return 100;
  const double low = *(above - 1), high = *above;
  const double position = static_cast<double>(above - 1 - q.begin()) + (score - low) / (high - low);
  return 100 * position / static_cast<double>(q.size() - 1);
}

/// Quantile `probability` of ascending values, linear between neighbours (Hyndman and Fan's type 7).
/// Requires at least one value.
template <class = void>
inline double quantile_of_sorted(const std::vector<double>& ascending, double probability) {
  const double position = probability * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] + (position - static_cast<double>(below)) * (ascending[above] - ascending[below]);
}

/// Writes the calibration into a weights file's metadata, keys "calibration.*".
template <class = void>
inline void set_calibration(nn::StateDict& state, const Calibration& calibration) {
  state.set_metadata("calibration.normalization", normalization_name(calibration.normalization));
  state.set_metadata("calibration.peaks", signal::peak_method_name(calibration.peaks));
  state.set_metadata("calibration.score", calibration.score);
  state.set_metadata("calibration.precision", precision_name(calibration.precision));
  state.set_metadata("calibration.quantiles", numbers_to_text(calibration.quantiles));
  state.set_metadata("calibration.threshold", number_to_text(calibration.threshold));
  state.set_metadata("calibration.map_threshold", number_to_text(calibration.map_threshold));
  state.set_metadata("calibration.data", calibration.data);
  state.set_metadata("calibration.records", std::to_string(calibration.records));
}

/// The calibration in the metadata; nothing where there is none; an error (naming the key) where it is malformed.
template <class = void>
inline Result<std::optional<Calibration>> find_calibration(const nn::StateDict& state, const std::string& file) {
  if (state.find_metadata("calibration.quantiles") == nullptr) return std::optional<Calibration>();
  Calibration result;
  std::string wrong;
  const auto text = [&](const std::string& key) {
    const std::string* found = state.find_metadata("calibration." + key);
    return found != nullptr ? *found : std::string();
  };
  const auto number = [&](const std::string& key) {
    const auto value = number_from_text<double>(text(key));
    if (!value || !std::isfinite(*value)) wrong = key;
    return value.value_or(0);
  };
  const auto normalization = parse_normalization(text("normalization"));
  const auto peaks = signal::parse_peak_method(text("peaks"));
  const auto quantiles = numbers_from_text<double>(text("quantiles"));
  // Files that were calibrated before there was another precision do not name one.
  const bool names_precision = state.find_metadata("calibration.precision") != nullptr;
  const auto precision = names_precision ? parse_precision(text("precision")) : Precision::f32;
  if (!precision) wrong = "precision";
  if (!normalization) wrong = "normalization";
  if (!peaks) wrong = "peaks";
  if (!quantiles || quantiles->size() < 2 || !std::is_sorted(quantiles->begin(), quantiles->end()) ||
      !std::all_of(quantiles->begin(), quantiles->end(), [](double q) { return std::isfinite(q); }))
    wrong = "quantiles";
  result.threshold = number("threshold");
  result.map_threshold = number("map_threshold");
  const auto records = number_from_text<Index>(text("records"));
  if (!records || *records < 0) wrong = "records";
  if (!wrong.empty())
    return error_at(file, "metadata calibration." + wrong, "'" + text(wrong).substr(0, 40) + "' is not valid");
  result.records = *records;
  result.normalization = *normalization;
  result.peaks = *peaks;
  result.precision = *precision;
  result.quantiles = *quantiles;
  result.score = text("score");
  result.data = text("data");
  return std::optional<Calibration>(std::move(result));
}

/// The preparation that weights ask for: their calibration's, else that of their training (metadata
/// training.normalization and training.peaks); nothing where they name none.
template <class = void>
inline std::optional<Preparation> find_preparation(const nn::StateDict& state,
                                                   const std::optional<Calibration>& calibration) {
  if (calibration) return Preparation{calibration->normalization, calibration->peaks};
  const std::string *normalization = state.find_metadata("training.normalization"),
                    *peaks = state.find_metadata("training.peaks");
  if (normalization == nullptr || peaks == nullptr) return std::nullopt;
  const auto scaled = parse_normalization(*normalization);
  const auto method = signal::parse_peak_method(*peaks);
  return scaled && method ? std::optional(Preparation{*scaled, *method}) : std::nullopt;
}

}  // namespace systolic
