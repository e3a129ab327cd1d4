#pragma once
// Which samples an anomaly changed, and the list of stretches that a person reads.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"

namespace systolic {

/// A sample is abnormal where the anomaly moved it by more than this.
inline constexpr double truth_threshold =
    0.03;  ///< mV; a tenth of a small P wave's height above the noise of a good lead
/// Abnormal samples of a lead that are no further apart are one stretch: a wave that crosses zero does not end there.
inline constexpr double truth_gap = 0.08;  ///< s

/// A stretch of the recording that is not as a healthy heart makes it.
struct SyntheticAnomaly {
  std::string name;             ///< for example "premature ventricular beats"
  double from, to;              ///< s
  std::vector<int> leads = {};  ///< 0..11, in which it shows
};

namespace synthetic {

/// [time][lead] 1 where |change| > truth_threshold, and in the gaps of up to truth_gap between such samples.
/// change [time][lead], mV; rate in Hz.
template <class = void>
inline Tensor<std::uint8_t> truth_mask(const Tensor<double>& change, double rate) {
  const Index length = change.shape()[0], leads = change.shape()[1];
  const Index gap = static_cast<Index>(truth_gap * rate);
  Tensor<std::uint8_t> mask(change.shape());
  for (Index lead = 0; lead < leads; ++lead) {
    Index last = -gap - 1;
    for (Index t = 0; t < length; ++t) {
      if (!(std::abs(change(t, lead)) > truth_threshold)) continue;
      for (Index s = t - last <= gap ? last : t; s <= t; ++s) mask(s, lead) = 1;
      last = t;
    }
  }
  return mask;
}

/// The stretches in which any lead of the mask [time][lead] is abnormal, in order of time.
template <class = void>
inline std::vector<SyntheticAnomaly> list_stretches(const Tensor<std::uint8_t>& mask, double rate,
                                                    const std::string& name) {
  std::vector<SyntheticAnomaly> stretches;
  if (mask.empty()) return stretches;
  const Index length = mask.shape()[0], leads = mask.shape()[1];
  std::vector<bool> shows(static_cast<std::size_t>(leads));
  Index from = -1;
  for (Index t = 0; t <= length; ++t) {
    bool any = false;
    for (Index lead = 0; t < length && lead < leads; ++lead)
      if (mask(t, lead)) {
        if (!any && from < 0) from = t;
        any = true;
        shows[static_cast<std::size_t>(lead)] = true;
      }
    if (any || from < 0) continue;
    stretches.push_back({name, static_cast<double>(from) / rate, static_cast<double>(t) / rate});
    for (std::size_t lead = 0; lead < shows.size(); ++lead)
      if (shows[lead]) stretches.back().leads.push_back(static_cast<int>(lead));
    shows.assign(shows.size(), false);
    from = -1;
  }
  return stretches;
}

}  // namespace synthetic
}  // namespace systolic
