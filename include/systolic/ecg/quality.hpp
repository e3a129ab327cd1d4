#pragma once
// How good the signal of each lead is, with figures, and whether a recording can be analysed at all.
// docs/quality.md gives the reason for each limit.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/signal/filter.hpp"

namespace systolic {

/// Limits above which a figure is a problem. Amplitudes in mV.
struct QualityLimits {
  double invalid_seconds = longest_gap_seconds;  ///< NaN; more makes the lead unusable
  double saturated_share = 0.02;                 ///< of the samples, standing still at the lead's extremes
  double off_amplitude = 10;                     ///< peak to peak of 1-40 Hz: no heart is so large
  double weak_amplitude = 0.1;                   ///< peak to peak of 1-40 Hz: too small to be told from noise
  double mains = 0.1;                            ///< amplitude of the 50 or 60 Hz sine
  double wander = 1.5;                           ///< peak to peak below 0.7 Hz
  double noise = 0.05;                           ///< standard deviation above 40 Hz between the beats, without mains
};

struct LeadQuality {
  bool ok = true;       ///< no problem at all
  bool usable = true;   ///< false: the window cannot be analysed with this lead
  std::string problem;  ///< all, with figures: "powerline 50 Hz: 0.21 mV; baseline wander 2.3 mV"
  bool missing = false;
  double invalid_seconds = 0;
  double saturated_share = 0;
  double amplitude = 0;  ///< peak to peak, 1-40 Hz, mV
  double mains_50 = 0, mains_60 = 0;
  double wander = 0;
  double noise = 0;
};

struct WindowQuality {
  std::array<LeadQuality, 12> leads;  ///< canonical order
  std::string reason;                 ///< why the window cannot be analysed; empty: it can
};

namespace detail {

/// Amplitude of the sine of `frequency` in x, its mean over stretches of one second (mains is steady, a beat is not):
/// the least of them all.
inline double sine_amplitude(const std::vector<double>& x, double frequency, double rate) {
  const auto length = static_cast<std::size_t>(rate);
  if (frequency >= 0.45 * rate || length == 0) return 0;
  double least = -1;
  for (std::size_t from = 0; from + length <= x.size(); from += length) {
    double mean = 0, real = 0, imaginary = 0, total = 0;
    for (std::size_t t = 0; t < length; ++t) mean += x[from + t] / static_cast<double>(length);
    for (std::size_t t = 0; t < length; ++t) {
      const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(t) / rate;
      const double hann =
          0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(t) + 0.5) / static_cast<double>(length));
      real += hann * (x[from + t] - mean) * std::cos(angle);
      imaginary += hann * (x[from + t] - mean) * std::sin(angle);
      total += hann;
    }
    const double amplitude = 2 * std::hypot(real, imaginary) / total;
    least = least < 0 ? amplitude : std::min(least, amplitude);
  }
  return std::max(0.0, least);
}

/// Share of x that stands still for 20 ms or more within 1 % of the largest or smallest value.
inline double share_at_extremes(const std::vector<double>& x, double rate) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double margin = 0.01 * (*high - *low);
  const auto shortest = static_cast<std::size_t>(std::max(3.0, 0.02 * rate));
  std::size_t count = 0, start = 0;
  for (std::size_t t = 1; t <= x.size(); ++t) {
    if (t < x.size() && x[t] == x[start]) continue;
    const bool extreme = x[start] <= *low + margin || x[start] >= *high - margin;
    if (extreme && t - start >= shortest) count += t - start;
    start = t;
  }
  return x.empty() ? 0 : static_cast<double>(count) / static_cast<double>(x.size());
}

/// x after a filter that removes what lies below (high) or above (low) `cutoff`; x itself where that is impossible.
inline std::vector<double> filtered(std::vector<double> x, double cutoff, double rate, bool high) {
  if (cutoff >= 0.45 * rate) return high ? std::vector<double>(x.size()) : x;
  const auto filter = high ? signal::butterworth_highpass(cutoff, rate) : signal::butterworth_lowpass(cutoff, rate);
  static_cast<void>(signal::filtfilt(filter, {x.data(), {static_cast<Index>(x.size())}}));
  return x;
}

inline double peak_to_peak(const std::vector<double>& x) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  return x.empty() ? 0 : *high - *low;
}

/// Standard deviation of Gaussian noise with the median |x| of x: beats, which are rare, do not count.
inline double robust_deviation(std::vector<double> x) {
  if (x.empty()) return 0;
  for (double& value : x) value = std::abs(value);
  const auto middle = x.begin() + static_cast<Index>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return 1.4826 * *middle;
}

}  // namespace detail

/// The quality of one lead (mV) over a window of any length; it may hold invalid samples.
inline LeadQuality lead_quality(std::vector<double> x, double rate, const QualityLimits& limits = {}) {
  using detail::number_text;
  LeadQuality result;
  const auto complain = [&result](const std::string& problem, bool hard) {
    result.problem += (result.problem.empty() ? "" : "; ") + problem;
    result.ok = false;
    if (hard) result.usable = false;
  };
  if (x.empty() || !(rate >= lowest_record_rate && rate <= highest_record_rate)) {
    complain("no samples at a usable rate", true);
    return result;
  }
  result.invalid_seconds = static_cast<double>(detail::fill_gaps(x)) / rate;
  if (result.invalid_seconds > 0) {
    const bool hard = result.invalid_seconds > limits.invalid_seconds * (1 + 1e-9);
    complain(number_text("%.2f s of invalid samples (NaN)", result.invalid_seconds), hard);
    if (hard) return result;
  }
  if (std::all_of(x.begin(), x.end(), [&x](double value) { return value == x[0]; })) {
    complain("flat", true);
    return result;
  }
  result.saturated_share = detail::share_at_extremes(x, rate);
  result.amplitude = detail::peak_to_peak(detail::filtered(detail::filtered(x, 1, rate, true), 40, rate, false));
  result.wander = detail::peak_to_peak(detail::filtered(x, 0.7, rate, false));
  const std::vector<double> above = detail::filtered(x, 40, rate, true);
  result.mains_50 = detail::sine_amplitude(above, 50, rate);
  result.mains_60 = detail::sine_amplitude(above, 60, rate);
  const double mains = std::max(result.mains_50, result.mains_60);
  // The sine's own power goes off: what is left is muscle and electrode noise.
  const double all = detail::robust_deviation(above);
  result.noise = std::sqrt(std::max(0.0, all * all - mains * mains));

  if (result.saturated_share > limits.saturated_share)
    complain(number_text("saturated for %.1f %% of the time", 100 * result.saturated_share),
             result.saturated_share > 0.5);
  if (result.amplitude > limits.off_amplitude)
    complain(number_text("electrode off or loose: %.1f mV peak to peak", result.amplitude), false);
  if (result.amplitude < limits.weak_amplitude)
    complain(number_text("very weak: %.3f mV peak to peak", result.amplitude), false);
  if (result.mains_50 > limits.mains) complain(number_text("powerline 50 Hz: %.2f mV", result.mains_50), false);
  if (result.mains_60 > limits.mains) complain(number_text("powerline 60 Hz: %.2f mV", result.mains_60), false);
  if (result.wander > limits.wander) complain(number_text("baseline wander: %.1f mV", result.wander), false);
  if (result.noise > limits.noise) complain(number_text("noise: %.3f mV", result.noise), false);
  return result;
}

/// The quality of the 12 leads in samples `range` of a record (mV), at the record's own rate, before any filter; none
/// is asked whether it is a window. Limb leads that the record lacks are derived as cut_window does it; others that it
/// lacks are missing. `reason` names only what cut_window does not look for: leads saturated for more than half of the
/// time. Requires a range within the record.
inline WindowQuality range_quality(const Record& record, SampleRange range, const QualityLimits& limits = {}) {
  WindowQuality result;
  const std::array<int, 12> columns = find_standard_leads(record.leads);
  for (std::size_t lead = 0; lead < columns.size(); ++lead) {
    std::vector<double> x(static_cast<std::size_t>(range.count));
    const bool derived = columns[lead] < 0 && lead < first_precordial_lead && columns[0] >= 0 && columns[1] >= 0;
    LeadQuality& quality = result.leads[lead];
    if (columns[lead] < 0 && !derived) {
      quality.missing = true;
      quality.ok = quality.usable = false;
      quality.problem = "missing";
      continue;
    }
    for (Index t = 0; t < range.count; ++t) {
      const auto sample = [&](int column) { return record.samples(range.first + t, column); };
      const LimbLead weights = limb_leads[derived ? lead : 0];
      x[static_cast<std::size_t>(t)] =
          derived ? weights.i * sample(columns[0]) + weights.ii * sample(columns[1]) : sample(columns[lead]);
    }
    quality = lead_quality(std::move(x), record.rate, limits);
    if (quality.saturated_share > 0.5)
      result.reason += (result.reason.empty() ? "lead " : "; lead ") + std::string(standard_leads[lead]) +
                       " is saturated for most of the time";
  }
  return result;
}

/// The quality of window `number` of a record. The window cannot be analysed where cut_window refuses it, or a lead is
/// saturated for more than half of the time; all else is a warning.
inline WindowQuality window_quality(const Record& record, Index number, bool allow_missing = false,
                                    const QualityLimits& limits = {}) {
  WindowQuality result;
  const std::string reason = cut_window(record, number, allow_missing).reason;
  if (number >= 0 && number < window_count(record))
    result = range_quality(record, window_range(record.rate, number), limits);
  result.reason = reason + (reason.empty() || result.reason.empty() ? "" : "; ") + result.reason;
  return result;
}

}  // namespace systolic
