#pragma once
// DICOM waveforms: the ECG channels of every multiplex group. Needs DCMTK (component systolic::dicom).
// Format: DICOM PS3.3, C.10.9 "Waveform Module"; lead codes of PS3.16, context groups 3001 (MDC, SCP-ECG).

// clang-format off: DCMTK's configuration comes before its headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcsequen.h>
// clang-format on

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"
#include "systolic/io/voltage.hpp"

namespace systolic::io {
namespace detail {

/// An element whose value is at most `most` bytes long; else nullptr. DCMTK takes as much memory as a value claims to
/// need, when it is first looked at.
template <class = void>
inline DcmElement* find_dicom_element(DcmItem& item, const DcmTagKey& tag, std::uint64_t most) {
  DcmElement* element = nullptr;
  if (item.findAndGetElement(tag, element).bad() || element == nullptr || element->getLength() > most) return nullptr;
  return element;
}
constexpr Uint32 dicom_most_text = 4096;  ///< bytes of a value that is no waveform

/// The text of an element without the blanks around it; "" where it is absent.
template <class = void>
inline std::string dicom_text(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  DcmElement* element = find_dicom_element(item, tag, dicom_most_text);
  if (element == nullptr || element->getOFString(value, 0).bad()) return "";
  std::string_view text(value.c_str(), value.length());
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return std::string(text);
}

/// A decimal string; `otherwise` where it is absent, NaN where it is no number up to 1e12.
template <class = void>
inline double dicom_number(DcmItem& item, const DcmTagKey& tag, double otherwise) {
  const std::string text = dicom_text(item, tag);
  if (text.empty()) return otherwise;
  const auto value = parse_number<double>(text);
  return value && std::abs(*value) <= 1e12 ? *value : std::numeric_limits<double>::quiet_NaN();
}

/// The lead that a channel's source names. MDC codes are "2:<lead>", those of SCP-ECG "5.6.3-9-<lead>", of one list.
template <class = void>
inline std::string dicom_lead_name(DcmItem& channel) {
  DcmItem* source = nullptr;
  std::string meaning = dicom_text(channel, DCM_ChannelLabel);
  if (channel.findAndGetSequenceItem(DCM_ChannelSourceSequence, source, 0).good() && source != nullptr) {
    const std::string code = dicom_text(*source, DCM_CodeValue);
    const bool coded = code.starts_with("2:") || code.starts_with("5.6.3-9-");
    const auto number =
        coded ? parse_number<std::int64_t>(std::string_view(code).substr(code.find_last_of(":-") + 1)) : std::nullopt;
    constexpr std::pair<int, const char*> leads[] = {{1, "I"},    {2, "II"},   {3, "V1"},   {4, "V2"},
                                                     {5, "V3"},   {6, "V4"},   {7, "V5"},   {8, "V6"},
                                                     {61, "III"}, {62, "aVR"}, {63, "aVL"}, {64, "aVF"}};
    for (const auto& [known, name] : leads)
      if (number && *number == known) return name;
    if (std::string text = dicom_text(*source, DCM_CodeMeaning); !text.empty()) meaning = std::move(text);
  }
  // "Lead I (Einthoven)", "aVR, augmented voltage, right"
  const std::string_view name = std::string_view(meaning).substr(0, meaning.find_first_of(",("));
  const int standard = find_standard_lead(name);
  return standard < 0 ? meaning : standard_leads[static_cast<std::size_t>(standard)];
}

/// How the numbers of a channel become mV: number * scale + offset.
struct DicomChannel {
  Index column;
  std::string name;
  double scale, offset;
};

/// Reads a multiplex group of a file of `file_size` bytes.
template <class = void>
inline Result<Record> read_dicom_group(DcmItem& group, std::uint64_t file_size) {
  Record record;
  Uint16 channel_count = 0, bits = 0;
  Uint32 length = 0;
  record.rate = dicom_number(group, DCM_SamplingFrequency, 0);
  if (!(record.rate >= 1e-3 && record.rate <= 1e6)) return Error{"its sampling frequency is not between 0.001 and 1e6"};
  const auto find = [&](const DcmTagKey& tag) { return find_dicom_element(group, tag, dicom_most_text); };
  DcmElement* element = find(DCM_NumberOfWaveformChannels);
  const bool has_channels = element != nullptr && element->getUint16(channel_count).good() && channel_count > 0;
  element = find(DCM_NumberOfWaveformSamples);
  if (!has_channels || element == nullptr || element->getUint32(length).bad() || length == 0)
    return Error{"has no channel or no sample"};
  const std::string kind = dicom_text(group, DCM_WaveformSampleInterpretation);
  if (element = find(DCM_WaveformBitsAllocated);
      element == nullptr || element->getUint16(bits).bad() || bits != 16 || (kind != "SS" && kind != "US"))
    return Error{
        joined({"its samples, ", in_quotes(kind), " of ", bits, " bits, are not read (known: 16 bits, SS or US)"})};
  const bool is_signed = kind == "SS";
  Uint16* words = nullptr;
  element = find_dicom_element(group, DCM_WaveformData, file_size);
  if (element == nullptr || element->getUint16Array(words).bad() || words == nullptr ||
      std::uint64_t{length} * channel_count > element->getLength() / sizeof(Uint16))
    return Error{joined({"promises ", length, " samples of ", channel_count, " channels, its data are shorter"})};
  Uint16* padding = nullptr;
  element = find(DCM_WaveformPaddingValue);
  if (element == nullptr || element->getLength() < sizeof(Uint16) || element->getUint16Array(padding).bad())
    padding = nullptr;

  std::vector<DicomChannel> channels;
  for (Index column = 0; column < channel_count; ++column) {
    DcmItem* item = nullptr;
    if (group.findAndGetSequenceItem(DCM_ChannelDefinitionSequence, item, static_cast<signed long>(column)).bad() ||
        item == nullptr)
      return Error{joined({"defines ", column, " of its ", channel_count, " channels"})};
    std::string name = dicom_lead_name(*item);
    if (name.empty()) name = joined({"channel ", column + 1});
    DcmItem* units = nullptr;
    double millivolts = 0;
    if (item->findAndGetSequenceItem(DCM_ChannelSensitivityUnitsSequence, units, 0).good() && units != nullptr)
      millivolts = millivolts_in(dicom_text(*units, DCM_CodeValue));
    const double sensitivity = dicom_number(*item, DCM_ChannelSensitivity, 0);
    const double scale = millivolts * sensitivity * dicom_number(*item, DCM_ChannelSensitivityCorrectionFactor, 1);
    const double offset = millivolts * dicom_number(*item, DCM_ChannelBaseline, 0);
    if (!std::isfinite(scale) || !std::isfinite(offset) || std::abs(scale) > 1e12)
      return Error{joined({"channel ", in_quotes(name), ": its sensitivity or baseline is not a number of its kind"})};
    if (scale == 0) {
      record.warnings.push_back(joined({"channel ", in_quotes(name), " is left out: it states no voltage"}));
      continue;
    }
    channels.push_back({column, std::move(name), scale, offset});
  }
  if (channels.empty()) return Error{"has no channel in V, mV or uV"};
  record.samples = Tensor<double>({static_cast<Index>(length), static_cast<Index>(channels.size())});
  for (std::size_t lead = 0; lead < channels.size(); ++lead) {
    const DicomChannel& channel = channels[lead];
    record.leads.push_back(channel.name);
    for (Index t = 0; t < static_cast<Index>(length); ++t) {
      const Uint16 word = words[t * channel_count + channel.column];
      const double number =
          is_signed ? static_cast<double>(static_cast<std::int16_t>(word)) : static_cast<double>(word);
      record.samples(t, static_cast<Index>(lead)) = padding != nullptr && word == *padding
                                                        ? std::numeric_limits<double>::quiet_NaN()
                                                        : number * channel.scale + channel.offset;
    }
  }
  return record;
}

/// Items of sequences: each may lie in another, and DCMTK walks down by recursion.
template <class = void>
inline bool has_too_many_items(std::string_view bytes) noexcept {
  constexpr int most = 4096;
  int items = 0;
  for (std::size_t i = 0; i + 4 <= bytes.size() && items <= most; ++i)
    items += bytes.substr(i, 4) == std::string_view("\xFE\xFF\x00\xE0", 4) ||
             bytes.substr(i, 4) == std::string_view("\xFF\xFE\xE0\x00", 4);
  return items > most;
}

}  // namespace detail

/// Reads the DICOM file `path` (128 MiB at most, not deflated): a Record for each multiplex group with voltages, in mV
/// by sensitivity, correction factor and baseline; several are named "...#1", "...#2" and so on. Groups of derived
/// waveforms (median beats) are passed over where there are original ones, with a warning. Samples of the padding value
/// are NaN. DCMTK's own messages about data are switched off for the process.
template <class = void>
inline Result<std::vector<Record>> read_dicom(const std::string& path) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 27;
  const auto bytes = read_file(path, most_bytes);
  if (!bytes) return bytes.error();
  // A deflated file could grow without bound.
  if (bytes->substr(0, 4096).find("1.2.840.10008.1.2.1.99") != std::string::npos)
    return error_at(path, "", "is a deflated DICOM file, which is not read; convert it with dcmconv +te");
  if (detail::has_too_many_items(*bytes)) return error_at(path, "", "has more than 4096 sequence items");
  OFLog::getLogger("dcmtk.dcmdata").setLogLevel(OFLogger::OFF_LOG_LEVEL);
  DcmFileFormat file;
  const OFCondition status = file.loadFile(path.c_str(), EXS_Unknown, EGL_noChange, detail::dicom_most_text);
  if (status.bad()) return error_at(path, "", joined({"DICOM cannot be read: ", status.text()}));
  DcmSequenceOfItems* groups = nullptr;
  if (file.getDataset()->findAndGetSequence(DCM_WaveformSequence, groups).bad() || groups == nullptr)
    return error_at(path, "", "is a DICOM file without waveforms");
  const auto is_derived = [&](unsigned long i) {
    return detail::dicom_text(*groups->getItem(i), DCM_WaveformOriginality) == "DERIVED";
  };
  unsigned long derived = 0;
  for (unsigned long i = 0; i < groups->card(); ++i) derived += is_derived(i);
  std::vector<Record> records;
  for (unsigned long i = 0; i < groups->card(); ++i) {
    if (derived < groups->card() && is_derived(i)) continue;
    auto record = detail::read_dicom_group(*groups->getItem(i), bytes->size());
    if (!record) return error_at(path, joined({"multiplex group ", i + 1}), record.error().message);
    records.push_back(std::move(*record));
  }
  if (records.empty()) return error_at(path, "", "has no multiplex group");
  if (derived > 0 && derived < groups->card())
    records[0].warnings.push_back(joined({derived, " multiplex groups of derived waveforms are passed over"}));
  const std::string name = path.substr(0, path.size() - (path.ends_with(".dcm") ? 4 : 0));
  for (std::size_t i = 0; i < records.size(); ++i)
    records[i].name = records.size() == 1 ? name : joined({name, "#", i + 1});
  return records;
}

}  // namespace systolic::io
