#pragma once
// A long batch that was interrupted is taken up again: its results so far stand in the file that standard output goes
// to.

#include <set>
#include <string>
#include <utility>

#include "options.hpp"
#include "systolic/core/result.hpp"

namespace program {

/// Windows by record and number whose results are there already.
struct Finished {
  std::set<std::pair<std::string, Index>> windows;
  bool has_header = false;  ///< the file begins with the header of a table

  bool contains(const std::string& record, Index window) const { return windows.contains({record, window}); }
};

/// Reads the results in the file behind standard output and takes off its last line where that was cut short; what is
/// printed from here on stands behind them. An error where standard output is no file that can be read, holds something
/// else, or results of other weights than those of `checksum`.
systolic::Result<Finished> find_finished(Format format, const std::string& checksum);

}  // namespace program
