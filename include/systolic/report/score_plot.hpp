#pragma once
// Where a score lies among those of normal recordings, as a small histogram.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/svg.hpp"

namespace systolic::report {

inline constexpr const char* finding_mark = "#7a1f00";

/// The share of normal records between two scores, from the quantiles at equally spaced probabilities, linear between
/// them.
template <class = void>
inline double normal_share(const std::vector<double>& quantiles, double from, double to) {
  const auto below = [&](double score) {
    const auto above = std::upper_bound(quantiles.begin(), quantiles.end(), score);
    if (above == quantiles.begin()) return 0.0;
    if (above == quantiles.end()) return 1.0;
    const double low = *(above - 1), high = *above;
    return (static_cast<double>(above - 1 - quantiles.begin()) + (score - low) / (high - low)) /
           static_cast<double>(quantiles.size() - 1);
  };
  return std::max(0.0, below(to) - below(from));
}

/// The plot, `area` all in all, title included. Scores stand on a logarithmic axis where they are positive: they are
/// mean squares. Nothing is drawn without quantiles (ascending, two or more).
template <class = void>
inline void draw_score_plot(Canvas& canvas, const std::vector<double>& quantiles, const std::optional<double>& score,
                            const std::optional<double>& threshold, const Box& area) {
  if (quantiles.size() < 2 || !(quantiles.back() > quantiles.front())) return;
  const bool logarithmic = quantiles.front() > 0 && (!score || *score > 0);
  const auto scaled = [&](double value) { return logarithmic ? std::log(value) : value; };
  double low = scaled(quantiles.front()), high = scaled(quantiles.back());
  for (const std::optional<double>& value : {score, threshold})
    if (value && std::isfinite(scaled(*value))) {
      low = std::min(low, scaled(*value));
      high = std::max(high, scaled(*value));
    }
  const double margin = 0.06 * (high - low);
  low -= margin;
  high += margin;
  const double title = 4, labels = 6.5, top = area.y + title + 4, bottom = area.y + area.height - labels;
  const auto x_of = [&](double value) { return area.x + area.width * (scaled(value) - low) / (high - low); };
  const auto value_at = [&](double part) {
    const double value = low + part * (high - low);
    return logarithmic ? std::exp(value) : value;
  };

  const Group group(canvas, "score");
  canvas.text(area.x, area.y + 2.7, "Score among normal recordings", {2.7, true});
  constexpr int bins = 36;
  std::vector<double> shares;
  for (int i = 0; i < bins; ++i)
    shares.push_back(normal_share(quantiles, value_at(static_cast<double>(i) / bins), value_at((i + 1.0) / bins)));
  const double tallest = *std::max_element(shares.begin(), shares.end());
  std::vector<Box> normal, beyond;
  for (int i = 0; i < bins; ++i) {
    const double height = (bottom - top) * shares[static_cast<std::size_t>(i)] / std::max(tallest, 1e-9);
    const bool high_score = threshold && value_at((i + 0.5) / bins) > *threshold;
    if (height > 0.005)
      (high_score ? beyond : normal)
          .push_back({area.x + area.width * i / bins, bottom - height, area.width / bins * 0.9, height});
  }
  canvas.boxes(normal, "#b8bec6");
  canvas.boxes(beyond, "#868e98");
  canvas.line({area.x, bottom}, {area.x + area.width, bottom}, {"#222", 0.15});
  const auto label = [&](double value, double y, const std::string& text, bool bold) {
    const double x = x_of(value), half = static_cast<double>(text.size()) * 0.65;
    canvas.text(std::clamp(x, area.x + half, area.x + area.width - half), y, text, {2.5, bold, "middle"});
  };
  if (threshold) {
    canvas.line({x_of(*threshold), top}, {x_of(*threshold), bottom + 0.8}, {"#222", 0.2, 1, true});
    label(*threshold, bottom + 5.8, "threshold " + significant(*threshold), false);
  }
  for (const double end : {0.0, 1.0}) {
    const std::string text = significant(value_at(end));
    canvas.text(area.x + end * area.width, bottom + 3, text, {2.2, false, end == 0 ? "start" : "end", "#777"});
  }
  if (score && std::isfinite(scaled(*score))) {
    const double x = x_of(*score);
    canvas.line({x, top - 0.4}, {x, bottom}, {finding_mark, 0.5});
    canvas.polygons({{{x - 1.2, top - 1.6}, {x + 1.2, top - 1.6}, {x, top + 0.3}}}, finding_mark);
    label(*score, top - 2.3, significant(*score), true);
  }
}

}  // namespace systolic::report
