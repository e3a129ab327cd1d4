#pragma once
// The printed ECG sheet as the input of the diagnosis network (Huang et al. 2026, Rare-ECG): three rows in which four
// leads follow each other, a quarter of 10 s each, over a row with lead II throughout, the rhythm strip.
//
//   row 0 |  I   | aVR  |  V1  |  V4  |
//   row 1 |  II  | aVL  |  V2  |  V5  |
//   row 2 | III  | aVF  |  V3  |  V6  |
//   row 3 |            II             |

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/signal/filter.hpp"
#include "systolic/signal/min_max.hpp"
#include "systolic/signal/r_peaks_shannon.hpp"

namespace systolic {

inline constexpr Index report_sheet_rows = 4;
inline constexpr Index report_sheet_length = 5000;  ///< samples, 10 s
inline constexpr double report_sheet_rate = 500.0;  ///< Hz

/// The canonical number (I II III aVR aVL aVF V1..V6: 0..11) of the lead that `row` shows at `sample`.
constexpr Index report_sheet_lead(Index row, Index sample) noexcept {
  constexpr Index rhythm_lead = 1, rows_of_quarters = 3, quarter = report_sheet_length / 4;
  return row == rows_of_quarters ? rhythm_lead : row + rows_of_quarters * (sample / quarter);
}

/// A sheet, or the twelve leads in full, and the R peaks of the rhythm strip.
struct ReportSheet {
  Tensor<double> samples;      ///< [5000][4 or 12], each lead min-max normalised to [-1, 1] over 10 s before it was cut
  std::vector<Index> r_peaks;  ///< 200 < r < 4400 of lead II, by the Shannon-energy detector; may be empty
};

/// What the sheet of `leads` is cut from: all twelve leads for 10 s. As report_sheet otherwise.
template <class = void>
inline Result<ReportSheet> full_sheet(TensorView<const double> leads) {
  const auto fail = [](const std::string& cause) { return error_at("", "report sheet", cause); };
  if (leads.shape() != Shape{report_sheet_length, standard_lead_count})
    return fail("samples are " + leads.shape().text() + ", not [5000, 12]");
  ReportSheet full{Tensor<double>(leads.shape()), {}};
  for (Index i = 0; i < leads.size(); ++i) {
    if (!std::isfinite(leads.data()[i]))
      return fail("sample " + std::to_string(i / standard_lead_count) + " is not finite");
    full.samples.data()[i] = leads.data()[i];
  }
  if (Status status = signal::denoise(full.samples, report_sheet_rate); !status) return status.error();
  for (Index lead = 0; lead < standard_lead_count; ++lead)
    signal::normalize_min_max(full.samples.data() + lead, report_sheet_length, standard_lead_count);
  std::vector<double> rhythm(static_cast<std::size_t>(report_sheet_length));
  for (Index t = 0; t < report_sheet_length; ++t)
    rhythm[static_cast<std::size_t>(t)] = full.samples(t, report_sheet_lead(report_sheet_rows - 1, t));
  full.r_peaks = signal::shannon_r_peaks({rhythm.data(), {report_sheet_length}}, report_sheet_rate);
  return full;
}

/// The sheet of `leads` [5000][12], mV, 500 Hz, canonical order, not denoised. A flat lead becomes 0.
/// Errors: another shape, a sample that is not finite.
template <class = void>
inline Result<ReportSheet> report_sheet(TensorView<const double> leads) {
  Result<ReportSheet> full = full_sheet(leads);
  if (!full) return full.error();
  ReportSheet sheet{Tensor<double>({report_sheet_length, report_sheet_rows}), std::move(full->r_peaks)};
  for (Index t = 0; t < report_sheet_length; ++t)
    for (Index row = 0; row < report_sheet_rows; ++row)
      sheet.samples(t, row) = full->samples(t, report_sheet_lead(row, t));
  return sheet;
}

/// The two sheets of a 1000 Hz recording `leads` [10000 or more][12], mV, canonical order: one of the even samples, one
/// of the odd samples of its first 10 s. Without an anti-alias filter, as published (the 25 Hz low-pass that follows
/// cannot undo what folds over from above 250 Hz, which an ECG hardly holds).
template <class = void>
inline Result<std::array<ReportSheet, 2>> report_sheets(TensorView<const double> leads) {
  const Shape& shape = leads.shape();
  if (shape.rank() != 2 || shape[0] < 2 * report_sheet_length)
    return error_at("", "report sheet", "samples are " + shape.text() + ", not [10000, 12] at 1000 Hz");
  std::array<ReportSheet, 2> sheets;
  Tensor<double> half({report_sheet_length, shape[1]});
  for (Index odd = 0; odd < 2; ++odd) {
    for (Index t = 0; t < report_sheet_length; ++t)
      for (Index lead = 0; lead < shape[1]; ++lead) half(t, lead) = leads(2 * t + odd, lead);
    Result<ReportSheet> sheet = report_sheet(half);
    if (!sheet) return sheet.error();
    sheets[static_cast<std::size_t>(odd)] = std::move(*sheet);
  }
  return sheets;
}

}  // namespace systolic
