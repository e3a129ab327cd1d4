// systolic info: what this program is and runs on, what a weights file holds, what a recording holds.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "in_order.hpp"
#include "inputs.hpp"
#include "once.hpp"
#include "output.hpp"
#include "systolic/core/parallel.hpp"
#include "systolic/core/version.hpp"
#include "systolic/ecg/quality.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/contour_weights.hpp"
#include "systolic/io/diagnosis_weights.hpp"
#include "systolic/io/landmark_weights.hpp"
#include "systolic/io/published_weights.hpp"
#include "systolic/io/weights.hpp"
#include "systolic/kernels/reduced_product.hpp"
#include "systolic/kernels/row_product.hpp"
#include "systolic/simd/isa.hpp"
#include "weights.hpp"

namespace program {
namespace {

namespace simd = systolic::simd;

void describe_program(const CommonOptions& options, Outcome& outcome) {
  std::vector<std::string> sets;
  for (const simd::Isa isa : {simd::Isa::baseline, simd::Isa::avx2, simd::Isa::avx512})
    if (isa <= simd::hardware_isa()) sets.emplace_back(simd::isa_name(isa));
  const std::string used = simd::isa_name(simd::active_isa());
  namespace kernels = systolic::kernels;
  const std::vector<std::string> chosen = {kernels::row_product_kernel(simd::active_isa()).name,
                                           kernels::reduced_kernels(systolic::Precision::bf16).front().name,
                                           kernels::reduced_kernels(systolic::Precision::int8).front().name};
  const auto place = find_weights(options.weights);

  std::string text = std::string("systolic ") + systolic::version + "\ninstruction sets: ";
  for (const std::string& set : sets) text += set + (set == used ? " (in use) " : " ");
  text.back() = '\n';
  text += "kernels: " + chosen[0] + " (--precision f32), " + chosen[1] + " (bf16), " + chosen[2] +
          " (int8)\nthreads: " + std::to_string(options.threads) + " of " +
          std::to_string(systolic::hardware_threads()) + "\nweights: ";
  text += place ? place->path + " (" + place->why + ")\n" : "none: " + place.error().message + "\n";
  outcome.add(options.format,
              Json::object()
                  .set("version", systolic::version)
                  .set("instruction_sets", sets)
                  .set("instruction_set", used)
                  .set("kernels", chosen)
                  .set("threads", options.threads)
                  .set("weights", place ? Json(place->path) : Json())
                  .set("weights_found", place ? place->why : place.error().message),
              text);
}

/// Which network a file's tensors are of, and whether they load. Loading runs the self-check.
struct LoadedWeights {
  std::string network;
  systolic::Status status;
};

LoadedWeights load(const systolic::nn::StateDict& state, const std::string& path) {
  const auto status = [](const auto& loaded) { return loaded ? systolic::Status() : systolic::Status(loaded.error()); };
  if (systolic::is_published_diagnosis(state)) {
    const auto diagnoser = once::make_published_diagnoser(state, path);
    std::string network = "published diagnosis";
    if (diagnoser)
      network += ", " + std::to_string(diagnoser->network().options.backbone.leads) + " channels, " +
                 std::to_string(diagnoser->classes()) + " classes";
    return {network, status(diagnoser)};
  }
  if (systolic::io::is_contour_network(state))
    return {"echo contour", status(systolic::io::make_contour_finder(state, path))};
  if (systolic::io::is_diagnosis(state)) return {"diagnosis", status(once::make_diagnoser(state, path))};
  if (systolic::echo::is_landmark_network(state)) {
    const auto network = systolic::io::make_landmark_network(state, path);
    std::string name = "landmarks of the left ventricle";
    if (network)
      name += network->options().image == systolic::echo::LandmarkImage::m_mode ? " in M-mode images" : " in frames";
    return {name, status(network)};
  }
  return {"restoration", status(once::make_detector(state, path))};
}

void describe_weights(const std::string& path, const CommonOptions& options, Outcome& outcome) {
  const auto state = read_weights(path);
  if (!state) return outcome.fail(state.error());
  Json tensors = Json::array(), metadata = Json::object();
  std::string list;
  Index parameters = 0;
  for (const auto& [name, tensor] : state->tensors) {
    tensors.add(Json::object().set("name", name).set("shape", tensor.shape()));
    list += "  " + name + " " + tensor.shape().text() + "\n";
    const bool of_score = name.starts_with("score.");  // statistics of normal recordings, not the network's
    if (!of_score && !name.ends_with(".running_mean") && !name.ends_with(".running_var")) parameters += tensor.size();
  }
  std::string text =
      path + ": " + std::to_string(state->tensors.size()) + " tensors, " + std::to_string(parameters) + " parameters\n";
  for (const auto& [key, value] : state->metadata) {
    metadata.set(key, value);
    constexpr std::size_t most = 100;
    text += "  " + key + ": " + value.substr(0, most) + (value.size() > most ? "..." : "") + "\n";
  }
  const LoadedWeights loaded = load(*state, path);
  const bool has_check = state->find_metadata("self_check") != nullptr;
  const std::string check = !loaded.status ? "failed: " + loaded.status.error().message
                            : has_check    ? "passed"
                                           : "none in the file";
  const std::string checksum = systolic::io::weights_checksum(*state);
  text += "network: " + loaded.network + "\nchecksum: " + checksum + "\nself-check: " + check + "\ntensors:\n" + list;
  if (!loaded.status && has_check) outcome.failed = true;
  outcome.add(options.format,
              Json::object()
                  .set("file", path)
                  .set("network", loaded.network)
                  .set("parameters", parameters)
                  .set("checksum", checksum)
                  .set("self_check", check)
                  .set("metadata", std::move(metadata))
                  .set("tensors", std::move(tensors)),
              text);
}

/// What is known about one lead after all windows.
struct LeadSummary {
  double lowest = std::numeric_limits<double>::infinity(), highest = -std::numeric_limits<double>::infinity();
  Index invalid = 0;
  Index bad_windows = 0;
  std::string problem;  ///< in the first window that has one

  void add(const std::vector<double>& samples) {
    for (const double sample : samples) {
      if (std::isnan(sample)) ++invalid;
      lowest = std::fmin(lowest, sample);
      highest = std::fmax(highest, sample);
    }
  }
  void add(const systolic::LeadQuality& quality, Index window, bool several) {
    if (quality.ok) return;
    if (bad_windows++ == 0)
      problem = (several ? "from " + fixed(systolic::window_seconds * static_cast<double>(window), 0) + " s: "
                         : std::string()) +
                quality.problem;
  }
};

/// Minimum, maximum and quality of each lead, in windows of 10 s, so that a long recording need not be held. What lies
/// behind the last whole window counts for the extremes only.
systolic::Result<std::vector<LeadSummary>> summarize(const Recording& recording, int threads) {
  const auto leads = static_cast<Index>(recording.leads().size());
  std::vector<LeadSummary> result(static_cast<std::size_t>(leads));
  const Index windows = recording.windows();
  const auto at_once = static_cast<Index>(std::max(1.0, std::min(1e6, 60 * recording.rate())));
  Index covered = windows > 0 ? systolic::window_range(recording.rate(), windows).first : 0;
  const auto column = [](const systolic::Record& part, Index lead) {
    std::vector<double> samples(static_cast<std::size_t>(part.length()));
    for (Index t = 0; t < part.length(); ++t) samples[static_cast<std::size_t>(t)] = part.samples(t, lead);
    return samples;
  };
  struct Judged {
    std::optional<systolic::Error> error;
    std::vector<std::vector<double>> samples;
    std::vector<systolic::LeadQuality> quality;
  };
  std::optional<systolic::Error> error;
  Index number = 0;
  run_in_order(
      windows, threads,
      [&](Index window, int) {
        Judged judged;
        const auto part = recording.part(systolic::window_range(recording.rate(), window));
        if (!part) {
          judged.error = part.error();
          return judged;
        }
        for (Index lead = 0; lead < leads; ++lead) {
          judged.samples.push_back(column(*part, lead));
          judged.quality.push_back(systolic::lead_quality(judged.samples.back(), recording.rate()));
        }
        return judged;
      },
      [&](const Judged& judged) {
        error = judged.error;
        for (std::size_t lead = 0; !error && lead < result.size(); ++lead) {
          result[lead].add(judged.samples[lead]);
          result[lead].add(judged.quality[lead], number, windows > 1);
        }
        ++number;
        return !error;
      });
  if (error) return *error;
  for (; covered < recording.length(); covered += at_once) {
    const auto part = recording.part({covered, std::min(at_once, recording.length() - covered)});
    if (!part) return part.error();
    for (Index lead = 0; lead < leads; ++lead) result[static_cast<std::size_t>(lead)].add(column(*part, lead));
  }
  return result;
}

void describe_record(const Recording& recording, const CommonOptions& options, Outcome& outcome) {
  for (const std::string& warning : recording.warnings()) outcome.note(recording.name() + ": " + warning);
  const auto summaries = summarize(recording, options.threads);
  if (!summaries) return outcome.fail(summaries.error());
  const Index windows = recording.windows();
  Json leads = Json::array(), quality = Json::object();
  std::string list;
  for (std::size_t lead = 0; lead < summaries->size(); ++lead) {
    const LeadSummary& summary = (*summaries)[lead];
    std::string name = recording.leads()[lead];
    leads.add(Json::object()
                  .set("name", name)
                  .set("min", summary.lowest)
                  .set("max", summary.highest)
                  .set("invalid", summary.invalid));
    std::string problem = summary.problem;
    if (windows > 1 && !problem.empty())
      problem +=
          " (" + std::to_string(summary.bad_windows) + " of " + std::to_string(windows) + " windows have problems)";
    const bool judged = windows > 0;
    quality.set(name, Json::object()
                          .set("ok", judged ? Json(problem.empty()) : Json())
                          .set("problem", problem.empty() ? Json() : Json(problem)));
    name.resize(std::max<std::size_t>(name.size(), 6), ' ');
    list += "  " + name;
    list += summary.lowest <= summary.highest
                ? " " + significant(summary.lowest) + " to " + significant(summary.highest) + " " + recording.units()
                : " -";
    list += (summary.invalid > 0 ? ", " + std::to_string(summary.invalid) + " invalid samples" : "");
    list += (problem.empty() ? judged ? ", ok" : "" : "; " + problem) + "\n";
  }
  outcome.add(options.format,
              Json::object()
                  .set("record", recording.name())
                  .set("rate", recording.rate())
                  .set("units", recording.units())
                  .set("length", recording.length())
                  .set("seconds", recording.seconds())
                  .set("windows", windows)
                  .set("left_out_seconds", recording.left_out_seconds())
                  .set("leads", std::move(leads))
                  .set("quality", std::move(quality))
                  .set("warnings", recording.warnings()),
              recording.name() + ": " + std::to_string(recording.leads().size()) + " leads, " +
                  significant(recording.rate(), 8) + " Hz, " + std::to_string(recording.length()) + " samples, " +
                  significant(recording.seconds(), 6) + " s, " + std::to_string(windows) +
                  (windows == 1 ? " window" : " windows") + " of 10 s\n" + list);
}

}  // namespace

int run_info(const RecordsOptions& options) {
  Printer printer(options.common.quiet);
  const auto print = [&](const auto& describe) {
    Outcome outcome;
    describe(outcome);
    printer.print(outcome);
  };
  if (options.records.empty()) print([&](Outcome& outcome) { describe_program(options.common, outcome); });
  for (const std::string& path : options.records) {
    if (looks_like_weights(path)) {
      print([&](Outcome& outcome) { describe_weights(path, options.common, outcome); });
      continue;
    }
    for (const Input& input : find_inputs({path}, options.common.rate))
      print([&](Outcome& outcome) {
        const auto recordings = open_recordings(input, options.common.rate);
        if (!recordings) return outcome.fail(recordings.error());
        for (const Recording& recording : *recordings) describe_record(recording, options.common, outcome);
      });
  }
  return printer.exit_status();
}

}  // namespace program
