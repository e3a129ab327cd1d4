#pragma once
// From a localization map to stretches that a person can look at.

#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/preprocess.hpp"

namespace systolic {

inline constexpr Index shortest_finding = 20;  ///< samples, 40 ms; also the gap below which two stretches are one

/// A stretch of one lead where the map stands out.
struct Finding {
  int lead;         ///< 0..11, canonical order
  double from, to;  ///< seconds in the window
  double score;     ///< mean of the map over the stretch
};

/// The stretches of map [4800][leads] (samples 100..4900 of the window) that lie above `threshold` for at least 40 ms,
/// those of a lead that are less than 40 ms apart joined; largest mean first.
template <class = void>
inline std::vector<Finding> find_stretches(TensorView<const float> map, double threshold) {
  std::vector<Finding> findings;
  const Index length = map.shape()[0], leads = map.shape()[1];
  for (Index lead = 0; lead < leads; ++lead) {
    std::vector<std::pair<Index, Index>> stretches;  // [begin, end)
    for (Index t = 0; t < length;) {
      Index end = t;
      while (end < length && threshold < static_cast<double>(map(end, lead))) ++end;
      if (end - t >= shortest_finding) {
        if (!stretches.empty() && t - stretches.back().second < shortest_finding)
          stretches.back().second = end;
        else
          stretches.emplace_back(t, end);
      }
      t = end + 1;
    }
    for (const auto& [begin, end] : stretches) {
      double sum = 0;
      for (Index t = begin; t < end; ++t) sum += static_cast<double>(map(t, lead));
      const Finding finding{static_cast<int>(lead), static_cast<double>(begin + global_first) / analysis_rate,
                            static_cast<double>(end + global_first) / analysis_rate,
                            sum / static_cast<double>(end - begin)};
      // They are few, so each goes straight to its place; a stable sort would be the longest code to compile here.
      auto place = findings.end();
      while (place != findings.begin() && place[-1].score < finding.score) --place;
      findings.insert(place, finding);
    }
  }
  return findings;
}

}  // namespace systolic
