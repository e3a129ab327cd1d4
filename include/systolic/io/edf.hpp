#pragma once
// EDF, EDF+ (continuous and interrupted) and BDF recordings, with their annotations.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/edf_annotations.hpp"
#include "systolic/io/edf_header.hpp"
#include "systolic/io/edf_signals.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/voltage.hpp"

namespace systolic::io {

/// What an EDF file holds of an ECG.
struct EdfRecording {
  std::vector<Record> parts;               ///< one, or as many as an interrupted recording has stretches
  std::vector<double> starts;              ///< of each part, s from the start of the file
  std::vector<EdfAnnotation> annotations;  ///< in file order
};

namespace detail {

/// Data records that follow each other without a gap.
struct EdfStretch {
  Index first = 0, count = 0;
  double start = 0;  // s
};

/// The number of data records: what the header says, or what the file has where the header was written too early.
template <class = void>
inline Result<Index> count_edf_records(const InputFile& file, const EdfHeader& header,
                                       std::vector<std::string>& warnings) {
  const std::uint64_t data = file.size() - header.bytes;
  const auto complete = static_cast<Index>(data / header.record_bytes);
  if (header.records < 0) {
    warnings.push_back(joined({"the header does not know the recording's length: all ", complete,
                               " data records that the file has are taken"}));
  } else if (complete < header.records) {
    return error_at(
        file.path(), "",
        joined({"is cut short: it holds ", complete, " of the ", header.records, " data records promised"}));
  } else if (data != static_cast<std::uint64_t>(header.records) * header.record_bytes) {
    warnings.push_back(joined({data - static_cast<std::uint64_t>(header.records) * header.record_bytes,
                               " bytes after the last data record are left out"}));
  }
  const Index records = header.records < 0 ? complete : header.records;
  if (records == 0) return error_at(file.path(), "", "holds no data record");
  return records;
}

/// Reads the annotations of all data records, and in an interrupted file the times at which the records start.
template <class = void>
inline Status read_edf_annotations(const InputFile& file, const EdfHeader& header, Index records,
                                   std::vector<EdfAnnotation>& annotations, std::vector<double>& starts,
                                   std::vector<std::string>& warnings) {
  for (Index record = 0; record < records; ++record) {
    bool has_start = !header.is_interrupted;
    for (std::size_t i = 0; i < header.signals.size(); ++i) {
      const EdfSignal& signal = header.signals[i];
      if (!signal.is_annotations()) continue;
      std::string bytes(static_cast<std::size_t>(signal.samples_per_record * header.sample_bytes()), '\0');
      const std::uint64_t offset =
          header.bytes + static_cast<std::uint64_t>(record) * header.record_bytes + signal.offset;
      if (auto status = file.read(offset, bytes.data(), bytes.size()); !status) return status;
      const auto start = parse_edf_annotations(bytes, annotations);
      const std::string place = joined({"data record ", record + 1});
      if (!start && header.is_interrupted) return error_at(file.path(), place, start.error().message);
      // Without gaps the samples do not depend on the annotations: the first damaged one is worth a word.
      if (!start && (warnings.empty() || !warnings.back().starts_with("data record ")))
        warnings.push_back(joined({place, ": ", start.error().message}));
      if (!has_start && start && *start) {
        starts.push_back(**start);
        has_start = true;
      }
    }
    if (!has_start)
      return error_at(file.path(), joined({"data record ", record + 1}),
                      "does not say when it starts, in a file that is marked as interrupted (EDF+D)");
  }
  return {};
}

/// Cuts the data records where the time jumps by more than half a sample. Empty `starts`: nothing is interrupted.
template <class = void>
inline Result<std::vector<EdfStretch>> find_edf_stretches(Index records, double seconds, Index samples,
                                                          const std::vector<double>& starts) {
  if (starts.empty()) return std::vector<EdfStretch>{{0, records, 0}};
  constexpr std::size_t most = 10000;
  const double tolerance = seconds / static_cast<double>(samples) / 2;
  std::vector<EdfStretch> stretches;
  for (Index record = 0; record < records; ++record) {
    const double start = starts[static_cast<std::size_t>(record)];
    const double expected =
        stretches.empty() ? 0 : stretches.back().start + static_cast<double>(stretches.back().count) * seconds;
    if (!stretches.empty() && start < expected - tolerance)
      return Error{joined({"data record ", record + 1, " starts before the one before it ends"})};
    if (stretches.empty() || start > expected + tolerance) {
      if (stretches.size() == most) return Error{joined({"is interrupted more than ", most, " times"})};
      stretches.push_back({record, 0, start});
    }
    ++stretches.back().count;
  }
  return stretches;
}

/// "12.5 s"
inline std::string edf_seconds_text(double seconds) { return number_to_text(std::round(seconds * 1000) / 1000) + " s"; }

}  // namespace detail

/// Reads the ECG of the EDF, EDF+C, EDF+D or BDF file `path`, in mV (which signals: choose_edf_signals).
/// An interrupted recording becomes a Record for each stretch without a gap, named "...#1", "...#2" and so on. Signals
/// left out, units that had to be guessed and interruptions are told in `warnings`; patient and recording in
/// `comments`. Refused with "FILE: PLACE: CAUSE": files cut short, numbers that are none or contradict each other, no
/// voltage.
template <class = void>
inline Result<EdfRecording> read_edf(const std::string& path) {
  const auto file = InputFile::open(path);
  if (!file) return file.error();
  const auto header = read_edf_header(*file);
  if (!header) return header.error();
  auto choice = choose_edf_signals(*header);
  if (!choice) return error_at(path, "", choice.error().message);
  const Index samples = header->signals[choice->signals.front()].samples_per_record;
  const double rate = static_cast<double>(samples) / header->seconds_per_record;
  if (!(rate >= 1e-3 && rate <= 1e6))
    return error_at(path, "header", "its data records' duration gives no sampling rate between 0.001 and 1000000");

  EdfRecording recording;
  Record common;
  common.name = path.substr(0, path.size() - (path.ends_with(".edf") || path.ends_with(".bdf") ? 4 : 0));
  common.rate = rate;
  for (const std::size_t i : choice->signals) {
    const std::string& label = header->signals[i].label;
    common.leads.push_back(label.empty() ? joined({"signal ", i + 1}) : label);
  }
  common.warnings = choice->warnings;
  for (const auto& [what, text] : {std::pair{"patient: ", header->patient}, {"recording: ", header->recording}})
    if (!text.empty()) common.comments.push_back(what + text);
  const auto records = detail::count_edf_records(*file, *header, common.warnings);
  if (!records) return records.error();
  std::vector<double> starts;
  if (auto status =
          detail::read_edf_annotations(*file, *header, *records, recording.annotations, starts, common.warnings);
      !status)
    return status.error();
  const auto stretches = detail::find_edf_stretches(*records, header->seconds_per_record, samples, starts);
  if (!stretches) return error_at(path, "", stretches.error().message);

  for (std::size_t part = 0; part < stretches->size(); ++part) {
    const detail::EdfStretch& stretch = (*stretches)[part];
    Record record = common;
    if (stretches->size() > 1) {
      record.name += joined({"#", part + 1});
      record.warnings.push_back(joined({"the recording is interrupted: this is part ", part + 1, " of ",
                                        stretches->size(), ", from ", detail::edf_seconds_text(stretch.start)}));
    }
    record.samples = Tensor<double>({stretch.count * samples, record.lead_count()});
    if (auto status = read_edf_samples(*file, *header, *choice, stretch.first, record.samples.view()); !status)
      return status.error();
    if (!choice->has_units) assume_units(record);
    recording.parts.push_back(std::move(record));
    recording.starts.push_back(stretch.start);
  }
  return recording;
}

}  // namespace systolic::io
