#pragma once
// Recordings in MATLAB files, version 4 to 7: a matrix with a row or a column for each lead, by itself or in a
// structure. Needs zlib (component systolic::mat). Version 7.3 is another format (HDF5) and is not read.

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/mat_matrix.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/record_format.hpp"
#include "systolic/io/voltage.hpp"
#include "systolic/io/wfdb_header.hpp"

namespace systolic::io {

/// A MATLAB file in memory with the matrices found in it, which point into it.
struct MatFile {
  std::string bytes;
  std::vector<std::string> inflated;  ///< elements that the file holds compressed
  std::vector<MatMatrix> matrices;
};

namespace detail {

/// The element that `compressed` (zlib) holds; nothing where it is damaged or larger than `most` bytes.
template <class = void>
inline Result<std::string> inflate_mat_element(std::string_view compressed, bool big, std::uint64_t most) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return Error{"has a compressed part, and zlib does not start"};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());  // the file's lengths have 32 bits
  const auto produce = [&](char* out, std::uint64_t count) {
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(count);
    const int status = inflate(&stream, Z_SYNC_FLUSH);
    return (status == Z_OK || status == Z_STREAM_END) && stream.avail_out == 0;
  };
  constexpr std::uint64_t tag = 8;
  std::string element(tag, '\0');
  Result<std::string> result = Error{"has a compressed part that is damaged"};
  if (produce(element.data(), tag) && mat_word(element, 0, big) >> 16 == 0) {
    const std::uint64_t length = mat_word(element, 4, big);
    // Deflate makes at most 1032 bytes of one.
    if (length > most) {
      result = Error{"has a compressed part that is too large"};
    } else if (length <= 1032 * static_cast<std::uint64_t>(compressed.size())) {
      element.resize(static_cast<std::size_t>(tag + length));
      if (length == 0 || produce(element.data() + tag, length)) result = std::move(element);
    }
  }
  inflateEnd(&stream);
  return result;
}

template <class = void>
inline Status read_mat5(MatFile& file) {
  constexpr std::size_t header = 128;
  constexpr std::uint32_t matrix_type = 14, compressed_type = 15;
  std::uint64_t most = std::uint64_t{1} << 30;  // inflated bytes, of all parts
  const std::string_view mark = std::string_view(file.bytes).substr(126, 2);
  if (mark != "IM" && mark != "MI") return Error{"header: the mark of the byte order is missing"};
  const bool big = mark == "MI";
  std::string_view rest = std::string_view(file.bytes).substr(header);
  // A moved string may move its characters: none is moved once a matrix points into it.
  file.inflated.reserve(mat_most_found);
  while (!rest.empty() && file.matrices.size() < mat_most_found && file.inflated.size() < mat_most_found) {
    MatElement element;
    const std::size_t place = file.bytes.size() - rest.size();
    if (!take_mat_element(rest, big, element)) return Error{joined({"byte ", place, ": an element is cut short"})};
    if (element.type == compressed_type) {
      auto inflated = inflate_mat_element(element.data, big, most);
      if (!inflated) return inflated.error();
      most -= inflated->size() - 8;
      std::string_view content = file.inflated.emplace_back(std::move(*inflated));
      if (!take_mat_element(content, big, element)) return Error{joined({"byte ", place, ": an element is damaged"})};
    }
    if (element.type == matrix_type && !collect_mat5(element.data, big, "", 0, file.matrices))
      return Error{joined({"byte ", place, ": a matrix is damaged"})};
  }
  return {};
}

template <class = void>
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

/// The last part of a name: "data" of "ECG.data".
inline std::string mat_field(const MatMatrix& matrix) {
  return lower_case(std::string_view(matrix.name).substr(matrix.name.rfind('.') + 1));
}

/// The matrix with the recording: one by a usual name, else the largest; nullptr where there is none.
template <class = void>
inline const MatMatrix* find_mat_recording(const MatFile& file) {
  const MatMatrix* best = nullptr;
  const auto rank = [](const MatMatrix& matrix) {
    const std::string field = mat_field(matrix);
    return field == "val" || field == "data" || field == "ecg" || field == "signal" || field == "signals";
  };
  for (const MatMatrix& matrix : file.matrices) {
    if (matrix.size() < 2 || std::min(matrix.rows, matrix.columns) > 256) continue;
    if (!best || rank(matrix) > rank(*best) || (rank(matrix) == rank(*best) && matrix.size() > best->size()))
      best = &matrix;
  }
  return best;
}

/// The sampling rate that a matrix of one number states under a usual name; 0 where none does.
template <class = void>
inline double find_mat_rate(const MatFile& file) {
  for (const MatMatrix& matrix : file.matrices)
    for (const std::string_view known : {"fs", "freq", "frequency", "sampling_rate", "sample_rate", "samplingrate",
                                         "samplerate", "sampling_frequency", "samplefrequency", "rate", "hz", "sfreq"})
      if (matrix.size() == 1 && mat_field(matrix) == known) return matrix[0];
  return 0;
}

}  // namespace detail

/// Reads every real matrix of numbers in the MATLAB file `path`, also those in structures of one element.
template <class = void>
inline Result<MatFile> read_mat_file(const std::string& path) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 31;
  auto bytes = read_file(path, most_bytes);
  if (!bytes) return bytes.error();
  MatFile file;
  file.bytes = std::move(*bytes);
  if (file.bytes.starts_with("MATLAB 7.3"))
    return error_at(path, "", "is a MATLAB file of version 7.3, which is not read; save it with -v7");
  if (!file.bytes.starts_with("MATLAB")) {
    auto found = detail::find_mat4_matrices(file.bytes);
    if (!found) return error_at(path, "", found.error().message);
    file.matrices = std::move(*found);
    return file;
  }
  if (file.bytes.size() < 128) return error_at(path, "header", "is cut short");
  if (auto status = detail::read_mat5(file); !status) return error_at(path, "", status.error().message);
  return file;
}

/// Reads the recording in the MATLAB file `path`: the matrix "val", "data", "ecg" or "signal", else the largest, whose
/// shorter side is the leads. Rate, leads, gains and units come from a WFDB header beside it that has as many signals;
/// without one, the rate from a variable "fs" or the like, else `rate`; 12 leads are taken as the standard ones in
/// canonical order, and units are guessed, both with warnings.
template <class = void>
inline Result<Record> read_mat(const std::string& path, double rate = 0) {
  const auto file = read_mat_file(path);
  if (!file) return file.error();
  const MatMatrix* matrix = detail::find_mat_recording(*file);
  if (!matrix) return error_at(path, "", "holds no matrix with a recording");
  const bool leads_are_rows = matrix->rows <= matrix->columns;
  const Index leads = std::min(matrix->rows, matrix->columns), length = std::max(matrix->rows, matrix->columns);

  Record record;
  record.name = detail::without_ending(path);
  std::vector<WfdbSignal> signals;
  if (const std::string header_path = detail::find_wfdb_header(path); !header_path.empty()) {
    auto header = read_wfdb_header(header_path);
    if (!header) return header.error();
    if (static_cast<Index>(header->signals.size()) == leads) {
      signals = std::move(header->signals);
      record.comments = std::move(header->comments);
      rate = header->rate;
    } else {
      record.warnings.push_back(
          joined({header_path, " is not used: it has ", header->signals.size(), " signals, the matrix has ", leads}));
    }
  } else if (const double stated = detail::find_mat_rate(*file); stated != 0) {
    rate = stated;
  }
  const std::string who = joined({"matrix ", in_quotes(matrix->name)});
  if (rate == 0) return error_at(path, "", "states no sampling rate, so it must be given");
  if (!(rate >= 1e-3 && rate <= 1e6)) return error_at(path, "", "its sampling rate is not between 0.001 and 1000000");
  record.rate = rate;
  for (Index lead = 0; lead < leads; ++lead) {
    std::string name =
        leads == standard_lead_count ? standard_leads[static_cast<std::size_t>(lead)] : joined({"signal ", lead + 1});
    if (!signals.empty()) name = signals[static_cast<std::size_t>(lead)].description;
    record.leads.push_back(std::move(name));
  }
  if (signals.empty() && leads == standard_lead_count)
    record.warnings.push_back("no lead names are stated; their order is taken as I, II, III, aVR, aVL, aVF, V1 to V6");

  record.samples = Tensor<double>({length, leads});
  for (Index lead = 0; lead < leads; ++lead) {
    double factor = 1, baseline = 0;
    if (!signals.empty()) {
      const WfdbSignal& signal = signals[static_cast<std::size_t>(lead)];
      const double unit = signal.units.empty() ? 1 : millivolts_in(signal.units);
      if (unit == 0)
        return error_at(path, "",
                        joined({"lead ", in_quotes(signal.description), ": its units ", in_quotes(signal.units),
                                " are no voltage"}));
      factor = unit / signal.gain;
      baseline = signal.baseline;
    }
    for (Index t = 0; t < length; ++t) {
      const double value = (*matrix)[leads_are_rows ? t * leads + lead : lead * length + t];
      const bool missing = std::isnan(value) || (matrix->is_integer && value == -32768);
      if (!missing && std::abs(value) > 1e12) return error_at(path, who, "has a number that is no voltage");
      record.samples(t, lead) = missing ? std::numeric_limits<double>::quiet_NaN() : (value - baseline) * factor;
    }
  }
  if (signals.empty()) assume_units(record);
  return record;
}

}  // namespace systolic::io
