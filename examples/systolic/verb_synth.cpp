// systolic synth: a recording with a known anomaly, made up or put into a real one, and the truth about it.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "folders.hpp"
#include "inputs.hpp"
#include "output.hpp"
#include "synth_options.hpp"
#include "systolic/ecg/inject.hpp"
#include "systolic/ecg/synthetic.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/wfdb_annotation.hpp"
#include "systolic/io/wfdb_write.hpp"

namespace program {
namespace {

using systolic::Anomaly;
using systolic::Result;
using systolic::Status;
using systolic::SyntheticRecord;

/// The recording that is asked for, with its truth.
Result<SyntheticRecord> make(const SynthOptions& options) {
  const auto kind = systolic::find_anomaly_kind(options.anomaly);
  if (!kind) return kind.error();
  if (options.into.empty()) {
    systolic::SyntheticOptions synthetic;
    synthetic.seconds = options.seconds.value_or(synthetic.seconds);
    synthetic.rate = options.rate.value_or(synthetic.rate);
    synthetic.heart_rate = options.heart_rate.value_or(synthetic.heart_rate);
    synthetic.rr_deviation = options.rr_deviation.value_or(synthetic.rr_deviation);
    synthetic.noise = options.noise.value_or(synthetic.noise);
    synthetic.baseline_wander = options.baseline_wander.value_or(synthetic.baseline_wander);
    synthetic.anomaly = *kind;
    synthetic.severity = options.severity;
    synthetic.seed = options.common.seed;
    return systolic::synthesize(synthetic);
  }
  const std::vector<Input> inputs = find_inputs({options.into});
  if (inputs.size() != 1)
    return systolic::error_at(options.into, "", "holds " + std::to_string(inputs.size()) + " recordings; name one");
  const auto record = read_recording(inputs[0]);
  if (!record) return record.error();
  return systolic::inject_anomaly(*record, {*kind, options.severity, options.common.seed});
}

/// The beats as a WFDB annotation file has them.
std::vector<systolic::io::Annotation> annotations(const SyntheticRecord& made, Anomaly anomaly) {
  using systolic::io::AnnotationCode;
  using systolic::synthetic::BeatOrigin;
  const auto code = [&](BeatOrigin origin) {
    if (origin == BeatOrigin::ventricle) return AnnotationCode::premature_ventricular_beat;
    if (origin == BeatOrigin::atrium) return AnnotationCode::atrial_premature_beat;
    if (origin == BeatOrigin::pacemaker) return AnnotationCode::paced_beat;
    if (anomaly == Anomaly::left_bundle_branch_block) return AnnotationCode::left_bundle_branch_block_beat;
    if (anomaly == Anomaly::right_bundle_branch_block) return AnnotationCode::right_bundle_branch_block_beat;
    return AnnotationCode::normal_beat;
  };
  std::vector<systolic::io::Annotation> result(made.beats.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i].sample = made.r_peaks[i];
    result[i].code = code(made.beats[i].origin);
  }
  if (!result.empty()) result[0].auxiliary = anomaly == Anomaly::atrial_fibrillation ? "(AFIB" : "(N";
  if (!result.empty() && anomaly == Anomaly::paced_rhythm) result[0].auxiliary = "(P";
  return result;
}

std::string leads_text(const std::vector<int>& leads) {
  if (leads.size() == systolic::standard_leads.size()) return "all leads";
  std::string text;
  for (const int lead : leads)
    text += (text.empty() ? "" : " ") + std::string(systolic::standard_leads[static_cast<std::size_t>(lead)]);
  return text;
}

void describe(const SynthOptions& options, const std::string& stem, const SyntheticRecord& made, Outcome& outcome) {
  Json anomalies = Json::array();
  std::string stretches;
  constexpr std::size_t most = 20;
  for (std::size_t i = 0; i < made.anomalies.size(); ++i) {
    const systolic::SyntheticAnomaly& anomaly = made.anomalies[i];
    Json leads = Json::array();
    for (const int lead : anomaly.leads) leads.add(systolic::standard_leads[static_cast<std::size_t>(lead)]);
    anomalies.add(Json::object()
                      .set("name", anomaly.name)
                      .set("from", anomaly.from)
                      .set("to", anomaly.to)
                      .set("leads", std::move(leads)));
    if (i < most)
      stretches +=
          "  " + fixed(anomaly.from, 3) + " to " + fixed(anomaly.to, 3) + " s: " + leads_text(anomaly.leads) + "\n";
  }
  if (made.anomalies.size() > most)
    stretches += "  and " + std::to_string(made.anomalies.size() - most) + " more stretches\n";
  Index marked = 0;
  for (const std::uint8_t sample : made.abnormal) marked += sample;
  const double share = static_cast<double>(marked) / static_cast<double>(made.abnormal.size());
  const Json fields = Json::object()
                          .set("record", stem)
                          .set("seconds", made.record.seconds())
                          .set("rate", made.record.rate)
                          .set("into", options.into.empty() ? Json() : Json(options.into))
                          .set("anomaly", options.anomaly)
                          .set("severity", options.severity)
                          .set("seed", options.common.seed)
                          .set("beats", made.beats.size())
                          .set("abnormal_share", share)
                          .set("anomalies", std::move(anomalies));
  const std::string text = stem + ": " + fixed(made.record.seconds(), 1) + " s at " + significant(made.record.rate) +
                           " Hz, " + std::to_string(made.beats.size()) + " beats, " +
                           (made.anomalies.empty() ? std::string("no anomaly") : made.anomalies[0].name) + "\n" +
                           stretches;
  outcome.add(options.common.format, fields, text);
}

}  // namespace

int run_synth(const SynthOptions& options) {
  Outcome outcome;
  Printer printer(options.common.quiet);
  const auto finish = [&] {
    printer.print(outcome);
    return printer.exit_status();
  };
  const std::string stem = options.out.ends_with(".hea") ? options.out.substr(0, options.out.size() - 4) : options.out;
  if (!options.into.empty() && (options.seconds || options.rate || options.heart_rate || options.rr_deviation ||
                                options.noise || options.baseline_wander)) {
    print_message(
        "--into takes length, rate, rhythm and noise from its recording; leave --seconds, --rate, "
        "--heart-rate, --rr-deviation, --noise and --baseline-wander out");
    return exit_usage;
  }
  auto made = make(options);
  if (!made) {
    outcome.fail(made.error());
    return finish();
  }
  made->record.name = stem;
  // evaluate --localization finds the kind here.
  made->record.comments = {
      options.into.empty() ? "synthetic: no person's recording" : "a real recording with a synthetic anomaly",
      "anomaly: " + options.anomaly};
  const auto kind = systolic::find_anomaly_kind(options.anomaly);
  // The header comes last: a record that has one is whole.
  Status status = systolic::io::write_npy(stem + ".truth.npy", made->abnormal);
  if (status) status = systolic::io::write_wfdb_annotations(stem + ".atr", annotations(*made, kind->anomaly));
  if (status) status = systolic::io::write_wfdb(stem, made->record);
  if (!status)
    outcome.fail(status.error());
  else
    describe(options, stem, *made, outcome);
  return finish();
}

}  // namespace program
