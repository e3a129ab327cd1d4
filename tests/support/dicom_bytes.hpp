#pragma once
// DICOM waveform files, written by DCMTK, for tests.

// clang-format off: DCMTK's configuration comes before its headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcuid.h>
// clang-format on

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace testing {

/// Empty texts are left out of the file.
struct DicomLead {
  std::string code = "2:2", meaning = "Lead II", sensitivity = "1", correction = "", units = "uV", baseline = "";
};

/// A multiplex group; a sound one by itself.
struct DicomGroup {
  std::vector<DicomLead> channels = {DicomLead{}};
  std::vector<std::int16_t> words = {1, 2, 3, -4};  ///< [time][channel]
  std::uint32_t samples = 0;                        ///< that the header promises; 0: as many as there are
  std::string rate = "500", originality = "ORIGINAL", kind = "SS";
  std::uint16_t bits = 16;
};

/// Writes the file; ends the program where DCMTK refuses.
inline void write_dicom(const std::string& path, const std::vector<DicomGroup>& groups,
                        E_TransferSyntax syntax = EXS_LittleEndianExplicit) {
  DcmFileFormat file;
  DcmDataset& data = *file.getDataset();
  const auto put = [](DcmItem& item, const DcmTagKey& tag, const std::string& text) {
    if (!text.empty() && item.putAndInsertString(tag, text.c_str()).bad()) std::abort();
  };
  const auto part = [](DcmItem& item, const DcmTagKey& tag, std::size_t number) -> DcmItem& {
    DcmItem* made = nullptr;
    if (item.findOrCreateSequenceItem(tag, made, static_cast<signed long>(number)).bad()) std::abort();
    return *made;
  };
  put(data, DCM_SOPClassUID, UID_TwelveLeadECGWaveformStorage);
  put(data, DCM_SOPInstanceUID, "1.2.3.4");
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const DicomGroup& group = groups[g];
    DcmItem& item = part(data, DCM_WaveformSequence, g);
    const auto channels = static_cast<Uint16>(group.channels.size());
    const auto samples = static_cast<Uint32>(group.words.size() / group.channels.size());
    put(item, DCM_WaveformOriginality, group.originality);
    put(item, DCM_SamplingFrequency, group.rate);
    put(item, DCM_WaveformSampleInterpretation, group.kind);
    bool good = item.putAndInsertUint16(DCM_NumberOfWaveformChannels, channels).good();
    good = good && item.putAndInsertUint32(DCM_NumberOfWaveformSamples, group.samples ? group.samples : samples).good();
    good = good && item.putAndInsertUint16(DCM_WaveformBitsAllocated, group.bits).good();
    for (std::size_t c = 0; c < group.channels.size(); ++c) {
      const DicomLead& lead = group.channels[c];
      DcmItem& channel = part(item, DCM_ChannelDefinitionSequence, c);
      DcmItem& source = part(channel, DCM_ChannelSourceSequence, 0);
      put(source, DCM_CodeValue, lead.code);
      put(source, DCM_CodeMeaning, lead.meaning);
      put(channel, DCM_ChannelSensitivity, lead.sensitivity);
      put(part(channel, DCM_ChannelSensitivityUnitsSequence, 0), DCM_CodeValue, lead.units);
      put(channel, DCM_ChannelSensitivityCorrectionFactor, lead.correction);
      put(channel, DCM_ChannelBaseline, lead.baseline);
    }
    const auto* words = reinterpret_cast<const Uint16*>(group.words.data());
    good = good && item.putAndInsertUint16Array(DcmTag(DCM_WaveformData, EVR_OW), words, group.words.size()).good();
    if (!good) std::abort();
  }
  if (file.saveFile(path.c_str(), syntax).bad()) std::abort();
}

}  // namespace testing
