#pragma once
// CAMUS as it is published (Leclerc et al. 2019): a folder a patient with the images of two apical views at
// end-diastole and end-systole, what experts labelled in them (1 cavity, 2 muscle, 3 atrium), the frames between, and
// Info_4CH.cfg. The older layout has MetaImage files (training/patient0001/patient0001_4CH_sequence.mhd), that of 2023
// NIfTI (database_nifti/patient0001/patient0001_4CH_half_sequence.nii.gz) and lists of patients
// (database_split/subgroup_training.txt).

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "systolic/echo/mask_contour.hpp"
#include "systolic/io/data_split.hpp"
#include "systolic/io/image_stack.hpp"

namespace systolic::io {

struct CamusPatient {
  std::string name;    ///< "patient0001"
  std::string folder;  ///< with its last '/'
  Index number = 0;
  DataSplit split = DataSplit::none;  ///< none where the data set has no lists
};

/// A view of a patient: its frames from end-diastole to end-systole, or the other way round where it was filmed so.
struct CamusView {
  Tensor<std::uint8_t> clip;  ///< [frame][row][column], all frames there are
  echo::PixelSize pixel;
  Index ed = 0, es = 0;                         ///< frames, from 0
  std::vector<echo::Segment> ed_rows, es_rows;  ///< tracings, pixels
  double ejection_fraction = std::nan("");      ///< a share, of both views; NaN where the file has none
};

namespace detail {

inline bool is_folder(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}
inline bool is_file(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// Adds the patients of a folder.
template <class = void>
inline void add_camus_patients(const std::string& folder, std::vector<CamusPatient>& patients) {
  DIR* const directory = ::opendir(folder.c_str());
  if (directory == nullptr) return;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    const auto number = name.starts_with("patient") ? parse_number<Index>(name.substr(7)) : std::optional<Index>();
    if (number && *number >= 0 && is_folder(folder + entry->d_name))
      patients.push_back({std::string(name), folder + entry->d_name + "/", *number, DataSplit::none});
  }
  ::closedir(directory);
}

/// The number behind "Key:" of an Info file; NaN where it is none.
template <class = void>
inline double camus_number(std::string_view text, std::string_view key) {
  for (TextReader lines(text); !lines.at_end();) {
    TextReader line(lines.line());
    const std::string word = plain_word(line.until(":="));
    line.accept(':');
    line.accept('=');
    if (word == plain_word(key)) return parse_number<double>(line.rest()).value_or(std::nan(""));
  }
  return std::nan("");
}

/// The first of these endings that there is a file of; "" where there is none.
template <class = void>
inline std::string camus_file(const std::string& stem) {
  for (const char* ending : {".nii.gz", ".nii", ".mhd", ".mha"})
    if (is_file(stem + ending)) return stem + ending;
  return {};
}

}  // namespace detail

/// Whether a folder looks like CAMUS.
template <class = void>
inline bool is_camus(const std::string& folder) {
  const std::string root = folder + (folder.ends_with('/') ? "" : "/");
  std::vector<CamusPatient> patients;
  for (const char* inside : {"", "database_nifti/", "training/"}) detail::add_camus_patients(root + inside, patients);
  return !patients.empty();
}

/// The patients of a folder, by number. An error: there is none, or a list names somebody twice.
template <class = void>
inline Result<std::vector<CamusPatient>> find_camus_patients(const std::string& folder) {
  const std::string root = folder + (folder.ends_with('/') ? "" : "/");
  std::vector<CamusPatient> patients;
  for (const char* inside : {"database_nifti/", "training/", ""}) {
    detail::add_camus_patients(root + inside, patients);
    if (!patients.empty()) break;
  }
  if (patients.empty()) return error_at(folder, "", "holds no patient0001, ... (nor its database_nifti or training)");
  std::sort(patients.begin(), patients.end(),
            [](const CamusPatient& a, const CamusPatient& b) { return a.number < b.number; });
  std::unordered_map<std::string, DataSplit> splits;
  for (const char* part : {"training", "validation", "testing"}) {
    const std::string path = root + "database_split/subgroup_" + part + ".txt";
    if (!detail::is_file(path)) continue;
    const auto text = read_file(path, std::uint64_t{1} << 24);
    if (!text) return text.error();
    for (TextReader lines(*text); !lines.at_end();) {
      const std::string name(TextReader(lines.line()).rest());
      if (!name.empty() && !splits.try_emplace(name, data_split(part)).second)
        return error_at(path, "", name + " is in another list already");
    }
  }
  for (CamusPatient& patient : patients)
    if (const auto found = splits.find(patient.name); found != splits.end()) patient.split = found->second;
  return patients;
}

/// Reads a view ("4CH" or "2CH") of a patient. An error names the file that is missing or cannot be used.
template <class = void>
inline Result<CamusView> read_camus_view(const CamusPatient& patient, const std::string& view) {
  const std::string stem = patient.folder + patient.name + "_" + view + "_";
  std::string sequence = detail::camus_file(stem + "half_sequence");
  if (sequence.empty()) sequence = detail::camus_file(stem + "sequence");
  if (sequence.empty())
    return error_at(patient.folder, "",
                    "has no " + patient.name + "_" + view + "_half_sequence.nii.gz or _sequence.mhd");
  const std::string info = patient.folder + "Info_" + view + ".cfg";
  const auto text = read_file(info, std::uint64_t{1} << 20);
  if (!text) return text.error();
  auto frames = read_image_stack(sequence);
  if (!frames) return frames.error();

  CamusView result;
  const Index count = frames->pixels.shape()[0];
  for (const auto& [key, frame] : {std::pair{"ED", &result.ed}, {"ES", &result.es}}) {
    const double number = detail::camus_number(*text, key);
    if (!(number >= 1 && number <= static_cast<double>(count)) || number != std::floor(number))
      return failure_at(info, key, {"is no frame from 1 to ", count});
    *frame = static_cast<Index>(number) - 1;
  }
  if (result.ed == result.es) return error_at(info, "", "has ED and ES in the same frame");
  for (const char* key : {"EF", "LVef"}) {
    const double fraction = detail::camus_number(*text, key);
    if (fraction >= 0 && fraction <= 100) result.ejection_fraction = fraction / 100;
  }
  result.clip = grey_values(frames->pixels);
  result.pixel = frames->size;
  for (const bool diastole : {true, false}) {
    const std::string file = detail::camus_file(stem + (diastole ? "ED_gt" : "ES_gt"));
    if (file.empty())
      return error_at(patient.folder, "",
                      "has no " + patient.name + "_" + view + (diastole ? "_ED_gt" : "_ES_gt") + " (.nii.gz, .mhd)");
    const auto mask = read_image_stack(file);
    if (!mask) return mask.error();
    const Shape &size = mask->pixels.shape(), &expected = frames->pixels.shape();
    if (size[0] != 1 || size[1] != expected[1] || size[2] != expected[2])
      return failure_at(file, "",
                        {"is ", size[1], " x ", size[2], " pixels, the clip ", expected[1], " x ", expected[2]});
    auto rows = echo::trace_mask({mask->pixels.data(), {size[1], size[2]}}, result.pixel);
    if (!rows) return error_at(file, "", rows.error().message);
    (diastole ? result.ed_rows : result.es_rows) = std::move(*rows);
  }
  return result;
}

}  // namespace systolic::io
