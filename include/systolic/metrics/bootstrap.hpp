#pragma once
// How far a figure could be off by the luck of which records were drawn: the percentile bootstrap over records.
//
// Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "systolic/metrics/roc.hpp"

namespace systolic::metrics {

/// Bounds that hold the figure with the confidence asked for.
struct Interval {
  double lower;
  double upper;
};

struct BootstrapOptions {
  int replicates = 1000;     ///< at least 1
  std::uint64_t seed = 1;    ///< the same seed gives the same interval on every machine
  double confidence = 0.95;  ///< in (0, 1)
};

namespace detail {

/// The output function of splitmix64 (S. Vigna, 2015): a bijection that leaves no visible pattern.
constexpr std::uint64_t scramble(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// Draws `times.size()` records with replacement: times[i] is how often record i was drawn. The draw depends only on
/// (seed, replicate), so replicates may be computed in any order or on any thread.
template <class = void>
inline void draw_records(std::uint64_t seed, std::uint64_t replicate, std::span<std::uint32_t> times) noexcept {
  std::fill(times.begin(), times.end(), 0u);
  std::uint64_t state = scramble(scramble(seed + 1) + replicate);
  for (std::size_t i = 0; i < times.size(); ++i) {
    state += 0x9E3779B97F4A7C15u;
    const std::uint64_t high_half = scramble(state) >> 32;
    ++times[static_cast<std::size_t>((high_half * times.size()) >> 32)];
  }
}

/// Linear interpolation between order statistics at `probability` of the ascending `sorted`.
template <class = void>
inline double quantile(std::span<const double> sorted, double probability) noexcept {
  const double place = probability * static_cast<double>(sorted.size() - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(place), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

/// Records prepared so that the AUROC of any resample is one pass: their ranks, 0 the highest score, equal for ties.
class RankedRecords {
 public:
  template <class = void>
  RankedRecords(std::span<const double> scores, const RocCurve& curve, std::span<const std::uint8_t> positive)
      : positive_(positive), rank_(scores.size()), drawn_(curve.points.size()) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const auto point = std::lower_bound(curve.points.begin(), curve.points.end(), scores[i],
                                          [](const RocPoint& a, double score) { return a.threshold > score; });
      rank_[i] = static_cast<std::size_t>(point - curve.points.begin());
    }
  }

  /// The AUROC where record i counts times[i]-fold; nothing where a class was not drawn.
  template <class = void>
  std::optional<double> auroc(std::span<const std::uint32_t> times) {
    std::fill(drawn_.begin(), drawn_.end(), Drawn{});
    for (std::size_t i = 0; i < times.size(); ++i)
      (positive_[i] ? drawn_[rank_[i]].positives : drawn_[rank_[i]].negatives) += times[i];
    std::uint64_t positives = 0, negatives = 0, twice_won = 0;
    for (const Drawn& tied : drawn_) {
      twice_won += tied.negatives * (2 * positives + tied.positives);
      positives += tied.positives;
      negatives += tied.negatives;
    }
    if (positives == 0 || negatives == 0) return std::nullopt;
    return static_cast<double>(twice_won) / 2 / static_cast<double>(positives) / static_cast<double>(negatives);
  }

 private:
  struct Drawn {
    std::uint64_t positives = 0;
    std::uint64_t negatives = 0;
  };
  std::span<const std::uint8_t> positive_;
  std::vector<std::size_t> rank_;
  std::vector<Drawn> drawn_;
};

}  // namespace detail

/// The percentile bootstrap interval of any figure over `records` records. `figure(times)` is given how often each
/// record was drawn (times [records]) and returns the figure of that resample, or nothing where it has none (then that
/// resample is left out).
/// Nothing where there is no record or fewer than half the resamples have a figure.
template <class Figure>
std::optional<Interval> bootstrap_interval(std::size_t records, Figure&& figure, const BootstrapOptions& options = {}) {
  if (records == 0 || records > 0xFFFFFFFFu || options.replicates < 1) return std::nullopt;
  std::vector<std::uint32_t> times(records);
  std::vector<double> figures;
  figures.reserve(static_cast<std::size_t>(options.replicates));
  for (int replicate = 0; replicate < options.replicates; ++replicate) {
    detail::draw_records(options.seed, static_cast<std::uint64_t>(replicate), times);
    const std::optional<double> value = figure(std::span<const std::uint32_t>(times));
    if (value && !std::isnan(*value)) figures.push_back(*value);
  }
  if (2 * figures.size() < static_cast<std::size_t>(options.replicates)) return std::nullopt;
  std::sort(figures.begin(), figures.end());
  const double tail = (1 - options.confidence) / 2;
  return Interval{detail::quantile(figures, tail), detail::quantile(figures, 1 - tail)};
}

/// The bootstrap interval of the AUROC of `scores` [n] against `positive` [n]; nothing where roc_curve has nothing.
template <class = void>
inline std::optional<Interval> bootstrap_auroc(std::span<const double> scores, std::span<const std::uint8_t> positive,
                                               const BootstrapOptions& options = {}) {
  const std::optional<RocCurve> curve = roc_curve(scores, positive);
  if (!curve) return std::nullopt;
  detail::RankedRecords records(scores, *curve, positive);
  return bootstrap_interval(
      scores.size(), [&](std::span<const std::uint32_t> times) { return records.auroc(times); }, options);
}

/// The difference in AUROC of two scores of the same records.
struct PairedDifference {
  double difference;  ///< AUROC of the first score minus AUROC of the second
  Interval interval;  ///< holds 0: the records do not tell the two apart
};

/// The difference in AUROC between `first` [n] and `second` [n], two scores of the same records with the labels
/// `positive` [n]. Both are computed on the same resamples: what makes a record hard for both cancels.
template <class = void>
inline std::optional<PairedDifference> bootstrap_auroc_difference(std::span<const double> first,
                                                                  std::span<const double> second,
                                                                  std::span<const std::uint8_t> positive,
                                                                  const BootstrapOptions& options = {}) {
  const std::optional<RocCurve> first_curve = roc_curve(first, positive), second_curve = roc_curve(second, positive);
  if (!first_curve || !second_curve) return std::nullopt;
  detail::RankedRecords first_records(first, *first_curve, positive), second_records(second, *second_curve, positive);
  const auto difference = [&](std::span<const std::uint32_t> times) -> std::optional<double> {
    const std::optional<double> a = first_records.auroc(times), b = second_records.auroc(times);
    if (!a || !b) return std::nullopt;
    return *a - *b;
  };
  const std::optional<Interval> interval = bootstrap_interval(positive.size(), difference, options);
  if (!interval) return std::nullopt;
  return PairedDifference{auroc(*first_curve) - auroc(*second_curve), *interval};
}

}  // namespace systolic::metrics
