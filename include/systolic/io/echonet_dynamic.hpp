#pragma once
// EchoNet-Dynamic as it is published (Ouyang et al. 2020): FileList.csv with a row a clip, VolumeTracings.csv with the
// contours of its end-diastolic and end-systolic frames, and the clips in Videos/.

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "systolic/io/csv_rows.hpp"
#include "systolic/io/data_split.hpp"
#include "systolic/io/tracings.hpp"

namespace systolic::io {

/// One clip of FileList.csv.
struct EchoNetClip {
  std::string name;                                                     ///< without ".avi"
  std::string path;                                                     ///< of the video
  double ejection_fraction = std::numeric_limits<double>::quiet_NaN();  ///< a share; NaN where the table has none
  DataSplit split = DataSplit::none;
  TracedClip tracing;
};

struct EchoNetDynamic {
  std::vector<EchoNetClip> clips;     ///< with two usable contours, in the order of the list
  std::vector<std::string> problems;  ///< what is wrong with the others
};

namespace detail {

inline std::string without_avi(std::string_view name) {
  if (name.ends_with(".avi") || name.ends_with(".AVI")) name.remove_suffix(4);
  return std::string(name);
}

/// Whether `name` is a file's own name, without a folder: tables may not lead elsewhere.
inline bool is_plain_name(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

}  // namespace detail

/// Reads both tables of a folder. Clips without two usable contours are left out with a reason; whether a video is
/// there is known when it is read. An error: a table is missing, or no clip is left.
template <class = void>
inline Result<EchoNetDynamic> read_echonet_dynamic(const std::string& folder) {
  const std::string root = folder + (folder.ends_with('/') ? "" : "/"), list = root + "FileList.csv";
  auto tracings = read_tracings(root + "VolumeTracings.csv");
  if (!tracings) return tracings.error();
  std::unordered_map<std::string, TracedClip*> by_name;
  for (TracedClip& clip : tracings->clips) by_name[detail::without_avi(clip.file)] = &clip;

  EchoNetDynamic data;
  std::unordered_map<std::string, std::int64_t> seen;
  const auto status =
      for_each_csv_row<3>(list, {"FileName", "Split", "EF"}, 2, [&](const auto& cells, std::int64_t line) {
        EchoNetClip clip;
        clip.name = detail::without_avi(cells[0]);
        const auto leave_out = [&](std::string_view reason) {
          data.problems.push_back(error_at(list, joined({"line ", line}), reason).message);
        };
        if (!detail::is_plain_name(clip.name)) return leave_out(in_quotes(cells[0]) + " is no file name");
        if (!seen.try_emplace(clip.name, line).second)
          return leave_out(joined({clip.name, " is there already, on line ", seen[clip.name]}));
        clip.split = data_split(cells[1]);
        if (clip.split == DataSplit::none)
          return leave_out("split " + in_quotes(cells[1]) + " is none of TRAIN, VAL, TEST");
        if (!detail::is_missing_cell(cells[2])) {
          const auto fraction = parse_number<double>(cells[2]);
          if (!fraction || !(*fraction >= 0 && *fraction <= 100))
            return leave_out("EF " + in_quotes(cells[2]) + " is no percentage");
          clip.ejection_fraction = *fraction / 100;
        }
        const auto traced = by_name.find(clip.name);
        if (traced == by_name.end()) return leave_out(clip.name + " has no tracing");
        const ClipContours contours = clip_contours(*traced->second, {});
        if (contours.frames.size() < 2) {
          std::string cause = clip.name + ": fewer than two usable contours";
          for (const std::string& problem : contours.problems) cause += "; " + problem;
          return leave_out(cause);
        }
        clip.tracing = std::move(*traced->second);
        clip.path = root + "Videos/" + clip.name + ".avi";
        data.clips.push_back(std::move(clip));
      });
  if (!status) return status.error();
  if (data.clips.empty())
    return error_at(list, "",
                    data.problems.empty() ? "has a header and no clip" : "no clip can be used; " + data.problems[0]);
  return data;
}

}  // namespace systolic::io
