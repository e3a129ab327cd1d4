#pragma once
// From a window in mV to what the network sees: the global signal, its trend and one signal a beat.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/signal/filter.hpp"
#include "systolic/signal/min_max.hpp"
#include "systolic/signal/r_peaks.hpp"

namespace systolic {

inline constexpr Index global_first = 100;    ///< the window's sample that is the global signal's first
inline constexpr Index global_length = 4800;  ///< the filters' ends are cut off
inline constexpr Index beat_before = 140;     ///< samples of a beat in front of its R peak
inline constexpr Index beat_length = 480;
inline constexpr Index beat_lowest = 200;  ///< a beat is used if its R peak lies between these, both excluded
inline constexpr Index beat_highest = 4400;
inline constexpr Index trend_average = 10;  ///< samples of the trend's moving average

/// How the global signal and the trend are scaled: each lead of the window to [-1, 1], or left in mV.
enum class Normalization { record, none };

/// A window after denoising, with its heart beats.
struct Preprocessed {
  Tensor<double> denoised;     ///< [5000][12] mV; empty where the window could not be filtered
  std::vector<Index> r_peaks;  ///< all, samples of the window
  std::vector<Index> beats;    ///< those with room for a beat: 200 < R < 4400
  std::string reason;          ///< empty: there are beats to analyse
};

/// Denoises a window [5000][12] (mV, 500 Hz, canonical leads) and finds the R peaks: the library's own
/// detector in all leads of the window, the published ones in its denoised lead II.
/// A lead that is flat in the window becomes exactly 0. Ensures finite samples and beats, or a reason: another shape, a
/// sample that is not finite or above 1e9 mV, no R peak, none with room for a beat.
/// Source: Jiang et al. 2023 and the published code; docs/signal/filters.md.
template <class = void>
inline Preprocessed preprocess(TensorView<const double> window, signal::PeakMethod peaks) {
  Preprocessed result;
  if (window.shape() != Shape{window_length, standard_lead_count}) {
    result.reason = "the window is " + window.shape().text() + ", not [5000, 12]";
    return result;
  }
  for (Index i = 0; i < window.size(); ++i)
    if (!(std::abs(window.data()[i]) <= largest_sample)) {
      const std::size_t lead = static_cast<std::size_t>(i % standard_lead_count);
      result.reason = std::string("lead ") + standard_leads[lead] + " has invalid samples (NaN)";
      return result;
    }
  result.denoised = Tensor<double>(window.shape());
  std::copy(window.begin(), window.end(), result.denoised.begin());
  if (const Status status = signal::denoise(result.denoised, analysis_rate); !status) {
    result.reason = status.error().message;
    return result;
  }
  for (Index lead = 0; lead < standard_lead_count; ++lead) {
    bool flat = true;
    for (Index t = 1; t < window_length && flat; ++t) flat = window(t, lead) == window(0, lead);
    // The filters leave rounding errors of a constant, which normalisation would blow up to a signal.
    for (Index t = 0; t < window_length && flat; ++t) result.denoised(t, lead) = 0;
  }

  if (peaks == signal::PeakMethod::systolic) {
    result.r_peaks = signal::systolic_r_peaks(window, analysis_rate);
  } else {
    constexpr Index lead_ii = 1;
    std::vector<double> lead(static_cast<std::size_t>(window_length));
    for (Index t = 0; t < window_length; ++t) lead[static_cast<std::size_t>(t)] = result.denoised(t, lead_ii);
    result.r_peaks = signal::find_r_peaks(peaks, {lead.data(), {window_length}}, analysis_rate);
  }
  for (const Index r : result.r_peaks)
    if (beat_lowest < r && r < beat_highest) result.beats.push_back(r);
  if (result.r_peaks.empty())
    result.reason = "no R peak found";
  else if (result.beats.empty())
    result.reason = "no R peak with room for a beat";
  return result;
}

namespace detail {

/// Samples 100..4900 of the denoised window as the Normalization says: [4800][12].
template <class = void>
inline Tensor<double> global_samples(const Preprocessed& record, Normalization normalization) {
  assert(record.denoised.size() == window_length * standard_lead_count);
  Tensor<double> whole = record.denoised;
  if (normalization == Normalization::record)
    for (Index lead = 0; lead < standard_lead_count; ++lead)
      signal::normalize_min_max(whole.data() + lead, window_length, standard_lead_count);
  Tensor<double> cut(Shape{global_length, standard_lead_count});
  std::copy_n(whole.data() + global_first * standard_lead_count, cut.size(), cut.data());
  return cut;
}

/// The trend of a signal [time][channels], of its shape: the first difference of its 10-sample moving average, 0 for
/// the 5 samples at either end that this does not reach, then scaled to [-1, 1] over all channels together.
template <class = void>
inline Tensor<double> trend_of(const Tensor<double>& x) {
  Tensor<double> trend(x.shape());
  const Index step = trend_average * x.shape()[1], shift = step / 2;
  // Two neighbouring averages share all but the first sample of one and the last of the other.
  for (Index i = 0; i + step < x.size(); ++i)
    trend.data()[i + shift] = (x.data()[i + step] - x.data()[i]) / static_cast<double>(trend_average);
  signal::normalize_min_max(trend.data(), trend.size());
  return trend;
}

}  // namespace detail

/// The global signal [4800][12]: samples 100..4900 of the denoised window; each lead was scaled to [-1, 1] over all
/// 5000 samples first, or all are left in mV. Requires record.denoised. T is double, or float for the network.
template <class T = float>
Tensor<T> global_signal(const Preprocessed& record, Normalization normalization) {
  return convert<T>(detail::global_samples(record, normalization));
}

/// The trend [4800][12] of the global signal: the first difference of its 10-sample moving average, 0 for the 5 samples
/// at either end that this does not reach, then scaled to [-1, 1] over all leads together. Requires record.denoised.
template <class T = float>
Tensor<T> trend_signal(const Preprocessed& record, Normalization normalization) {
  return convert<T>(detail::trend_of(detail::global_samples(record, normalization)));
}

/// One beat into out [480][12]: samples R - 140 .. R + 340 of the denoised window, each lead scaled to [-1, 1] over
/// the beat (as published; a lead that is flat in it becomes 0), or left in mV. Requires record.denoised and
/// 140 <= r_peak <= 4660.
template <class T>
void beat_signal(const Preprocessed& record, Index r_peak, TensorView<T> out,
                 Normalization normalization = Normalization::record) {
  const Index first = r_peak - beat_before;
  assert(first >= 0 && first + beat_length <= window_length && out.size() == beat_length * standard_lead_count);
  const double* samples = record.denoised.data() + first * standard_lead_count;
  for (Index lead = 0; lead < standard_lead_count; ++lead) {
    const auto at = [&](Index t) { return samples[t * standard_lead_count + lead]; };
    double low = at(0), high = low;
    for (Index t = 1; t < beat_length; ++t) {
      low = std::min(low, at(t));
      high = std::max(high, at(t));
    }
    const bool scaled = normalization == Normalization::record;
    for (Index t = 0; t < beat_length; ++t) {
      const double value = !scaled ? at(t) : high > low ? 2 * (at(t) - low) / (high - low) - 1 : 0;
      out.data()[t * standard_lead_count + lead] = static_cast<T>(value);
    }
  }
}

}  // namespace systolic
