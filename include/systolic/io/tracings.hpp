#pragma once
// Tables of traced ventricles in EchoNet-Dynamic's layout (VolumeTracings.csv): columns FileName, X1, Y1, X2, Y2, Frame
// and 21 rows for each traced frame of a clip, first the long axis, then 20 chords from the apex to the mitral valve.

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/ejection.hpp"
#include "systolic/io/csv_cells.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

/// One traced frame.
struct TracedFrame {
  Index frame = 0;
  Index row_count = 0;              ///< in the table
  std::vector<echo::Segment> rows;  ///< pixels; at most 21 are kept
  std::string problem;              ///< of a row that could not be read; empty: none
};

/// All rows of one FileName, its frames in the order in which the table first names them.
struct TracedClip {
  std::string file;
  std::vector<TracedFrame> frames;
  std::string problem;  ///< a row that belongs to no frame; empty: none
};

struct Tracings {
  std::vector<TracedClip> clips;      ///< in the order in which the table first names them
  std::vector<std::string> warnings;  ///< rows that belong to no clip
};

namespace detail {

enum TracingColumn : std::size_t { file_name, x1, y1, x2, y2, frame_number, tracing_column_count };

/// The column of each name, told by the header line, in any order and among others.
template <class = void>
inline Result<std::array<std::size_t, tracing_column_count>> tracing_columns(std::string_view header, char separator) {
  constexpr std::array<std::string_view, tracing_column_count> names = {"filename", "x1", "y1", "x2", "y2", "frame"};
  constexpr std::array<std::string_view, tracing_column_count> shown = {"FileName", "X1", "Y1", "X2", "Y2", "Frame"};
  std::array<std::size_t, tracing_column_count> columns{};
  std::array<int, tracing_column_count> found{};
  std::size_t column = 0;
  for (CsvLine cells(header, separator); !cells.at_end(); ++column) {
    const std::string word = plain_word(cells.cell());
    for (std::size_t i = 0; i < names.size(); ++i)
      if (word == names[i]) {
        columns[i] = column;
        ++found[i];
      }
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (found[i] != 1)
      return failure({"its header has ", found[i] == 0 ? "no" : "more than one", " column '", shown[i],
                      "' (FileName, X1, Y1, X2, Y2, Frame are needed)"});
  return columns;
}

/// Puts rows where they belong.
class TracingCollector {
 public:
  explicit TracingCollector(const std::array<std::size_t, tracing_column_count>& columns) : columns_(columns) {}

  template <class = void>
  void add(std::string_view line, char separator, Index line_number) {
    std::array<std::string_view, tracing_column_count> cells;
    std::array<bool, tracing_column_count> present{};
    std::size_t column = 0;
    for (CsvLine reader(line, separator); !reader.at_end(); ++column) {
      const std::string_view cell = reader.cell();
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i] == column) {
          cells[i] = cell;
          present[i] = true;
        }
    }
    if (cells[file_name].empty()) {
      if (++nameless_ == 1) first_nameless_ = line_number;
      return;
    }
    TracedClip& clip = find_clip(cells[file_name]);
    const auto number = parse_number<double>(cells[frame_number]);
    if (!number || *number != std::floor(*number) || *number < 0 || *number > 1e9) {
      if (clip.problem.empty())
        clip.problem =
            joined({"line ", line_number, ": frame ", in_quotes(cells[frame_number]), " is no frame number"});
      return;
    }
    TracedFrame& frame = find_frame(clip, static_cast<Index>(*number));
    if (++frame.row_count > static_cast<Index>(echo::traced_rows)) return;
    std::array<double, 4> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = parse_number<double>(cells[x1 + i]);
      if (value && std::abs(*value) <= largest_coordinate) {
        values[i] = *value;
      } else if (frame.problem.empty()) {
        frame.problem = present[x1 + i]
                            ? joined({"line ", line_number, ": ", in_quotes(cells[x1 + i]), " is no coordinate"})
                            : joined({"line ", line_number, ": has too few cells"});
      }
    }
    frame.rows.push_back({{values[0], values[1]}, {values[2], values[3]}});
  }

  template <class = void>
  Tracings take() {
    if (nameless_ > 0)
      tracings_.warnings.push_back(
          joined({"line ", first_nameless_, ": ", nameless_, " rows without a file name are left out"}));
    return std::move(tracings_);
  }

 private:
  static constexpr double largest_coordinate = 1e6;  // pixels; keeps every product finite

  template <class = void>
  TracedClip& find_clip(std::string_view file) {
    if (tracings_.clips.empty() || tracings_.clips[last_].file != file) {
      const auto [place, is_new] = clips_.try_emplace(std::string(file), tracings_.clips.size());
      if (is_new) tracings_.clips.push_back({std::string(file), {}, {}});
      last_ = place->second;
    }
    return tracings_.clips[last_];
  }
  template <class = void>
  static TracedFrame& find_frame(TracedClip& clip, Index number) {
    for (std::size_t i = clip.frames.size(); i-- > 0;)
      if (clip.frames[i].frame == number) return clip.frames[i];
    if (clip.frames.size() == most_frames) {
      clip.problem = joined({"has more than ", most_frames, " traced frames"});
      return clip.frames.back();
    }
    clip.frames.push_back({number, 0, {}, {}});
    return clip.frames.back();
  }
  static constexpr std::size_t most_frames = 1000;  // a clip has two; bounds the search

  std::array<std::size_t, tracing_column_count> columns_;
  Tracings tracings_;
  std::unordered_map<std::string, std::size_t> clips_;
  std::size_t last_ = 0;
  Index nameless_ = 0, first_nameless_ = 0;
};

}  // namespace detail

/// Reads the table `path`, up to 1 GB; cells parted by ',', ';' or tab, perhaps in quotes, columns in any order. What
/// is wrong with a row is noted with its frame or clip, and the others are read. An error: no such file or no such
/// table.
template <class = void>
inline Result<Tracings> read_tracings(const std::string& path) {
  const auto text = read_file(path, std::uint64_t{1} << 30);
  if (!text) return text.error();
  TextReader lines(*text);
  for (const char mark : {'\xEF', '\xBB', '\xBF'}) lines.accept(mark);  // UTF-8's byte order mark
  Index line_number = 0;
  std::string_view header;
  while (!lines.at_end() && detail::trim_cell(header).empty()) {
    header = lines.line();
    ++line_number;
  }
  const char separator = detail::find_separator(header);
  const auto columns = detail::tracing_columns(header, separator);
  if (!columns) return error_at(path, joined({"line ", line_number}), columns.error().message);
  detail::TracingCollector collector(*columns);
  while (!lines.at_end()) {
    const std::string_view line = lines.line();
    ++line_number;
    if (!detail::trim_cell(line).empty()) collector.add(line, separator, line_number);
  }
  Tracings tracings = collector.take();
  if (tracings.clips.empty()) return error_at(path, "", "has a header and no tracing");
  return tracings;
}

/// The contours of a clip, and why the other frames have none.
struct ClipContours {
  std::vector<echo::FrameContour> frames;
  std::vector<std::string> problems;
};

template <class = void>
inline ClipContours clip_contours(const TracedClip& clip, const echo::PixelSize& size) {
  ClipContours found;
  if (!clip.problem.empty()) found.problems.push_back(clip.problem);
  for (const TracedFrame& frame : clip.frames) {
    std::string problem = frame.problem;
    const auto rows = static_cast<Index>(echo::traced_rows);
    if (frame.row_count != rows)
      problem = joined({"has ", frame.row_count, " rows, not 21 (the long axis and 20 chords)"});
    if (problem.empty()) {
      const auto contour = echo::make_contour(frame.rows, size);
      if (contour)
        found.frames.push_back({frame.frame, *contour});
      else
        problem = contour.error().message;
    }
    if (!problem.empty()) found.problems.push_back(joined({"frame ", frame.frame, ": ", problem}));
  }
  return found;
}

/// Ejection fraction and attributes of a clip. Where it has none, the Error names the cause: what is wrong with its
/// frames, or that there is only one.
template <class = void>
inline Result<echo::Ejection> measure_clip(const TracedClip& clip, const echo::PixelSize& size) {
  const ClipContours contours = clip_contours(clip, size);
  auto result = echo::measure_ejection(contours.frames);
  if (result) return result;
  std::string cause;
  for (const std::string& problem : contours.problems) cause += problem + "; ";
  return Error{cause + result.error().message};
}

}  // namespace systolic::io
