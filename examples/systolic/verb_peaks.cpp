// systolic peaks: where the heart beats, in a recording of any length, rate and leads.

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <optional>
#include <vector>

#include "batch.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/signal/r_peaks.hpp"
#include "systolic/signal/resample.hpp"
#include "weights.hpp"

namespace program {
namespace {

namespace signal = systolic::signal;
using systolic::Result;

/// The column in which the published detectors look for R peaks: lead II, else the one that shows them best.
Index peak_column(const std::vector<std::string>& leads) {
  const std::array<int, 12> columns = systolic::find_standard_leads(leads);
  constexpr std::array<std::size_t, 7> preferred = {1, 0, 10, 9, 11, 8, 7};  // II, I, V5, V4, V6, V3, V2
  for (const std::size_t lead : preferred)
    if (columns[lead] >= 0) return columns[lead];
  return 0;
}

/// By the library's own detector: all leads at the recording's own rate, part by part.
Result<std::vector<double>> own_peaks(const Recording& recording, int threads) {
  std::mutex mutex;
  std::optional<systolic::Error> problem;
  const auto read = [&](Index first, Index count) {
    auto part = recording.part({first, count});
    if (part) return std::move(part->samples);
    const std::lock_guard lock(mutex);
    if (!problem) problem = part.error();
    return systolic::Tensor<double>();
  };
  std::vector<double> seconds;
  for (const Index peak : signal::systolic_r_peaks(recording.length(), recording.rate(), threads, read))
    seconds.push_back(static_cast<double>(peak) / recording.rate());
  if (problem) return *problem;
  return seconds;
}

/// By a published detector: one lead at 500 Hz.
Result<std::vector<double>> published_peaks(const Recording& recording, Index column, signal::PeakMethod method) {
  std::vector<double> lead;
  lead.reserve(static_cast<std::size_t>(recording.length()));
  constexpr Index at_once = Index{1} << 18;
  for (Index first = 0; first < recording.length(); first += at_once) {
    const auto part = recording.part({first, std::min(at_once, recording.length() - first)});
    if (!part) return part.error();
    for (Index t = 0; t < part->length(); ++t) lead.push_back(part->samples(t, column));
  }
  std::vector<bool> valid;
  for (const double sample : lead) valid.push_back(std::abs(sample) <= systolic::largest_sample);
  // Filters and resampling would spread an invalid sample; a line across the gap disturbs nothing beside it.
  systolic::detail::fill_gaps(lead);

  const double rate = systolic::analysis_rate;
  const auto length = static_cast<Index>(lead.size());
  const auto new_length = static_cast<Index>(std::llround(static_cast<double>(length) * rate / recording.rate()));
  const systolic::Tensor<double> resampled =
      signal::resample({lead.data(), {length, 1}}, recording.rate(), rate, new_length);
  std::vector<double> seconds;
  for (const Index peak : signal::find_r_peaks_long(method, {resampled.data(), {new_length}}, rate)) {
    const double time = static_cast<double>(peak) / rate;
    const auto sample = std::min(length - 1, static_cast<Index>(std::llround(time * recording.rate())));
    if (valid[static_cast<std::size_t>(sample)]) seconds.push_back(time);
  }
  return seconds;
}

}  // namespace

int run_peaks(const RecordsOptions& options) {
  // Weights that nobody named have no say here.
  signal::PeakMethod method = options.common.peaks.value_or(signal::PeakMethod::systolic);
  if (!options.common.peaks && !options.common.weights.empty()) {
    const auto preparation = find_preparation(options.common);
    if (!preparation) {
      print_message(preparation.error().message);
      return exit_failed;
    }
    method = preparation->peaks;
  }
  const bool own = method == signal::PeakMethod::systolic;
  const char* method_name = signal::peak_method_name(method);
  return run_batch(
      find_inputs(options.records, options.common.rate), options.common, false,
      [&](const Recording& recording, const std::string&, int threads, Outcome& outcome) {
        const Index column = peak_column(recording.leads());
        Result<std::vector<double>> peaks = std::vector<double>();
        if (recording.rate() < systolic::lowest_record_rate || recording.rate() > 1e5)
          outcome.note(recording.name() + ": R peaks cannot be seen at a rate of " + significant(recording.rate()) +
                       " Hz");
        else
          peaks = own ? own_peaks(recording, threads) : published_peaks(recording, column, method);
        if (!peaks) return outcome.fail(peaks.error());
        const std::string seen = own ? (recording.leads().size() == 1 ? "its lead" : "all leads")
                                     : "lead " + recording.leads()[static_cast<std::size_t>(column)];
        std::string text =
            recording.name() + ": " + std::to_string(peaks->size()) + " R peaks (" + method_name + ", " + seen + ")";
        for (const double peak : *peaks) text += " " + systolic::number_to_text(peak);
        outcome.add(options.common.format,
                    Json::object().set("record", recording.name()).set("method", method_name).set("r_peaks", *peaks),
                    text + "\n");
      });
}

}  // namespace program
