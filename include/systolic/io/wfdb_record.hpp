#pragma once
// One WFDB header with its signal files: a whole record, or a segment of one.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/wfdb_header.hpp"
#include "systolic/io/wfdb_signals.hpp"

namespace systolic::io {
namespace detail {

/// Which signals become leads, and how many samples a frame these have.
struct WfdbLeads {
  std::vector<Index> columns;  ///< of each signal; -1: left out
  Index per_frame = 1;
};

/// Voltages are leads, of those with the number of samples a frame that most have (the highest of equals). Names go to
/// `record.leads`; what is left out to its comments and warnings.
template <class = void>
[[gnu::cold]] inline WfdbLeads choose_wfdb_leads(const WfdbHeader& header, Record& record) {
  const auto is_voltage = [](const WfdbSignal& signal) { return millivolts_per_unit(signal.units) > 0; };
  WfdbLeads leads;
  Index most = 0;
  for (const WfdbSignal& signal : header.signals) {
    if (!is_voltage(signal)) continue;
    const Index count = std::count_if(header.signals.begin(), header.signals.end(), [&](const WfdbSignal& other) {
      return is_voltage(other) && other.samples_per_frame == signal.samples_per_frame;
    });
    if (count > most || (count == most && signal.samples_per_frame > leads.per_frame)) {
      most = count;
      leads.per_frame = signal.samples_per_frame;
    }
  }
  for (std::size_t i = 0; i < header.signals.size(); ++i) {
    const WfdbSignal& signal = header.signals[i];
    const std::string name = signal.description.empty() ? joined({"signal ", i + 1}) : signal.description;
    const bool taken = is_voltage(signal) && signal.samples_per_frame == leads.per_frame;
    leads.columns.push_back(taken ? record.lead_count() : -1);
    if (taken)
      record.leads.push_back(name);
    else if (is_voltage(signal))
      record.warnings.push_back(joined({name, " is left out: its sampling rate differs from that of most"}));
    else
      record.comments.push_back(joined({name, " is left out: its units ", in_quotes(signal.units), " are no voltage"}));
  }
  return leads;
}

/// Reads the signals of `header`, which was read from `header_path`, or `range` of them: see read_wfdb.
template <class = void>
[[gnu::cold]] inline Result<Record> read_wfdb_signals(WfdbHeader header, const std::string& header_path,
                                                      WfdbRange range) {
  auto groups = group_wfdb_signals(header);
  if (!groups) return error_at(header_path, "", groups.error().message);

  // All files are opened and measured before memory is taken for samples.
  std::vector<InputFile> files;
  std::vector<Index> complete;  // frames in each
  Index length = header.length.value_or(-1);
  for (const WfdbGroup& group : *groups) {
    auto file = InputFile::open(split_path(header_path).first + group.file);
    if (!file) return file.error();
    const auto frames = static_cast<Index>(complete_frames(group, file->size()));
    if (length < 0) length = frames;
    if (frames < length)
      return failure_at(
          file->path(), "",
          {"is cut short: it holds ", frames, " samples a signal, ", length, " are promised by ", header_path});
    files.push_back(std::move(*file));
    complete.push_back(frames);
  }
  if (length == 0) return error_at(files[0].path(), "", "holds no sample");

  Record record;
  record.name = header_path.substr(0, header_path.size() - 4);
  record.comments = std::move(header.comments);
  const WfdbLeads leads = choose_wfdb_leads(header, record);
  if (record.leads.empty()) return error_at(header_path, "", "has no signal in V, mV or uV");
  const Index per_frame = leads.per_frame;
  record.rate = header.rate * static_cast<double>(per_frame);
  if (record.rate > 1e6) return error_at(header_path, "", "the sampling rate of its leads is above 1000000");
  const Index samples = length * per_frame;  // the file has them all, so this is far from overflow
  if (range.first < 0 || range.first > samples || (range.count >= 0 && range.count > samples - range.first))
    return failure_at(header_path, "",
                      {"samples from ", range.first, ", ", range.count, " of them, are not within its ", samples});
  if (range.count < 0) range.count = samples - range.first;
  record.samples = Tensor<double>({range.count, record.lead_count()});
  Index skew = 0;
  for (const WfdbSignal& signal : header.signals) skew = std::max<Index>(skew, signal.skew);
  if (skew > 0) std::fill(record.samples.begin(), record.samples.end(), std::numeric_limits<double>::quiet_NaN());

  // Some writers compute no checksums and put 0 for each.
  const bool has_checksums = std::any_of(header.signals.begin(), header.signals.end(),
                                         [](const WfdbSignal& signal) { return signal.checksum.value_or(0) != 0; });
  const bool verified = has_checksums && range.first == 0 && range.count == samples;
  for (std::size_t g = 0; g < files.size(); ++g) {
    const WfdbGroup& group = (*groups)[g];
    WfdbScatter scatter(header, group, leads.columns, per_frame, length, range, record.samples.view());
    const std::uint64_t width = group.slots.size();
    const Index first = group.format->differences ? 0 : range.first / per_frame;
    // A skewed signal's last samples lie behind the record's end, if the file has them.
    const Index end = std::min((range.first + range.count + per_frame - 1) / per_frame + skew, complete[g]);
    if (auto status = unpack_wfdb(files[g], group, static_cast<std::uint64_t>(first) * width,
                                  static_cast<std::uint64_t>(end) * width, scatter);
        !status)
      return status.error();
    for (std::size_t i = 0; verified && i < group.signals.size(); ++i) {
      const WfdbSignal& signal = header.signals[group.signals[i]];
      if (signal.checksum && *signal.checksum != scatter.checksum(i))
        return failure_at(
            files[g].path(), joined({"signal ", group.signals[i] + 1}),
            {"checksum is ", scatter.checksum(i), ", ", header_path, " says ", *signal.checksum, ": file is damaged"});
    }
  }
  return record;
}

}  // namespace detail
}  // namespace systolic::io
