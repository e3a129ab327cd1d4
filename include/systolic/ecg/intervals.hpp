#pragma once
// What a report states about a window: rate, intervals, axis; absent where the wave is absent.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/delineation.hpp"
#include "systolic/ecg/median_beat.hpp"
#include "systolic/ecg/pacemaker.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/signal/filter.hpp"

namespace systolic {

/// Of the dominant beats. Times in ms; nothing where a wave is absent or cannot be measured.
struct Intervals {
  std::string reason;                ///< why nothing but perhaps the rate could be measured; empty: it could
  std::optional<double> heart_rate;  ///< beats a minute, from the mean RR interval
  std::optional<double> p;           ///< duration of the P wave
  std::optional<double> pr;          ///< onset of P to onset of QRS
  std::optional<double> qrs;
  std::optional<double> qt;              ///< onset of QRS to offset of T
  std::optional<double> qtc_bazett;      ///< QT / sqrt(RR / 1 s)
  std::optional<double> qtc_fridericia;  ///< QT / cbrt(RR / 1 s)
  std::optional<double> axis;            ///< of the QRS complex in the frontal plane, degrees in (-180, 180]
  Delineation waves;                     ///< from the R peak, samples at 500 Hz
  std::vector<Index> beats;              ///< samples of the window to which `waves` applies
  std::vector<Index> pacemaker_spikes;   ///< samples of the window
};

namespace detail {

/// The direction whose projections on I and aVF are the net areas of their QRS complexes. Nothing where both are small.
template <class = void>
inline std::optional<double> frontal_axis(const MedianBeat& beat, const WaveBounds& qrs) {
  double area[2] = {0, 0}, size = 0;
  const Index first = median_before + qrs.onset, last = median_before + qrs.offset;
  for (const Index lead : {0, 5}) {
    const double base = beat.samples(std::max<Index>(0, first - 1), lead);
    for (Index t = std::max<Index>(0, first); t < last; ++t) {
      area[lead == 5] += beat.samples(t, lead) - base;
      size += std::abs(beat.samples(t, lead) - base);
    }
  }
  // aVF is recorded at sqrt(3) / 2 of the strength of I (Goldberger's terminal).
  const double down = area[1] * 2 / std::numbers::sqrt3;
  if (!(std::hypot(area[0], down) > 0.05 * size)) return std::nullopt;
  return std::atan2(down, area[0]) * 180 / std::numbers::pi;
}

}  // namespace detail

/// Measures a window [5000][12] (mV, 500 Hz, canonical leads, finite, as ecg/window.hpp cuts it) with its R peaks
/// (ascending samples). Errors are a reason: another shape, samples that are not finite, fewer than two peaks, none
/// with room for a beat. `usual`, where given, gets the median beat (0.5 to 40 Hz) that was measured.
template <class = void>
inline Intervals measure_intervals(TensorView<const double> window, const std::vector<Index>& r_peaks,
                                   MedianBeat* usual = nullptr) {
  Intervals result;
  if (window.shape() != Shape{window_length, standard_lead_count}) {
    result.reason = "the window is " + window.shape().text() + ", not [5000, 12]";
    return result;
  }
  const auto valid = [](double value) { return std::abs(value) <= largest_sample; };
  if (!std::all_of(window.begin(), window.end(), valid)) {
    result.reason = "the window has invalid samples (NaN)";
    return result;
  }
  result.pacemaker_spikes = find_pacemaker_spikes(window, r_peaks);
  if (r_peaks.size() < 2) {
    result.reason = "fewer than two R peaks";
    return result;
  }
  std::vector<Index> cycles;
  for (std::size_t i = 1; i < r_peaks.size(); ++i) cycles.push_back(r_peaks[i] - r_peaks[i - 1]);
  const double rr =
      static_cast<double>(r_peaks.back() - r_peaks.front()) / static_cast<double>(cycles.size()) / analysis_rate;
  if (!(rr > 0)) {
    result.reason = "the R peaks are not in order";
    return result;
  }
  result.heart_rate = 60 / rr;
  std::nth_element(cycles.begin(), cycles.begin() + static_cast<Index>(cycles.size() / 2), cycles.end());

  // The diagnostic band: 0.5 Hz keeps the ST segment in place (forward and backward), 40 Hz keeps onsets sharp.
  Tensor<double> filtered(window.shape());
  std::copy(window.begin(), window.end(), filtered.begin());
  for (const signal::TransferFunction& filter :
       {signal::butterworth_highpass(0.5, analysis_rate), signal::butterworth_lowpass(40, analysis_rate)})
    if (const Status status = signal::filtfilt(filter, filtered); !status) {
      result.reason = status.error().message;
      return result;
    }
  MedianBeat own;
  MedianBeat& beat = usual != nullptr ? *usual : own;
  beat = median_beat(filtered, r_peaks);
  if (beat.samples.empty()) {
    result.reason = "no R peak with room for a beat";
    return result;
  }
  result.waves =
      delineate(beat, cycles[cycles.size() / 2], pacemaker::ventricular_spike(result.pacemaker_spikes, beat.r_peaks));
  result.beats = beat.r_peaks;
  const auto milliseconds = [](Index samples) { return static_cast<double>(samples) * 1000 / analysis_rate; };
  const Delineation& waves = result.waves;
  if (waves.p) result.p = milliseconds(waves.p->offset - waves.p->onset);
  if (!waves.qrs) return result;
  result.qrs = milliseconds(waves.qrs->offset - waves.qrs->onset);
  if (waves.p) result.pr = milliseconds(waves.qrs->onset - waves.p->onset);
  if (waves.t) {
    result.qt = milliseconds(waves.t->offset - waves.qrs->onset);
    result.qtc_bazett = *result.qt / std::sqrt(rr);
    result.qtc_fridericia = *result.qt / std::cbrt(rr);
  }
  result.axis = detail::frontal_axis(beat, *waves.qrs);
  return result;
}

}  // namespace systolic
