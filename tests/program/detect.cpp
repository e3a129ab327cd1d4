// systolic detect

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/wfdb_annotation.hpp"

using namespace testing;

namespace {

const std::vector<std::string> fields = {"record",  "window",     "from",       "status",    "reason",
                                         "score",   "percentile", "abnormal",   "threshold", "r_peaks",
                                         "beats",   "findings",   "quality",    "intervals", "left_out_seconds",
                                         "weights", "version",    "score_kind", "parts"};

/// `detect` with few beats, to be quick.
Run detect(std::vector<std::string> arguments, const Surroundings& how = {}) {
  arguments.insert(arguments.begin(), {"detect", "--beats", "1", "--format", "json"});
  return run_program(arguments, how);
}

nlohmann::ordered_json detect_record(const systolic::Record& record, const std::vector<std::string>& options = {}) {
  const TemporaryFolder folder;
  write_record(folder.path("changed"), record);
  std::vector<std::string> arguments = {folder.path("changed")};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Run run = detect(arguments);
  CHECK(run.status == 0);
  const auto results = run.json();
  REQUIRE(results.size() == 1);
  return results[0];
}

}  // namespace

TEST_CASE("a recording of 10 s is one result with every field of the contract") {
  const Run run = detect({example("normal")});
  CHECK(run.status == 0);
  CHECK(run.err == "");
  const auto results = run.json();
  REQUIRE(results.size() == 1);
  const auto& result = results[0];
  CHECK(keys(result) == fields);
  CHECK(result["record"] == example("normal"));
  CHECK(result["window"] == 0);
  CHECK(result["status"] == "ok");
  CHECK(result["reason"].is_null());
  CHECK(result["score"].is_number());
  CHECK(keys(result["parts"]) == std::vector<std::string>{"beat", "t_wave", "qrs", "restoration", "latent", "age"});
  CHECK((result["score_kind"] == "combined") == result["parts"]["beat"].is_number());
  CHECK(result["r_peaks"].size() >= 10);
  CHECK(keys(result["beats"].at(0)) == std::vector<std::string>{"r_peak", "score"});
  CHECK(keys(result["weights"]) == std::vector<std::string>{"name", "checksum"});
  CHECK(keys(result["quality"]) ==
        std::vector<std::string>{"I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"});
  for (const auto& lead : result["quality"]) {
    CHECK(lead["ok"] == true);
    CHECK(lead["problem"].is_null());
  }
  const auto& intervals = result["intervals"];
  CHECK(keys(intervals) == std::vector<std::string>{"heart_rate", "p", "pr", "qrs", "qt", "qtc", "qtc_fridericia",
                                                    "axis", "pacemaker_spikes"});
  CHECK(intervals["heart_rate"].get<double>() == doctest::Approx(67.9).epsilon(0.01));
  CHECK(intervals["pr"] >= 120);
  CHECK(intervals["pr"] <= 200);
  CHECK(intervals["qrs"] >= 60);
  CHECK(intervals["qrs"] <= 120);
  CHECK(intervals["qt"] >= 340);
  CHECK(intervals["qt"] <= 440);
  CHECK(intervals["pacemaker_spikes"].empty());
  CHECK(result["left_out_seconds"] == 0);
}

TEST_CASE("the shipped weights know how normal recordings score") {
  const auto result = detect({example("two_pvc")}).json().at(0);
  CHECK(result["threshold"].is_number());
  CHECK(result["abnormal"] == (result["score"] > result["threshold"]));
  CHECK(result["percentile"] >= 0);
  CHECK(result["percentile"] <= 100);
  REQUIRE(result["findings"].is_array());
  for (const auto& finding : result["findings"]) {
    CHECK(keys(finding) == std::vector<std::string>{"lead", "from", "to", "score"});
    CHECK(finding["to"].get<double>() - finding["from"].get<double>() >= 0.04 - 1e-9);
  }
}

TEST_CASE("without a calibration for the combination there is a score and no percentile") {
  const auto result = detect({example("normal"), "--peaks", "shannon"}).json().at(0);
  CHECK(result["score"].is_number());
  for (const char* unknown : {"percentile", "abnormal", "threshold"}) CHECK(result[unknown].is_null());
  CHECK(result["findings"].empty());
}

TEST_CASE("a record may be named by its header, its signal file or neither") {
  const std::string plain = detect({example("normal")}).out;
  CHECK(detect({example("normal.hea")}).out == plain);
  CHECK(detect({example("normal.dat")}).out == plain);
}

TEST_CASE("an array gives the scores of the record it was made from") {
  const TemporaryFolder folder;
  const systolic::Record record = example_record();
  REQUIRE(systolic::io::write_npy(folder.path("one.npy"), record.samples));
  systolic::Tensor<double> two({2, 5000, 12});
  for (systolic::Index i = 0; i < two.size(); ++i) two.data()[i] = record.samples.data()[i % record.samples.size()];
  REQUIRE(systolic::io::write_npy(folder.path("two.npy"), two));
  const auto expected = detect({example("normal")}).json().at(0);
  const auto results = detect({folder.path("one.npy"), folder.path("two.npy")}).json();
  REQUIRE(results.size() == 3);
  for (const auto& result : results) CHECK(result["score"] == expected["score"]);
  CHECK(results[0]["record"] == folder.path("one.npy"));
  CHECK(results[2]["record"] == folder.path("two.npy#1"));
}

TEST_CASE("a longer recording is cut into windows and the rest is counted") {
  const TemporaryFolder folder;
  write_record(folder.path("long"), with_length(example_record(), 11500));
  const auto results = detect({folder.path("long"), "--map", folder.path("maps")}).json();
  REQUIRE(results.size() == 2);
  CHECK(results[1]["window"] == 1);
  CHECK(results[1]["from"] == 10);
  CHECK(results[0]["score"] == results[1]["score"]);
  CHECK(results[1]["left_out_seconds"] == 3);
  CHECK(std::filesystem::exists(folder.path("maps/long-w0000.npy")));
  CHECK(std::filesystem::exists(folder.path("maps/long-w0001.npy")));
}

TEST_CASE("a lead's problem is named with its figure, and the rest is analysed") {
  systolic::Record record = example_record();
  for (systolic::Index t = 0; t < record.length(); ++t)
    record.samples(t, 7) += 0.4 * std::sin(2 * 3.14159265358979 * 50 * static_cast<double>(t) / 500);
  const auto result = detect_record(record);
  CHECK(result["status"] == "ok");
  CHECK(result["quality"]["V2"]["ok"] == false);
  CHECK(contains(result["quality"]["V2"]["problem"].get<std::string>(), "powerline 50 Hz: 0."));
  CHECK(result["quality"]["V1"]["ok"] == true);
}

TEST_CASE("a lead that stands at its limit most of the time leaves nothing to analyse") {
  systolic::Record record = example_record();
  for (systolic::Index t = 0; t < record.length(); ++t) record.samples(t, 9) = std::min(record.samples(t, 9), -0.02);
  for (systolic::Index t = 0; t < record.length() * 3 / 5; ++t) record.samples(t, 9) = 5;
  const auto result = detect_record(record);
  CHECK(result["status"] == "not analysable");
  CHECK(contains(result["reason"].get<std::string>(), "lead V4 is saturated"));
}

TEST_CASE("a wave that is not there is absent, and nothing is known about a recording without a window") {
  // Beats without P waves: the time in front of each QRS complex is made level.
  systolic::Record record = example_record();
  for (const systolic::Index r : {315, 767, 1228, 1674, 2112, 2561, 3019, 3457, 3873, 4292, 4733})
    for (systolic::Index lead = 0; lead < 12; ++lead)
      for (systolic::Index t = std::max<systolic::Index>(0, r - 130); t < r - 28; ++t)
        record.samples(t, lead) = record.samples(r - 28, lead);
  const auto intervals = detect_record(record)["intervals"];
  CHECK(intervals["pr"] == "absent");
  CHECK(intervals["qrs"].is_number());
  const auto brief = detect_record(with_length(record, 1500));
  CHECK(brief["quality"]["V6"]["ok"].is_null());
  CHECK(brief["intervals"]["heart_rate"].is_null());
}

TEST_CASE("annotations are beats and notes at the recording's own samples") {
  const TemporaryFolder folder;
  CHECK(detect({example("two_pvc"), "--annotate", folder.path("beats")}).status == 0);
  const auto file = systolic::io::read_wfdb_annotations(folder.path("beats.atr"));
  REQUIRE(file);
  CHECK(file->time_resolution == 500.0);
  const auto result = detect({example("two_pvc")}).json().at(0);
  std::vector<systolic::Index> beats;
  for (const auto& annotation : file->annotations)
    if (systolic::io::is_beat(annotation.code)) beats.push_back(annotation.sample);
  CHECK(beats == result["r_peaks"].get<std::vector<systolic::Index>>());
  CHECK(detect({example("two_pvc"), example("normal"), "--annotate", folder.path("several")}).status == 0);
  CHECK(read_bytes(folder.path("several/two_pvc.atr")) == read_bytes(folder.path("beats.atr")));
  CHECK(std::filesystem::exists(folder.path("several/normal.atr")));
}

TEST_CASE("what was read but cannot be analysed is a result with a reason") {
  const systolic::Record record = example_record();
  const auto reason = [](const systolic::Record& changed) {
    const auto result = detect_record(changed);
    CHECK(keys(result) == fields);
    CHECK(result["status"] == "not analysable");
    CHECK(result["score"].is_null());
    CHECK(result["beats"].empty());
    return result["reason"].get<std::string>();
  };
  CHECK(reason(with_constant_lead(record, 8, 0.25)) == "lead V3 is flat");
  CHECK(contains(reason(with_constant_lead(record, 8, not_recorded)), "lead V3 has 10.00 s of invalid samples"));
  CHECK(reason(with_length(record, 1500)) == "shorter than 10 s");
  systolic::Record still = record;
  for (systolic::Index t = 0; t < still.length(); ++t)
    for (systolic::Index lead = 0; lead < 12; ++lead) still.samples(t, lead) = t % 2 == 0 ? 0.001 : -0.001;
  CHECK(contains(reason(still), "no R peak"));
}

TEST_CASE("a missing chest lead is a reason, and left out where that is allowed") {
  systolic::Record record = example_record();
  record.leads[8] = "pulse";
  CHECK(detect_record(record)["reason"] == "lead V3 is missing");
  const auto result = detect_record(record, {"--allow-missing"});
  CHECK(result["status"] == "ok");
  CHECK(result["reason"] == "left out, because missing: V3");
  CHECK(result["score"].get<double>() > 0);
}

TEST_CASE("limb leads that follow from I and II need not be there") {
  systolic::Record record = example_record();
  for (const std::size_t lead : {2u, 3u, 4u, 5u}) record.leads[lead] = "other " + std::to_string(lead);
  CHECK(detect_record(record)["status"] == "ok");
}

TEST_CASE("a record that fails leaves the others alone") {
  const TemporaryFolder folder;
  write_bytes(folder.path("broken.hea"), "broken 1 500 5000\nbroken.dat 16\n");
  const Run run = detect({example("normal"), folder.path("broken"), folder.path("absent"), example("two_pvc")});
  CHECK(run.status == 1);
  const auto results = run.json();
  REQUIRE(results.size() == 2);
  CHECK(results[0]["record"] == example("normal"));
  CHECK(results[1]["record"] == example("two_pvc"));
  CHECK(contains(run.err, "broken.dat"));
  CHECK(contains(run.err, folder.path("absent")));
}

TEST_CASE("folders and lists on standard input hold recordings") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("below/further"));
  write_record(folder.path("below/further/b"), example_record("two_pvc"));
  write_record(folder.path("below/a"), example_record());
  const auto results = detect({folder.path("below")}).json();
  REQUIRE(results.size() == 2);
  CHECK(results[0]["record"] == folder.path("below/a"));
  CHECK(results[1]["record"] == folder.path("below/further/b"));
  const Run listed =
      detect({"-"}, {.input = folder.path("below/further/b.hea") + "\n\n" + folder.path("below/a") + "\r\n"});
  REQUIRE(listed.json().size() == 2);
  CHECK(listed.json()[0] == results[1]);
  CHECK(listed.json()[1] == results[0]);
}

TEST_CASE("the output is the same for any number of threads, and the next time") {
  const TemporaryFolder folder;
  write_record(folder.path("long"), with_length(example_record("two_pvc"), 15000));
  std::vector<std::string> first;
  for (const char* threads : {"1", "2", "2", "3"}) {
    const std::string maps = folder.path(std::string("maps"));
    std::vector<std::string> seen;
    for (const std::vector<std::string>& records : {std::vector<std::string>{example("two_pvc")},
                                                    {folder.path("long")},
                                                    {example("normal"), folder.path("long")}}) {
      std::vector<std::string> arguments = {"detect", "--format", "json", "--threads", threads, "--beats", "3"};
      arguments.insert(arguments.end(), records.begin(), records.end());
      arguments.insert(arguments.end(), {"--map", maps + "/"});
      seen.push_back(run_program(arguments).out);
    }
    for (const char* map : {"two_pvc.npy", "normal.npy", "long-w0000.npy", "long-w0002.npy"})
      seen.push_back(read_bytes(maps + "/" + map));
    if (first.empty()) first = seen;
    CHECK(seen == first);
  }
  CHECK(first[3].size() == 128 + 4800 * 12 * 4);
}

TEST_CASE("files of records that share a name have different names") {
  const TemporaryFolder folder;
  for (const char* place : {"in/a", "in/b"}) {
    std::filesystem::create_directories(folder.path(place));
    write_record(folder.path(std::string(place) + "/same"), example_record());
  }
  CHECK(detect({folder.path("in"), "--map", folder.path("maps")}).status == 0);
  const auto files = std::filesystem::directory_iterator(folder.path("maps"));
  CHECK(std::distance(begin(files), end(files)) == 2);
}

TEST_CASE("csv has one row a window under a header of all fields") {
  const Run run = run_program({"detect", "--beats", "1", "--format", "csv", example("normal"), example("two_pvc")});
  CHECK(run.status == 0);
  CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 3);
  CHECK(run.out.starts_with("record,window,from,status,reason,score,percentile,abnormal,threshold,r_peaks,beats,"));
}

TEST_CASE("text is for people") {
  const Run run = run_program({"detect", "--beats", "1", example("two_pvc")});
  CHECK(run.status == 0);
  CHECK(run.out.starts_with(example("two_pvc") + ": score "));
  CHECK(contains(run.out, "R peaks, 1 beat scored"));
}
