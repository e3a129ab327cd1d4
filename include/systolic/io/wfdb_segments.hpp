#pragma once
// WFDB records of several segments: each is a record of its own, all in one folder. In a fixed layout all have the same
// signals; in a variable layout the first, of length 0, names all signals that occur, and the others have some of them.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/wfdb_header.hpp"
#include "systolic/io/wfdb_record.hpp"
#include "systolic/io/wfdb_signals.hpp"

namespace systolic::io::detail {

/// A segment that holds samples, and where these lie in the recording.
struct WfdbPlacedSegment {
  std::string header_path;
  WfdbHeader header;
  Index start = 0, length = 0;  // frames
};

/// The headers of all segments that hold samples. The cause, with the file's name, where one does not fit.
template <class = void>
[[gnu::cold]] inline Result<std::vector<WfdbPlacedSegment>> open_wfdb_segments(const WfdbHeader& header,
                                                                               const std::string& header_path,
                                                                               Index& total) {
  std::vector<WfdbPlacedSegment> placed;
  const std::string folder = split_path(header_path).first;
  total = 0;
  for (const WfdbSegment& segment : header.segments) {
    constexpr Index longest = Index{1} << 48;
    if (segment.length > longest - total) return error_at(header_path, "", "its segments are too long");
    if (segment.name != "~" && segment.length > 0) {
      const std::string path = folder + wfdb_header_path(segment.name);
      auto own = read_wfdb_header(path);
      if (!own) return own.error();
      if (!own->segments.empty()) return error_at(path, "", "is a segment and has segments itself");
      if (own->rate != header.rate) return failure_at(path, "", {"its sampling rate is not that of ", header_path});
      if (own->length && *own->length < segment.length)
        return failure_at(
            path, "", {"has ", *own->length, " samples a signal, ", segment.length, " are promised by ", header_path});
      placed.push_back({path, std::move(*own), total, segment.length});
    }
    total += segment.length;
  }
  if (header.length && *header.length != total)
    return failure_at(header_path, "", {"promises ", *header.length, " samples a signal, its segments ", total});
  if (placed.empty()) return error_at(header_path, "", "none of its segments holds a sample");
  return placed;
}

/// How many samples are believed to lie in the segments: a gap takes no byte in a file, nor does a file that is named
/// twice, so 64 times the bytes that there are, and 2^24.
template <class = void>
inline Index most_wfdb_samples(const std::vector<WfdbPlacedSegment>& segments, const std::string& folder) {
  std::vector<std::string> files;
  for (const WfdbPlacedSegment& segment : segments)
    for (const WfdbSignal& signal : segment.header.signals)
      if (files.empty() || files.back() != signal.file) files.push_back(signal.file);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  Index most = Index{1} << 24;
  for (const std::string& file : files)
    if (struct stat status{}; ::stat((folder + file).c_str(), &status) == 0)
      most += 64 * static_cast<Index>(status.st_size);
  return most;
}

/// Copies the leads of `part` into `record` from `row` on; leads that have another name there stay as they are.
template <class = void>
inline void place_wfdb_segment(const Record& part, Index row, Record& record) {
  for (Index from = 0; from < part.lead_count(); ++from) {
    const auto& name = part.leads[static_cast<std::size_t>(from)];
    // Several leads may share a name; where the layouts agree, the place decides.
    Index to = part.leads == record.leads
                   ? from
                   : std::find(record.leads.begin(), record.leads.end(), name) - record.leads.begin();
    if (to == record.lead_count()) continue;
    for (Index t = 0; t < part.length(); ++t) record.samples(row + t, to) = part.samples(t, from);
  }
}

/// Reads a record of several segments, or `range` of it: see read_wfdb.
template <class = void>
[[gnu::cold]] inline Result<Record> read_wfdb_segments(WfdbHeader header, const std::string& header_path,
                                                       WfdbRange range) {
  Index total = 0;
  auto segments = open_wfdb_segments(header, header_path, total);
  if (!segments) return segments.error();
  Record record;
  record.name = header_path.substr(0, header_path.size() - 4);
  record.comments = std::move(header.comments);
  WfdbLeads leads;
  if (header.segments[0].length == 0 && header.segments[0].name != "~") {
    const auto layout = read_wfdb_header(split_path(header_path).first + wfdb_header_path(header.segments[0].name));
    if (!layout) return layout.error();
    leads = choose_wfdb_leads(*layout, record);
  } else {
    leads = choose_wfdb_leads(segments->front().header, record);
  }
  if (record.leads.empty()) return error_at(header_path, "", "has no signal in V, mV or uV");
  if (leads.per_frame < 1 || leads.per_frame > 10000)
    return error_at(header_path, "", "its layout's samples a frame are not between 1 and 10000");
  record.rate = header.rate * static_cast<double>(leads.per_frame);
  const Index samples = total * leads.per_frame;
  if (range.first < 0 || range.first > samples || (range.count >= 0 && range.count > samples - range.first))
    return failure_at(header_path, "",
                      {"samples from ", range.first, ", ", range.count, " of them, are not within its ", samples});
  if (range.count < 0) range.count = samples - range.first;

  const Index held = most_wfdb_samples(*segments, split_path(header_path).first);
  if (range.count > held / record.lead_count())
    return error_at(header_path, "", "its gaps are too long for what its segments hold; read it in parts");
  record.samples = Tensor<double>({range.count, record.lead_count()});
  std::fill(record.samples.begin(), record.samples.end(), std::numeric_limits<double>::quiet_NaN());

  for (WfdbPlacedSegment& segment : *segments) {
    const Index start = segment.start * leads.per_frame;
    const Index first = std::max(range.first, start);
    const Index end = std::min(range.first + range.count, start + segment.length * leads.per_frame);
    if (first >= end) continue;
    const bool whole = end - first == segment.length * leads.per_frame && segment.header.length == segment.length;
    auto part = read_wfdb_signals(std::move(segment.header), segment.header_path,
                                  whole ? WfdbRange{} : WfdbRange{first - start, end - first});
    if (!part) return part.error();
    if (part->rate != record.rate)
      return failure_at(segment.header_path, "", {"its leads' sampling rate is not that of ", header_path});
    place_wfdb_segment(*part, first - range.first, record);
  }
  return record;
}

}  // namespace systolic::io::detail
