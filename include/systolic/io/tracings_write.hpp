#pragma once
// Tables of traced ventricles, written in EchoNet-Dynamic's layout (VolumeTracings.csv); tracings.hpp reads them.

#include <algorithm>
#include <string>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/echo/point.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/tracings.hpp"

namespace systolic::io {

/// The clips as a table. Numbers are the shortest text that reads back to the same number. A quotation mark
/// in a name becomes an apostrophe. Requires names without line breaks.
template <class = void>
inline std::string tracings_text(const std::vector<TracedClip>& clips) {
  std::string text = "FileName,X1,Y1,X2,Y2,Frame\n";
  for (const TracedClip& clip : clips) {
    std::string name = clip.file;
    std::replace(name.begin(), name.end(), '"', '\'');
    if (name.find_first_of(",;\t'") != std::string::npos) name = "\"" + name + "\"";
    for (const TracedFrame& frame : clip.frames)
      for (const echo::Segment& row : frame.rows) {
        text += name;
        for (const double value : {row.from.x, row.from.y, row.to.x, row.to.y}) text += "," + number_to_text(value);
        text += "," + number_to_text(frame.frame) + "\n";
      }
  }
  return text;
}

template <class = void>
inline Status write_tracings(const std::string& path, const std::vector<TracedClip>& clips) {
  return write_file_atomically(path, tracings_text(clips));
}

}  // namespace systolic::io
