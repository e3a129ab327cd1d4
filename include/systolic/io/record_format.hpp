#pragma once
// What kind of file a recording lies in, told by content.

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "systolic/core/result.hpp"
#include "systolic/io/bytes.hpp"
#include "systolic/io/edf_header.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/wfdb_header.hpp"

namespace systolic::io {

/// Formats that are told apart. The last ones are recognized so that they can be refused by name.
enum class RecordFormat { wfdb, npy, edf, csv, mat, json, aecg, scp, dicom, gdf, weights, unknown };

/// The format's name for a person.
constexpr const char* record_format_name(RecordFormat format) noexcept {
  constexpr const char* names[] = {"WFDB", "NumPy",   "EDF/BDF", "CSV", "MATLAB",          "JSON",
                                   "aECG", "SCP-ECG", "DICOM",   "GDF", "network weights", "unknown"};
  return names[static_cast<std::size_t>(format)];
}

/// A recording on the disk.
struct RecordFile {
  RecordFormat format = RecordFormat::unknown;
  std::string path;  ///< of the file to read; of a WFDB record its header
};

namespace detail {

inline bool file_exists(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// `path` without the ending of its file name, if it has one.
template <class = void>
inline std::string without_ending(const std::string& path) {
  const std::size_t dot = path.rfind('.'), slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  return dot == std::string::npos || dot <= name ? path : path.substr(0, dot);
}

/// The header of the WFDB record to which the file `path` may belong; "" where there is none.
template <class = void>
inline std::string find_wfdb_header(const std::string& path) {
  for (const std::string& header : {without_ending(path) + ".hea", path + ".hea"})
    if (file_exists(header)) return header;
  return "";
}

/// True for the header of a MAT v4 file: numbers of a known kind, a matrix of one part, a name that is not long.
template <class = void>
inline bool is_mat4(std::string_view bytes) noexcept {
  if (bytes.size() < 20) return false;
  const auto word = [&](std::size_t i) { return load<std::uint32_t>(bytes.data() + 4 * i); };
  return word(0) < 100 && word(0) % 10 <= 1 && word(0) / 10 <= 5 && word(1) > 0 && word(2) > 0 && word(3) <= 1 &&
         word(4) >= 1 && word(4) <= 64 && bytes.size() >= 20 + word(4) && bytes[20 + word(4) - 1] == '\0';
}

/// True where the bytes are text and the first line is a row of cells.
template <class = void>
inline bool is_table(std::string_view bytes, bool named_so) noexcept {
  const auto is_binary = [](char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\t' && c != '\n' && c != '\r';
  };
  if (bytes.empty() || std::any_of(bytes.begin(), bytes.end(), is_binary)) return false;
  return named_so || bytes.substr(0, bytes.find('\n')).find_first_of(",;\t") != std::string_view::npos;
}

/// The format that the first bytes of a file tell.
template <class = void>
inline RecordFormat format_of_bytes(std::string_view bytes, bool named_csv) noexcept {
  if (bytes.starts_with("\x93NUMPY")) return RecordFormat::npy;
  if (is_edf(bytes)) return RecordFormat::edf;
  if (bytes.starts_with("MATLAB 5.0") || bytes.starts_with("MATLAB 7.3")) return RecordFormat::mat;
  if (bytes.starts_with("GDF ")) return RecordFormat::gdf;
  if (bytes.substr(std::min<std::size_t>(bytes.size(), 128)).starts_with("DICM")) return RecordFormat::dicom;
  if (bytes.substr(std::min<std::size_t>(bytes.size(), 16)).starts_with("SCPECG")) return RecordFormat::scp;
  if (bytes.starts_with("PK\x03\x04")) return RecordFormat::weights;  // PyTorch
  if (bytes.size() > 9 && bytes[8] == '{' && bytes[6] == '\0' && bytes[7] == '\0')
    return RecordFormat::weights;  // safetensors
  if (is_mat4(bytes)) return RecordFormat::mat;
  std::string_view text = bytes;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (text.starts_with('{') || text.starts_with('[')) return RecordFormat::json;
  // UTF-16 has a zero beside each letter.
  if (text.starts_with('<') || text.starts_with("\xFF\xFE<") || text.starts_with("\xFE\xFF")) return RecordFormat::aecg;
  return is_table(bytes, named_csv) ? RecordFormat::csv : RecordFormat::unknown;
}

}  // namespace detail

/// Finds the recording that `path` names: a file of any format, a WFDB record with or without ".hea", or one of its
/// signal files. An Error where there is no such file; a file of no known format is RecordFormat::unknown.
template <class = void>
inline Result<RecordFile> find_record(const std::string& path) {
  if (path.ends_with(".hea")) return RecordFile{RecordFormat::wfdb, path};
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) {
    if (detail::file_exists(path + ".hea")) return RecordFile{RecordFormat::wfdb, path + ".hea"};
    return error_at(path, "",
                    S_ISDIR(status.st_mode) ? "is a folder, not a recording"
                                            : joined({"there is no such file, nor a record ", path, ".hea"}));
  }
  const auto file = InputFile::open(path);
  if (!file) return file.error();
  const std::string header = detail::find_wfdb_header(path);
  // Signal files have no mark of their own; any bytes may begin them.
  if (path.ends_with(".dat") && !header.empty()) return RecordFile{RecordFormat::wfdb, header};
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file->size(), 4096)), '\0');
  if (auto read = file->read(0, bytes.data(), bytes.size()); !read) return read.error();
  const RecordFormat format = detail::format_of_bytes(bytes, path.ends_with(".csv"));
  // MAT v4 files of the PhysioNet challenges are signal files of a header that says how far in the samples begin.
  const bool mat4 = format == RecordFormat::mat && !bytes.starts_with("MATLAB");
  if (!header.empty() && (format == RecordFormat::unknown || mat4)) return RecordFile{RecordFormat::wfdb, header};
  return RecordFile{format, path};
}

}  // namespace systolic::io
