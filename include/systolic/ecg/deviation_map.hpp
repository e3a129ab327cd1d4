#pragma once
// A map of how far each sample lies from what normal recordings have at the same moment of the beat: no network, two
// tables. A window is laid out in phases of the beat, and each lead's value is compared with the mean and the standard
// deviation of normal recordings at that phase. docs/experiments.md measures it beside the map of restoration errors.

#include <algorithm>
#include <cmath>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/signal/gaussian.hpp"

namespace systolic {

inline constexpr Index phase_width = 5;  ///< samples at 500 Hz, 10 ms
inline constexpr Index map_phases_before = 28,
                       map_phases = 112;           ///< the R peak is the start of phase 28: R - 0.28 s .. R + 0.84 s
inline constexpr double deviation_smoothing = 25;  ///< samples, sigma of the Gaussian
inline constexpr double largest_deviation = 8;     ///< standard deviations; beyond, more does not mean more

/// What normal recordings have at each phase of the beat, and how badly the network restores them.
struct DeviationTables {
  Tensor<float> mean, deviation;  ///< [112][12] mV of the denoised signal
  Tensor<float> error_level;      ///< [1] mean of the map of restoration errors of normal recordings
};

namespace detail {

/// A beat is stretched to a cycle of 0.8 s: QRS does not wait for the rate, what follows does with its square root.
inline constexpr double qrs_end = 50, usual_cycle = 400;  // samples after R
inline double unstretched(double after, double cycle) noexcept {
  return after > qrs_end ? qrs_end + (after - qrs_end) / std::sqrt(cycle / usual_cycle) : after;
}

}  // namespace detail

/// The usual RR interval in samples, 400 where there are fewer than three beats.
template <class = void>
inline double usual_rr(const std::vector<Index>& r_peaks) {
  std::vector<Index> cycles;
  for (std::size_t i = 1; i < r_peaks.size(); ++i) cycles.push_back(r_peaks[i] - r_peaks[i - 1]);
  if (cycles.size() < 2) return detail::usual_cycle;
  const auto middle = cycles.begin() + static_cast<Index>(cycles.size() / 2);
  std::nth_element(cycles.begin(), middle, cycles.end());
  return static_cast<double>(std::max<Index>(*middle, 60));
}

/// [5000] the phase (0..111) of each sample of a window with these R peaks (ascending). Where a beat is missing (an
/// interval of more than one and a half of the usual) and beyond the first and last beat, beats are expected at the
/// usual distance: what should be there and is not deviates.
template <class = void>
inline std::vector<int> deviation_phases(const std::vector<Index>& r_peaks) {
  const double cycle = usual_rr(r_peaks);
  std::vector<double> beats;
  for (std::size_t i = 0; i < r_peaks.size(); ++i) {
    if (i > 0) {
      const auto before = static_cast<double>(r_peaks[i - 1]), gap = static_cast<double>(r_peaks[i]) - before;
      if (gap > 1.5 * cycle)
        for (int missing = 1; missing < static_cast<int>(std::lround(gap / cycle)); ++missing)
          beats.push_back(before + missing * cycle);
    }
    beats.push_back(static_cast<double>(r_peaks[i]));
  }
  if (beats.empty()) beats.push_back(0);
  while (beats.back() < static_cast<double>(window_length) + 140) beats.push_back(beats.back() + cycle);
  std::vector<double> earlier;
  for (double beat = beats.front() - cycle; beat > -(cycle + 420); beat -= cycle) earlier.push_back(beat);
  beats.insert(beats.begin(), earlier.rbegin(), earlier.rend());

  std::vector<int> result(static_cast<std::size_t>(window_length));
  std::size_t last = 0;
  for (Index t = 0; t < window_length; ++t) {
    const auto time = static_cast<double>(t);
    while (last + 1 < beats.size() && beats[last + 1] <= time) ++last;
    const double next = last + 1 < beats.size() ? time - beats[last + 1] : -1e9;
    const bool before_next = next >= -static_cast<double>(map_phases_before * phase_width);
    const double after = before_next ? next : detail::unstretched(time - beats[last], cycle);
    const double phase = static_cast<double>(map_phases_before) + after / static_cast<double>(phase_width);
    result[static_cast<std::size_t>(t)] =
        std::clamp(static_cast<int>(std::floor(phase)), 0, static_cast<int>(map_phases) - 1);
  }
  return result;
}

/// Sums over normal recordings, from which the tables follow.
class DeviationFit {
 public:
  DeviationFit()
      : count_({map_phases}), sum_({map_phases, standard_lead_count}), square_({map_phases, standard_lead_count}) {}

  /// Adds a normal window. Requires record.reason to be empty.
  template <class = void>
  void add(const Preprocessed& record) {
    const std::vector<int> phase = deviation_phases(record.r_peaks);
    for (Index t = global_first; t < global_first + global_length; ++t) {
      const Index k = phase[static_cast<std::size_t>(t)];
      count_(k) += 1;
      for (Index lead = 0; lead < standard_lead_count; ++lead) {
        sum_(k, lead) += record.denoised(t, lead);
        square_(k, lead) += record.denoised(t, lead) * record.denoised(t, lead);
      }
    }
  }

  /// The deviation is at least 0.01 mV, what noise leaves in a good recording; a phase that no window had gives 0 and a
  /// deviation of 1 mV.
  template <class = void>
  DeviationTables tables(double error_level = 1) const {
    DeviationTables result{Tensor<float>({map_phases, standard_lead_count}),
                           Tensor<float>({map_phases, standard_lead_count}),
                           Tensor<float>({1}, {static_cast<float>(error_level)})};
    for (Index k = 0; k < map_phases; ++k)
      for (Index lead = 0; lead < standard_lead_count; ++lead) {
        const double n = std::max(1.0, count_(k)), mean = sum_(k, lead) / n;
        const double variance = std::max(0.0, square_(k, lead) / n - mean * mean);
        result.mean(k, lead) = static_cast<float>(mean);
        result.deviation(k, lead) = count_(k) > 0 ? static_cast<float>(std::sqrt(variance) + 0.01) : 1.0f;
      }
    return result;
  }

 private:
  Tensor<double> count_, sum_, square_;
};

inline constexpr double error_share = 0.6;  ///< weight of the logarithm of the restoration error beside the deviation's

/// The map [4800][12] (samples 100..4900 of the window). With d the squared deviation, smoothed, and e a map of
/// restoration errors of that shape (where given) in units of the normal one, u = log d + 0.6 log e is how unusual a
/// sample is, and the map exp((u + mean of u over the leads) / 4): what is wrong shows in all leads a little. Its unit
/// is about a standard deviation. Leads in `missing` (0..11) are 0 and do not enter the mean. Requires record.reason to
/// be empty and tables of the shape above with positive deviations and level.
template <class = void>
inline Tensor<float> deviation_map(const Preprocessed& record, const DeviationTables& tables,
                                   const std::vector<int>& missing = {}, const Tensor<float>& errors = {}) {
  const std::vector<int> phase = deviation_phases(record.r_peaks);
  Tensor<double> squares({global_length, standard_lead_count});
  for (Index t = 0; t < global_length; ++t) {
    const Index k = phase[static_cast<std::size_t>(t + global_first)];
    for (Index lead = 0; lead < standard_lead_count; ++lead) {
      const double z = (record.denoised(t + global_first, lead) - static_cast<double>(tables.mean(k, lead))) /
                       static_cast<double>(tables.deviation(k, lead));
      squares(t, lead) = std::min(z * z, largest_deviation * largest_deviation);
    }
  }
  signal::gaussian_smooth(squares.view(), deviation_smoothing);

  constexpr double floor = 1e-3;  // of the square: what is as usual as this is as usual as can be
  std::vector<bool> used(static_cast<std::size_t>(standard_lead_count), true);
  for (const int lead : missing) used[static_cast<std::size_t>(lead)] = false;
  const double unit = std::pow(floor, (errors.empty() ? 1 : 1 + error_share) / 2);  // of what exp() gives
  const auto leads = static_cast<double>(std::max<Index>(1, std::count(used.begin(), used.end(), true)));
  Tensor<float> map(squares.shape());
  for (Index t = 0; t < global_length; ++t) {
    double mean = 0;
    for (Index lead = 0; lead < standard_lead_count; ++lead) {
      squares(t, lead) = std::log1p(squares(t, lead) / floor);
      if (!errors.empty())
        squares(t, lead) +=
            error_share * std::log1p(static_cast<double>(errors(t, lead) / tables.error_level(0)) / floor);
      if (used[static_cast<std::size_t>(lead)]) mean += squares(t, lead) / leads;
    }
    for (Index lead = 0; lead < standard_lead_count; ++lead)
      map(t, lead) = used[static_cast<std::size_t>(lead)]
                         ? static_cast<float>(unit * std::exp((squares(t, lead) + mean) / 4))
                         : 0.0f;
  }
  return map;
}

}  // namespace systolic
