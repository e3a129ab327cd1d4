#pragma once
// Any recording in one call. By itself this reads WFDB, NumPy, EDF, EDF+, BDF and CSV; MATLAB files, Rare-ECG JSON and
// HL7 aECG and DICOM where the program links systolic::mat, systolic::json, systolic::xml and systolic::dicom (which
// define SYSTOLIC_WITH_MAT and so on).

#include <string>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/csv_record.hpp"
#include "systolic/io/edf.hpp"
#include "systolic/io/npy_record.hpp"
#include "systolic/io/record_format.hpp"
#include "systolic/io/wfdb.hpp"

// The names of two builds of read() differ, so that parts of one program with other components never mix.
#ifdef SYSTOLIC_WITH_MAT
#include "systolic/io/mat.hpp"
#define SYSTOLIC_READ_MAT with_mat
#else
#define SYSTOLIC_READ_MAT without_mat
#endif
#ifdef SYSTOLIC_WITH_JSON
#include "systolic/io/report_json.hpp"
#define SYSTOLIC_READ_JSON with_json
#else
#define SYSTOLIC_READ_JSON without_json
#endif
#ifdef SYSTOLIC_WITH_XML
#include "systolic/io/aecg.hpp"
#define SYSTOLIC_READ_XML with_xml
#else
#define SYSTOLIC_READ_XML without_xml
#endif
#ifdef SYSTOLIC_WITH_DICOM
#include "systolic/io/dicom.hpp"
#define SYSTOLIC_READ_DICOM with_dicom
#else
#define SYSTOLIC_READ_DICOM without_dicom
#endif

namespace systolic::io {
/// What a file may not say.
struct ReadOptions {
  double rate = 0;  ///< samples a second, where the file states none (CSV without times, MATLAB, .npy); 0: not known
};

namespace detail {

/// One record as a list, or the error.
template <class = void>
inline Result<std::vector<Record>> as_list(Result<Record> record) {
  if (!record) return record.error();
  std::vector<Record> records;
  records.push_back(std::move(*record));
  return records;
}

/// The error for a format whose component is not built in.
template <class = void>
[[maybe_unused]] inline Error needs_component(const RecordFile& file, const char* component) {
  return error_at(
      file.path, "",
      joined({"is in the format ", record_format_name(file.format),
              "; reading it needs the component systolic::", component, ", which this program was built without"}));
}

}  // namespace detail

inline namespace SYSTOLIC_READ_MAT {
inline namespace SYSTOLIC_READ_JSON {
inline namespace SYSTOLIC_READ_XML {
inline namespace SYSTOLIC_READ_DICOM {

/// Reads a WFDB record, or the MATLAB file that its header names.
template <class = void>
inline Result<std::vector<Record>> read_wfdb_or_mat(const RecordFile& file,
                                                    [[maybe_unused]] const ReadOptions& options) {
  // Some headers name MAT v5 files, whose samples lie compressed: no signal file that WFDB knows.
  const auto header = read_wfdb_header(file.path);
  if (header && !header->signals.empty() && header->signals[0].file.ends_with(".mat")) {
    const std::string signals = split_path(file.path).first + header->signals[0].file;
    if (const auto found = InputFile::open(signals); found) {
      char start[6] = {};
      if (found->size() > sizeof(start) && found->read(0, start, sizeof(start)) &&
          std::string_view(start, 6) == "MATLAB") {
#ifdef SYSTOLIC_WITH_MAT
        return detail::as_list(read_mat(signals, options.rate));
#else
        return detail::needs_component({RecordFormat::mat, signals}, "mat");
#endif
      }
    }
  }
  return detail::as_list(read_wfdb(file.path));
}

/// Reads what find_record found. Each reader's own function says what it needs and refuses.
template <class = void>
inline Result<std::vector<Record>> read(const RecordFile& file, const ReadOptions& options = {}) {
  const auto refuse = [&](const char* why) { return error_at(file.path, "", why); };
  switch (file.format) {
    case RecordFormat::wfdb:
      return read_wfdb_or_mat(file, options);
    case RecordFormat::npy:
      return read_npy_records(file.path, options.rate);
    case RecordFormat::edf: {
      auto recording = read_edf(file.path);
      if (!recording) return recording.error();
      return std::move(recording->parts);
    }
    case RecordFormat::csv:
      return detail::as_list(read_csv_record(file.path, options.rate));
    case RecordFormat::mat:
#ifdef SYSTOLIC_WITH_MAT
      return detail::as_list(read_mat(file.path, options.rate));
#else
      return detail::needs_component(file, "mat");
#endif
    case RecordFormat::json:
#ifdef SYSTOLIC_WITH_JSON
      return detail::as_list(read_report_json(file.path, options.rate));
#else
      return detail::needs_component(file, "json");
#endif
    case RecordFormat::aecg:
#ifdef SYSTOLIC_WITH_XML
      return read_aecg(file.path);
#else
      return detail::needs_component(file, "xml");
#endif
    case RecordFormat::scp:
      return refuse("is an SCP-ECG file, which is not read; convert it to EDF first, with BioSig's save2gdf -f=EDF");
    case RecordFormat::dicom:
#ifdef SYSTOLIC_WITH_DICOM
      return read_dicom(file.path);
#else
      return detail::needs_component(file, "dicom");
#endif
    case RecordFormat::gdf:
      return refuse("is a GDF file, which is not read; convert it to EDF or WFDB first");
    case RecordFormat::weights:
      return refuse("is a file of network weights, not a recording");
    case RecordFormat::unknown:
      break;
  }
  return refuse(file.path.ends_with(".dat") ? "its WFDB header (.hea) is missing"
                                            : "is not a recording in a format that is known");
}

/// The recordings in `path`, in mV, one for each continuous stretch: the format is told by content (find_record).
template <class = void>
inline Result<std::vector<Record>> read(const std::string& path, const ReadOptions& options = {}) {
  const auto file = find_record(path);
  if (!file) return file.error();
  return read(*file, options);
}

}  // namespace SYSTOLIC_READ_DICOM
}  // namespace SYSTOLIC_READ_XML
}  // namespace SYSTOLIC_READ_JSON
}  // namespace SYSTOLIC_READ_MAT
}  // namespace systolic::io

#undef SYSTOLIC_READ_DICOM
#undef SYSTOLIC_READ_XML
#undef SYSTOLIC_READ_JSON
#undef SYSTOLIC_READ_MAT
