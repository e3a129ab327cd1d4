#pragma once
// How much like a QRS complex every moment of a recording is: the steepness of the band-passed leads, averaged over the
// length of a QRS complex and combined over the leads by how well each of them tells beats from the rest.
// docs/signal/r_peaks_systolic.md explains each step.

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/signal/filter.hpp"
#include "systolic/signal/qrs_lead_energy.hpp"
#include "systolic/signal/qrs_leads.hpp"
#include "systolic/signal/quantile.hpp"

namespace systolic::signal::qrs {

inline constexpr double low_cutoff = 6, high_cutoff = 22;  ///< Hz; P and T waves lie below, muscle noise above
inline constexpr double weight_step = 0.25;                ///< s between two weights of a lead
inline constexpr double weight_reach = 2.0;                ///< s to either side over which a lead's weight is measured
inline constexpr double least_rest = 0.05;  ///< of a usual beat: a lead that fades tells less, however quiet
inline constexpr double best_ratio = 12;    ///< a lead that is cleaner than this counts no more
inline constexpr double more_than_best = 1.01 * best_ratio;  ///< at which a ratio need not be known any more
inline constexpr double grain_seconds = 0.016;               ///< between samples that quantiles are taken of

/// A stretch of a recording, filtered, with the energy of each lead that holds a signal.
class Block {
 public:
  /// x [length][leads], any scale; samples that are not finite or above 1e9 count as absent and are bridged by a line.
  /// Requires length >= rate / 2 and a rate in 50 to 100000 Hz.
  template <class = void>
  Block(const double* x, Index length, Index leads, double rate)
      : length_(length), rate_(rate), half_(samples(average_seconds) / 2), grain_(samples(grain_seconds)) {
    Leads copied = copy_leads(x, length, leads, samples(0.3));
    waves_ = std::move(copied.waves);
    Tensor<double> band = waves_;
    const auto top = [rate](double cutoff) { return std::min(cutoff, 0.4 * rate); };
    // A block is longer than the filters' ends, the only thing that they could refuse.
    static_cast<void>(
        filtfilt_in_turn({butterworth_highpass(low_cutoff, rate), butterworth_lowpass(top(high_cutoff), rate)}, band));
    static_cast<void>(filtfilt_in_turn({butterworth_highpass(1, rate), butterworth_lowpass(top(30), rate)}, waves_));
    for (Index lead = 0; lead < leads; ++lead)
      if (const auto i = static_cast<std::size_t>(lead); copied.dead[i] == 0) {
        LeadEnergy energy = lead_energy(band, lead, rate);
        if (!(energy.scale > 1e-12)) continue;
        energy.weight.resize(static_cast<std::size_t>(length / samples(weight_step) + 2));
        energy.absent = std::move(copied.absent[i]);
        energies_.push_back(std::move(energy));
      }
  }

  Index length() const noexcept { return length_; }
  double rate() const noexcept { return rate_; }
  /// At least one sample.
  Index samples(double seconds) const noexcept { return samples_of(seconds, rate_); }
  const std::vector<LeadEnergy>& leads() const noexcept { return energies_; }

  /// A first guess without knowing the beats: a lead is as good as its QRS complexes stand out from its median energy.
  template <class = void>
  void weigh_by_floor() {
    const Index second = samples(1), cycle = samples(longest_cycle);
    Sample near;
    for (LeadEnergy& lead : energies_)
      for_each_weight(lead, [&](Index centre, double& weight) {
        near.clear(lead.scale / more_than_best);
        collect(lead.energy, centre - second, centre + second, near);
        const double ratio = std::min(best_ratio, lead.scale / near.quantile(0.5));
        // A lead that is silent where others beat (an electrode off) must not halve what they say.
        const bool silent = !reaches(lead.energy, centre - cycle, centre + cycle, 0.05 * lead.scale);
        weight = silent ? 0 : square(std::max(ratio - 1.5, 0.1));
      });
  }

  /// The better measure once beats are known (ascending): the median energy at beats against the 90 % quantile of what
  /// lies further than 150 ms from any, T waves and artefacts among it. A silent lead stays silent.
  template <class = void>
  void weigh_by_beats(const std::vector<Index>& beats) {
    const Index guard = samples(0.15), reach = samples(weight_reach);
    std::vector<double> at;
    Sample between;
    for (LeadEnergy& lead : energies_)
      for_each_weight(lead, [&](Index centre, double& weight) {
        if (weight == 0) return;
        const Index from = std::max<Index>(0, centre - reach), to = std::min(length_, centre + reach);
        const auto first = std::lower_bound(beats.begin(), beats.end(), from - guard);
        at.clear();
        for (auto beat = first; beat != beats.end() && *beat < to; ++beat)
          if (*beat >= from) at.push_back(lead.energy[static_cast<std::size_t>(*beat)]);
        if (at.empty()) return;
        const double usual = quantile(at, 0.5);
        between.clear(std::max(least_rest * lead.scale, usual / more_than_best));
        Index free_from = from;
        for (auto beat = first; beat != beats.end() && *beat - guard < to; ++beat) {
          collect(lead.energy, free_from, *beat - guard, between);
          free_from = std::max(free_from, *beat + guard);
        }
        collect(lead.energy, free_from, to, between);
        if (between.size() >= 5)
          weight = square(std::max(std::min(best_ratio, usual / between.quantile(0.9)) - 1, 0.03));
      });
  }

  /// [time] about 1 at an ordinary QRS complex: the weighted mean of the leads' square roots, squared, so that an
  /// artefact of one lead counts less than a beat that all leads show.
  template <class = void>
  std::vector<double> combined() const {
    std::vector<double> sum(static_cast<std::size_t>(length_)), total(sum.size());
    const auto step = static_cast<std::size_t>(samples(weight_step));
    std::vector<double> share(step);
    for (std::size_t i = 0; i < step; ++i) share[i] = static_cast<double>(i) / static_cast<double>(step);
    for (const LeadEnergy& lead : energies_)
      for (std::size_t from = 0, place = 0; from < sum.size(); from += step, ++place) {
        const double here = lead.weight[place], next = lead.weight[place + 1];
        const double* const x = lead.root.data() + from;
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

  /// The same of the bend, the mean |change of slope| in units that make it the energy of a wave of 10 Hz. Divided by
  /// combined() it is the frequency of a wave in units of 10 Hz. Asked for at few places, unlike combined().
  template <class = void>
  double combined_bend(Index t) const {
    return combined_at(
        t, [&](const LeadEnergy& lead) { return std::sqrt(mean_around(lead.bend_sums, t, half_) / lead.scale); });
  }

  /// The square of the mean deflection from the baseline (1 to 30 Hz) over all leads.
  template <class = void>
  double deflection(Index t) const {
    return combined_at(t, [&](const LeadEnergy& lead) { return std::abs(waves_(t, lead.lead) / lead.scale); });
  }

 private:
  static double square(double x) noexcept { return x * x; }

  template <class Weigh>
  void for_each_weight(LeadEnergy& lead, Weigh weigh) const {
    const Index step = samples(weight_step);
    for (std::size_t i = 0; i < lead.weight.size(); ++i) weigh(static_cast<Index>(i) * step, lead.weight[i]);
  }

  template <class = void>
  void collect(const std::vector<double>& x, Index from, Index to, Sample& out) const {
    const Index first = std::max<Index>(0, from), last = std::min(length_, to);
    if (first < last) out.add(x.data() + first, (last - first + grain_ - 1) / grain_, grain_);
  }

  /// Whether one of the samples that collect() would take is `limit` or more.
  template <class = void>
  bool reaches(const std::vector<double>& x, Index from, Index to, double limit) const {
    const Index last = std::min(length_, to);
    for (Index t = std::max<Index>(0, from); t < last; t += grain_)
      if (x[static_cast<std::size_t>(t)] >= limit) return true;
    return false;
  }

  /// The square of the weighted mean of what `value` is of each lead. Weights between their places follow a line.
  template <class Value>
  double combined_at(Index t, Value value) const {
    const Index step = samples(weight_step);
    const auto place = static_cast<std::size_t>(t / step);
    const double share = static_cast<double>(t % step) / static_cast<double>(step);
    double sum = 0, total = 0;
    for (const LeadEnergy& lead : energies_) {
      if (!lead.absent.empty() && lead.absent[static_cast<std::size_t>(t)] != 0) continue;
      const double weight = lead.weight[place] * (1 - share) + lead.weight[place + 1] * share;
      sum += weight * value(lead);
      total += weight;
    }
    return total > 0 ? square(sum / total) : 0;
  }

  Index length_;
  double rate_;
  Index half_;            ///< of the average, samples to either side
  Index grain_;           ///< between samples that quantiles are taken of
  Tensor<double> waves_;  ///< [time][lead] 1 to 30 Hz
  std::vector<LeadEnergy> energies_;
};

}  // namespace systolic::signal::qrs
