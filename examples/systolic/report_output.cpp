#include "report_output.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "detect_output.hpp"
#include "inputs.hpp"
#include "once.hpp"
#include "output.hpp"
#include "systolic/core/version.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/io/file.hpp"
#include "systolic/report/comparison.hpp"
#include "systolic/report/html_report.hpp"
#include "systolic/report/residual.hpp"
#include "systolic/report/svg_report.hpp"
#ifdef SYSTOLIC_WITH_PDF
#include "systolic/report/pdf_report.hpp"
#endif

namespace program {
namespace {

using systolic::report::Earlier;
using systolic::report::ReportInput;

std::string lead_list(const std::vector<int>& leads) {
  std::string list;
  for (const int lead : leads)
    list += (list.empty() ? "" : ", ") + std::string(systolic::standard_leads[static_cast<std::size_t>(lead)]);
  return list;
}

/// Limb leads that the file does not have.
std::vector<int> derived_leads(const Recording& recording) {
  const std::array<int, 12> columns = systolic::find_standard_leads(recording.leads());
  std::vector<int> derived;
  for (int lead = 0; lead < systolic::first_precordial_lead; ++lead)
    if (columns[static_cast<std::size_t>(lead)] < 0) derived.push_back(lead);
  return derived;
}

/// What was done on the way from the file to the result, a sentence each.
std::vector<std::string> steps(const Recording& recording, const Analysis& analysis, const systolic::Detector& detector,
                               const systolic::DetectOptions& options) {
  const systolic::Window& window = analysis.window;
  const systolic::Detection& found = analysis.detection;
  std::vector<std::string> lines;
  if (recording.windows() > 1)
    lines.push_back("Window " + std::to_string(window.number + 1) + " of " + std::to_string(recording.windows()) +
                    " of the recording.");
  if (recording.left_out_seconds() > 0)
    lines.push_back("The last " + fixed(recording.left_out_seconds(), 1) +
                    " s of the recording were left out: no whole window.");
  if (window.samples.empty())
    lines.push_back("Recorded at " + significant(recording.rate()) + " Hz.");
  else if (recording.rate() != systolic::analysis_rate)
    lines.push_back("Recorded at " + significant(recording.rate()) + " Hz, resampled to 500 Hz.");
  else
    lines.push_back("Recorded at 500 Hz, not resampled.");
  if (window.interpolated > 0)
    lines.push_back(std::to_string(window.interpolated) + " invalid samples were replaced by straight lines.");
  const std::vector<int> derived = derived_leads(recording);
  if (!derived.empty() && !window.samples.empty())
    lines.push_back("Derived from I and II: " + lead_list(derived) + ".");
  if (!window.missing.empty())
    lines.push_back("Missing, left out of score and map: " + lead_list(window.missing) + ".");
  lines.push_back("The traces are drawn without a filter.");
  if (analysis.intervals && analysis.intervals->reason.empty())
    lines.push_back("Intervals: median of " + std::to_string(analysis.intervals->beats.size()) +
                    " usual beats, 0.5 to 40 Hz, R peaks by the detector 'systolic' in all leads.");
  if (!found.reason.empty()) return lines;
  const bool scaled = detector.normalization(options) == systolic::Normalization::record;
  lines.push_back(std::string("For the network: 1 to 25 Hz, ") + (scaled ? "each lead scaled to [-1, 1]" : "in mV") +
                  ", seconds 0.2 to 9.8 of the window; R peaks by the detector '" +
                  systolic::signal::peak_method_name(detector.peaks(options)) + "'.");
  lines.push_back(std::string("Score: ") + systolic::score_kind_name(found.kind) + ". Map: error of the restoration" +
                  (found.beats.empty() ? "" : ", mean over " + std::to_string(found.beats.size()) + " beats") +
                  ", smoothed over 30 ms.");
  if (!found.residual.empty()) lines.push_back("Restored trace: mean of all restorations, smoothed over 8 ms.");
  return lines;
}

std::string ending_of(const std::string& path) {
  for (const char* ending : {".html", ".svg", ".pdf"})
    if (path.ends_with(ending)) return ending;
  return "";
}

}  // namespace

Target report_target(const std::string& path, const std::string& format) {
  const std::string ending = ending_of(path);
  return {"--report", path, ending.empty() ? "." + format : ending};
}

std::string report_problem(const std::string& path, const std::string& format) {
  const std::string ending = ending_of(path);
  [[maybe_unused]] const bool pdf = ending == ".pdf" || (ending.empty() && format == "pdf");
#ifndef SYSTOLIC_WITH_PDF
  if (pdf && !path.empty())
    return "--report " + path + ": this program was built without libharu and writes no PDF; .html and .svg it writes";
#endif
  return "";
}

systolic::Result<Earlier> read_earlier(const std::string& path, const systolic::Detector& detector,
                                       const systolic::DetectOptions& settings, const CommonOptions& common) {
  const std::vector<Input> inputs = find_inputs({path}, common.rate);
  if (inputs.size() != 1)
    return systolic::error_at("--compare " + path, "",
                              "names " + std::to_string(inputs.size()) + " recordings, not one");
  auto recordings = open_recordings(inputs[0], common.rate);
  if (!recordings) return recordings.error();
  if (recordings->size() != 1) return systolic::error_at("--compare " + path, "", "holds several recordings");
  const Recording& recording = recordings->front();
  systolic::Workspace workspace(common.threads);
  const auto analysis = analyse(recording, 0, detector, settings, common.allow_missing, workspace);
  if (!analysis) return analysis.error();
  const systolic::Detection& found = analysis->detection;
  Earlier earlier;
  earlier.record = output_names(inputs)[0];
  earlier.reason = found.reason;
  if (found.reason.empty()) earlier.score = found.score;
  earlier.percentile = found.percentile;
  earlier.abnormal = found.abnormal;
  if (analysis->intervals) {
    earlier.intervals = *analysis->intervals;
    earlier.median_beat =
        systolic::report::diagnostic_median_beat(analysis->window.samples, analysis->intervals->beats);
  }
  return earlier;
}

Json earlier_fields(const Earlier& earlier) {
  return Json::object()
      .set("record", earlier.record)
      .set("reason", earlier.reason.empty() ? Json() : Json(earlier.reason))
      .set("score", earlier.score)
      .set("percentile", earlier.percentile)
      .set("abnormal", earlier.abnormal)
      .set("intervals", interval_fields(earlier.intervals));
}

std::string earlier_text(const Earlier& earlier) {
  std::string text = "  earlier recording " + earlier.record + ": ";
  if (!earlier.reason.empty() || !earlier.score) return text + "not analysable: " + earlier.reason + "\n";
  text += "score " + significant(*earlier.score);
  if (earlier.abnormal) text += *earlier.abnormal ? ", ABNORMAL" : ", normal";
  return text + "\n";
}

systolic::Tensor<double> raw_samples(const Recording& recording, Index window) {
  if (!(recording.rate() >= 10 && recording.rate() <= systolic::highest_record_rate)) return {};
  const auto own = recording.window(window, true);
  if (!own) return {};
  const systolic::Record& record = own->record;
  const Index rows = static_cast<Index>(std::lround(systolic::window_seconds * recording.rate()));
  systolic::Tensor<double> raw({rows, systolic::standard_lead_count});
  std::fill(raw.begin(), raw.end(), std::numeric_limits<double>::quiet_NaN());
  const std::array<int, 12> columns = systolic::find_standard_leads(record.leads);
  for (std::size_t lead = 0; lead < columns.size(); ++lead)
    for (Index t = 0; t < std::min(rows, record.length()); ++t)
      if (columns[lead] >= 0) raw(t, static_cast<Index>(lead)) = record.samples(t, columns[lead]);
  return raw;
}

ReportInput report_input(const Recording& recording, const std::string& name, const Analysis& analysis,
                         const systolic::Detector& detector, const systolic::DetectOptions& options,
                         const ReportSettings& settings, const systolic::Tensor<double>& raw) {
  const systolic::Detection& found = analysis.detection;
  ReportInput input;
  input.samples = analysis.window.samples;
  const bool resampled = input.samples.size() > 0 && recording.rate() != systolic::analysis_rate;
  if (input.samples.size() == 0 && !raw.empty()) {
    input.samples = raw;
    input.rate = recording.rate();
  }
  input.map = found.map;
  input.residual = found.residual;
  input.r_peaks = found.r_peaks;
  input.findings = found.findings;
  if (found.reason.empty()) input.score = found.score;
  for (const systolic::ScorePart& part : found.parts)
    input.score_parts += (input.score_parts.empty() ? "" : ", ") + std::string(part.name) + " " + fixed(part.z, 1);
  input.threshold = found.threshold;
  input.percentile = found.percentile;
  input.abnormal = found.abnormal;
  if (found.threshold) {
    input.map_threshold = detector.calibration()->map_threshold;
    input.normal_scores = detector.calibration()->quantiles;
    input.normal_data = detector.calibration()->data;
  }
  input.intervals = analysis.intervals;
  input.quality = analysis.quality;
  input.reason = found.reason;
  input.record = name;
  if (settings.identify) input.identity = recording.comments();
  input.from = analysis.window.from;
  input.processing = "drawn as recorded, no filter";
  if (resampled) input.processing += ", " + significant(recording.rate()) + " Hz resampled to 500 Hz";
  input.steps = steps(recording, analysis, detector, options);
  input.warnings = recording.warnings();
  input.missing = analysis.window.missing;
  input.weights = detector.weights_name() + " " + detector.weights_checksum().substr(0, 12);
  input.program = std::string("systolic ") + systolic::version;
  if (settings.earlier) {
    input.earlier = settings.earlier;
    if (analysis.intervals)
      input.median_beat = systolic::report::diagnostic_median_beat(analysis.window.samples, analysis.intervals->beats);
  }
  return input;
}

void name_statements(ReportInput& input, const Analysis& analysis, const ReportSettings& settings,
                     systolic::Workspace& workspace) {
  if (settings.finder == nullptr || !analysis.detection.reason.empty()) return;
  const auto found = once::classify(settings.finder->diagnoser(), analysis.window.samples, workspace);
  if (!found.reason.empty()) return;
  input.statements = settings.finder->statements(found, analysis.detection.map, true, workspace);
  input.diagnosis_weights = settings.finder->weights();
  input.steps.push_back("Statements: probabilities by the weights " + input.diagnosis_weights + ", in bold from each " +
                        "statement's own threshold on.");
}

systolic::Status write_report(const std::string& path, const ReportInput& input, systolic::report::Layout layout) {
  const std::string ending = ending_of(path);
  if (ending == ".html") return systolic::io::write_file_atomically(path, systolic::report::html_report(input, layout));
#ifdef SYSTOLIC_WITH_PDF
  if (ending == ".pdf") {
    const auto pdf = systolic::report::pdf_report(input, layout);
    return pdf ? systolic::io::write_file_atomically(path, *pdf) : systolic::Status(pdf.error());
  }
#endif
  return systolic::io::write_file_atomically(path, systolic::report::svg_report(input, layout));
}

}  // namespace program
