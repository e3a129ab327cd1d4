#include "systolic/ecg/diagnosis_published_classify.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "support/files.hpp"
#include "support/formula_model.hpp"
#include "support/pulses.hpp"
#include "support/sequences.hpp"
#include "support/shared.hpp"
#include "systolic/io/published_weights.hpp"
#include "systolic/io/report_json.hpp"
#include "systolic/io/torch_checkpoint.hpp"

using namespace systolic;
using testing::largest_difference;

namespace {

/// A network of the published lengths that is small in all else.
PublishedDiagnosisNetwork<float> small_network(Index channels) {
  PublishedDiagnosisOptions options;
  options.backbone = {.leads = channels, .hidden = 4, .width = 2};
  options.predictor = {6, 5};
  options.classifier.filters = 32;
  PublishedDiagnosisNetwork<float> network(options);
  testing::set_formula_weights(network);
  return network;
}

/// Twelve leads of one rhythm, each with a slow wave of its own, ten beats in 10 s.
Record synthetic(double rate, Index length) {
  Record record;
  record.rate = rate;
  record.leads.assign(standard_leads.begin(), standard_leads.end());
  record.samples = Tensor<double>({length, standard_lead_count});
  const Index factor = static_cast<Index>(rate / 500);
  std::vector<Index> places;
  for (const Index place : {300, 760, 1190, 1650, 2090, 2530, 2990, 3420, 3880, 4310}) places.push_back(place * factor);
  const std::vector<double> x = testing::pulses(length, places);
  for (Index t = 0; t < length; ++t)
    for (Index lead = 0; lead < standard_lead_count; ++lead)
      record.samples(t, lead) =
          x[static_cast<std::size_t>(t)] * static_cast<double>(lead + 1) +
          0.2 * std::sin(0.002 * static_cast<double>(t * (lead + 2)) / static_cast<double>(factor));
  return record;
}

PublishedDiagnosis classify(const PublishedDiagnoser& diagnoser, const Record& record,
                            const ClassifyPublishedOptions& options = {}, int threads = 1) {
  Workspace workspace(threads);
  return diagnoser.classify(record, options, workspace);
}

}  // namespace

TEST_CASE("the network's signals are cut from the published sheets") {
  SKIP_WITHOUT_SHARED();
  const auto record = io::read_report_json(testing::shared_folder() + "/data/records/report_json/example_1.json");
  REQUIRE(record);
  const PublishedSheets found = published_sheets(*record, 0, 4, false);
  REQUIRE(found.reason == "");
  REQUIRE(found.sheets.size() == 2);
  const Tensor<double> combined = testing::golden<double>("report_layout/combined");
  for (std::size_t half = 0; half < 2; ++half) {
    const auto peaks = testing::golden<std::int64_t>("report_layout/r_peaks_half" + std::to_string(half));
    Random random(1, 0);
    const PublishedInput input = published_input(found.sheets[half], false, random);
    CHECK(input.found);
    CHECK(input.places == std::vector<Index>(peaks.begin(), peaks.end()));
    const double* sheet = combined.data() + static_cast<Index>(half) * 5000 * 4;
    CHECK(largest_difference(input.global, TensorView<const double>(sheet + 100 * 4, {4800, 4})) < 1e-6);
    for (Index b = 0; b < input.beats.shape()[0]; ++b) {
      const Index first = input.places[static_cast<std::size_t>(b)] - 140;
      const TensorView<const float> beat(input.beats.data() + b * 480 * 4, {480, 4});
      CHECK(largest_difference(beat, TensorView<const double>(sheet + first * 4, {480, 4})) < 1e-6);
    }
    // The trend by its definition: difference of 10-sample means, scaled over all channels.
    Tensor<double> trend({4800, 4});
    for (Index t = 5; t < 4795; ++t)
      for (Index c = 0; c < 4; ++c) {
        double before = 0, after = 0;
        for (Index k = 0; k < 10; ++k) {
          before += sheet[(100 + t - 5 + k) * 4 + c] / 10;
          after += sheet[(100 + t - 4 + k) * 4 + c] / 10;
        }
        trend(t, c) = after - before;
      }
    signal::normalize_min_max(trend.data(), trend.size());
    CHECK(largest_difference(input.trend, trend) < 1e-6);
  }
}

TEST_CASE("probabilities are the mean over beats of a sheet, then over sheets") {
  const PublishedDiagnoser diagnoser(small_network(4));
  const Record record = synthetic(1000, 10000);
  const PublishedDiagnosis result = classify(diagnoser, record);
  REQUIRE(result.reason == "");
  REQUIRE(result.probabilities.size() == 116);
  CHECK(diagnoser.class_name(9) == "Atrial fibrillation");
  CHECK(result.warnings.empty());

  const PublishedSheets found = published_sheets(record, 0, 4, false);
  REQUIRE(found.sheets.size() == 2);
  std::vector<double> expected(116, 0.0), attributes(7, 0.0);
  Workspace workspace;
  for (std::size_t half = 0; half < 2; ++half) {
    Random random(1, half);
    PublishedInput input = published_input(found.sheets[half], false, random);
    CHECK(result.beats[half] == input.places);
    const Index beats = input.beats.shape()[0];
    REQUIRE(beats >= 8);
    for (Index b = 0; b < beats; ++b) {
      Workspace::Scope scope(workspace);
      Tensor<float> beat({1, 480, 4});
      std::copy_n(input.beats.data() + b * beat.size(), beat.size(), beat.data());
      const auto output = diagnoser.network()(testing::sequence_of(input.global), testing::sequence_of(beat),
                                              testing::sequence_of(input.trend), workspace);
      const double share = 0.5 / static_cast<double>(beats);
      for (std::size_t c = 0; c < 116; ++c)
        expected[c] += share / (1 + std::exp(-static_cast<double>(output.logits.data[c])));
      for (std::size_t a = 0; a < 7; ++a) attributes[a] += share * static_cast<double>(output.attributes.data[a]);
    }
  }
  for (std::size_t c = 0; c < 116; ++c) CHECK(result.probabilities[c] == doctest::Approx(expected[c]).epsilon(1e-5));
  for (std::size_t a = 0; a < 7; ++a) CHECK(result.attributes[a] == doctest::Approx(attributes[a]).epsilon(1e-5));
}

TEST_CASE("a record at another rate is one sheet; twelve leads go to a network of twelve") {
  const Record record = synthetic(500, 10000);
  const PublishedDiagnoser four(small_network(4)), twelve(small_network(12));
  for (const PublishedDiagnoser* diagnoser : {&four, &twelve}) {
    const PublishedDiagnosis result = classify(*diagnoser, record),
                             second = classify(*diagnoser, record, {.window = 1});
    CHECK(result.reason == "");
    CHECK(result.beats.size() == 1);
    for (const double probability : result.probabilities) CHECK((probability > 0 && probability < 1));
    CHECK(second.reason == "");
    CHECK(second.probabilities != result.probabilities);
  }
  CHECK(classify(four, record).probabilities != classify(twelve, record).probabilities);
}

TEST_CASE("the same result for any number of threads; a drawn beat depends on the seed alone") {
  const PublishedDiagnoser diagnoser(small_network(4));
  const Record record = synthetic(1000, 10000);
  const PublishedDiagnosis all = classify(diagnoser, record);
  CHECK(classify(diagnoser, record, {}, 2).probabilities == all.probabilities);
  CHECK(classify(diagnoser, record, {.seed = 5}).probabilities == all.probabilities);
  const PublishedDiagnosis one = classify(diagnoser, record, {.one_beat = true});
  CHECK(one.beats[0].size() == 1);
  CHECK(classify(diagnoser, record, {.one_beat = true}, 2).probabilities == one.probabilities);
  std::set<std::vector<std::vector<Index>>> drawn;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    drawn.insert(classify(diagnoser, record, {.one_beat = true, .seed = seed}).beats);
  CHECK(drawn.size() > 2);
}

TEST_CASE("without an R peak a place with room for a beat is drawn") {
  ReportSheet sheet{formula_tensor<double>("sheet", {5000, 4}), {}};
  std::set<Index> drawn;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 0), again(seed, 0);
    const PublishedInput input = published_input(sheet, false, random);
    CHECK_FALSE(input.found);
    REQUIRE(input.places.size() == 1);
    CHECK(input.places == published_input(sheet, false, again).places);
    CHECK(input.places[0] > 200);
    CHECK(input.places[0] < 4400);
    drawn.insert(input.places[0]);
  }
  CHECK(drawn.size() > 150);
}

TEST_CASE("what cannot be diagnosed has a reason") {
  const PublishedDiagnoser diagnoser(small_network(4));
  CHECK(classify(diagnoser, synthetic(1000, 9999)).reason == "shorter than 10 s");
  CHECK(classify(diagnoser, synthetic(500, 5000), {.window = 1}).reason == "the record has no window 1");
  Record record = synthetic(1000, 10000);
  record.leads[8] = "X";
  CHECK(classify(diagnoser, record).reason == "lead V3 is missing");
  CHECK(classify(diagnoser, record, {.allow_missing = true}).reason == "");
  record = synthetic(500, 5000);
  for (Index t = 0; t < 5000; ++t) record.samples(t, 6) = 0.25;
  CHECK(classify(diagnoser, record).reason == "lead V1 is flat");
}

TEST_CASE("weights survive both file formats; scales and self-check are read, and damage is found") {
  PublishedDiagnosisNetwork<float> network = small_network(4);
  nn::StateDict state = nn::save_parameters(network);
  testing::TemporaryFolder folder;
  REQUIRE(io::write_torch_checkpoint(folder.path("w.pt"), state));
  const auto torch = io::read_torch_checkpoint(folder.path("w.pt"));
  REQUIRE(torch);
  CHECK(is_published_diagnosis(*torch));
  const auto plain = io::make_published_diagnoser(*torch, "w.pt");
  if (!plain) FAIL(plain.error().message);
  CHECK(plain->weights_name() == "w.pt");
  CHECK_FALSE(plain->attribute_scale());

  Workspace workspace;
  io::set_published_self_check(state, plain->network(), workspace);
  state.set_metadata("attributes.mean", "60 0.5 75 160 400 420 95");
  state.set_metadata("attributes.deviation", "15 0.5 12 25 35 30 12");
  REQUIRE(io::write_safetensors(folder.path("w.safetensors"), state, io::DataType::f32));
  const auto read = io::read_safetensors(folder.path("w.safetensors"));
  REQUIRE(read);
  const auto scaled = io::make_published_diagnoser(*read, "w");
  if (!scaled) FAIL(scaled.error().message);
  const Record record = synthetic(1000, 10000);
  const PublishedDiagnosis raw = classify(*plain, record), years = classify(*scaled, record);
  CHECK(raw.probabilities == years.probabilities);
  CHECK(years.attributes[0] == doctest::Approx(60 + 15 * raw.attributes[0]));
  CHECK(years.attributes[6] == doctest::Approx(95 + 12 * raw.attributes[6]));

  nn::StateDict damaged = *read;
  for (nn::NamedTensor& entry : damaged.tensors)
    if (entry.name == "class_head.dense.bias") entry.tensor(58) += 1;
  const auto refused = io::make_published_diagnoser(damaged, "w");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.starts_with("w: self-check: output 10 is "));
  damaged = *read;
  damaged.set_metadata("attributes.deviation", "15 0.5");
  const auto malformed = io::make_published_diagnoser(damaged, "w");
  REQUIRE_FALSE(malformed);
  CHECK(malformed.error().message == "w: metadata attributes.deviation: is not seven numbers");
}
