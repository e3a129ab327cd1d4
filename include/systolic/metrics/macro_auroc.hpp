#pragma once
// How well the scores of many classes tell who has which: figures over groups of classes in which every class, or every
// finding, counts the same, with intervals from a bootstrap over records.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "systolic/metrics/bootstrap.hpp"

namespace systolic::metrics {

/// The scores [n] of one class and who has it (1), has it not (0), or is left out (anything else), ready for the AUROC
/// of any resample of the records.
class ClassScores {
 public:
  template <class = void>
  ClassScores(std::vector<double> scores, std::vector<std::int8_t> truth)
      : scores_(std::move(scores)), truth_(std::move(truth)), order_(scores_.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::erase_if(order_, [&](std::size_t i) { return truth_[i] != 0 && truth_[i] != 1; });
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return scores_[a] > scores_[b]; });
  }

  const std::vector<double>& scores() const noexcept { return scores_; }
  const std::vector<std::int8_t>& truth() const noexcept { return truth_; }
  std::size_t positives() const {
    return static_cast<std::size_t>(std::count(truth_.begin(), truth_.end(), std::int8_t{1}));
  }

  struct Area {
    double value, positives;
  };
  /// The AUROC where record i counts times[i]-fold (once, where `times` is empty), with the number of positives;
  /// nothing where there are none, or no negatives.
  template <class = void>
  std::optional<Area> area(std::span<const std::uint32_t> times = {}) const {
    double positives = 0, negatives = 0, won = 0;
    for (std::size_t first = 0; first < order_.size();) {
      double tied_positives = 0, tied_negatives = 0;
      std::size_t end = first;
      for (; end < order_.size() && scores_[order_[end]] == scores_[order_[first]]; ++end)
        (truth_[order_[end]] == 1 ? tied_positives : tied_negatives) += times.empty() ? 1 : times[order_[end]];
      won += tied_negatives * (positives + tied_positives / 2);
      positives += tied_positives;
      negatives += tied_negatives;
      first = end;
    }
    if (!(positives > 0 && negatives > 0)) return std::nullopt;
    return Area{won / positives / negatives, positives};
  }

 private:
  std::vector<double> scores_;
  std::vector<std::int8_t> truth_;
  std::vector<std::size_t> order_;  // of the records that count, by falling score
};

/// Whether every class counts the same (macro), or every positive record of every class (pooled): the pooled figure is
/// the chance that a finding is ranked above a record without it, and the steadier one where classes have few.
enum class ClassMean { macro, pooled };

/// The mean AUROC of those classes that have one; nothing where none has.
template <class = void>
inline std::optional<double> mean_auroc(std::span<const ClassScores* const> classes, ClassMean mean,
                                        std::span<const std::uint32_t> times = {}) {
  double sum = 0, weight = 0;
  for (const ClassScores* scores : classes)
    if (const auto area = scores->area(times)) {
      const double count = mean == ClassMean::macro ? 1 : area->positives;
      sum += count * area->value;
      weight += count;
    }
  return weight > 0 ? std::optional<double>(sum / weight) : std::nullopt;
}

/// Its bootstrap interval. In each resample the mean is over the classes that have an AUROC in it.
template <class = void>
inline std::optional<Interval> bootstrap_mean_auroc(std::span<const ClassScores* const> classes, ClassMean mean,
                                                    const BootstrapOptions& options = {}) {
  if (classes.empty()) return std::nullopt;
  return bootstrap_interval(
      classes[0]->scores().size(),
      [&](std::span<const std::uint32_t> times) { return mean_auroc(classes, mean, times); }, options);
}

/// mean(first) - mean(second) with its interval, the same resamples for both: two networks on the same classes and
/// records, or two groups of classes on the same records.
template <class = void>
inline std::optional<PairedDifference> bootstrap_mean_auroc_difference(std::span<const ClassScores* const> first,
                                                                       std::span<const ClassScores* const> second,
                                                                       ClassMean mean,
                                                                       const BootstrapOptions& options = {}) {
  const auto difference = [&](std::span<const std::uint32_t> times) -> std::optional<double> {
    const auto a = mean_auroc(first, mean, times), b = mean_auroc(second, mean, times);
    return a && b ? std::optional<double>(*a - *b) : std::nullopt;
  };
  const auto all = difference({});
  if (first.empty() || !all) return std::nullopt;
  const auto interval = bootstrap_interval(first[0]->scores().size(), difference, options);
  return interval ? std::optional<PairedDifference>({*all, *interval}) : std::nullopt;
}

/// Expected calibration error: the mean distance between stated probability and observed share over `bins` equally wide
/// bins of probability, each weighted by its records. probabilities in [0, 1]; truth 1 or 0, others are left out.
/// Source: Guo et al., ICML 2017. Nothing where no record counts.
template <class = void>
inline std::optional<double> calibration_error(std::span<const double> probabilities,
                                               std::span<const std::int8_t> truth, int bins = 15) {
  struct Bin {
    double count = 0, stated = 0, observed = 0;
  };
  std::vector<Bin> all(static_cast<std::size_t>(bins));
  double total = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (truth[i] != 0 && truth[i] != 1) continue;
    const int place = std::min(static_cast<int>(probabilities[i] * bins), bins - 1);
    Bin& bin = all[static_cast<std::size_t>(place)];
    bin.count += 1;
    bin.stated += probabilities[i];
    bin.observed += truth[i];
    total += 1;
  }
  double error = 0;
  for (const Bin& bin : all) error += std::abs(bin.stated - bin.observed) / std::max(total, 1.0);
  return total > 0 ? std::optional<double>(error) : std::nullopt;
}

}  // namespace systolic::metrics
