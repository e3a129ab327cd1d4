#pragma once
// The area under the ROC curve of many classes, averaged: every class counts the same, however rare it is.

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "systolic/metrics/roc.hpp"

namespace systolic::metrics {

/// AUROC of one class, or nothing where all recordings have it, or none. truth: 1 has it, 0 has it not, others are left
/// out.
inline std::optional<double> class_auroc(std::span<const double> scores, std::span<const std::int8_t> truth) {
  std::vector<double> known;
  std::vector<std::uint8_t> positive;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (truth[i] != 0 && truth[i] != 1) continue;
    known.push_back(scores[i]);
    positive.push_back(static_cast<std::uint8_t>(truth[i]));
  }
  const auto curve = roc_curve(known, positive);
  return curve ? std::optional<double>(auroc(*curve)) : std::nullopt;
}

/// The mean of those that there are; nothing where there is none.
inline std::optional<double> mean_of_known(std::span<const std::optional<double>> values) {
  double sum = 0, count = 0;
  for (const auto& value : values)
    if (value) {
      sum += *value;
      count += 1;
    }
  return count > 0 ? std::optional<double>(sum / count) : std::nullopt;
}

}  // namespace systolic::metrics
