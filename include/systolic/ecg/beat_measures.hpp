#pragma once
// What is measured of a window without any network: intervals, and the features that describe its rhythm and its usual
// beat. The combined score and the diagnosis both look at them.

#include <optional>
#include <utility>
#include <vector>

#include "systolic/ecg/beat_features.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/rhythm_features.hpp"

namespace systolic {

inline constexpr Index measurement_count = rhythm_feature_count + beat_measurement_count;

struct BeatMeasures {
  Intervals intervals;
  std::vector<float> measurements;  ///< 19 of the rhythm, then 218 of the usual beat; NaN: not measurable
  std::vector<float> t_shape, qrs_shape;
};

/// Measures a window [5000][12] (mV, 500 Hz, canonical leads, finite) with its R peaks. Nothing where no usual beat can
/// be made (fewer than two peaks, none with room).
template <class = void>
inline std::optional<BeatMeasures> measure_beats(TensorView<const double> window, const std::vector<Index>& r_peaks) {
  MedianBeat usual;
  BeatMeasures result;
  result.intervals = measure_intervals(window, r_peaks, &usual);
  if (usual.samples.empty()) return std::nullopt;
  const CoarseBeat beat = coarse_beat(usual, result.intervals.waves);
  const auto put = [](std::vector<float>& group, const std::vector<double>& values) {
    for (const double value : values) group.push_back(static_cast<float>(value));
  };
  put(result.measurements, rhythm_features(r_peaks, result.intervals));
  put(result.measurements, beat_measurements(beat));
  put(result.t_shape, t_shape(beat));
  put(result.qrs_shape, qrs_shape(beat));
  return result;
}

}  // namespace systolic
