#pragma once
// How good the signal of each lead is, with figures, and whether a recording can be analysed at all.
// docs/quality.md gives the reason for each limit.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/quality_figures.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/window.hpp"

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

/// A problem of a lead; one that is `hard` makes it unusable.
template <class = void>
inline void complain(LeadQuality& quality, const std::string& problem, bool hard) {
  quality.problem += (quality.problem.empty() ? "" : "; ") + problem;
  quality.ok = false;
  if (hard) quality.usable = false;
}

/// What can be said about a lead before it is filtered; fills its gaps. False where that is all that can be said.
template <class = void>
inline bool looks_usable(std::vector<double>& x, double rate, const QualityLimits& limits, LeadQuality& result) {
  if (x.empty() || !(rate >= lowest_record_rate && rate <= highest_record_rate)) {
    complain(result, "no samples at a usable rate", true);
    return false;
  }
  result.invalid_seconds = static_cast<double>(fill_gaps(x)) / rate;
  if (result.invalid_seconds > 0) {
    const bool hard = result.invalid_seconds > limits.invalid_seconds * (1 + 1e-9);
    complain(result, number_text("%.2f s of invalid samples (NaN)", result.invalid_seconds), hard);
    if (hard) return false;
  }
  if (std::all_of(x.begin(), x.end(), [&x](double value) { return value == x[0]; })) {
    complain(result, "flat", true);
    return false;
  }
  return true;
}

/// The figures of a lead that has no gap any more, and what they mean.
template <class = void>
inline void judge_lead(const std::vector<double>& x, const LeadBands& bands, double rate, const MainsProbes& probes,
                       const QualityLimits& limits, LeadQuality& result) {
  result.saturated_share = share_at_extremes(x, rate);
  result.amplitude = peak_to_peak(bands.heart);
  result.wander = peak_to_peak(bands.slow);
  result.mains_50 = probes.at_50.amplitude(bands.above);
  result.mains_60 = probes.at_60.amplitude(bands.above);
  const double mains = std::max(result.mains_50, result.mains_60);
  // The sine's own power goes off: what is left is muscle and electrode noise.
  const double all = robust_deviation(bands.above);
  result.noise = std::sqrt(std::max(0.0, all * all - mains * mains));

  const auto say = [&result](const char* format, double figure, bool hard = false) {
    complain(result, number_text(format, figure), hard);
  };
  if (result.saturated_share > limits.saturated_share)
    say("saturated for %.1f %% of the time", 100 * result.saturated_share, result.saturated_share > 0.5);
  if (result.amplitude > limits.off_amplitude) say("electrode off or loose: %.1f mV peak to peak", result.amplitude);
  if (result.amplitude < limits.weak_amplitude) say("very weak: %.3f mV peak to peak", result.amplitude);
  if (result.mains_50 > limits.mains) say("powerline 50 Hz: %.2f mV", result.mains_50);
  if (result.mains_60 > limits.mains) say("powerline 60 Hz: %.2f mV", result.mains_60);
  if (result.wander > limits.wander) say("baseline wander: %.1f mV", result.wander);
  if (result.noise > limits.noise) say("noise: %.3f mV", result.noise);
}

/// The quality of leads (mV, columns of equal length; an empty one is passed over) at one rate.
template <class = void>
inline void judge_leads(std::vector<std::vector<double>>& leads, double rate, const QualityLimits& limits,
                        LeadQuality* results) {
  std::vector<std::size_t> usable;
  for (std::size_t lead = 0; lead < leads.size(); ++lead)
    if (!results[lead].missing && looks_usable(leads[lead], rate, limits, results[lead])) usable.push_back(lead);
  if (usable.empty()) return;
  const MainsProbes probes(rate);
  for (std::size_t first = 0; first < usable.size(); first += signal::detail::lanes) {
    const std::size_t count = std::min<std::size_t>(signal::detail::lanes, usable.size() - first);
    const std::size_t length = leads[usable[first]].size();
    Tensor<double> samples(Shape{static_cast<Index>(length), static_cast<Index>(count)});
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t t = 0; t < length; ++t) samples.data()[t * count + k] = leads[usable[first + k]][t];
    const std::vector<LeadBands> bands = bands_of(samples, rate);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t lead = usable[first + k];
      judge_lead(leads[lead], bands[k], rate, probes, limits, results[lead]);
    }
  }
}

}  // namespace detail

/// The quality of one lead (mV) over a window of any length; it may hold invalid samples.
template <class = void>
inline LeadQuality lead_quality(std::vector<double> x, double rate, const QualityLimits& limits = {}) {
  LeadQuality result;
  std::vector<std::vector<double>> lead;
  lead.push_back(std::move(x));
  detail::judge_leads(lead, rate, limits, &result);
  return result;
}

/// The quality of the 12 leads in samples `range` of a record (mV), at the record's own rate, before any filter; none
/// is asked whether it is a window. Limb leads that the record lacks are derived as cut_window does it; others that it
/// lacks are missing. `reason` names only what cut_window does not look for: leads saturated for more than half of the
/// time. Requires a range within the record.
template <class = void>
inline WindowQuality range_quality(const Record& record, SampleRange range, const QualityLimits& limits = {}) {
  WindowQuality result;
  const std::array<int, 12> columns = find_standard_leads(record.leads);
  std::vector<std::vector<double>> leads(columns.size());
  for (std::size_t lead = 0; lead < columns.size(); ++lead) {
    const bool derived = columns[lead] < 0 && lead < first_precordial_lead && columns[0] >= 0 && columns[1] >= 0;
    LeadQuality& quality = result.leads[lead];
    if (columns[lead] < 0 && !derived) {
      quality.missing = true;
      quality.ok = quality.usable = false;
      quality.problem = "missing";
      continue;
    }
    std::vector<double>& x = leads[lead];
    x.resize(static_cast<std::size_t>(range.count));
    for (Index t = 0; t < range.count; ++t) {
      const auto sample = [&](int column) { return record.samples(range.first + t, column); };
      const LimbLead weights = limb_leads[derived ? lead : 0];
      x[static_cast<std::size_t>(t)] =
          derived ? weights.i * sample(columns[0]) + weights.ii * sample(columns[1]) : sample(columns[lead]);
    }
  }
  detail::judge_leads(leads, record.rate, limits, result.leads.data());
  for (std::size_t lead = 0; lead < columns.size(); ++lead)
    if (result.leads[lead].saturated_share > 0.5)
      result.reason += (result.reason.empty() ? "lead " : "; lead ") + std::string(standard_leads[lead]) +
                       " is saturated for most of the time";
  return result;
}

/// The quality of window `number` of a record. The window cannot be analysed where cut_window refuses it, or a lead is
/// saturated for more than half of the time; all else is a warning.
template <class = void>
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
