#pragma once
// When a heart beats: a sinus node whose rate breathes, and beats that come from elsewhere.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "systolic/core/random.hpp"
#include "systolic/core/tensor.hpp"

namespace systolic::synthetic {

enum class BeatOrigin { sinus, atrium, ventricle, pacemaker };

/// A beat on the time axis.
struct Beat {
  double time;  ///< of the R peak, s from the start of the recording
  double rr;    ///< length of the sinus cycle around it, s: sets how fast it repolarizes
  BeatOrigin origin = BeatOrigin::sinus;
};

/// The length of the sinus cycle over time, after McSharry et al. 2003: its spectrum has two Gaussian peaks, one of
/// blood pressure waves (0.1 Hz), one of breathing (0.25 Hz), of equal power here. Written as a sum of cosines with
/// frequencies drawn from the two peaks and phases drawn evenly.
class CycleLength {
 public:
  /// `mean` s, standard deviation `deviation` s over a long time.
  template <class = void>
  CycleLength(double mean, double deviation, std::uint64_t seed) : mean_(mean) {
    Random random(seed, 1);
    // A cosine of amplitude A has variance A^2 / 2.
    amplitude_ = deviation * std::sqrt(2.0 / static_cast<double>(oscillations_.size()));
    for (std::size_t i = 0; i < oscillations_.size(); ++i) {
      const double centre = i % 2 == 0 ? 0.1 : 0.25;
      oscillations_[i] = {std::fmax(0.02, centre + 0.01 * random.normal()), 2 * std::numbers::pi * random.uniform()};
    }
  }

  /// At `time` s; never shorter than half the mean, so that beats stay in order.
  double operator()(double time) const noexcept {
    double length = mean_;
    for (const Oscillation& o : oscillations_)
      length += amplitude_ * std::cos(2 * std::numbers::pi * o.frequency * time + o.phase);
    return std::fmax(length, 0.5 * mean_);
  }

 private:
  struct Oscillation {
    double frequency, phase;
  };
  double mean_;
  double amplitude_;
  std::array<Oscillation, 8> oscillations_;
};

/// The sinus beats whose waves may reach into [0, seconds].
template <class = void>
inline std::vector<Beat> sinus_rhythm(double seconds, double heart_rate, double rr_deviation, std::uint64_t seed) {
  const CycleLength cycle(60 / heart_rate, rr_deviation, seed);
  Random random(seed, 2);
  std::vector<Beat> beats;
  for (double time = -cycle(0) * (1 + random.uniform()); time < seconds + 1;) {
    const double rr = cycle(time);
    beats.push_back({time, rr});
    time += rr;
  }
  return beats;
}

/// Puts ventricular beats at `times` (s, any order) into `beats`. The sinus node beats on underneath: its beats that
/// meet a ventricle not yet recovered are not conducted, so an early beat is followed by a pause that makes up for it.
template <class = void>
inline void add_ventricular_beats(std::vector<Beat>& beats, std::span<const double> times) {
  constexpr double before = 0.3, after = 0.6;  // s within which the ventricle cannot be excited twice, cycle of 1 s
  for (const double time : times) {
    double rr = beats.empty() ? 1 : beats.front().rr;
    for (const Beat& beat : beats)
      if (beat.time <= time) rr = beat.rr;
    const double recovery = std::sqrt(rr);
    std::erase_if(beats, [&](const Beat& beat) {
      return beat.origin == BeatOrigin::sinus && beat.time > time - before * recovery &&
             beat.time < time + after * recovery;
    });
    beats.push_back({time, rr, BeatOrigin::ventricle});
  }
  std::sort(beats.begin(), beats.end(), [](const Beat& a, const Beat& b) { return a.time < b.time; });
}

/// Which of `beats` beats in a row something happens to: up to `number` of them, spread over the row, at least
/// `distance` apart, in order, drawn at random. The first is never chosen.
template <class = void>
inline std::vector<Index> choose_events(Index beats, Index number, Index distance, Random& random) {
  std::vector<Index> chosen;
  number = std::min(number, (beats - 1) / distance);
  for (Index k = 0; k < number; ++k) {
    const double place = (static_cast<double>(k) + random.uniform(0.25, 0.75)) / static_cast<double>(number);
    const Index beat = 1 + static_cast<Index>(place * static_cast<double>(beats - 1));
    if (chosen.empty() || beat - chosen.back() >= distance) chosen.push_back(std::min(beat, beats - 1));
  }
  return chosen;
}

}  // namespace systolic::synthetic
