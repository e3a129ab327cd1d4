#pragma once
// R peaks by name: one call for each detector, on a window as published and on recordings of any length.

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/signal/filter.hpp"
#include "systolic/signal/min_max.hpp"
#include "systolic/signal/r_peaks_heartpy.hpp"
#include "systolic/signal/r_peaks_shannon.hpp"
#include "systolic/signal/r_peaks_systolic.hpp"

namespace systolic::signal {

/// The library's own detector, and the published ones; heartpy is version 1.2.8.
enum class PeakMethod { heartpy, heartpy_1_2_7, shannon, systolic };

/// "heartpy", "heartpy-1.2.7", "shannon" or "systolic".
template <class = void>
inline const char* peak_method_name(PeakMethod method) noexcept {
  switch (method) {
    case PeakMethod::heartpy_1_2_7:
      return "heartpy-1.2.7";
    case PeakMethod::shannon:
      return "shannon";
    case PeakMethod::systolic:
      return "systolic";
    case PeakMethod::heartpy:
      break;
  }
  return "heartpy";
}

/// The method of that name.
template <class = void>
inline Result<PeakMethod> parse_peak_method(std::string_view name) {
  for (const PeakMethod method :
       {PeakMethod::systolic, PeakMethod::heartpy, PeakMethod::heartpy_1_2_7, PeakMethod::shannon})
    if (name == peak_method_name(method)) return method;
  return error_at("peaks", name, "no such R-peak detector; there are systolic, heartpy, heartpy-1.2.7 and shannon");
}

/// Sample indices of the R peaks, as the published pipeline of that detector has them.
/// denoised_lead [time], mV (any scale: Shannon's detector gets it min-max normalised, as it expects). Empty where the
/// detector refuses the lead, where it is flat, too short or not finite, and for a rate that the detector cannot serve.
template <class = void>
inline std::vector<Index> find_r_peaks(PeakMethod method, TensorView<const double> denoised_lead, double rate) {
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(denoised_lead.begin(), denoised_lead.end(), finite)) return {};
  if (method == PeakMethod::systolic) return systolic_r_peaks(denoised_lead, rate);
  if (method != PeakMethod::shannon)
    return heartpy_r_peaks(denoised_lead, rate,
                           method == PeakMethod::heartpy ? HeartPyVersion::v1_2_8 : HeartPyVersion::v1_2_7);
  std::vector<double> normalized(denoised_lead.begin(), denoised_lead.end());
  normalize_min_max(normalized.data(), denoised_lead.size());
  return shannon_r_peaks({normalized.data(), denoised_lead.shape()}, rate);
}

/// R peaks of a recording of any length, ascending, each once: the detector runs in consecutive 10 s windows, the last
/// of them aligned to the end, of which only the part that is new counts. A recording shorter than 10 s is one window.
/// lead [time], mV, not denoised, at 500 Hz: each window is denoised by itself, as the published pipelines do it. A
/// window that the detector refuses gives no peaks. Of Shannon's detector all candidates count, not only those with
/// room for a beat, or a sixth of every window would have none. The library's own detector needs neither windows nor
/// denoising nor 500 Hz and bridges invalid samples.
template <class = void>
inline std::vector<Index> find_r_peaks_long(PeakMethod method, TensorView<const double> lead, double rate) {
  const Index length = lead.size();
  if (!(rate > 0) || length == 0) return {};
  if (method == PeakMethod::systolic) return systolic_r_peaks(lead, rate);
  const double ten_seconds = std::round(10 * rate);
  const Index window =
      ten_seconds < static_cast<double>(length) ? std::max<Index>(1, static_cast<Index>(ten_seconds)) : length;
  std::vector<Index> peaks;
  std::vector<double> samples(static_cast<std::size_t>(window));
  for (Index covered = 0; covered < length; covered += window) {
    const Index start = std::min(covered, length - window);
    std::copy(lead.data() + start, lead.data() + start + window, samples.begin());
    if (!std::all_of(samples.begin(), samples.end(), [](double value) { return std::isfinite(value); })) continue;
    if (!denoise({samples.data(), {window, 1}}, rate)) continue;
    const TensorView<const double> denoised{samples.data(), {window}};
    const bool all_candidates = method == PeakMethod::shannon && rate == shannon::rate;
    std::vector<Index> found = all_candidates ? shannon_candidates(denoised) : find_r_peaks(method, denoised, rate);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    for (const Index r : found)
      if (start + r >= covered) peaks.push_back(start + r);
  }
  return peaks;
}

/// The same for a recording x [time][lead]: the library's own detector looks at all leads, the published ones at column
/// `lead` alone. Requires 0 <= lead < x.shape()[1]; otherwise, and for x of another rank, the result is empty.
template <class = void>
inline std::vector<Index> find_r_peaks_long(PeakMethod method, TensorView<const double> x, double rate, Index lead) {
  if (x.shape().rank() != 2 || lead < 0 || lead >= x.shape()[1]) return {};
  if (method == PeakMethod::systolic) return systolic_r_peaks(x, rate);
  const Index length = x.shape()[0];
  std::vector<double> column(static_cast<std::size_t>(length));
  for (Index t = 0; t < length; ++t) column[static_cast<std::size_t>(t)] = x(t, lead);
  return find_r_peaks_long(method, {column.data(), {length}}, rate);
}

}  // namespace systolic::signal
