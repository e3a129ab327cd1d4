#include "report_output.hpp"

#include "output.hpp"
#include "systolic/core/version.hpp"
#include "systolic/io/file.hpp"
#include "systolic/report/ecg_paper.hpp"

namespace program {

systolic::Status write_report(const std::string& path, const Recording& recording, const std::string& name,
                              const Analysis& analysis, const systolic::Detector& detector) {
  const systolic::Detection& found = analysis.detection;
  systolic::report::ReportInput input;
  input.samples = analysis.window.samples;
  input.map = found.map;
  input.r_peaks = found.r_peaks;
  for (const systolic::Finding& f : found.findings) input.findings.push_back({f.lead, f.from, f.to, f.score});
  if (found.reason.empty()) input.score = found.score;
  input.threshold = found.threshold;
  input.percentile = found.percentile;
  input.abnormal = found.abnormal;
  input.reason = found.reason;
  input.record = name;
  input.from = analysis.window.from;
  input.processing = "as recorded";
  if (recording.rate() != systolic::analysis_rate)
    input.processing += ", " + significant(recording.rate()) + " Hz resampled to 500 Hz";
  if (found.threshold) input.map_threshold = detector.calibration()->map_threshold;
  input.weights = detector.weights_name() + " " + detector.weights_checksum().substr(0, 12);
  input.program = std::string("systolic ") + systolic::version;
  return systolic::io::write_file_atomically(path, systolic::report::ecg_paper_svg(input));
}

}  // namespace program
