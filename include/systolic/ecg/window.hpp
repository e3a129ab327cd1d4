#pragma once
// A recording of any rate, length and set of leads becomes windows of 10 s, 500 Hz and 12 leads, or the reason why not.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/signal/resample.hpp"

namespace systolic {

inline constexpr double analysis_rate = 500.0;      ///< samples a second of every window
inline constexpr Index window_length = 5000;        ///< samples of a window
inline constexpr double window_seconds = 10.0;      ///< window_length / analysis_rate
inline constexpr double lowest_record_rate = 50.0;  ///< below, too little of a QRS complex is left
inline constexpr double highest_record_rate = 2000.0;
inline constexpr double longest_gap_seconds = 0.2;  ///< of invalid samples in one lead of a window, filled by a line
inline constexpr double largest_sample = 1e9;       ///< mV; anything beyond is as invalid as infinity

/// Ten seconds of a record, ready to be analysed unless `reason` says why not.
struct Window {
  Index number = 0;          ///< 0 for the first
  double from = 0;           ///< seconds from the start of the record
  Tensor<double> samples;    ///< [5000][12] mV at 500 Hz in canonical order; empty if there is a reason
  std::string reason;        ///< empty: analysable; otherwise all that is wrong, "lead I is flat; lead V3 is missing"
  Index interpolated = 0;    ///< invalid samples filled in all leads, at the record's own rate
  std::vector<int> missing;  ///< standard leads (0..11) that the record neither has nor gives by derivation
};

namespace detail {

/// printf for one number, which std::to_string cannot format and <format> is too heavy for.
template <class = void>
inline std::string number_text(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// Why a recording of that rate cannot be analysed; empty if nothing speaks against it.
template <class = void>
inline std::string rate_problem(double rate) {
  if (rate >= lowest_record_rate && rate <= highest_record_rate) return "";
  return "a rate of " + number_text("%g", rate) + " Hz is outside 50 to 2000 Hz";
}

/// The same for one of `length` samples a lead.
template <class = void>
inline std::string length_problem(double rate, Index length) {
  const std::string problem = rate_problem(rate);
  const bool too_short = problem.empty() && static_cast<double>(length) < std::round(window_seconds * rate);
  return too_short ? "shorter than 10 s" : problem;
}

/// The same for the samples' shape.
inline std::string shape_problem(const Record& record) {
  const bool matches = record.samples.shape().rank() == 2 && record.samples.shape()[1] == record.lead_count();
  return matches ? "" : "the lead names do not match the samples";
}

/// The first sample of a window at the record's own rate. Requires a rate that rate_problem accepts.
inline Index window_start(double rate, Index number) noexcept {
  return static_cast<Index>(std::llround(window_seconds * rate * static_cast<double>(number)));
}

/// Replaces the values of x that are invalid (NaN, infinite or above largest_sample) by the line between their valid
/// neighbours, before the first and after the last valid one by that one. Returns how many there were; leaves x as it
/// is if none is valid.
template <class = void>
inline Index fill_gaps(std::vector<double>& x) noexcept {
  const Index length = static_cast<Index>(x.size());
  Index filled = 0, last_valid = -1;
  const auto fill = [&](Index end) {  // (last_valid, end) is a gap
    for (Index t = last_valid + 1; t < end; ++t, ++filled) {
      const Index left = last_valid >= 0 ? last_valid : end, right = end < length ? end : last_valid;
      const double from = x[static_cast<std::size_t>(left)], to = x[static_cast<std::size_t>(right)];
      const double share = right > left ? static_cast<double>(t - left) / static_cast<double>(right - left) : 0;
      x[static_cast<std::size_t>(t)] =
          from + share * (to - from);  // exactly from where both are equal: flat stays flat
    }
  };
  for (Index t = 0; t < length; ++t)
    if (std::abs(x[static_cast<std::size_t>(t)]) <= largest_sample) {
      fill(t);
      last_valid = t;
    }
  if (last_valid < 0) return length;
  fill(length);
  return filled;
}

}  // namespace detail

/// How many whole windows of 10 s a recording of `length` samples a lead holds. 0 if it is shorter, or of a rate
/// outside 50 to 2000 Hz.
template <class = void>
inline Index window_count(double rate, Index length) {
  if (!detail::length_problem(rate, length).empty()) return 0;
  Index count = static_cast<Index>(static_cast<double>(length) / rate / window_seconds);
  while (detail::window_start(rate, count + 1) <= length) ++count;  // a rate like 333.3 Hz rounds down
  while (count > 0 && detail::window_start(rate, count) > length) --count;
  return count;
}

/// The same of a record; 0, too, if it is inconsistent: cut_window(record, 0).reason says what is wrong.
template <class = void>
inline Index window_count(const Record& record) {
  return detail::shape_problem(record).empty() ? window_count(record.rate, record.length()) : 0;
}

/// Seconds after the last whole window, which are not analysed; 0 for a recording without any window.
template <class = void>
inline double left_out_seconds(double rate, Index length) {
  const Index count = window_count(rate, length);
  return count == 0 ? 0 : static_cast<double>(length - detail::window_start(rate, count)) / rate;
}
template <class = void>
inline double left_out_seconds(const Record& record) {
  return window_count(record) == 0 ? 0 : left_out_seconds(record.rate, record.length());
}

/// Samples of a recording, at its own rate.
struct SampleRange {
  Index first = 0, count = 0;
};

/// Where window `number` lies: samples round(10 number rate) up to round(10 (number + 1) rate). Requires a rate of 50
/// to 2000 Hz.
inline SampleRange window_range(double rate, Index number) noexcept {
  const Index first = detail::window_start(rate, number);
  return {first, detail::window_start(rate, number + 1) - first};
}

/// Window `number` of a recording of which `record` holds at least that window, from its sample `start` on; otherwise
/// as cut_window. Of a recording that is too long to be held only window_range needs to be read.
template <class = void>
inline Window cut_window_at(const Record& record, Index start, Index number, bool allow_missing = false) {
  Window window;
  window.number = number;
  window.from = window_seconds * static_cast<double>(number);
  window.reason = detail::shape_problem(record);
  if (window.reason.empty()) window.reason = detail::rate_problem(record.rate);
  if (!window.reason.empty()) return window;
  const Index length = window_range(record.rate, number).count;
  if (start < 0 || length > record.length() - start) {
    window.reason = "shorter than 10 s";
    return window;
  }
  const auto complain = [&](std::size_t lead, const std::string& problem) {
    window.reason += (window.reason.empty() ? "lead " : "; lead ") + std::string(standard_leads[lead]) + " " + problem;
  };

  const std::array<int, 12> columns = find_standard_leads(record.leads);
  Tensor<double> own_rate(Shape{length, standard_lead_count});
  std::vector<double> signal(static_cast<std::size_t>(length));
  for (std::size_t lead = 0; lead < columns.size(); ++lead) {
    const Index place = static_cast<Index>(lead);
    if (columns[lead] >= 0) {
      for (Index t = 0; t < length; ++t) signal[static_cast<std::size_t>(t)] = record.samples(start + t, columns[lead]);
      const Index invalid = detail::fill_gaps(signal);
      const double seconds = static_cast<double>(invalid) / record.rate;
      if (seconds > longest_gap_seconds * (1 + 1e-9)) {
        complain(lead, "has " + detail::number_text("%.2f", seconds) + " s of invalid samples (NaN)");
        continue;
      }
      window.interpolated += invalid;
    } else if (place < first_precordial_lead && columns[0] >= 0 && columns[1] >= 0) {
      const LimbLead weights = limb_leads[lead];
      for (Index t = 0; t < length; ++t)
        signal[static_cast<std::size_t>(t)] = weights.i * own_rate(t, 0) + weights.ii * own_rate(t, 1);
    } else {
      window.missing.push_back(static_cast<int>(lead));
      if (!allow_missing || place < first_precordial_lead) complain(lead, "is missing");
      continue;
    }
    const bool flat = std::all_of(signal.begin(), signal.end(), [&](double value) { return value == signal[0]; });
    if (flat) complain(lead, "is flat");
    for (Index t = 0; t < length; ++t) own_rate(t, place) = signal[static_cast<std::size_t>(t)];
  }
  if (!window.reason.empty()) return window;
  const bool resampled = record.rate != analysis_rate;
  window.samples =
      resampled ? signal::resample(own_rate, record.rate, analysis_rate, window_length) : std::move(own_rate);
  return window;
}

/// Window `number` of a record (in mV): samples round(10 number rate) up to round(10 (number + 1) rate), resampled to
/// 5000. In each lead up to 0.2 s of invalid samples (NaN, infinite, above 1e9 mV) are replaced by a line. III, aVR,
/// aVL and aVF are derived from I and II where they are missing; with `allow_missing` missing leads among V1 to V6
/// become 0. Ensures that without a reason every sample is finite. The reasons: a lead that is missing, flat (all
/// samples equal) or has more invalid samples, a record that window_count calls 0, a number beyond the last window.
template <class = void>
inline Window cut_window(const Record& record, Index number, bool allow_missing = false) {
  Window window;
  window.number = number;
  window.from = window_seconds * static_cast<double>(number);
  window.reason = detail::shape_problem(record);
  if (window.reason.empty()) window.reason = detail::length_problem(record.rate, record.length());
  if (window.reason.empty() && (number < 0 || number >= window_count(record)))
    window.reason = "the record has no window " + std::to_string(number);
  if (!window.reason.empty()) return window;
  return cut_window_at(record, window_range(record.rate, number).first, number, allow_missing);
}

}  // namespace systolic
