#pragma once
// Units of voltage: from what a file calls them to mV, and a guess, said aloud, where it calls them nothing.

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/record.hpp"

namespace systolic::io {

/// How many mV one of `units` is; 0 where they are no voltage that is known, or nothing. Forgiving: case, blanks,
/// plural. The micro sign comes as 'u', UTF-8 (two code points) or Latin-1.
template <class = void>
inline double millivolts_in(std::string_view units) noexcept {
  char plain[16] = {};
  std::size_t length = 0;
  for (const char c : units) {
    if (c == ' ' || c == '\t' || c == '\0') continue;
    if (length == sizeof(plain)) return 0;
    plain[length++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  std::string_view name(plain, length);
  if (name.ends_with("volts")) name.remove_suffix(1);
  for (const std::string_view known : {"mv", "mvolt", "millivolt"})
    if (name == known) return 1;
  for (const std::string_view known : {"uv", "\xC2\xB5v", "\xCE\xBCv", "\xB5v", "uvolt", "microvolt"})
    if (name == known) return 1e-3;
  for (const std::string_view known : {"nv", "nvolt", "nanovolt"})
    if (name == known) return 1e-6;
  return name == "v" || name == "volt" ? 1e3 : 0;
}

/// The units in which numbers of unknown units look like an ECG: "mV", "uV" or "V".
/// An ECG's standard deviation is 0.05 to 1 mV a lead, so the ranges lie three powers of ten apart; an offset does not
/// matter. `samples` [time][lead]; the middle one of the leads that are not flat decides. Nothing but flat ones: "mV".
template <class = void>
inline const char* guess_units(TensorView<const double> samples) {
  std::vector<double> deviations;
  const Index length = samples.shape()[0], leads = samples.shape()[1];
  for (Index lead = 0; lead < leads; ++lead) {
    // Welford's recurrence: one pass, and no difference of large sums.
    double mean = 0, squares = 0, count = 0;
    for (Index t = 0; t < length; ++t) {
      const double x = samples(t, lead);
      if (!std::isfinite(x)) continue;
      const double difference = x - mean;
      mean += difference / ++count;
      squares += difference * (x - mean);
    }
    if (squares > 0) deviations.push_back(std::sqrt(squares / count));
  }
  if (deviations.empty()) return "mV";
  std::nth_element(deviations.begin(), deviations.begin() + static_cast<Index>(deviations.size() / 2),
                   deviations.end());
  const double deviation = deviations[deviations.size() / 2];
  return deviation >= 10 ? "uV" : deviation >= 0.01 ? "mV" : "V";
}

/// Converts `record.samples`, whose units the file does not state, to mV by guess_units, and says so in its warnings.
template <class = void>
inline void assume_units(Record& record) {
  const std::string units = guess_units(record.samples);
  const double factor = millivolts_in(units);
  if (factor != 1)
    for (double& sample : record.samples) sample *= factor;
  record.units = "mV";
  record.warnings.push_back("no units are stated; by the size of the samples they are taken as " + units);
}

}  // namespace systolic::io
