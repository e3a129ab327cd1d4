#pragma once
// Figures over many millions of points (every sample of every lead) without keeping a score of any: counts by the
// leading bits of the score.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "systolic/metrics/roc.hpp"

namespace systolic::metrics {

/// How many positive and negative points have each score, scores told apart by sign, exponent and the first 9 bits of
/// the fraction (a relative step of 0.2 %; what lies within one counts as equal). 8 MB, however many points there are.
/// Counts are whole numbers, so sums do not depend on the order in which points or parts are added.
class PointCounts {
 public:
  PointCounts() : counts_(bins) {}

  /// Adds one point. A NaN counts as the lowest score.
  void add(float score, bool positive) noexcept {
    Counts& place = counts_[bin(score)];
    ++(positive ? place.positives : place.negatives);
  }
  template <class = void>
  void add(const PointCounts& other) noexcept {
    for (std::size_t i = 0; i < bins; ++i) {
      counts_[i].positives += other.counts_[i].positives;
      counts_[i].negatives += other.counts_[i].negatives;
    }
  }

  /// The curve over all points, from which auroc(), average_precision() and best_f1() follow; F1 of points is their
  /// Dice coefficient. Nothing where one of the two classes is empty.
  template <class = void>
  std::optional<RocCurve> curve() const {
    RocCurve result;
    for (std::size_t i = bins; i-- > 0;) {
      if (counts_[i].positives + counts_[i].negatives == 0) continue;
      result.positives += counts_[i].positives;
      result.negatives += counts_[i].negatives;
      result.points.push_back({lowest_score(i), result.positives, result.negatives});
    }
    if (result.positives == 0 || result.negatives == 0) return std::nullopt;
    return result;
  }

 private:
  struct Counts {
    std::uint64_t positives = 0, negatives = 0;
  };
  static constexpr int dropped = 14;  // of 32 bits
  static constexpr std::size_t bins = std::size_t{1} << (32 - dropped);
  static constexpr std::uint32_t sign = 0x80000000u;

  // Bits of a float in an order that is that of the numbers: negative ones turned round, positive ones above them.
  template <class = void>
  static std::size_t bin(float score) noexcept {
    if (!(score == score)) return 0;
    const auto bits = std::bit_cast<std::uint32_t>(score == 0 ? 0.0f : score);
    return (bits & sign ? ~bits : bits | sign) >> dropped;
  }
  static double lowest_score(std::size_t place) noexcept {
    const std::uint32_t key = static_cast<std::uint32_t>(place) << dropped;
    return static_cast<double>(std::bit_cast<float>(key & sign ? key ^ sign : ~key));
  }

  std::vector<Counts> counts_;
};

/// The Dice coefficient 2 TP / (2 TP + FP + FN) where every score >= threshold is called positive.
template <class = void>
inline double dice_at(const RocCurve& curve, double threshold) noexcept {
  std::uint64_t hits = 0, false_alarms = 0;
  for (const RocPoint& point : curve.points) {
    if (point.threshold < threshold) break;
    hits = point.true_positives;
    false_alarms = point.false_positives;
  }
  return 2 * static_cast<double>(hits) / static_cast<double>(hits + false_alarms + curve.positives);
}

}  // namespace systolic::metrics
