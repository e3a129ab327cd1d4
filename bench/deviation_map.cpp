// How well the map of deviations (ecg/deviation_map.hpp) finds what is abnormal:
//
//   bench_deviation_map NORMALS TRUTH
//
// fits its tables on the WFDB records whose paths stand in the file NORMALS, one a line, and measures it on the records
// of the folder TRUTH that `systolic synth` wrote (NAME.hea with NAME.truth.npy).

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "systolic/ecg/deviation_map.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/wfdb.hpp"
#include "systolic/metrics/point_counts.hpp"

namespace {

using namespace systolic;

/// The first window of a record with its beats; a reason where there is none.
Preprocessed prepare(const std::string& path) {
  Preprocessed result;
  const auto record = io::read_wfdb(path);
  if (!record) {
    result.reason = record.error().message;
    return result;
  }
  const Window window = cut_window(*record, 0);
  result.reason = window.reason;
  return result.reason.empty() ? preprocess(window.samples, signal::PeakMethod::systolic) : result;
}

void print(const std::string& name, const metrics::PointCounts& counts) {
  if (const auto curve = counts.curve())
    std::printf("%-24s AUROC %.4f  AUPRC %.4f  best Dice %.4f\n", name.c_str(), metrics::auroc(*curve),
                metrics::average_precision(*curve), metrics::best_f1(*curve).value);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: bench_deviation_map NORMALS TRUTH\n", stderr);
    return 2;
  }
  DeviationFit fit;
  Index normals = 0;
  std::ifstream list(arguments[1]);
  for (std::string path; std::getline(list, path);)
    if (const Preprocessed record = prepare(path); record.reason.empty()) {
      fit.add(record);
      ++normals;
    }
  std::printf("%td normal records\n", normals);
  const DeviationTables tables = fit.tables();

  const std::string ending = ".truth.npy";
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[2]))
    if (const std::string path = entry.path().string(); path.ends_with(ending))
      paths.push_back(path.substr(0, path.size() - ending.size()));
  std::sort(paths.begin(), paths.end());
  std::map<std::string, metrics::PointCounts> kinds;
  metrics::PointCounts all;
  for (const std::string& path : paths) {
    const Preprocessed record = prepare(path);
    const auto truth = io::read_npy<std::uint8_t>(path + ending);
    if (!record.reason.empty() || !truth || truth->shape() != Shape{window_length, standard_lead_count}) {
      std::fprintf(stderr, "%s: left out\n", path.c_str());
      continue;
    }
    const Tensor<float> map = deviation_map(record, tables);
    const std::string name = path.substr(path.rfind('/') + 1);
    metrics::PointCounts own;
    for (Index t = 0; t < global_length; ++t)
      for (Index lead = 0; lead < standard_lead_count; ++lead)
        own.add(map(t, lead), (*truth)(t + global_first, lead) != 0);
    kinds[name.substr(0, name.rfind('-'))].add(own);
    all.add(own);
  }
  for (const auto& [name, counts] : kinds) print(name, counts);
  print("all", all);
  return 0;
}
