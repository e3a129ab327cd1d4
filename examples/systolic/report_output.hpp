#pragma once
// The report of detect: what is known about each window, on paper or on a page.

#include <optional>
#include <string>

#include "analysis.hpp"
#include "json.hpp"
#include "options.hpp"
#include "statements.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/sheet_layout.hpp"
#include "targets.hpp"

namespace program {

/// What the reports of all windows have in common.
struct ReportSettings {
  systolic::report::Layout layout = systolic::report::Layout::three_by_four;
  bool identify = false;                             ///< what the file's header says of the patient may be shown
  std::optional<systolic::report::Earlier> earlier;  ///< to compare with
  const StatementFinder* finder = nullptr;           ///< names what the recording shows; nullptr: nothing does
};

/// --report as a target: the ending of its file, or --report-as in a folder.
Target report_target(const std::string& path, const std::string& format);

/// What speaks against writing reports of this kind: a PDF needs libharu. Empty: nothing.
std::string report_problem(const std::string& path, const std::string& format);

/// Analyses the first window of the recording that --compare names.
systolic::Result<systolic::report::Earlier> read_earlier(const std::string& path, const systolic::Detector& detector,
                                                         const systolic::DetectOptions& settings,
                                                         const CommonOptions& common);

/// What results say of it: record, reason, score, percentile, abnormal, intervals; and a line for a person.
Json earlier_fields(const systolic::report::Earlier& earlier);
std::string earlier_text(const systolic::report::Earlier& earlier);

/// What there is of a window that has no samples at 500 Hz, because something is wrong with it: [10 s][12] mV at the
/// recording's own rate, NaN where there is nothing. Empty where nothing can be drawn.
systolic::Tensor<double> raw_samples(const Recording& recording, Index window);

/// All that a report of the window shows. `name` is the record's without its folder. The views point into `analysis`
/// and `raw`, raw_samples() or empty.
systolic::report::ReportInput report_input(const Recording& recording, const std::string& name,
                                           const Analysis& analysis, const systolic::Detector& detector,
                                           const systolic::DetectOptions& options, const ReportSettings& settings,
                                           const systolic::Tensor<double>& raw);

/// Adds to a report's input what the window shows, where the settings have a network that says so.
void name_statements(systolic::report::ReportInput& input, const Analysis& analysis, const ReportSettings& settings,
                     systolic::Workspace& workspace);

/// Writes it to `path`, as its ending says.
systolic::Status write_report(const std::string& path, const systolic::report::ReportInput& input,
                              systolic::report::Layout layout);

}  // namespace program
