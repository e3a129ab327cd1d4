#include "classify_published.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "batch.hpp"
#include "detect_output.hpp"
#include "once.hpp"
#include "systolic/core/version.hpp"

namespace program {
namespace {

using systolic::PublishedDiagnoser;
using systolic::PublishedDiagnosis;

constexpr std::size_t first_few = 5;  // statements that a person sees

struct Classified {
  Index number = 0;
  double from = 0;  ///< seconds
  PublishedDiagnosis found;
  std::vector<std::size_t> ranked;  ///< classes, most probable first
  std::optional<systolic::Intervals> intervals;
};

systolic::Result<Classified> classify(const ClassifyOptions& options, const PublishedDiagnoser& diagnoser,
                                      const Recording& recording, Index number, systolic::Workspace& workspace) {
  const auto own = recording.checked_window(number, options.common.allow_missing);
  if (!own) return own.error();
  Classified result;
  result.number = number;
  result.from = own->window.from;
  PublishedDiagnosis& found = result.found;
  found.reason = own->window.reason;
  if (!found.reason.empty()) return result;
  systolic::ClassifyPublishedOptions settings;
  settings.allow_missing = options.common.allow_missing;
  settings.seed = options.common.seed;
  found = once::classify(diagnoser, own->record, settings, workspace);
  if (!found.reason.empty()) return result;
  result.ranked.resize(found.probabilities.size());
  std::iota(result.ranked.begin(), result.ranked.end(), std::size_t{0});
  std::stable_sort(result.ranked.begin(), result.ranked.end(),
                   [&](std::size_t a, std::size_t b) { return found.probabilities[a] > found.probabilities[b]; });
  result.intervals = once::measure_intervals(own->window.samples,
                                             once::systolic_r_peaks(own->window.samples, systolic::analysis_rate));
  return result;
}

Json window_fields(const PublishedDiagnoser& diagnoser, const Recording& recording, const Classified& window) {
  const PublishedDiagnosis& found = window.found;
  const bool analysed = found.reason.empty();
  Json statements = Json::array(), attributes = Json::object();
  for (const std::size_t c : window.ranked)
    statements.add(Json::object()
                       .set("code", std::to_string(c))
                       .set("name", diagnoser.class_name(static_cast<Index>(c)))
                       .set("probability", found.probabilities[c])
                       .set("threshold", Json())
                       .set("present", Json()));
  for (std::size_t a = 0; a < systolic::attribute_names.size(); ++a)
    attributes.set(systolic::attribute_names[a], analysed ? Json(found.attributes[a]) : Json());
  return Json::object()
      .set("record", recording.name())
      .set("window", window.number)
      .set("from", window.from)
      .set("status", analysed ? "ok" : "not analysable")
      .set("reason", analysed ? Json() : Json(found.reason))
      .set("statements", std::move(statements))
      .set("superclasses", Json::array())
      .set("attributes", std::move(attributes))
      .set("intervals", interval_fields(window.intervals))
      .set("left_out_seconds", recording.left_out_seconds())
      .set("weights",
           Json::object().set("name", diagnoser.weights_name()).set("checksum", diagnoser.weights_checksum()))
      .set("version", systolic::version);
}

std::string window_text(const ClassifyOptions& options, const PublishedDiagnoser& diagnoser, const Recording& recording,
                        const Classified& window) {
  const PublishedDiagnosis& found = window.found;
  std::string text = recording.name();
  if (recording.windows() > 1)
    text += ", " + fixed(window.from, 0) + " to " + fixed(window.from + systolic::window_seconds, 0) + " s";
  if (!found.reason.empty()) return text + ": not analysable: " + found.reason + "\n";
  text += "\n";
  if (window.intervals) text += intervals_text(*window.intervals);
  for (std::size_t i = 0; i < window.ranked.size() && (options.all || i < first_few); ++i) {
    std::string line = "    " + fixed(100 * found.probabilities[window.ranked[i]], 1) + " %";
    line.resize(std::max<std::size_t>(line.size() + 1, 13), ' ');
    text += line + diagnoser.class_name(static_cast<Index>(window.ranked[i])) + "\n";
  }
  return text;
}

}  // namespace

int classify_published(const ClassifyOptions& options, const PublishedDiagnoser& diagnoser) {
  const CommonOptions& common = options.common;
  return run_batch(find_inputs(options.records, common.rate), common, false,
                   [&](const Recording& recording, const std::string&, int threads, Outcome& outcome) {
                     systolic::Workspace workspace(threads);
                     for (Index number = 0; number < std::max<Index>(1, recording.windows()) && !interrupted();
                          ++number) {
                       const auto window = classify(options, diagnoser, recording, number, workspace);
                       if (!window) return outcome.fail(window.error());
                       for (const std::string& warning : window->found.warnings)
                         outcome.note(recording.name() + ": " + warning);
                       if (common.format == Format::text)
                         outcome.add(common.format, {}, window_text(options, diagnoser, recording, *window));
                       else
                         outcome.add(common.format, window_fields(diagnoser, recording, *window), "");
                     }
                   });
}

}  // namespace program
