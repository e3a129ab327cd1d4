#pragma once
// The leads of a stretch of a recording as the filters need them, without gaps, and where a lead tells nothing: samples
// that are no number, an electrode that is off. docs/signal/r_peaks_systolic.md explains why.

#include <algorithm>
#include <cmath>
#include <vector>

#include "systolic/core/tensor.hpp"

namespace systolic::signal::qrs {

inline constexpr double largest_valid = 1e9;  ///< in any unit; what is larger counts as absent

/// Leads without gaps.
struct Leads {
  Tensor<double> waves;                   ///< [time][lead], gaps bridged by a line; 0 where the lead is dead
  std::vector<std::vector<char>> absent;  ///< [lead][time] whether the lead tells nothing there; empty: nowhere so
  std::vector<char> dead;                 ///< [lead] flat, or more than half absent
};

/// Bridges the gaps of a lead of x [time][lead] and marks them in `absent`; gives their samples' number.
template <class = void>
inline Index bridge_gaps(Tensor<double>& x, Index lead, std::vector<char>& absent) {
  const Index length = x.shape()[0], leads = x.shape()[1];
  double* const wave = x.data() + lead;
  absent.assign(static_cast<std::size_t>(length), 0);
  Index last_valid = -1, missing = 0;
  for (Index t = 0; t <= length; ++t) {
    const double value = t < length ? wave[t * leads] : 0;
    if (t < length && !(std::abs(value) <= largest_valid)) continue;
    const double left = last_valid >= 0 ? wave[last_valid * leads] : value, right = t < length ? value : left;
    for (Index gap = last_valid + 1; gap < t; ++gap, ++missing) {
      wave[gap * leads] =
          left + (right - left) * static_cast<double>(gap - last_valid) / static_cast<double>(t - last_valid);
      absent[static_cast<std::size_t>(gap)] = 1;
    }
    last_valid = t;
  }
  return missing;
}

/// Marks where a lead does not move at all for `shortest` samples or more: it is off or saturated, and must not outvote
/// those that still see beats. Such a stretch holds one of any samples that lie so far apart: only those are looked at,
/// and their neighbours to either side as long as they equal them. Requires a lead without gaps.
template <class = void>
inline void mark_still(const Tensor<double>& x, Index lead, Index shortest, std::vector<char>& absent) {
  const Index length = x.shape()[0], leads = x.shape()[1];
  const double* const wave = x.data() + lead;
  for (Index probe = shortest - 1, end; probe < length; probe = end + shortest - 1) {
    Index begin = probe;
    for (end = probe + 1; end < length && wave[end * leads] == wave[probe * leads];) ++end;
    while (begin > 0 && wave[(begin - 1) * leads] == wave[probe * leads]) --begin;
    if (end - begin < shortest) continue;
    absent.resize(static_cast<std::size_t>(length));
    std::fill(absent.begin() + begin, absent.begin() + end, char{1});
  }
}

/// x [length][leads] without gaps. `shortest`: samples for which a lead that does not move is off.
template <class = void>
inline Leads copy_leads(const double* x, Index length, Index leads, Index shortest) {
  Leads result{Tensor<double>(Shape{length, leads}), {}, std::vector<char>(static_cast<std::size_t>(leads))};
  result.absent.resize(result.dead.size());
  Tensor<double>& waves = result.waves;
  std::copy_n(x, waves.size(), waves.data());
  std::vector<char> gaps(result.dead.size());
  for (const double* row = waves.begin(); row != waves.end(); row += leads)
    for (std::size_t lead = 0; lead < gaps.size(); ++lead) gaps[lead] |= !(std::abs(row[lead]) <= largest_valid);
  for (Index lead = 0; lead < leads; ++lead) {
    const auto i = static_cast<std::size_t>(lead);
    const Index missing = gaps[i] != 0 ? bridge_gaps(waves, lead, result.absent[i]) : 0;
    Index t = 1;
    while (t < length && waves(t, lead) == waves(0, lead)) ++t;
    result.dead[i] = t >= length || missing > length / 2;
    if (result.dead[i])
      for (t = 0; t < length; ++t) waves(t, lead) = 0;
    else
      mark_still(waves, lead, shortest, result.absent[i]);
  }
  return result;
}

}  // namespace systolic::signal::qrs
