#pragma once
// What the published diagnosis network reads of a recording. A recording at 1000 Hz gives two sheets, of its even and
// of its odd samples; any other is resampled to 500 Hz and gives one. Source: the published Rare-ECG code.

#include <string>
#include <utility>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/report_layout.hpp"
#include "systolic/ecg/window.hpp"

namespace systolic {

inline constexpr double halved_rate = 1000;  ///< samples a second of a recording that is cut into even and odd samples

/// The network's signals of one sheet.
struct PublishedInput {
  Tensor<float> global, trend;  ///< [1][4800][channels], samples 100..4900 of the sheet
  Tensor<float> beats;          ///< [beats][480][channels], samples r - 140 .. r + 340, not normalized again
  std::vector<Index> places;    ///< r of each beat, sample of the sheet
  bool found = true;            ///< whether these are R peaks; where there is none, one place is drawn at random
};

/// The signals of a sheet with every R peak, or one of them, drawn (`one_beat`, as the published code does). A place of
/// the list that two energy humps share stays twice: the mean over the list is what a drawn beat gives on average.
template <class = void>
inline PublishedInput published_input(const ReportSheet& sheet, bool one_beat, Random& random) {
  const Index channels = sheet.samples.shape()[1];
  PublishedInput input;
  input.places = sheet.r_peaks;
  input.found = !sheet.r_peaks.empty();
  if (!input.found)
    input.places = {beat_lowest + 1 + random.below(beat_highest - beat_lowest - 1)};
  else if (one_beat)
    input.places = {sheet.r_peaks[static_cast<std::size_t>(random.below(static_cast<Index>(sheet.r_peaks.size())))]};

  Tensor<double> global({global_length, channels});
  std::copy_n(sheet.samples.data() + global_first * channels, global.size(), global.data());
  input.trend = convert<float>(detail::trend_of(global));
  input.global = convert<float>(global);
  for (Tensor<float>* signal : {&input.global, &input.trend}) signal->reshape({1, global_length, channels});
  const Index count = static_cast<Index>(input.places.size());
  input.beats = Tensor<float>({count, beat_length, channels});
  for (Index b = 0; b < count; ++b) {
    const double* first = sheet.samples.data() + (input.places[static_cast<std::size_t>(b)] - beat_before) * channels;
    for (Index i = 0; i < beat_length * channels; ++i)
      input.beats.data()[b * beat_length * channels + i] = static_cast<float>(first[i]);
  }
  return input;
}

/// The sheets of a window of a recording, or why there is none.
struct PublishedSheets {
  std::vector<ReportSheet> sheets;
  std::string reason;  ///< empty: there are sheets
};

/// Window `number` of a recording as sheets of `channels` channels: 4 (the printed sheet) or 12 (all leads in full).
/// Leads are found, derived and repaired as by cut_window, each half by itself. A flat lead is a reason here.
template <class = void>
inline PublishedSheets published_sheets(const Record& record, Index number, Index channels, bool allow_missing) {
  PublishedSheets result;
  const auto add = [&](const Window& window) {
    result.reason = window.reason;
    if (!result.reason.empty()) return;
    Result<ReportSheet> sheet =
        channels == report_sheet_rows ? report_sheet(window.samples) : full_sheet(window.samples);
    if (sheet)
      result.sheets.push_back(std::move(*sheet));
    else
      result.reason = sheet.error().message;
  };
  const bool whole = number >= 0 && number < window_count(record);
  if (!whole || record.rate != halved_rate) {
    add(cut_window(record, number, allow_missing));
    return result;
  }
  const SampleRange range = window_range(record.rate, number);
  const Index leads = record.lead_count();
  for (Index odd = 0; odd < 2 && result.reason.empty(); ++odd) {
    Record half;
    half.rate = analysis_rate;
    half.leads = record.leads;
    half.samples = Tensor<double>({window_length, leads});
    for (Index t = 0; t < window_length; ++t)
      std::copy_n(record.samples.data() + (range.first + 2 * t + odd) * leads, leads, half.samples.data() + t * leads);
    add(cut_window(half, 0, allow_missing));
  }
  if (!result.reason.empty()) result.sheets.clear();
  return result;
}

}  // namespace systolic
