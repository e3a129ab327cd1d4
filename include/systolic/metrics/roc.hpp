#pragma once
// How well a score separates positive records from negative ones. All figures follow from one list: how many positives
// and negatives score at least as high as each threshold. Records of equal score cannot be told apart by any
// threshold, so they always enter that list together.
//
// Source of the definitions: T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace systolic::metrics {

/// What is called positive when every score >= threshold is.
struct RocPoint {
  double threshold;               ///< a score that occurs
  std::uint64_t true_positives;   ///< positives that score >= threshold
  std::uint64_t false_positives;  ///< negatives that score >= threshold

  /// The share of positives among what is called positive; a point holds at least one record.
  double precision() const noexcept {
    return static_cast<double>(true_positives) / static_cast<double>(true_positives + false_positives);
  }
};

/// The curve from strict to lenient: one point a distinct score, thresholds descending; the last point holds
/// everything. The point (0, 0) before the first is understood.
struct RocCurve {
  std::uint64_t positives = 0;
  std::uint64_t negatives = 0;
  std::vector<RocPoint> points;
};

/// The curve of `scores` [n] (higher: more likely positive) against `positive` [n] (0: negative). O(n log n).
/// Nothing where one of the two classes is empty, the lengths differ or a score is NaN; whatever is computed from a
/// curve is a number.
template <class = void>
inline std::optional<RocCurve> roc_curve(std::span<const double> scores, std::span<const std::uint8_t> positive) {
  if (scores.size() != positive.size()) return std::nullopt;
  struct Scored {
    double score;
    bool positive;
  };
  std::vector<Scored> ranked(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) return std::nullopt;
    ranked[i] = {scores[i], positive[i] != 0};
  }
  std::sort(ranked.begin(), ranked.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });

  RocCurve curve;
  for (const Scored& record : ranked) {
    ++(record.positive ? curve.positives : curve.negatives);
    if (curve.points.empty() || curve.points.back().threshold != record.score)
      curve.points.push_back({record.score, 0, 0});
    curve.points.back().true_positives = curve.positives;
    curve.points.back().false_positives = curve.negatives;
  }
  if (curve.positives == 0 || curve.negatives == 0) return std::nullopt;
  return curve;
}

/// Area under the ROC curve: the probability that a positive scores higher than a negative, ties counted half
/// (Mann-Whitney U / (positives * negatives)). In [0, 1].
template <class = void>
inline double auroc(const RocCurve& curve) noexcept {
  // Pairs are counted in exact integers, doubled so that a tie is 1.
  std::uint64_t twice_won = 0, positives_above = 0, negatives_above = 0;
  for (const RocPoint& point : curve.points) {
    const std::uint64_t tied_positives = point.true_positives - positives_above;
    const std::uint64_t not_below = negatives_above + point.false_positives;  // twice the above, once the tied
    twice_won += tied_positives * (2 * curve.negatives - not_below);
    positives_above = point.true_positives;
    negatives_above = point.false_positives;
  }
  return static_cast<double>(twice_won) / 2 / static_cast<double>(curve.positives) /
         static_cast<double>(curve.negatives);
}

/// Area under the precision-recall curve as average precision: the sum over thresholds of (gain in recall) * precision,
/// with no interpolation between points. In (0, 1]; the share of positives where the score says nothing.
template <class = void>
inline double average_precision(const RocCurve& curve) noexcept {
  double sum = 0;
  std::uint64_t found = 0;
  for (const RocPoint& point : curve.points) {
    sum += static_cast<double>(point.true_positives - found) * point.precision();
    found = point.true_positives;
  }
  return sum / static_cast<double>(curve.positives);
}

/// A figure and the threshold (score >= threshold is positive) that attains it.
struct OperatingFigure {
  double value;
  double threshold;
};

/// The largest sensitivity among the thresholds whose specificity is at least `specificity`, with its threshold; the
/// strictest such threshold on ties. Where even the highest score costs more specificity than that, the value is 0 at
/// an infinite threshold (nothing is called positive).
template <class = void>
inline OperatingFigure sensitivity_at_specificity(const RocCurve& curve, double specificity) noexcept {
  OperatingFigure best{0, std::numeric_limits<double>::infinity()};
  // 90 % of 10 negatives are 9, although 1 - 0.9 is a little less than 0.1 in binary.
  const double allowed = (1 - specificity) * static_cast<double>(curve.negatives) * (1 + 1e-12) + 1e-12;
  for (const RocPoint& point : curve.points) {
    if (static_cast<double>(point.false_positives) > allowed) break;
    const double sensitivity = static_cast<double>(point.true_positives) / static_cast<double>(curve.positives);
    if (sensitivity > best.value) best = {sensitivity, point.threshold};
  }
  return best;
}

/// The largest precision among the thresholds whose recall is at least `recall` (in [0, 1]), with its threshold; the
/// strictest such threshold on ties.
template <class = void>
inline OperatingFigure precision_at_recall(const RocCurve& curve, double recall) noexcept {
  OperatingFigure best{0, std::numeric_limits<double>::infinity()};
  const double needed = recall * static_cast<double>(curve.positives) * (1 - 1e-12) - 1e-12;
  for (const RocPoint& point : curve.points) {
    if (static_cast<double>(point.true_positives) < needed) continue;
    if (point.precision() > best.value) best = {point.precision(), point.threshold};
  }
  return best;
}

/// The largest F1 = 2 TP / (2 TP + FP + FN) over all thresholds, with its threshold; the strictest on ties.
template <class = void>
inline OperatingFigure best_f1(const RocCurve& curve) noexcept {
  OperatingFigure best{0, std::numeric_limits<double>::infinity()};
  for (const RocPoint& point : curve.points) {
    // TP + FN is the number of positives, whatever the threshold.
    const double f1 = 2 * static_cast<double>(point.true_positives) /
                      static_cast<double>(point.true_positives + point.false_positives + curve.positives);
    if (f1 > best.value) best = {f1, point.threshold};
  }
  return best;
}

}  // namespace systolic::metrics
