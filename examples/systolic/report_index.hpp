#pragma once
// The overview of the reports in a folder: index.html and index.csv.

#include <string>
#include <utility>
#include <vector>

#include "resume.hpp"
#include "systolic/core/result.hpp"
#include "systolic/report/index_page.hpp"
#include "systolic/report/report_input.hpp"

namespace program {

inline constexpr const char* index_file = "index.html";

/// The line of a window; `record` as results call it, `file` its report's name.
systolic::report::IndexEntry index_entry(const systolic::report::ReportInput& input, const std::string& record,
                                         Index window, const std::string& file);

/// Collects the lines of all windows, in their order, and writes both files at the end.
class ReportIndex {
 public:
  /// `folder`: where the reports go; empty: no index is written.
  explicit ReportIndex(std::string folder) : folder_(std::move(folder)) {}

  /// Takes over the lines of an earlier, interrupted run for windows that are finished.
  systolic::Status take_up(const Finished& finished);
  void add(systolic::report::IndexEntry entry) { entries_.push_back(std::move(entry)); }
  /// `source` names program and weights.
  systolic::Status write(const std::string& source) const;

 private:
  std::string folder_;
  std::vector<systolic::report::IndexEntry> entries_;
};

}  // namespace program
