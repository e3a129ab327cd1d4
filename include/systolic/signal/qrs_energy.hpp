#pragma once
// How much like a QRS complex every moment of a recording is: the steepness of the band-passed leads, averaged over the
// length of a QRS complex and combined over the leads by how well each of them tells beats from the rest.
// docs/signal/r_peaks_systolic.md explains each step.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/signal/filter.hpp"

namespace systolic::signal::qrs {

inline constexpr double low_cutoff = 6, high_cutoff = 22;  ///< Hz; P and T waves lie below, muscle noise above
inline constexpr double average_seconds = 0.1;             ///< about one QRS complex
inline constexpr double longest_cycle = 2.5;               ///< s; at 25 beats a minute there is a beat in each
inline constexpr double weight_step = 0.25;                ///< s between two weights of a lead
inline constexpr double weight_reach = 2.0;                ///< s to either side over which a lead's weight is measured
inline constexpr double least_rest = 0.05;  ///< of a usual beat: a lead that fades tells less, however quiet
inline constexpr double best_ratio = 12;    ///< a lead that is cleaner than this counts no more

/// The value below which a share `q` of the values lies; reorders them. 0 for none.
template <class = void>
inline double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto place = values.begin() + static_cast<Index>(q * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

/// Centred moving average over 2 (width / 2) + 1 samples; beyond the ends lie zeros.
template <class = void>
inline void moving_average(std::vector<double>& x, Index width) {
  const Index length = static_cast<Index>(x.size()), half = width / 2;
  std::vector<double> sum(x.size() + 1);
  for (std::size_t i = 0; i < x.size(); ++i) sum[i + 1] = sum[i] + x[i];
  for (Index i = 0; i < length; ++i) {
    const auto from = static_cast<std::size_t>(std::max<Index>(0, i - half));
    const auto to = static_cast<std::size_t>(std::min(length, i + half + 1));
    x[static_cast<std::size_t>(i)] = (sum[to] - sum[from]) / static_cast<double>(2 * half + 1);
  }
}

/// One lead of a block.
struct LeadEnergy {
  Index lead;                       ///< column of the block
  std::vector<double> energy;       ///< [time] mean |slope|
  double scale = 0;                 ///< energy of its usual QRS complex
  std::vector<double> weight = {};  ///< one every weight_step
  // What weighted means are taken of, [time]: the square root of energy / scale; that of the mean |change of slope|, in
  // units that make it the energy of a wave of 10 Hz; the size of the deflection from the baseline by scale.
  std::vector<double> root = {}, bend_root = {}, deflection = {};
  std::vector<char> absent = {};  ///< [time]; empty where no sample is
};

/// A stretch of a recording, filtered, with the energy of each lead that holds a signal.
class Block {
 public:
  /// x [length][leads], any scale; samples that are not finite or above 1e9 count as absent and are bridged by a line.
  /// Requires length >= rate / 2 and a rate in 50 to 100000 Hz.
  template <class = void>
  Block(const double* x, Index length, Index leads, double rate) : length_(length), leads_(leads), rate_(rate) {
    Tensor<double> waves(Shape{length, leads});
    std::vector<std::vector<char>> absent(static_cast<std::size_t>(leads));
    std::vector<char> dead(static_cast<std::size_t>(leads));
    for (Index lead = 0; lead < leads; ++lead)
      dead[static_cast<std::size_t>(lead)] = !copy_lead(x, lead, waves, absent[static_cast<std::size_t>(lead)]);
    Tensor<double> band = waves;
    const auto top = [rate](double cutoff) { return std::min(cutoff, 0.4 * rate); };
    // A block is longer than the filters' ends, the only thing that they could refuse.
    static_cast<void>(filtfilt(butterworth_highpass(low_cutoff, rate), band));
    static_cast<void>(filtfilt(butterworth_lowpass(top(high_cutoff), rate), band));
    static_cast<void>(filtfilt(butterworth_highpass(1, rate), waves));
    static_cast<void>(filtfilt(butterworth_lowpass(top(30), rate), waves));
    for (Index lead = 0; lead < leads; ++lead)
      if (!dead[static_cast<std::size_t>(lead)])
        add_energy(band, waves, std::move(absent[static_cast<std::size_t>(lead)]), lead);
  }

  Index length() const noexcept { return length_; }
  double rate() const noexcept { return rate_; }
  /// At least one sample.
  Index samples(double seconds) const noexcept {
    return std::max<Index>(1, static_cast<Index>(std::llround(seconds * rate_)));
  }
  const std::vector<LeadEnergy>& leads() const noexcept { return energies_; }

  /// A first guess without knowing the beats: a lead is as good as its QRS complexes stand out from its median energy.
  template <class = void>
  void weigh_by_floor() {
    for (LeadEnergy& lead : energies_)
      for_each_weight(lead, [&](Index centre, double& weight) {
        std::vector<double> near;
        collect(lead.energy, centre - samples(1), centre + samples(1), near);
        double largest = 0;
        const Index cycle = samples(longest_cycle), step = grain();
        for (Index t = std::max<Index>(0, centre - cycle); t < std::min(length_, centre + cycle); t += step)
          largest = std::max(largest, lead.energy[static_cast<std::size_t>(t)]);
        const double ratio = std::min(best_ratio, lead.scale / std::max(quantile(near, 0.5), 1e-9 * lead.scale));
        // A lead that is silent where others beat (an electrode off) must not halve what they say.
        weight = largest < 0.05 * lead.scale ? 0 : square(std::max(ratio - 1.5, 0.1));
      });
  }

  /// The better measure once beats are known (ascending): the median energy at beats against the 90 % quantile of what
  /// lies further than 150 ms from any, T waves and artefacts among it. A silent lead stays silent.
  template <class = void>
  void weigh_by_beats(const std::vector<Index>& beats) {
    const Index guard = samples(0.15), reach = samples(weight_reach);
    for (LeadEnergy& lead : energies_)
      for_each_weight(lead, [&](Index centre, double& weight) {
        const Index from = std::max<Index>(0, centre - reach), to = std::min(length_, centre + reach);
        std::vector<double> at, between;
        Index free_from = from;
        for (auto beat = std::lower_bound(beats.begin(), beats.end(), from - guard);
             beat != beats.end() && *beat - guard < to; ++beat) {
          collect(lead.energy, free_from, *beat - guard, between);
          free_from = std::max(free_from, *beat + guard);
          if (*beat >= from && *beat < to) at.push_back(lead.energy[static_cast<std::size_t>(*beat)]);
        }
        collect(lead.energy, free_from, to, between);
        if (weight == 0 || at.empty() || between.size() < 5) return;
        const double rest = std::max(quantile(between, 0.9), least_rest * lead.scale);
        weight = square(std::max(std::min(best_ratio, quantile(at, 0.5) / rest) - 1, 0.03));
      });
  }

  /// [time] about 1 at an ordinary QRS complex: the weighted mean of the leads' square roots, squared, so that an
  /// artefact of one lead counts less than a beat that all leads show.
  template <class = void>
  std::vector<double> combined() const {
    return weighted(&LeadEnergy::root);
  }

  /// [time] the same of the bend. Divided by combined() it is the frequency of a wave in units of 10 Hz.
  template <class = void>
  std::vector<double> combined_bend() const {
    return weighted(&LeadEnergy::bend_root);
  }

  /// [time] the square of the mean deflection from the baseline (1 to 30 Hz) over all leads.
  template <class = void>
  std::vector<double> deflection() const {
    return weighted(&LeadEnergy::deflection);
  }

 private:
  static double square(double x) noexcept { return x * x; }
  template <class = void>
  Index grain() const noexcept {
    return samples(0.016);
  }  ///< between samples that quantiles are taken of

  /// Copies a lead, gaps bridged. False where it has no signal: flat, or more than half absent.
  bool copy_lead(const double* x, Index lead, Tensor<double>& waves, std::vector<char>& absent) const {
    Index last_valid = -1, missing = 0;
    bool flat = true;
    double* const wave = waves.data() + lead;
    const auto mark = [&](Index t) {
      if (absent.empty()) absent.resize(static_cast<std::size_t>(length_));
      absent[static_cast<std::size_t>(t)] = 1;
    };
    for (Index t = 0; t <= length_; ++t) {
      const double value = t < length_ ? x[t * leads_ + lead] : 0;
      if (t < length_ && !(std::abs(value) <= 1e9)) continue;
      const double left = last_valid >= 0 ? wave[last_valid * leads_] : value, right = t < length_ ? value : left;
      for (Index gap = last_valid + 1; gap < t; ++gap, ++missing) {
        wave[gap * leads_] =
            left + (right - left) * static_cast<double>(gap - last_valid) / static_cast<double>(t - last_valid);
        mark(gap);
      }
      if (t == length_) break;
      flat = flat && (last_valid < 0 || value == left);
      wave[t * leads_] = value;
      last_valid = t;
    }
    // A lead that does not move at all for 0.3 s is off or saturated: it must not outvote those that still see beats.
    const Index shortest = samples(0.3);
    for (Index start = 0, t = 1; t <= length_; ++t) {
      if (t < length_ && wave[t * leads_] == wave[start * leads_]) continue;
      for (Index still = start; t - start >= shortest && still < t; ++still) mark(still);
      start = t;
    }
    if (!flat && missing <= length_ / 2) return true;
    for (Index t = 0; t < length_; ++t) wave[t * leads_] = 0;
    return false;
  }

  template <class = void>
  void add_energy(const Tensor<double>& band, const Tensor<double>& waves, std::vector<char> absent, Index lead) {
    LeadEnergy result{lead, std::vector<double>(static_cast<std::size_t>(length_))};
    std::vector<double> bend(static_cast<std::size_t>(length_));
    const Index reach = samples(0.004);
    // |x''| / |x'| is the angular frequency; the slope spans two `reach`.
    const double bend_unit = rate_ / (std::numbers::pi * 10 * static_cast<double>(reach));
    const double* const column = band.data() + lead;
    for (Index t = 0; t < length_; ++t) {
      const double before = column[std::max<Index>(0, t - reach) * leads_];
      const double behind = column[std::min(length_ - 1, t + reach) * leads_];
      result.energy[static_cast<std::size_t>(t)] = std::abs(behind - before);
      bend[static_cast<std::size_t>(t)] = bend_unit * std::abs(behind + before - 2 * column[t * leads_]);
    }
    moving_average(result.energy, samples(average_seconds));
    moving_average(bend, samples(average_seconds));
    std::vector<double> largest;
    const Index cycle = samples(longest_cycle), step = std::max<Index>(1, cycle / 2);
    for (Index from = 0; from == 0 || from + step <= length_; from += step) {
      const auto begin = result.energy.begin() + from, end = result.energy.begin() + std::min(length_, from + cycle);
      largest.push_back(*std::max_element(begin, end));
      if (from + cycle >= length_) break;
    }
    result.scale = quantile(largest, 0.4);
    if (!(result.scale > 1e-12)) return;
    result.weight.resize(static_cast<std::size_t>(length_ / samples(weight_step) + 2));
    const auto root_of = [&](const std::vector<double>& x) {
      std::vector<double> roots(x.size());
      for (std::size_t t = 0; t < x.size(); ++t) roots[t] = std::sqrt(x[t] / result.scale);
      return roots;
    };
    result.root = root_of(result.energy);
    result.bend_root = root_of(bend);
    result.deflection.resize(bend.size());
    for (Index t = 0; t < length_; ++t)
      result.deflection[static_cast<std::size_t>(t)] = std::abs(waves.data()[t * leads_ + lead] / result.scale);
    result.absent = std::move(absent);
    energies_.push_back(std::move(result));
  }

  template <class Weigh>
  void for_each_weight(LeadEnergy& lead, Weigh weigh) const {
    for (std::size_t i = 0; i < lead.weight.size(); ++i)
      weigh(static_cast<Index>(i) * samples(weight_step), lead.weight[i]);
  }

  template <class = void>
  void collect(const std::vector<double>& x, Index from, Index to, std::vector<double>& out) const {
    const Index last = std::min(length_, to), step = grain();
    for (Index t = std::max<Index>(0, from); t < last; t += step) out.push_back(x[static_cast<std::size_t>(t)]);
  }

  /// [time] the square of the weighted mean of what `value` is of each lead. Weights between their places follow a
  /// line.
  template <class = void>
  std::vector<double> weighted(std::vector<double> LeadEnergy::*value) const {
    std::vector<double> sum(static_cast<std::size_t>(length_)), total(sum.size());
    const auto step = static_cast<std::size_t>(samples(weight_step));
    std::vector<double> share(step);
    for (std::size_t i = 0; i < step; ++i) share[i] = static_cast<double>(i) / static_cast<double>(step);
    for (const LeadEnergy& lead : energies_)
      for (std::size_t from = 0, place = 0; from < sum.size(); from += step, ++place) {
        const double here = lead.weight[place], next = lead.weight[place + 1];
        const double* const x = (lead.*value).data() + from;
        const char* const absent = lead.absent.empty() ? nullptr : lead.absent.data() + from;
        double *const sums = sum.data() + from, *const totals = total.data() + from;
        const std::size_t count = std::min(step, sum.size() - from);
        for (std::size_t i = 0; i < count; ++i) {
          double weight = here * (1 - share[i]) + next * share[i];
          if (absent != nullptr && absent[i] != 0) weight = 0;
          sums[i] += weight * x[i];
          totals[i] += weight;
        }
      }
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] = total[t] > 0 ? square(sum[t] / total[t]) : 0;
    return sum;
  }

  Index length_, leads_;
  double rate_;
  std::vector<LeadEnergy> energies_;
};

}  // namespace systolic::signal::qrs
