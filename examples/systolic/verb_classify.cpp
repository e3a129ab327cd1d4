// systolic classify: what each window of 10 s shows, statement by statement.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "classify_published.hpp"
#include "detect_output.hpp"
#include "once.hpp"
#include "statements.hpp"
#include "systolic/core/version.hpp"
#include "systolic/io/diagnosis_weights.hpp"
#include "systolic/io/published_weights.hpp"
#include "weights.hpp"

namespace program {
namespace {

using systolic::Classification;
using systolic::report::Statement;

constexpr std::size_t first_few = 5;  // statements that a person sees whether present or not

/// Everything that the windows of all recordings have in common.
struct Job {
  const ClassifyOptions& options;
  const StatementFinder& finder;
  std::optional<systolic::Detector> detector = {};  ///< of the map; where evidence is wanted
};

/// One window with all that classify finds out about it.
struct Classified {
  systolic::Window window;
  Classification found;
  std::optional<systolic::Intervals> intervals;
  std::vector<Statement> statements;
};

systolic::Result<Classified> classify(const Job& job, const Recording& recording, Index number,
                                      systolic::Workspace& workspace) {
  auto checked = recording.checked_window(number, job.options.common.allow_missing);
  if (!checked) return checked.error();
  Classified result;
  result.window = std::move(checked->window);
  Classification& found = result.found;
  found.reason = result.window.reason;
  if (!found.reason.empty()) return result;
  found = once::classify(job.finder.diagnoser(), result.window.samples, workspace);
  if (!found.reason.empty()) return result;
  result.intervals = found.intervals;
  systolic::Detection detection;
  if (job.detector) {
    systolic::DetectOptions settings;
    settings.missing = result.window.missing;
    detection = once::detect(*job.detector, result.window.samples, settings, workspace);
  }
  result.statements = job.finder.statements(found, detection.map, job.options.evidence, workspace);
  return result;
}

Json statement_list(const Job& job, const Classified& window, bool superclasses) {
  Json list = Json::array();
  for (const Statement& statement : window.statements) {
    if (statement.superclass != superclasses) continue;
    Json fields = Json::object();
    fields.set("code", statement.code)
        .set("name", statement.name)
        .set("probability", statement.probability)
        .set("threshold", statement.threshold)
        .set("present", statement.present);
    if (job.options.evidence && !superclasses) {
      Json stretches = Json::array();
      for (const systolic::Finding& stretch : statement.evidence)
        stretches.add(Json::object()
                          .set("lead", systolic::standard_leads[static_cast<std::size_t>(stretch.lead)])
                          .set("from", stretch.from)
                          .set("to", stretch.to));
      fields.set("evidence", statement.present ? std::move(stretches) : Json());
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
      .set("statements", statement_list(job, window, false))
      .set("superclasses", statement_list(job, window, true))
      .set("attributes", std::move(attributes))
      .set("intervals", interval_fields(window.intervals))
      .set("left_out_seconds", recording.left_out_seconds())
      .set("weights", Json::object()
                          .set("name", job.finder.diagnoser().weights_name())
                          .set("checksum", job.finder.diagnoser().weights_checksum()))
      .set("version", systolic::version);
}

std::string statement_line(const Classified& window, const Statement& statement) {
  std::string line = std::string(statement.present ? "  * " : "    ") + statement.code;
  line.resize(std::max<std::size_t>(line.size() + 1, 12), ' ');
  line += fixed(100 * statement.probability, 1) + " %";
  line.resize(std::max<std::size_t>(line.size() + 1, 21), ' ');
  line += statement.name;
  std::string where;
  for (const systolic::Finding& stretch : statement.evidence)
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
  std::string overview, lines;
  std::size_t shown = 0;
  for (const Statement& statement : window.statements) {
    if (statement.superclass) {
      overview += (overview.empty() ? "  " : ", ") + statement.name + " " + fixed(100 * statement.probability, 0) +
                  " %" + (statement.present ? " *" : "");
    } else if (statement.present || job.options.all || shown < first_few) {
      lines += statement_line(window, statement);
      ++shown;
    }
  }
  text += overview + "\n" + lines;
  return text + "  (* present: the probability reaches the statement's own threshold)\n";
}

}  // namespace

int run_classify(const ClassifyOptions& options) {
  const CommonOptions& common = options.common;
  const auto fail = [](const systolic::Error& error) {
    print_message(error.message);
    return exit_failed;
  };
  const auto place = find_weights(common.weights, "diagnosis.safetensors");
  if (!place) return fail(place.error());
  const auto state = read_weights(place->path);
  if (!state) return fail(state.error());
  if (systolic::is_published_diagnosis(*state)) {
    if (options.evidence) {
      print_message("--evidence: the published diagnosis network gives none");
      return exit_usage;
    }
    const auto published = once::make_published_diagnoser(*state, place->path);
    return published ? classify_published(options, *published) : fail(published.error());
  }
  auto diagnoser = once::make_diagnoser(*state, place->path);
  if (!diagnoser) return fail(diagnoser.error());
  const StatementFinder finder(std::move(*diagnoser));
  Job job{options, finder};
  if (options.evidence) {
    auto detector = load_weights(options.restoration);
    if (!detector) return fail(detector.error());
    job.detector.emplace(std::move(*detector));
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
