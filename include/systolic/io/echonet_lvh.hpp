#pragma once
// EchoNet-LVH as it is published (Duffy et al. 2022): MeasurementsList.csv with a row a calliper, and the clips of the
// parasternal long axis in Batch1/ to Batch4/.

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/echo/point.hpp"
#include "systolic/io/csv_rows.hpp"
#include "systolic/io/data_split.hpp"

namespace systolic::io {

/// Septum, inner diameter and posterior wall of one frame.
struct EchoNetLvhFrame {
  std::string name;  ///< HashedFileName
  Index frame = 0;   ///< from 0
  bool diastole = true;
  std::array<echo::Point, 4> landmarks{};  ///< outer and inner septum, inner and outer posterior wall, pixels
  echo::PixelSize pixel;                   ///< from the inner diameter's value in cm; 1 mm where that is missing
  DataSplit split = DataSplit::none;
};

struct EchoNetLvh {
  std::string folder;  ///< with its last '/'
  std::vector<EchoNetLvhFrame> frames;
  std::vector<std::string> problems;  ///< of measurements that are left out
};

namespace detail {

struct LvhCalliper {
  std::int64_t line = 0;
  Index frame = 0;
  double centimetres = std::nan("");
  echo::Point upper, lower;
};
struct LvhFrame {
  DataSplit split = DataSplit::none;
  std::array<std::optional<LvhCalliper>, 3> callipers;  // IVS, LVID, LVPW
};

/// 0 IVS, 1 LVID, 2 LVPW; -1: another measurement. The last letter, d or s, tells the phase.
template <class = void>
inline int lvh_calliper(std::string_view calc, bool& diastole) {
  const std::string word = plain_word(calc);
  if (word.empty() || (word.back() != 'd' && word.back() != 's')) return -1;
  diastole = word.back() == 'd';
  const std::string_view name = std::string_view(word).substr(0, word.size() - 1);
  return name == "ivs" ? 0 : name == "lvid" ? 1 : name == "lvpw" ? 2 : -1;
}

}  // namespace detail

/// Reads the table of a folder. A frame needs its three callipers, of the same frame, one below the other; others are
/// left out with a reason. Frames are counted from 0, or from 1 in a table in which one is the last of its clip (Frame
/// equals Frames) and none is 0. An error: no table, no such column, no usable frame.
template <class = void>
inline Result<EchoNetLvh> read_echonet_lvh(const std::string& folder) {
  EchoNetLvh data;
  data.folder = folder + (folder.ends_with('/') ? "" : "/");
  const std::string table = data.folder + "MeasurementsList.csv";
  std::map<std::pair<std::string, bool>, detail::LvhFrame> frames;  // by name and phase
  std::vector<std::pair<std::string, bool>> order;
  bool from_zero = false, beyond_last = false;
  const auto leave_out = [&](std::int64_t line, std::string_view reason) {
    data.problems.push_back(error_at(table, joined({"line ", line}), reason).message);
  };
  const auto status = for_each_csv_row<10>(
      table, {"HashedFileName", "Calc", "Frame", "X1", "Y1", "X2", "Y2", "split", "CalcValue", "Frames"}, 8,
      [&](const auto& cells, std::int64_t line) {
        bool diastole = true;
        const int which = detail::lvh_calliper(cells[1], diastole);
        if (which < 0) return;
        const std::string name(cells[0]);
        if (name.empty() || name.find('/') != std::string::npos)
          return leave_out(line, in_quotes(name) + " is no file name");
        detail::LvhCalliper calliper;
        calliper.line = line;
        const auto frame = parse_number<double>(cells[2]);
        if (!frame || *frame != std::floor(*frame) || *frame < 0 || *frame > 1e6)
          return leave_out(line, "frame " + in_quotes(cells[2]) + " is no frame number");
        calliper.frame = static_cast<Index>(*frame);
        std::array<double, 4> places{};
        for (std::size_t i = 0; i < 4; ++i) {
          const auto place = parse_number<double>(cells[3 + i]);
          if (!place || std::abs(*place) > 1e6) return leave_out(line, in_quotes(cells[3 + i]) + " is no coordinate");
          places[i] = *place;
        }
        const echo::Point one{places[0], places[1]}, other{places[2], places[3]};
        calliper.upper = one.y <= other.y ? one : other;
        calliper.lower = one.y <= other.y ? other : one;
        if (const auto value = parse_number<double>(cells[8]); value && *value > 0) calliper.centimetres = *value;
        const DataSplit split = data_split(cells[7]);
        if (split == DataSplit::none)
          return leave_out(line, "split " + in_quotes(cells[7]) + " is none of train, val, test");
        from_zero = from_zero || calliper.frame == 0;
        if (const auto count = parse_number<double>(cells[9]); count && *frame >= *count) beyond_last = true;
        const auto key = std::pair(name, diastole);
        const auto [place, is_new] = frames.try_emplace(key);
        if (is_new) order.push_back(key);
        place->second.split = split;
        std::optional<detail::LvhCalliper>& slot = place->second.callipers[static_cast<std::size_t>(which)];
        if (slot) return leave_out(line, name + " has this measurement twice");
        slot = calliper;
      });
  if (!status) return status.error();
  const Index first = beyond_last && !from_zero ? 1 : 0;
  for (const auto& key : order) {
    const detail::LvhFrame& found = frames.at(key);
    const auto& [septum, cavity, wall] = found.callipers;
    if (!septum || !cavity || !wall) continue;  // most clips have some of the six only
    if (septum->frame != cavity->frame || wall->frame != cavity->frame) {
      leave_out(cavity->line, key.first + ": septum, diameter and posterior wall are of different frames");
      continue;
    }
    EchoNetLvhFrame frame;
    frame.name = key.first;
    frame.diastole = key.second;
    frame.frame = cavity->frame - first;
    frame.split = found.split;
    frame.landmarks = {septum->upper, middle(septum->lower, cavity->upper), middle(cavity->lower, wall->upper),
                       wall->lower};
    bool ordered = true;
    for (std::size_t k = 1; k < 4; ++k) ordered = ordered && frame.landmarks[k].y > frame.landmarks[k - 1].y;
    const double length = distance(cavity->upper, cavity->lower);
    if (!ordered || !(length > 0)) {
      leave_out(cavity->line, key.first + ": septum, diameter and posterior wall are not one below the other");
      continue;
    }
    if (cavity->centimetres > 0) frame.pixel = {10 * cavity->centimetres / length, 10 * cavity->centimetres / length};
    data.frames.push_back(frame);
  }
  if (data.frames.empty())
    return error_at(
        table, "",
        data.problems.empty() ? "has no frame with IVS, LVID and LVPW" : "no frame can be used; " + data.problems[0]);
  return data;
}

/// The video of a name: Batch1/NAME.avi to Batch4/NAME.avi, or beside the table.
template <class = void>
inline Result<std::string> find_echonet_lvh_video(const std::string& folder, const std::string& name) {
  for (const char* batch : {"Batch1/", "Batch2/", "Batch3/", "Batch4/", ""}) {
    const std::string path = folder + batch + name + ".avi";
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return path;
  }
  return error_at(folder, "", "has no " + name + ".avi in Batch1 to Batch4");
}

}  // namespace systolic::io
