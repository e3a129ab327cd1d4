#pragma once
// What the combined score takes from the network: how badly each lead was restored in each phase of the heart's cycle,
// the published score's three terms, and the latents.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/restoration.hpp"

namespace systolic {

inline constexpr Index score_beats = 3;     ///< beats that the combined score looks at, each under a mask of its own
inline constexpr std::size_t branches = 3;  ///< global, local, trend
inline constexpr std::size_t beat_phases = 5;
inline constexpr Index restoration_feature_count = branches * (beat_phases * 12 + 1);

/// The phase of the sample `d` behind an R peak: 0 P wave, 1 QRS complex, 2 ST segment, 3 T wave, 4 rest.
inline std::uint8_t beat_phase(Index d) noexcept {
  if (d < -beat_before || d >= 220) return 4;
  return d < -35 ? 0 : d < 35 ? 1 : d < 90 ? 2 : 3;
}

/// The phase of each sample of the global signal.
template <class = void>
inline std::vector<std::uint8_t> global_phases(const std::vector<Index>& r_peaks) {
  std::vector<std::uint8_t> result(static_cast<std::size_t>(global_length), 4);
  for (const Index r : r_peaks)
    for (Index d = -beat_before; d < 220; ++d)
      if (const Index t = r + d - global_first; t >= 0 && t < global_length)
        result[static_cast<std::size_t>(t)] = beat_phase(d);
  return result;
}

/// Sums over one or several beats; add() puts them together in a fixed order.
struct RestorationSums {
  std::array<double, branches * beat_phases * 12> errors{};  ///< squared, [branch][phase][lead]
  std::array<double, branches * beat_phases> samples{};      ///< [branch][phase]
  std::array<double, branches> scores{};                     ///< the published score's terms
  Index beats = 0;

  template <class = void>
  void add(const RestorationSums& other) {
    const auto sum = [](auto& to, const auto& from) {
      for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
    };
    sum(errors, other.errors);
    sum(samples, other.samples);
    sum(scores, other.scores);
    beats += other.beats;
  }

  /// restored [length][channels], target [length][12], phases [length]
  void add_errors(std::size_t branch, const float* restored, Index channels, const float* target, Index length,
                  const auto& phase_of) {
    for (Index t = 0; t < length; ++t, restored += channels, target += standard_lead_count) {
      const std::size_t place = branch * beat_phases + phase_of(t);
      samples[place] += 1;
      for (Index lead = 0; lead < standard_lead_count; ++lead) {
        const double difference = static_cast<double>(target[lead] - restored[lead]);
        errors[place * 12 + static_cast<std::size_t>(lead)] += difference * difference;
      }
    }
  }
};

/// The 183 logarithms of mean errors and of the published terms; NaN for a phase without a sample.
template <class = void>
inline std::vector<float> restoration_features(const RestorationSums& sums) {
  constexpr double floor = 1e-5;
  std::vector<float> result;
  for (std::size_t i = 0; i < sums.errors.size(); ++i) {
    const double samples = sums.samples[i / 12];
    result.push_back(samples > 0 ? static_cast<float>(std::log(sums.errors[i] / samples + floor))
                                 : std::numeric_limits<float>::quiet_NaN());
  }
  for (const double score : sums.scores)
    result.push_back(static_cast<float>(std::log(std::max(score, 0.0) / static_cast<double>(sums.beats) + floor)));
  return result;
}

/// Puts mean and standard deviation of each channel over all items and positions of a latent at `features`; returns the
/// place behind them.
template <class = void>
inline float* put_moments(const nn::Sequence<float>& latent, float* features) {
  for (Index c = 0; c < latent.channels; ++c) {
    double sum = 0, squares = 0;
    for (Index b = 0; b < latent.batch; ++b)
      for (Index t = 0; t < latent.length; ++t) {
        const double value = static_cast<double>(latent.item(b)[t * latent.channels + c]);
        sum += value;
        squares += value * value;
      }
    const double n = static_cast<double>(latent.batch * latent.length), mean = sum / n;
    *features++ = static_cast<float>(mean);
    *features++ = static_cast<float>(std::sqrt(std::max(0.0, squares / n - mean * mean)));
  }
  return features;
}

/// How many latent features a network gives.
inline Index latent_feature_count(const RestorationOptions& options) noexcept {
  return 5 * options.hidden + (options.attributes ? static_cast<Index>(attribute_names.size()) : 0);
}

}  // namespace systolic
