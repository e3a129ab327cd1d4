#include "inputs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "systolic/ecg/leads.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/read.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;
using systolic::Result;
using systolic::Shape;
using systolic::io::RecordFile;
using systolic::io::RecordFormat;

Input problem(const std::string& path, const std::string& message) { return {{}, -1, path, message}; }

bool is_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// What results call the recording: a WFDB record goes without ".hea".
std::string name_of(const RecordFile& file) {
  return file.format == RecordFormat::wfdb ? file.path.substr(0, file.path.size() - 4) : file.path;
}

/// The shape (5000, 12) or (N, 5000, 12) of an array of recordings; of any length where their rate is given.
bool holds_recordings(const Shape& shape, double rate) {
  const int rank = shape.rank();
  return (rank == 2 || rank == 3) && shape[rank - 1] == systolic::standard_lead_count && shape[rank - 2] > 0 &&
         (rate > 0 || shape[rank - 2] == systolic::window_length);
}

Result<systolic::io::NpyHeader> npy_header(const std::string& path) {
  auto file = systolic::io::InputFile::open(path);
  if (!file) return file.error();
  return systolic::io::read_npy_header(*file);
}

/// Adds the recordings of an .npy file. `strict`: one of another shape is a problem, not something to pass over; else
/// only those of 10 s count, since maps and masks lie in folders, too.
void add_npy(const RecordFile& file, double rate, bool strict, std::vector<Input>& inputs) {
  const std::string& path = file.path;
  const auto header = npy_header(path);
  if (!header) {
    inputs.push_back(problem(path, header.error().message));
  } else if (!holds_recordings(header->shape, strict ? rate : 0)) {
    if (strict)
      inputs.push_back(problem(path, path + ": has the shape " + header->shape.text() +
                                         "; a recording has [5000, 12], several have [N, 5000, 12]" +
                                         (rate > 0 ? "" : " (with --rate any length)")));
  } else if (header->shape.rank() == 2) {
    inputs.push_back({file, -1, path, ""});
  } else {
    for (Index item = 0; item < header->shape[0]; ++item)
      inputs.push_back({file, item, path + "#" + std::to_string(item), ""});
    if (header->shape[0] == 0 && strict) inputs.push_back(problem(path, path + ": holds no recording"));
  }
}

/// The first bytes of a file; empty where it cannot be read.
std::string first_bytes(const std::string& path) {
  auto file = systolic::io::InputFile::open(path);
  if (!file) return "";
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(file->size(), 4096)), '\0');
  return file->read(0, bytes.data(), bytes.size()) ? bytes : "";
}

/// Whether the header of a table names a standard lead.
bool names_leads(std::string_view text) {
  while (text.starts_with('#')) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const std::string_view header = text.substr(0, text.find_first_of("\r\n"));
  const auto columns = systolic::io::detail::parse_csv_header(header, "", systolic::io::detail::find_separator(header));
  return columns && std::any_of(columns->leads.begin(), columns->leads.end(),
                                [](const std::string& name) { return systolic::find_standard_lead(name) >= 0; });
}

/// Whether a file found in a folder is a recording. Tables, JSON and XML may hold anything, so they must speak of
/// leads.
bool is_recording(const RecordFile& file) {
  const std::string text = first_bytes(file.path);
  switch (file.format) {
    case RecordFormat::csv:
      return names_leads(text);
    case RecordFormat::json:
      return std::any_of(systolic::standard_leads.begin(), systolic::standard_leads.end(), [&](const char* lead) {
        return text.find('"' + std::string(lead) + '"') != std::string::npos;
      });
    case RecordFormat::aecg:
      return text.find("AnnotatedECG") != std::string::npos;
    case RecordFormat::weights:
    case RecordFormat::unknown:
      return false;
    default:
      return true;
  }
}

/// In folders only files with these endings are looked into.
bool may_be_recording(const std::string& path) {
  constexpr std::array<std::string_view, 12> endings = {".hea", ".npy",  ".edf", ".bdf", ".rec", ".mat",
                                                        ".csv", ".json", ".xml", ".scp", ".dcm", ".gdf"};
  std::string ending = fs::path(path).extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

void add_folder(const std::string& folder, double rate, std::vector<Input>& inputs) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string path = entry->path().string();
    if (may_be_recording(path) && is_file(path)) found.push_back(path);
  }
  if (error) inputs.push_back(problem(folder, folder + ": could not be listed: " + error.message()));
  std::sort(found.begin(), found.end());
  const std::size_t before = inputs.size();
  std::set<std::string> taken;  // a header and its .mat are one recording
  for (const std::string& path : found) {
    const auto file = systolic::io::find_record(path);
    if (!file) {
      inputs.push_back(problem(path, file.error().message));
    } else if (is_recording(*file) && taken.insert(file->path).second) {
      if (file->format == RecordFormat::npy)
        add_npy(*file, rate, false, inputs);
      else
        inputs.push_back({*file, -1, name_of(*file), ""});
    }
  }
  if (inputs.size() == before)
    inputs.push_back(problem(folder, folder + ": holds no recording in a format that is known"));
}

void add_path(const std::string& path, double rate, std::vector<Input>& inputs) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return add_folder(path, rate, inputs);
  // What is not there may still be the name of a record, and a missing signal file may belong to a header.
  const std::string header = fs::path(path).replace_extension(".hea").string();
  if (!fs::exists(path, ignored) && path.ends_with(".dat") && is_file(header)) return add_path(header, rate, inputs);
  const auto file = systolic::io::find_record(path);
  if (!file) {
    inputs.push_back(problem(path, file.error().message));
  } else if (file->format == RecordFormat::npy) {
    add_npy(*file, rate, true, inputs);
  } else {
    inputs.push_back({*file, -1, name_of(*file), ""});
  }
}

void add_list(double rate, std::vector<Input>& inputs) {
  const std::size_t before = inputs.size();
  for (std::string line; std::getline(std::cin, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) add_path(line, rate, inputs);
  }
  if (inputs.size() == before) inputs.push_back(problem("-", "standard input: lists no recording"));
}

/// One recording of an .npy file. The file may be larger than memory: only that recording is read.
Result<systolic::Record> read_npy_item(const std::string& path, Index item, double rate) {
  auto file = systolic::io::InputFile::open(path);
  if (!file) return file.error();
  auto header = systolic::io::read_npy_header(*file);
  if (!header) return header.error();
  if (!holds_recordings(header->shape, rate) || header->shape.rank() != 3 || item >= header->shape[0])
    return systolic::error_at(path, "", "was changed while it was read");
  systolic::Record record;
  record.rate = rate > 0 ? rate : systolic::analysis_rate;
  record.leads.assign(systolic::standard_leads.begin(), systolic::standard_leads.end());
  record.samples = systolic::Tensor<double>({header->shape[1], systolic::standard_lead_count});
  if (header->fortran_order) {
    auto all = systolic::io::read_npy<double>(path);
    if (!all) return all.error();
    std::copy_n(all->data() + item * record.samples.size(), record.samples.size(), record.samples.data());
  } else {
    header->data_offset += static_cast<std::uint64_t>(item * record.samples.size() * header->item_size);
    const systolic::Status status = systolic::io::detail::convert_npy(*file, *header, record.samples.view());
    if (!status) return status.error();
  }
  if (std::any_of(record.samples.begin(), record.samples.end(), [](double sample) { return std::isinf(sample); }))
    return systolic::error_at(path, "recording " + std::to_string(item), "has an infinite sample");
  return record;
}

/// All of a WFDB record but its samples, where these are too many to be held and the header says how many there are.
std::optional<Recording> open_long_wfdb(const Input& input) {
  const auto header = systolic::io::read_wfdb_header(input.file.path);
  if (!header || !header->length) return std::nullopt;
  Index width = 0;
  for (const systolic::io::WfdbSignal& signal : header->signals) {
    width += signal.samples_per_frame;
    if (signal.file.ends_with(".mat")) return std::nullopt;
  }
  if (width == 0) width = systolic::standard_lead_count;  // the header names segments
  if (*header->length <= most_held_samples / width) return std::nullopt;
  auto about = systolic::io::read_wfdb(input.file.path, {0, 0});
  if (!about) return std::nullopt;
  about->name = input.name;
  const auto per_frame = static_cast<Index>(std::llround(about->rate / header->rate));
  return Recording(std::move(*about), *header->length * per_frame, input.file.path);
}

}  // namespace

std::vector<Input> find_inputs(const std::vector<std::string>& arguments, double rate) {
  std::vector<Input> inputs;
  for (const std::string& argument : arguments) {
    if (argument == "-")
      add_list(rate, inputs);
    else
      add_path(argument, rate, inputs);
  }
  return inputs;
}

Result<std::vector<Recording>> open_recordings(const Input& input, double rate) {
  if (!input.problem.empty()) return systolic::Error{input.problem};
  std::vector<Recording> recordings;
  if (input.file.format == RecordFormat::wfdb)
    if (auto recording = open_long_wfdb(input)) {
      recordings.push_back(std::move(*recording));
      return recordings;
    }
  std::vector<systolic::Record> records;
  if (input.item >= 0) {
    auto record = read_npy_item(input.file.path, input.item, rate);
    if (!record) return record.error();
    records.push_back(std::move(*record));
  } else {
    auto all = systolic::io::read(input.file, {.rate = rate});
    if (!all) return all.error();
    records = std::move(*all);
  }
  for (systolic::Record& record : records) {
    // Readers number the stretches of a file: "NAME#1".
    const std::size_t number = records.size() > 1 ? record.name.rfind('#') : std::string::npos;
    record.name = input.name + (number == std::string::npos ? "" : record.name.substr(number));
    recordings.emplace_back(std::move(record));
  }
  return recordings;
}

Result<systolic::Record> read_recording(const Input& input, double rate) {
  const auto recordings = open_recordings(input, rate);
  if (!recordings) return recordings.error();
  if (recordings->size() != 1)
    return systolic::error_at(input.name, "",
                              "holds " + std::to_string(recordings->size()) + " recordings, and one is needed");
  auto record = recordings->front().all();
  if (record) record->warnings = recordings->front().warnings();
  return record;
}

std::vector<std::string> output_names(const std::vector<Input>& inputs) {
  const auto short_name = [](const Input& input) {
    const fs::path name = fs::path(input.name).filename();
    if (input.file.format == RecordFormat::wfdb) return name.string();
    return fs::path(input.file.path).stem().string() + (input.item < 0 ? "" : "#" + std::to_string(input.item));
  };
  std::map<std::string, std::set<std::string>> owners;
  for (const Input& input : inputs) owners[short_name(input)].insert(input.name);
  std::vector<std::string> names;
  for (const Input& input : inputs) {
    std::string name = short_name(input);
    if (owners[name].size() > 1) {
      name = fs::path(input.name).lexically_normal().relative_path().string();
      std::replace(name.begin(), name.end(), '/', '_');
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::string output_name(const std::string& input_name, const Input& input, const Recording& recording) {
  return input_name + recording.name().substr(std::min(input.name.size(), recording.name().size()));
}

bool looks_like_weights(const std::string& path) {
  if (!is_file(path)) return false;
  const auto file = systolic::io::find_record(path);
  const bool named_so = path.ends_with(".safetensors") || path.ends_with(".pt") || path.ends_with(".pth");
  return named_so || (file && file->format == RecordFormat::weights);
}

}  // namespace program
