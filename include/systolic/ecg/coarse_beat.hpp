#pragma once
// The usual beat at 100 samples a second, above the level in front of its QRS complex, with the few times that
// measurements hang on. Coarse, because the features of a score gain nothing from more, and recordings at 100 Hz have
// no more.

#include <algorithm>
#include <cmath>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/delineation.hpp"
#include "systolic/ecg/median_beat.hpp"

namespace systolic {

inline constexpr Index coarse_step = 5;                               ///< samples at 500 Hz
inline constexpr Index coarse_length = median_length / coarse_step;   ///< 115, of 10 ms each
inline constexpr Index coarse_r_peak = median_before / coarse_step;   ///< 45
inline constexpr Index usual_qrs_onset = -21, usual_qrs_offset = 21;  ///< medians of normal recordings, samples at ...
inline constexpr Index usual_t_peak = 127;                            ///< ... 500 Hz from R, where a wave is not found

struct CoarseBeat {
  Tensor<double> samples;  ///< [115][12] mV
  Index qrs_onset, qrs_offset, t_peak;
};

/// Requires a beat of 12 leads that is not empty. Times are kept where the measurements have room: QRS onset in 20..44,
/// offset in 46..70, top of T in 50..105.
template <class = void>
inline CoarseBeat coarse_beat(const MedianBeat& beat, const Delineation& waves) {
  const auto place = [](Index samples, Index lowest, Index highest) {
    const double coarse = static_cast<double>(samples) / coarse_step;
    return std::clamp<Index>(static_cast<Index>(std::lround(coarse)) + coarse_r_peak, lowest, highest);
  };
  CoarseBeat result{Tensor<double>(Shape{coarse_length, 12}),
                    place(waves.qrs ? waves.qrs->onset : usual_qrs_onset, 20, 44),
                    place(waves.qrs ? waves.qrs->offset : usual_qrs_offset, 46, 70),
                    place(waves.t ? waves.t->peak : usual_t_peak, 50, 105)};
  for (Index t = 0; t < coarse_length; ++t)
    for (Index lead = 0; lead < 12; ++lead)
      for (Index k = 0; k < coarse_step; ++k)
        result.samples(t, lead) += beat.samples(coarse_step * t + k, lead) / static_cast<double>(coarse_step);
  for (Index lead = 0; lead < 12; ++lead) {
    double level = 0;
    for (Index k = 1; k <= 3; ++k) level += result.samples(result.qrs_onset - k, lead) / 3;
    for (Index t = 0; t < coarse_length; ++t) result.samples(t, lead) -= level;
  }
  return result;
}

}  // namespace systolic
