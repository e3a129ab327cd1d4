#pragma once
// From logits to probabilities that are true, and to decisions.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace systolic::train {

/// probability = sigmoid(slope logit + intercept).
struct ProbabilityFit {
  double slope = 1, intercept = 0;
};

/// The most probable slope and intercept given who has the class (truth 1 or 0, others are left out), with a normal
/// prior around 1 and 0 of `spread`: a class that few recordings have keeps what the network says. Newton's method on
/// the penalized likelihood, which has one maximum. The slope stays above 0.1, so that no order is turned round.
/// Source: J. Platt, "Probabilistic outputs for support vector machines", 1999.
template <class = void>
inline ProbabilityFit fit_probability(std::span<const double> logits, std::span<const std::int8_t> truth,
                                      double spread = 0.5) {
  ProbabilityFit fit;
  const double prior = 1 / (spread * spread);
  for (int iteration = 0; iteration < 50; ++iteration) {
    double da = -prior * (fit.slope - 1), db = -prior * fit.intercept, aa = prior, ab = 0, bb = prior;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (truth[i] != 0 && truth[i] != 1) continue;
      const double p = 1 / (1 + std::exp(-(fit.slope * logits[i] + fit.intercept))), curvature = p * (1 - p);
      da += (truth[i] - p) * logits[i];
      db += truth[i] - p;
      aa += curvature * logits[i] * logits[i];
      ab += curvature * logits[i];
      bb += curvature;
    }
    const double determinant = aa * bb - ab * ab;
    double step_a = (bb * da - ab * db) / determinant, step_b = (aa * db - ab * da) / determinant;
    const double longest = std::max(std::abs(step_a), std::abs(step_b));
    if (longest > 0.5) {  // far from the maximum Newton's parabola may overshoot
      step_a *= 0.5 / longest;
      step_b *= 0.5 / longest;
    }
    fit.slope = std::max(fit.slope + step_a, 0.1);
    fit.intercept += step_b;
    if (longest < 1e-10) break;
  }
  return fit;
}

/// The probability from which on a class counts as present: the one with the best F1 where at least `enough` recordings
/// have the class; else the one that as many recordings reach as are expected to have it (the sum of the
/// probabilities), at least one. Never above the highest probability seen, so that no class is silenced.
template <class = void>
inline double choose_threshold(std::span<const double> probabilities, std::span<const std::int8_t> truth,
                               std::size_t enough = 10) {
  std::vector<std::pair<double, bool>> falling;
  double expected = 0;
  std::size_t positives = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (truth[i] != 0 && truth[i] != 1) continue;
    falling.emplace_back(probabilities[i], truth[i] == 1);
    expected += probabilities[i];
    positives += truth[i] == 1 ? 1 : 0;
  }
  if (falling.empty()) return 0.5;
  std::sort(falling.begin(), falling.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (positives < enough) {
    const auto called = static_cast<std::size_t>(std::max(1.0, expected + 0.5));
    return falling[std::min(called, falling.size()) - 1].first;
  }
  double best = -1, threshold = 0.5, found = 0;
  for (std::size_t i = 0; i < falling.size(); ++i) {
    found += falling[i].second ? 1 : 0;
    if (i + 1 < falling.size() && falling[i + 1].first == falling[i].first) continue;
    const double f1 = 2 * found / (static_cast<double>(i + 1) + static_cast<double>(positives));
    if (f1 > best) {
      best = f1;
      threshold = falling[i].first;
    }
  }
  return threshold;
}

}  // namespace systolic::train
