// systolic classify: what each window of 10 s shows, statement by statement.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "detect_output.hpp"
#include "systolic/core/version.hpp"
#include "systolic/ecg/evidence.hpp"
#include "systolic/ecg/quality.hpp"
#include "weights.hpp"

namespace program {
namespace {

using systolic::Classification;
using systolic::ClassProbability;
using systolic::DiagnosisClass;

constexpr std::size_t most_evidence = 3;  // stretches a statement
constexpr std::size_t first_few = 5;      // statements that a person sees whether present or not

/// Everything that the windows of all recordings have in common.
struct Job {
  const ClassifyOptions& options;
  const systolic::Diagnoser& diagnoser;
  std::optional<systolic::Detector> detector = {};  ///< of the map; where evidence is wanted
  std::optional<systolic::EvidenceFinder> finder = {};
};

/// One window with all that classify finds out about it.
struct Classified {
  systolic::Window window;
  Classification found;
  std::optional<systolic::Intervals> intervals;
  std::vector<std::vector<systolic::Finding>> evidence;  ///< [class]
};

systolic::Result<Classified> classify(const Job& job, const Recording& recording, Index number,
                                      systolic::Workspace& workspace) {
  auto own = recording.window(number, job.options.common.allow_missing);
  if (!own) return own.error();
  Classified result;
  result.window = std::move(own->window);
  Classification& found = result.found;
  found.reason = result.window.reason;
  if (number < recording.windows()) {
    const std::string reason = systolic::range_quality(own->record, {0, own->record.length()}).reason;
    if (!reason.empty()) found.reason += (found.reason.empty() ? "" : "; ") + reason;
  }
  if (!found.reason.empty()) return result;
  found = job.diagnoser.classify(result.window.samples, workspace);
  if (!found.reason.empty()) return result;
  result.intervals = found.intervals;
  result.evidence.resize(found.classes.size());
  if (!job.finder) return result;
  systolic::DetectOptions settings;
  settings.missing = result.window.missing;
  const systolic::Detection detection = job.detector->detect(result.window.samples, settings, workspace);
  for (const ClassProbability& entry : found.classes)
    if (entry.present)
      result.evidence[entry.number] = job.finder->find(found, entry.number, detection.map, most_evidence, workspace);
  return result;
}

Json class_list(const Job& job, const Classified& window, DiagnosisClass::Kind kind) {
  Json list = Json::array();
  for (const ClassProbability& entry : window.found.ranked(job.diagnoser.classes(), kind)) {
    const DiagnosisClass& known = job.diagnoser.classes()[entry.number];
    Json fields = Json::object();
    fields.set("code", known.code)
        .set("name", known.name)
        .set("probability", entry.probability)
        .set("threshold", known.threshold)
        .set("present", entry.present);
    if (job.finder) {
      Json stretches = Json::array();
      for (const systolic::Finding& stretch : window.evidence[entry.number])
        stretches.add(Json::object()
                          .set("lead", systolic::standard_leads[static_cast<std::size_t>(stretch.lead)])
                          .set("from", stretch.from)
                          .set("to", stretch.to));
      fields.set("evidence", entry.present ? std::move(stretches) : Json());
    }
    list.add(std::move(fields));
  }
  return list;
}

Json window_fields(const Job& job, const Recording& recording, const Classified& window) {
  const Classification& found = window.found;
  const bool analysed = found.reason.empty();
  Json attributes = Json::object();
  for (std::size_t a = 0; a < systolic::attribute_names.size(); ++a)
    attributes.set(systolic::attribute_names[a], analysed ? Json(found.attributes[a]) : Json());
  std::string missing;
  for (const int lead : window.window.missing)
    missing +=
        (missing.empty() ? "without " : ", ") + std::string(systolic::standard_leads[static_cast<std::size_t>(lead)]);
  return Json::object()
      .set("record", recording.name())
      .set("window", window.window.number)
      .set("from", window.window.from)
      .set("status", analysed ? "ok" : "not analysable")
      .set("reason", !analysed         ? Json(found.reason)
                     : missing.empty() ? Json()
                                       : Json(missing))
      .set("statements", class_list(job, window, DiagnosisClass::Kind::statement))
      .set("superclasses", class_list(job, window, DiagnosisClass::Kind::superclass))
      .set("attributes", std::move(attributes))
      .set("intervals", interval_fields(window.intervals))
      .set("left_out_seconds", recording.left_out_seconds())
      .set("weights",
           Json::object().set("name", job.diagnoser.weights_name()).set("checksum", job.diagnoser.weights_checksum()))
      .set("version", systolic::version);
}

std::string class_line(const Job& job, const Classified& window, const ClassProbability& entry) {
  const DiagnosisClass& known = job.diagnoser.classes()[entry.number];
  std::string line = std::string(entry.present ? "  * " : "    ") + known.code;
  line.resize(std::max<std::size_t>(line.size() + 1, 12), ' ');
  line += fixed(100 * entry.probability, 1) + " %";
  line.resize(std::max<std::size_t>(line.size() + 1, 21), ' ');
  line += known.name;
  std::string where;
  for (const systolic::Finding& stretch : window.evidence[entry.number])
    where += (where.empty() ? "  [" : ", ") +
             std::string(systolic::standard_leads[static_cast<std::size_t>(stretch.lead)]) + " " +
             fixed(window.window.from + stretch.from, 2) + "-" + fixed(window.window.from + stretch.to, 2) + " s";
  return line + (where.empty() ? "" : where + "]") + "\n";
}

std::string window_text(const Job& job, const Recording& recording, const Classified& window) {
  const Classification& found = window.found;
  std::string text = recording.name();
  if (recording.windows() > 1)
    text +=
        ", " + fixed(window.window.from, 0) + " to " + fixed(window.window.from + systolic::window_seconds, 0) + " s";
  if (!found.reason.empty()) return text + ": not analysable: " + found.reason + "\n";
  text += ": looks " + fixed(found.attributes[0], 0) + " years old, " +
          (found.attributes[1] < 0.5 ? "male" : "female") + "\n";
  if (window.intervals) text += intervals_text(*window.intervals);
  std::string overview;
  for (const ClassProbability& entry : found.ranked(job.diagnoser.classes(), DiagnosisClass::Kind::superclass))
    overview += (overview.empty() ? "  " : ", ") + job.diagnoser.classes()[entry.number].name + " " +
                fixed(100 * entry.probability, 0) + " %" + (entry.present ? " *" : "");
  text += overview + "\n";
  std::size_t shown = 0;
  for (const ClassProbability& entry : found.ranked(job.diagnoser.classes(), DiagnosisClass::Kind::statement))
    if (entry.present || job.options.all || shown < first_few) {
      text += class_line(job, window, entry);
      ++shown;
    }
  return text + "  (* present: the probability reaches the statement's own threshold)\n";
}

}  // namespace

int run_classify(const ClassifyOptions& options) {
  const CommonOptions& common = options.common;
  const auto diagnoser = load_diagnoser(common.weights);
  if (!diagnoser) {
    print_message(diagnoser.error().message);
    return exit_failed;
  }
  Job job{options, *diagnoser};
  if (options.evidence) {
    auto detector = load_weights(options.restoration);
    if (!detector) {
      print_message(detector.error().message);
      return exit_failed;
    }
    job.detector.emplace(std::move(*detector));
    job.finder.emplace(*diagnoser);
  }
  return run_batch(find_inputs(options.records, common.rate), common, false,
                   [&](const Recording& recording, const std::string&, int threads, Outcome& outcome) {
                     systolic::Workspace workspace(threads);
                     for (Index number = 0; number < std::max<Index>(1, recording.windows()) && !interrupted();
                          ++number) {
                       const auto window = classify(job, recording, number, workspace);
                       if (!window) return outcome.fail(window.error());
                       if (common.format == Format::text)
                         outcome.add(common.format, {}, window_text(job, recording, *window));
                       else
                         outcome.add(common.format, window_fields(job, recording, *window), "");
                     }
                   });
}

}  // namespace program
