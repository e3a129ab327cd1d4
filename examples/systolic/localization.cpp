#include "localization.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "in_order.hpp"
#include "once.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/wfdb.hpp"
#include "systolic/metrics/point_counts.hpp"
#include "weights.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;
namespace metrics = systolic::metrics;
using systolic::Record;
using systolic::Tensor;

constexpr std::string_view truth_ending = ".truth.npy";

struct Task {
  std::string record;  ///< path without ending
  std::string folder;  ///< in which it lies, below the one that was named
};

/// Map and truth of one window, sample by sample.
struct Points {
  std::vector<float> scores;
  std::vector<std::uint8_t> abnormal;
};

/// What came of one recording.
struct Located {
  std::string kind, error;
  bool empty = false;               ///< its truth marks nothing
  Index not_analysable = 0;         ///< windows
  std::vector<Points> windows;      ///< those with a map
  std::optional<double> own_auroc;  ///< over the points of this recording alone
};

/// Sums over recordings of one kind.
struct Sums {
  metrics::PointCounts points;
  Index records = 0, ranked = 0, not_analysable = 0;
  double auroc_sum = 0;

  void add(const Located& located) {
    ++records;
    not_analysable += located.not_analysable;
    if (located.own_auroc) {
      ++ranked;
      auroc_sum += *located.own_auroc;
    }
    for (const Points& window : located.windows)
      for (std::size_t i = 0; i < window.scores.size(); ++i) points.add(window.scores[i], window.abnormal[i] != 0);
  }
};

std::vector<Task> find_tasks(const std::string& folder, std::string& problem) {
  std::vector<Task> tasks;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const std::string path = entry->path().string();
    if (!path.ends_with(truth_ending)) continue;
    const std::string parent = fs::relative(entry->path().parent_path(), folder).string();
    tasks.push_back({path.substr(0, path.size() - truth_ending.size()), parent == "." ? "" : parent});
  }
  if (error) problem = folder + ": could not be listed: " + error.message();
  std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.record < b.record; });
  if (problem.empty() && tasks.empty()) problem = folder + ": holds no NAME.truth.npy";
  return tasks;
}

/// The kind of anomaly: what the header says ("anomaly: pvc"), else the folder, else "other".
std::string kind_of(const Record& record, const Task& task) {
  constexpr std::string_view key = "anomaly: ";
  for (const std::string& comment : record.comments)
    if (const std::size_t place = comment.find(key); place != std::string::npos)
      return comment.substr(place + key.size());
  return task.folder.empty() ? "other" : task.folder;
}

/// Adds the truth of window `number` [time][12] to points of its map [4800][12].
void add_points(const Record& record, const Tensor<std::uint8_t>& truth, Index number, const Tensor<float>& map,
                Points& points) {
  const std::array<int, 12> columns = systolic::find_standard_leads(record.leads);
  const double step = record.rate / systolic::analysis_rate;
  const double start = static_cast<double>(number) * systolic::window_seconds * record.rate;
  for (Index t = 0; t < map.shape()[0]; ++t) {
    const auto sample =
        static_cast<Index>(std::llround(start + static_cast<double>(t + systolic::global_first) * step));
    for (std::size_t lead = 0; lead < columns.size(); ++lead) {
      if (columns[lead] < 0) continue;  // derived from others: nobody said what is abnormal in it
      points.scores.push_back(map(t, static_cast<Index>(lead)));
      points.abnormal.push_back(truth(std::min(sample, truth.shape()[0] - 1), columns[lead]));
    }
  }
}

Located locate(const Task& task, const systolic::Detector& detector, const CommonOptions& options,
               systolic::Workspace& workspace) {
  Located result;
  const std::string truth_path = task.record + std::string(truth_ending);
  const auto record = systolic::io::read_wfdb(task.record);
  const auto truth = systolic::io::read_npy<std::uint8_t>(truth_path);
  if (!record || !truth) {
    result.error = record ? truth.error().message : record.error().message;
    return result;
  }
  if (truth->shape() != record->samples.shape()) {
    result.error =
        truth_path + ": has the shape " + truth->shape().text() + ", the recording " + record->samples.shape().text();
    return result;
  }
  result.kind = kind_of(*record, task);
  result.empty = std::none_of(truth->begin(), truth->end(), [](std::uint8_t mark) { return mark != 0; });
  if (result.empty) return result;

  systolic::DetectOptions settings;
  settings.normalization = options.normalization;
  settings.peaks = options.peaks;
  settings.score = options.score;
  settings.beats = options.beats;
  metrics::PointCounts own;
  const Index windows = std::max<Index>(1, systolic::window_count(*record));
  for (Index number = 0; number < windows; ++number) {
    const systolic::Window window = systolic::cut_window(*record, number, options.allow_missing);
    systolic::Detection found;
    found.reason = window.reason;
    settings.missing = window.missing;
    if (window.reason.empty()) found = once::detect(detector, window.samples, settings, workspace);
    if (!found.reason.empty()) {
      ++result.not_analysable;
      continue;
    }
    add_points(*record, *truth, number, found.map, result.windows.emplace_back());
  }
  for (const Points& points : result.windows)
    for (std::size_t i = 0; i < points.scores.size(); ++i) own.add(points.scores[i], points.abnormal[i] != 0);
  if (const auto curve = own.curve()) result.own_auroc = metrics::auroc(*curve);
  return result;
}

Json figures(const Sums& sums, std::optional<double> threshold) {
  const auto curve = sums.points.curve();
  const auto figure = [&](const auto& of) { return curve ? Json(of(*curve)) : Json(); };
  Json result = Json::object();
  result.set("records", sums.records)
      .set("not_analysable_windows", sums.not_analysable)
      .set("points", curve ? Json(curve->positives + curve->negatives) : Json(0))
      .set("abnormal_share", figure([](const auto& c) {
             return static_cast<double>(c.positives) / static_cast<double>(c.positives + c.negatives);
           }))
      .set("auroc", figure([](const auto& c) { return metrics::auroc(c); }))
      .set("auroc_within_records", sums.ranked ? Json(sums.auroc_sum / static_cast<double>(sums.ranked)) : Json())
      .set("auprc", figure([](const auto& c) { return metrics::average_precision(c); }))
      .set("best_dice", figure([](const auto& c) { return metrics::best_f1(c).value; }))
      .set("best_dice_threshold", figure([](const auto& c) { return metrics::best_f1(c).threshold; }))
      .set("dice_at_map_threshold",
           threshold ? figure([&](const auto& c) { return metrics::dice_at(c, *threshold); }) : Json());
  return result;
}

constexpr std::array<std::pair<const char*, const char*>, 6> table_columns{{{"records", "records"},
                                                                            {"auroc", "AUROC"},
                                                                            {"auroc_within_records", "within"},
                                                                            {"auprc", "AUPRC"},
                                                                            {"best_dice", "Dice"},
                                                                            {"dice_at_map_threshold", "at thr."}}};

/// A line of the table for people.
std::string table_line(const std::string& name, const Json& values) {
  std::string line = name;
  line.resize(std::max<std::size_t>(24, line.size() + 1), ' ');
  values.for_each_leaf([&](const std::string& key, const Json& value) {
    for (const auto& [column, title] : table_columns) {
      if (key != column) continue;
      std::string text = value.text();
      if (const auto number = systolic::number_from_text<double>(text); number && key != "records")
        text = fixed(*number, 4);
      if (text == "null") text = "-";
      line += std::string(text.size() < 9 ? 9 - text.size() : 1, ' ') + text;
    }
  });
  return line + "\n";
}

std::string table_head() {
  std::string line(24, ' ');
  for (const auto& [column, title] : table_columns) line += std::string(9 - std::string(title).size(), ' ') + title;
  return line + "\n";
}

}  // namespace

int evaluate_localization(const CommonOptions& options, const std::string& folder) {
  std::string problem;
  const std::vector<Task> tasks = find_tasks(folder, problem);
  if (!problem.empty()) {
    print_message(problem);
    return exit_failed;
  }
  const auto detector = load_weights(options.weights, options.precision);
  if (!detector) {
    print_message(detector.error().message);
    return exit_failed;
  }
  std::vector<systolic::Workspace> workspaces(static_cast<std::size_t>(options.threads));
  std::map<std::string, Sums> kinds;
  Sums all;
  Index empty = 0;
  Printer printer(options.quiet);
  Progress progress(static_cast<Index>(tasks.size()), options.quiet, false);
  run_in_order(
      static_cast<Index>(tasks.size()), options.threads,
      [&](Index i, int worker) {
        return locate(tasks[static_cast<std::size_t>(i)], *detector, options,
                      workspaces[static_cast<std::size_t>(worker)]);
      },
      [&](const Located& located) {
        if (!located.error.empty()) {
          progress.clear();
          printer.print_error({located.error});
        } else if (located.empty) {
          ++empty;
        } else {
          kinds[located.kind].add(located);
          all.add(located);
        }
        progress.advance();
        return true;
      });
  progress.clear();

  std::optional<double> threshold;
  systolic::DetectOptions settings;
  settings.normalization = options.normalization;
  settings.peaks = options.peaks;
  settings.score = options.score;
  if (detector->calibrated(settings)) threshold = detector->calibration()->map_threshold;
  const Json overall = figures(all, threshold);
  Json by_kind = Json::object();
  std::string text = table_head();
  Outcome outcome;
  const auto row = [&](const std::string& name, const Sums& sums) {
    Json fields = Json::object();
    fields.set("anomaly", name);
    figures(sums, threshold).for_each_leaf([&](const std::string& key, const Json& value) { fields.set(key, value); });
    outcome.add(Format::csv, fields, "");
  };
  for (const auto& [name, sums] : kinds) {
    const Json of_kind = figures(sums, threshold);
    text += table_line(name, of_kind);
    by_kind.set(name, of_kind);
    if (options.format == Format::csv) row(name, sums);
  }
  text += table_line("all", overall);
  if (empty > 0) text += std::to_string(empty) + " recordings without any abnormal sample left out\n";
  if (options.format == Format::csv) {
    row("all", all);
  } else {
    Json result = Json::object();
    overall.for_each_leaf([&](const std::string& key, const Json& value) { result.set(key, value); });
    result.set("left_out", empty).set("kinds", std::move(by_kind));
    outcome.add(options.format, result, text);
  }
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
