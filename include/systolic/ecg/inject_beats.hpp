#pragma once
// A real recording taken apart into its usual beat, how strongly each heart beat shows it, and what is left over, so
// that single beats can be taken out, changed and put elsewhere while everything else stays as it was recorded.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/delineation.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/median_beat.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/synthetic_anomaly_waves.hpp"
#include "systolic/ecg/synthetic_leads.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/signal/filter.hpp"
#include "systolic/signal/gaussian.hpp"
#include "systolic/signal/r_peaks_systolic.hpp"
#include "systolic/signal/resample.hpp"

namespace systolic::inject {

inline constexpr Index leads = 8;  ///< those with electrodes of their own: I II V1..V6

/// What a recording at 500 Hz is made of. Times of `timing` are in s after the R peak; `shape` is in mV.
struct BeatModel {
  Tensor<double> shape;       ///< [time][8] the usual beat alone, 0 at both ends; the R peak at median_before
  Index first = 0, last = 0;  ///< its extent, samples from the R peak
  Index qrs_start = 0;        ///< where P is over and QRS begins, samples from the R peak
  bool has_p = false;
  synthetic::BeatTiming timing{};
  Index cycle = 0;                     ///< usual RR interval, samples
  double size = 1;                     ///< of the QRS complex, beside that of synthetic::sinus_beat()
  std::array<double, leads> t_wave{};  ///< height of the usual T wave
  std::vector<Index> r_peaks;          ///< of the usual beats, ascending
  std::vector<double> gain;            ///< [r_peaks] of each beat beside the usual one
  Tensor<double> excess;               ///< [time][8] what sticks out of the noise once the usual beats are taken away
};

/// Columns I, II, V1..V6 of the twelve standard leads x [time][12].
template <class = void>
inline Tensor<double> independent_columns(const Tensor<double>& x) {
  Tensor<double> result({x.shape()[0], leads});
  for (Index t = 0; t < x.shape()[0]; ++t)
    for (Index lead = 0; lead < leads; ++lead)
      result(t, lead) = x(t, delineation::independent_leads[static_cast<std::size_t>(lead)]);
  return result;
}

/// A recording as twelve standard leads [time][12] at 500 Hz in canonical order. Leads that follow from I and II are
/// derived where they are missing.
template <class = void>
inline Result<Tensor<double>> prepare(const Record& record) {
  if (const double seconds = record.seconds(); !(seconds >= 5 && seconds <= 3600))
    return error_at(record.name, "", "must last 5 s to an hour");
  if (!(record.rate >= lowest_record_rate && record.rate <= highest_record_rate))
    return error_at(record.name, "", "its rate must be 50 to 2000 Hz");
  const std::array<int, 12> columns = find_standard_leads(record.leads);
  Tensor<double> x({record.length(), standard_lead_count});
  for (Index lead = 0; lead < standard_lead_count; ++lead) {
    const int column = columns[static_cast<std::size_t>(lead)];
    const bool derived = column < 0 && lead < first_precordial_lead && columns[0] >= 0 && columns[1] >= 0;
    if (column < 0 && !derived)
      return error_at(record.name, standard_leads[static_cast<std::size_t>(lead)], "the lead is missing");
    const LimbLead limb = derived ? limb_leads[static_cast<std::size_t>(lead)] : LimbLead{};
    for (Index t = 0; t < record.length(); ++t) {
      x(t, lead) = derived ? limb.i * x(t, 0) + limb.ii * x(t, 1) : record.samples(t, column);
      if (!(std::abs(x(t, lead)) <= largest_sample))
        return error_at(record.name, standard_leads[static_cast<std::size_t>(lead)], "has invalid samples (NaN)");
    }
  }
  if (record.rate == analysis_rate) return x;
  const auto length =
      static_cast<Index>(std::llround(static_cast<double>(record.length()) * analysis_rate / record.rate));
  return signal::resample(x, record.rate, analysis_rate, length);
}

namespace detail {

/// 0 before `from`, 1 after `to`, half a cosine between.
template <class = void>
inline double ramp(Index t, Index from, Index to) noexcept {
  if (t <= from) return 0;
  if (t >= to) return 1;
  return 0.5 - 0.5 * std::cos(std::numbers::pi * static_cast<double>(t - from) / static_cast<double>(to - from));
}

/// Cuts the beat out of its median [575][8]: minus the line through the rest on both sides, fading to 0 there.
template <class = void>
inline void isolate(BeatModel& model) {
  constexpr Index fade = 20;
  Tensor<double>& shape = model.shape;
  const Index from = median_before + model.first, to = median_before + model.last;
  for (Index lead = 0; lead < leads; ++lead) {
    double before = 0, behind = 0;
    for (Index k = 0; k < fade; ++k) {
      before += shape(from + k, lead) / fade;
      behind += shape(to - k, lead) / fade;
    }
    for (Index t = 0; t < median_length; ++t) {
      const double share = static_cast<double>(t - from) / static_cast<double>(to - from);
      const double line = before + (behind - before) * share;
      shape(t, lead) = (shape(t, lead) - line) * ramp(t, from, from + fade) * (1 - ramp(t, to - fade, to));
    }
  }
}

/// The largest deflection over all leads, and that of the generator's beat.
template <class = void>
inline double relative_size(const BeatModel& model) {
  double largest = 0, usual = 0;
  for (Index t = median_before - 25; t < median_before + 35; ++t) {
    double sum = 0;
    for (Index lead = 0; lead < leads; ++lead) sum += model.shape(t, lead) * model.shape(t, lead);
    largest = std::fmax(largest, sum);
  }
  std::vector<synthetic::Dipole> heart(100);
  synthetic::add_beat(synthetic::sinus_beat(), {0.1, 1}, analysis_rate, 1, heart);
  const Tensor<double> x = synthetic::project_leads(heart);
  for (Index t = 0; t < 100; ++t) {
    double sum = 0;
    for (Index lead = 0; lead < leads; ++lead) sum += x(t, lead) * x(t, lead);
    usual = std::fmax(usual, sum);
  }
  return std::clamp(std::sqrt(largest / usual), 0.4, 2.5);
}

/// Aligns every R peak that has room for a QRS complex with the median; those of another shape are dropped.
template <class = void>
inline std::vector<Index> align(const Tensor<double>& filtered, const Tensor<double>& median,
                                const std::vector<Index>& r_peaks) {
  constexpr Index room = 40 + largest_shift;
  std::vector<Index> aligned;
  for (const Index r : r_peaks) {
    if (r < room || r + room >= filtered.shape()[0]) continue;
    Index best = r;
    double best_correlation = -1;
    for (Index shift = -largest_shift; shift <= largest_shift; ++shift)
      if (const double c = systolic::detail::correlation(filtered, r + shift, median); c > best_correlation) {
        best_correlation = c;
        best = r + shift;
      }
    if (best_correlation >= same_shape && (aligned.empty() || best > aligned.back())) aligned.push_back(best);
  }
  return aligned;
}

/// How strongly each beat shows the usual QRS complex, by least squares over all leads. steady [time][8].
template <class = void>
inline void measure_gains(const Tensor<double>& steady, BeatModel& model) {
  for (const Index r : model.r_peaks) {
    double product = 0, square = 0;
    for (Index k = model.qrs_start; k <= model.qrs_start + 70; ++k) {
      if (r + k < 0 || r + k >= steady.shape()[0]) continue;
      for (Index lead = 0; lead < leads; ++lead) {
        const double usual = model.shape(median_before + k, lead);
        product += usual * steady(r + k, lead);
        square += usual * usual;
      }
    }
    model.gain.push_back(square > 0 ? std::clamp(product / square, 0.6, 1.5) : 1);
  }
}

/// What is left of x [time][8] without the usual beats: a slow part, and noise, of which `excess` is what exceeds three
/// standard deviations (a beat is never exactly like the others).
template <class = void>
inline void measure_excess(const Tensor<double>& x, BeatModel& model) {
  const Index length = x.shape()[0];
  Tensor<double> rest = x;
  for (std::size_t b = 0; b < model.r_peaks.size(); ++b)
    for (Index k = model.first; k <= model.last; ++k) {
      const Index t = model.r_peaks[b] + k;
      if (t < 0 || t >= length) continue;
      for (Index lead = 0; lead < leads; ++lead) rest(t, lead) -= model.gain[b] * model.shape(median_before + k, lead);
    }
  Tensor<double> slow = rest;
  signal::gaussian_smooth(slow.view(), 30);
  model.excess = Tensor<double>(x.shape());
  std::vector<double> sizes(static_cast<std::size_t>(length));
  for (Index lead = 0; lead < leads; ++lead) {
    for (Index t = 0; t < length; ++t) sizes[static_cast<std::size_t>(t)] = std::abs(rest(t, lead) - slow(t, lead));
    const auto middle = sizes.begin() + length / 2;
    std::nth_element(sizes.begin(), middle, sizes.end());
    const double limit = 3 * *middle / 0.6745;  // of a Gaussian, half lies within 0.6745 standard deviations
    for (Index t = 0; t < length; ++t) {
      const double noise = rest(t, lead) - slow(t, lead);
      model.excess(t, lead) = noise - std::clamp(noise, -limit, limit);
    }
  }
}

}  // namespace detail

/// Takes the recording x [time][12] (500 Hz, mV) apart. `name` is for messages. An error where it has no regular beats
/// of one shape: less than four of them, or more than a fifth of another shape.
template <class = void>
inline Result<BeatModel> model_beats(const Tensor<double>& x, std::string_view name) {
  const auto refuse = [&](std::string_view cause) { return error_at(name, "", cause); };
  const std::vector<Index> peaks = signal::systolic_r_peaks(x, analysis_rate);
  Tensor<double> steady = x;
  if (const Status status = signal::filtfilt(signal::butterworth_highpass(0.5, analysis_rate), steady); !status)
    return refuse(status.error().message);
  Tensor<double> filtered = steady;
  if (const Status status = signal::filtfilt(signal::butterworth_lowpass(40, analysis_rate), filtered); !status)
    return refuse(status.error().message);
  const MedianBeat median = median_beat(filtered, peaks);
  BeatModel model;
  if (!median.samples.empty()) model.r_peaks = detail::align(filtered, median.samples, peaks);
  if (median.r_peaks.size() < 4 || model.r_peaks.size() < 4 || 5 * model.r_peaks.size() < 4 * peaks.size() - 4)
    return refuse("an anomaly can only be put into a recording with at least four beats, nearly all of one shape");
  std::vector<Index> cycles;
  for (std::size_t i = 1; i < model.r_peaks.size(); ++i) cycles.push_back(model.r_peaks[i] - model.r_peaks[i - 1]);
  std::nth_element(cycles.begin(), cycles.begin() + static_cast<Index>(cycles.size() / 2), cycles.end());
  model.cycle = cycles[cycles.size() / 2];

  const Delineation waves = delineate(median, model.cycle);
  if (!waves.qrs || !waves.t) return refuse("its QRS complexes and T waves cannot be told apart");
  model.has_p = waves.p.has_value();
  constexpr Index margin = 25;  // samples around P and T that still belong to the beat
  model.qrs_start = waves.qrs->onset;
  model.first = std::max(waves.p ? waves.p->onset - margin : waves.qrs->onset - 2 * margin, -median_before);
  model.last = std::min(waves.t->offset + margin, median_length - median_before - 1);
  // Neighbouring beats must not overlap, or the line of rest between them would be part of a wave.
  if (model.last - model.first >= model.cycle + margin) return refuse("its beats come too fast for each other");
  const auto seconds = [](Index samples) { return static_cast<double>(samples) / analysis_rate; };
  model.timing = {seconds(waves.qrs->onset), seconds(waves.qrs->offset), seconds(waves.t->onset),
                  seconds(waves.t->peak), seconds(waves.t->offset)};

  const Tensor<double> columns = independent_columns(steady);
  model.shape = systolic::detail::median_of_beats(columns, median.r_peaks);
  detail::isolate(model);
  for (Index lead = 0; lead < leads; ++lead)
    model.t_wave[static_cast<std::size_t>(lead)] = model.shape(median_before + waves.t->peak, lead);
  model.size = detail::relative_size(model);
  detail::measure_gains(columns, model);
  detail::measure_excess(independent_columns(x), model);
  return model;
}

}  // namespace systolic::inject
