#pragma once
// Which signals of an EDF file are the ECG, and how its data records become samples in mV.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/edf_header.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/voltage.hpp"

namespace systolic::io {

/// The signals of a file that are read together, and why others are not.
struct EdfChoice {
  std::vector<std::size_t> signals;   ///< indices into EdfHeader::signals
  bool has_units = true;              ///< false: no chosen signal has units
  std::vector<std::string> warnings;  ///< a signal left out each
};

namespace detail {

/// True where the label names an ECG: a standard lead, or EDF's own word for the kind of signal.
template <class = void>
inline bool is_ecg_label(std::string_view label) {
  if (find_standard_lead(label) >= 0) return true;
  std::string upper;
  for (const char c : label) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const std::string_view word : {"ECG", "EKG", "HOLTER", "CM5", "CS1", "CS2"})
    if (upper.find(word) != std::string::npos) return true;
  return false;
}

}  // namespace detail

/// Chooses the signals whose label names an ECG or, where there are none, all that are voltages; of these, those of the
/// rate that most of them have (the highest of equals). A signal without units counts as one where none has any.
template <class = void>
inline Result<EdfChoice> choose_edf_signals(const EdfHeader& header) {
  EdfChoice choice;
  const auto named = [&](std::size_t i) { return joined({"signal ", in_quotes(header.signals[i].label)}); };
  std::vector<std::size_t> voltages, without_units;
  for (std::size_t i = 0; i < header.signals.size(); ++i) {
    const EdfSignal& signal = header.signals[i];
    if (signal.is_annotations() || signal.samples_per_record == 0) continue;
    if (millivolts_in(signal.units) > 0)
      voltages.push_back(i);
    else if (signal.units.empty() && detail::is_ecg_label(signal.label))
      without_units.push_back(i);
    else
      choice.warnings.push_back(
          joined({named(i), " is left out: its units ", in_quotes(signal.units), " are no voltage"}));
  }
  choice.has_units = !voltages.empty();
  std::vector<std::size_t>& open = choice.has_units ? voltages : without_units;
  if (choice.has_units)
    for (const std::size_t i : without_units)
      choice.warnings.push_back(joined({named(i), " is left out: it has no units, other signals have"}));

  const auto is_ecg = [&](std::size_t i) { return detail::is_ecg_label(header.signals[i].label); };
  if (std::any_of(open.begin(), open.end(), is_ecg))
    std::erase_if(open, [&](std::size_t i) {
      if (is_ecg(i)) return false;
      choice.warnings.push_back(joined({named(i), " is left out: its name is not that of an ECG lead"}));
      return true;
    });
  Index best = 0, best_count = 0;
  for (const std::size_t i : open) {
    const Index samples = header.signals[i].samples_per_record;
    const Index count = std::count_if(open.begin(), open.end(), [&](std::size_t other) {
      return header.signals[other].samples_per_record == samples;
    });
    if (count > best_count || (count == best_count && samples > best)) {
      best = samples;
      best_count = count;
    }
  }
  for (const std::size_t i : open)
    if (header.signals[i].samples_per_record == best)
      choice.signals.push_back(i);
    else
      choice.warnings.push_back(joined({named(i), " is left out: its sampling rate differs from that of most"}));
  if (choice.signals.empty()) return Error{"has no signal in V, mV or uV"};
  return choice;
}

/// Reads the chosen signals of the data records from `first` on into `out` [time][signal], which says how many there
/// are. Digital minimum and maximum stand for the physical ones; in between it is linear.
template <class = void>
inline Status read_edf_samples(const InputFile& file, const EdfHeader& header, const EdfChoice& choice, Index first,
                               TensorView<double> out) {
  const Index samples = header.signals[choice.signals.front()].samples_per_record;
  const Index width = header.sample_bytes();
  std::vector<unsigned char> buffer(static_cast<std::size_t>(samples * width));
  for (Index row = 0, record = first; row < out.shape()[0]; row += samples, ++record)
    for (std::size_t column = 0; column < choice.signals.size(); ++column) {
      const EdfSignal& signal = header.signals[choice.signals[column]];
      const std::uint64_t start = header.bytes + static_cast<std::uint64_t>(record) * header.record_bytes;
      if (auto status = file.read(start + signal.offset, buffer.data(), buffer.size()); !status) return status;
      const double millivolts = choice.has_units ? millivolts_in(signal.units) : 1;
      const double gain = (signal.physical_maximum - signal.physical_minimum) /
                          (static_cast<double>(signal.digital_maximum) - signal.digital_minimum) * millivolts;
      const double offset = signal.physical_minimum * millivolts;
      for (Index i = 0; i < samples; ++i) {
        const unsigned char* bytes = buffer.data() + i * width;
        const std::int32_t digital = header.is_bdf
                                         ? static_cast<std::int8_t>(bytes[2]) * 65536 + load<std::uint16_t>(bytes)
                                         : load<std::int16_t>(bytes);
        out(row + i, static_cast<Index>(column)) =
            (digital - static_cast<double>(signal.digital_minimum)) * gain + offset;
      }
    }
  return {};
}

}  // namespace systolic::io
