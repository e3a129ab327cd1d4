#include "weights.hpp"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "folders.hpp"
#include "inputs.hpp"
#include "once.hpp"
#include "systolic/io/diagnosis_weights.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/io/weights.hpp"
#ifdef SYSTOLIC_HAS_TORCH
#include "systolic/io/torch_checkpoint.hpp"
#endif

namespace program {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

}  // namespace

systolic::Result<WeightsPlace> find_weights(const std::string& named, const std::string& shipped) {
  if (!named.empty()) return WeightsPlace{named, "named by --weights"};
  if (const char* folder = std::getenv("SYSTOLIC_WEIGHTS"); folder != nullptr && *folder != '\0') {
    const fs::path path = fs::path(folder) / shipped;
    if (is_file(path)) return WeightsPlace{path.string(), "in the folder $SYSTOLIC_WEIGHTS"};
    return systolic::error_at("$SYSTOLIC_WEIGHTS", folder, std::string("this folder has no ") + shipped);
  }
  const fs::path here = program_folder();
  // Relative to the program first, so that an installation can be moved.
  const std::pair<fs::path, const char*> places[] = {
      {here.empty() ? fs::path() : (here / SYSTOLIC_WEIGHTS_FROM_PROGRAM).lexically_normal(), "in the installation"},
      {SYSTOLIC_WEIGHTS_IN_SOURCE, "in the source tree that the program was built from"},
      {SYSTOLIC_WEIGHTS_INSTALLED, "in the installation"},
  };
  std::string looked_in;
  for (const auto& [folder, why] : places) {
    if (folder.empty()) continue;
    if (is_file(folder / shipped)) return WeightsPlace{(folder / shipped).string(), why};
    looked_in += (looked_in.empty() ? "" : ", ") + folder.string();
  }
  return systolic::error_at(shipped, "",
                            "the shipped weights are in none of " + looked_in +
                                "; name a file with --weights, or their folder in $SYSTOLIC_WEIGHTS");
}

systolic::Result<systolic::nn::StateDict> read_weights(const std::string& path) {
  char start[4] = {};
  auto file = systolic::io::InputFile::open(path);
  if (!file) return file.error();
  const bool read = file->size() >= sizeof(start) && file->read(0, start, sizeof(start)).ok();
  const bool zip = read && std::string_view(start, sizeof(start)) == "PK\x03\x04";
  if (!zip && !path.ends_with(".pt") && !path.ends_with(".pth")) return systolic::io::read_safetensors(path);
#ifdef SYSTOLIC_HAS_TORCH
  return systolic::io::read_torch_checkpoint(path);
#else
  return systolic::error_at(path, "", "is a PyTorch checkpoint; this program was built without libzip and reads none");
#endif
}

systolic::Result<systolic::Detector> load_weights(const std::string& named, systolic::Precision precision) {
  const auto place = find_weights(named);
  if (!place) return place.error();
  auto state = read_weights(place->path);
  if (!state) return state.error();
  return once::make_detector(std::move(*state), place->path, precision);
}

systolic::Result<systolic::Diagnoser> load_diagnoser(const std::string& named) {
  const auto place = find_weights(named, "diagnosis.safetensors");
  if (!place) return place.error();
  const auto state = read_weights(place->path);
  if (!state) return state.error();
  return once::make_diagnoser(*state, place->path);
}

systolic::Result<systolic::Preparation> find_preparation(const CommonOptions& options) {
  systolic::Preparation result{systolic::Normalization::none, systolic::signal::PeakMethod::systolic};
  if (!options.peaks || !options.normalization) {
    const auto place = find_weights(options.weights);
    if (place) {
      const auto state = read_weights(place->path);
      if (!state) return state.error();
      const auto calibration = systolic::find_calibration(*state, place->path);
      if (!calibration) return calibration.error();
      result = systolic::find_preparation(*state, *calibration).value_or(result);
    }
  }
  result.peaks = options.peaks.value_or(result.peaks);
  result.normalization = options.normalization.value_or(result.normalization);
  return result;
}

}  // namespace program
