// systolic synth and evaluate --localization

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/wfdb_annotation.hpp"

using namespace testing;
using systolic::Index;

TEST_CASE("synth writes a record, its beats and the truth, and says what is where") {
  const TemporaryFolder folder;
  const std::string out = folder.path("a");
  const Run run = run_program(
      {"synth", out, "--anomaly", "pvc", "--seconds", "12", "--rate", "250", "--seed", "3", "--format", "json"});
  CHECK(run.status == 0);
  const auto said = run.json().at(0);
  CHECK(keys(said) == std::vector<std::string>{"record", "seconds", "rate", "into", "anomaly", "severity", "seed",
                                               "beats", "abnormal_share", "anomalies"});
  CHECK(said["anomaly"] == "pvc");
  CHECK(said["into"].is_null());
  const auto record = systolic::io::read_wfdb(out);
  REQUIRE(record);
  CHECK(record->samples.shape() == systolic::Shape{3000, 12});
  const auto truth = systolic::io::read_npy<std::uint8_t>(out + ".truth.npy");
  REQUIRE(truth);
  CHECK(truth->shape() == record->samples.shape());
  const auto beats = systolic::io::read_wfdb_annotations(out + ".atr");
  REQUIRE(beats);
  CHECK(beats->annotations.size() == said["beats"]);
  int ventricular = 0;
  for (const auto& beat : beats->annotations)
    ventricular += beat.code == systolic::io::AnnotationCode::premature_ventricular_beat;
  CHECK(ventricular == 2);
  // The stretches in the output are those of the truth.
  std::vector<bool> listed(3000, false);
  for (const auto& anomaly : said["anomalies"]) {
    CHECK(anomaly["name"] == "premature ventricular beats");
    for (auto t = static_cast<std::size_t>(std::lround(250 * anomaly["from"].get<double>()));
         t < static_cast<std::size_t>(std::lround(250 * anomaly["to"].get<double>())); ++t)
      listed[t] = true;
  }
  for (Index t = 0; t < 3000; ++t) {
    bool any = false;
    for (Index lead = 0; lead < 12; ++lead) any = any || (*truth)(t, lead) != 0;
    REQUIRE(any == listed[static_cast<std::size_t>(t)]);
  }
}

TEST_CASE("the same request writes the same bytes, another seed others") {
  const TemporaryFolder folder;
  for (const char* name : {"one", "two", "three"}) {
    std::filesystem::create_directory(folder.path(name));
    CHECK(run_program(
              {"synth", folder.path(name) + std::string("/x"), "--anomaly", "af", "--seed", name[1] == 'h' ? "2" : "1"})
              .status == 0);
  }
  for (const char* ending : {".hea", ".dat", ".atr", ".truth.npy"}) {
    const auto bytes = [&](const char* name) { return read_bytes(folder.path(name) + std::string("/x") + ending); };
    CHECK(bytes("one") == bytes("two"));
    if (std::string(ending) != ".hea") CHECK(bytes("one") != bytes("three"));
  }
}

TEST_CASE("synth puts an anomaly into a recording and leaves the rest alone") {
  const TemporaryFolder folder;
  const Run run =
      run_program({"synth", folder.path("b"), "--into", example("normal"), "--anomaly", "st-elevation-inferior"});
  CHECK(run.status == 0);
  CHECK(contains(run.out, "inferior ST elevation"));
  const auto before = example_record(), after = *systolic::io::read_wfdb(folder.path("b"));
  const auto truth = systolic::io::read_npy<std::uint8_t>(folder.path("b.truth.npy"));
  REQUIRE(truth);
  Index marked = 0;
  for (Index i = 0; i < before.samples.size(); ++i) {
    marked += truth->data()[i];
    if (!truth->data()[i]) REQUIRE(std::fabs(after.samples.data()[i] - before.samples.data()[i]) < 0.032);
  }
  CHECK(marked > 1000);
}

TEST_CASE("synth says what is wrong with the request, and leaves nothing behind") {
  const TemporaryFolder folder;
  const auto refused = [&](std::vector<std::string> more, int status, const std::string& message) {
    more.insert(more.begin(), {"synth", folder.path("c")});
    const Run run = run_program(more);
    CHECK(run.status == status);
    CHECK(contains(run.err, message));
    CHECK_FALSE(std::filesystem::exists(folder.path("c.hea")));
  };
  refused({"--anomaly", "pvcs"}, 2, "'pvcs' is not known; there is none, pvc");
  refused({"--heart-rate", "900"}, 1, "heart rate: not in 20 to 250");
  refused({"--severity", "0"}, 1, "severity: not in 0.1 to 3");
  refused({"--into", folder.path("absent")}, 1, "absent");
  refused({"--into", example("normal"), "--seconds", "20"}, 2, "--into takes length");
  CHECK(run_program({"synth", folder.path("no/such/folder/c")}).status == 1);
}

TEST_CASE("evaluate --localization measures the map against the truth, by kind") {
  const TemporaryFolder folder;
  for (const char* kind : {"none", "pvc", "lbbb"})
    CHECK(run_program({"synth", folder.path(kind), "--anomaly", kind}).status == 0);
  const auto evaluate = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"evaluate", "--localization", folder.path("."), "--beats", "1"});
    return run_program(more);
  };
  const Run run = evaluate({"--format", "json", "--threads", "1"});
  CHECK(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(result["records"] == 2);
  CHECK(result["left_out"] == 1);
  CHECK(result["points"] == 2 * 4800 * 12);
  REQUIRE(keys(result["kinds"]) == std::vector<std::string>{"lbbb", "pvc"});
  for (const char* figure :
       {"auroc", "auroc_within_records", "auprc", "best_dice", "dice_at_map_threshold", "abnormal_share"}) {
    CAPTURE(figure);
    const double value = result["kinds"]["pvc"][figure];
    CHECK((value >= 0 && value <= 1));
  }
  CHECK(result["kinds"]["pvc"]["auroc"] > 0.5);
  CHECK(evaluate({"--format", "json", "--threads", "3"}).out == run.out);
  CHECK(evaluate({"--format", "csv"}).out.starts_with("anomaly,records,"));
  CHECK(contains(evaluate({}).out, "1 recordings without any abnormal sample left out"));

  // Truth of another shape is an error that names it; the others are measured.
  std::filesystem::copy_file(folder.path("pvc.hea"), folder.path("z.hea"));
  write_bytes(folder.path("z.truth.npy"), "no array");
  const Run damaged = evaluate({"--format", "json"});
  CHECK(damaged.status == 1);
  CHECK(contains(damaged.err, "z.truth.npy"));
  CHECK(damaged.json().at(0)["records"] == 2);
  CHECK(run_program({"evaluate", "--localization", folder.path("absent")}).status == 1);
  CHECK(run_program({"evaluate"}).status == 2);
}
