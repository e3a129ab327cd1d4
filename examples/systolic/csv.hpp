#pragma once
// Tables in text: comma-separated, cells in quotes where they need it (RFC 4180).

#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"

namespace program {

struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells each as there are columns
  std::vector<int> lines;                      ///< of the file, on which each row begins; for messages

  /// The place of a column, or -1.
  int find(std::string_view column) const noexcept;
};

/// Reads a whole table with a header. A row with more or fewer cells than the header, or a quote that never ends, is an
/// error that names its line. Blank lines are passed over.
systolic::Result<CsvTable> read_csv(const std::string& path);

/// The same of a text that is called `name` in messages.
systolic::Result<CsvTable> parse_csv(std::string_view text, const std::string& name);

}  // namespace program
