// Recordings in every format, and recordings too long to be held

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"
#include "support/edf_bytes.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/signal/r_peaks_systolic.hpp"

using namespace testing;

namespace {

/// The recording as a table.
std::string csv(const systolic::Record& record, const std::string& header) {
  std::string text = header + "\n";
  for (systolic::Index t = 0; t < record.length(); ++t)
    for (systolic::Index lead = 0; lead < record.lead_count(); ++lead)
      text += systolic::number_to_text(record.samples(t, lead)) + (lead + 1 < record.lead_count() ? "," : "\n");
  return text;
}

std::string json_arrays(const systolic::Record& record) {
  std::string text = "{\"info\":{\"sample_rate\":500,\"unit\":\"mV\"}";
  for (systolic::Index lead = 0; lead < record.lead_count(); ++lead) {
    text += ",\"" + record.leads[static_cast<std::size_t>(lead)] + "\":[";
    for (systolic::Index t = 0; t < record.length(); ++t)
      text += (t > 0 ? "," : "") + systolic::number_to_text(record.samples(t, lead));
    text += "]";
  }
  return text + "}";
}

/// In microvolts of 1 a step, which is what examples/data holds. One data record.
std::string edf(const systolic::Record& record) {
  EdfFields fields;
  fields.records = "1";
  fields.duration = "10";
  fields.signals.clear();
  std::vector<int> samples;
  for (systolic::Index lead = 0; lead < record.lead_count(); ++lead) {
    fields.signals.push_back({"ECG " + record.leads[static_cast<std::size_t>(lead)], "uV", "-32768", "32767", "-32768",
                              "32767", std::to_string(record.length())});
    for (systolic::Index t = 0; t < record.length(); ++t)
      samples.push_back(static_cast<int>(std::lround(1000 * record.samples(t, lead))));
  }
  return fields.header() + edf_words(samples);
}

std::string standard_header(const std::string& units) {
  std::string header;
  for (const char* lead : {"I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"})
    header += (header.empty() ? "" : ",") + std::string(lead) + units;
  return header;
}

std::vector<nlohmann::ordered_json> peaks(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"peaks", "--format", "json"});
  return run_program(arguments).json();
}

/// Twelve minutes of twelve leads, more samples than are held.
systolic::Record long_record() {
  systolic::Record record = with_length(example_record("two_pvc"), 361234);
  for (systolic::Index t = 0; t < record.length(); ++t)
    for (systolic::Index lead = 0; lead < 12; ++lead) record.samples(t, lead) += 0.001 * static_cast<double>(t % 17);
  return record;
}

}  // namespace

TEST_CASE("a recording gives the same score in every format") {
  const TemporaryFolder folder;
  const systolic::Record record = example_record();
  write_bytes(folder.path("a.csv"), csv(record, standard_header(" (mV)")));
  write_bytes(folder.path("b.json"), json_arrays(record));
  write_bytes(folder.path("c.edf"), edf(record));
  const Run run = run_program({"detect", "--beats", "1", "--format", "json", "--rate", "500", example("normal"),
                               folder.path("a.csv"), folder.path("b.json"), folder.path("c.edf")});
  CHECK(run.status == 0);
  const auto results = run.json();
  REQUIRE(results.size() == 4);
  for (const auto& result : results)
    CHECK(result["score"].get<double>() == doctest::Approx(results[0]["score"].get<double>()).epsilon(1e-6));
  CHECK(results[1]["record"] == folder.path("a.csv"));
}

TEST_CASE("a folder may hold recordings in several formats and other files") {
  const TemporaryFolder folder;
  const systolic::Record record = example_record();
  write_record(folder.path("a"), record);
  write_bytes(folder.path("b.csv"), csv(record, standard_header(" (mV)")));
  write_bytes(folder.path("scores.csv"), "ecg_id,label,score\n1,normal,0.5\n");
  write_bytes(folder.path("settings.json"), "{\"colour\": \"red\"}");
  write_bytes(folder.path("notes.txt"), "hello");
  write_bytes(folder.path("drawing.xml"), "<svg></svg>");
  REQUIRE(systolic::io::write_npy(folder.path("map.npy"), systolic::Tensor<float>({4800, 12})));
  const auto results = peaks({"--rate", "500", folder.path("")});
  REQUIRE(results.size() == 2);
  CHECK(results[0]["record"] == folder.path("a"));
  CHECK(results[0]["r_peaks"] == results[1]["r_peaks"]);
}

TEST_CASE("what a file does not say is asked for, and what is assumed is said once") {
  const TemporaryFolder folder;
  const systolic::Record record = example_record();
  write_bytes(folder.path("a.csv"), csv(record, standard_header("")));
  const Run without = run_program({"peaks", folder.path("a.csv")});
  CHECK(without.status == 1);
  CHECK(contains(without.err, folder.path("a.csv") + ": has no time column, so its sampling rate must be given"));
  const Run with = run_program({"peaks", "--rate", "500", folder.path("a.csv")});
  CHECK(with.status == 0);
  CHECK(contains(with.err, folder.path("a.csv") + ": "));
  CHECK(contains(with.err, "mV"));  // the units are a guess
  CHECK(std::count(with.err.begin(), with.err.end(), '\n') == 1);
  CHECK(run_program({"peaks", "--quiet", "--rate", "500", folder.path("a.csv")}).err == "");
  REQUIRE(systolic::io::write_npy(folder.path("long.npy"), with_length(record, 7000).samples));
  CHECK(contains(run_program({"peaks", folder.path("long.npy")}).err, "with --rate any length"));
  CHECK(peaks({"--rate", "500", folder.path("long.npy")}).at(0)["r_peaks"].size() >= 14);
}

TEST_CASE("a stretch of a file with several has a number behind its name") {
  const TemporaryFolder folder;
  EdfFields fields;
  fields.kind = "EDF+D";
  fields.records = "2";
  fields.duration = "10";
  const systolic::Record record = example_record();
  fields.signals = {{"ECG II", "uV", "-32768", "32767", "-32768", "32767", "5000"}, edf_annotation_signal};
  std::string data;
  for (const char* start : {"+0\x14\x14", "+60\x14\x14"}) {
    std::vector<int> samples;
    for (systolic::Index t = 0; t < 5000; ++t)
      samples.push_back(static_cast<int>(std::lround(1000 * record.samples(t, 1))));
    data += edf_words(samples) + edf_annotations(start);
  }
  write_bytes(folder.path("gap.edf"), fields.header() + data);
  const auto results = peaks({folder.path("gap.edf")});
  REQUIRE(results.size() == 2);
  CHECK(results[0]["record"] == folder.path("gap.edf#1"));
  CHECK(results[1]["record"] == folder.path("gap.edf#2"));
  CHECK(results[0]["r_peaks"].size() == 11);
  CHECK(results[0]["r_peaks"] == results[1]["r_peaks"]);
}

TEST_CASE("a recording that is read in parts gives what a held one gives") {
  const TemporaryFolder folder;
  const systolic::Record record = long_record();
  write_record(folder.path("long"), record);
  const auto written = systolic::io::read_wfdb(folder.path("long"));
  REQUIRE(written);
  std::vector<double> expected;
  for (const systolic::Index r : systolic::signal::systolic_r_peaks(written->samples, 500))
    expected.push_back(static_cast<double>(r) / 500);
  for (const char* threads : {"1", "3"})
    CHECK(peaks({"--threads", threads, folder.path("long")}).at(0)["r_peaks"].get<std::vector<double>>() == expected);

  const auto info = run_program({"info", "--format", "json", folder.path("long")}).json().at(0);
  CHECK(info["length"] == 361234);
  CHECK(info["windows"] == 72);
  CHECK(info["left_out_seconds"].get<double>() == doctest::Approx(2.468));
  CHECK(info["quality"]["V1"]["ok"] == true);
}

TEST_CASE("an interrupted batch is taken up where it stopped") {
  const TemporaryFolder folder;
  systolic::Record record = with_length(example_record(), 60000);
  record.leads[8] = "other";  // nothing waits for the network
  write_record(folder.path("long"), record);
  for (const char* format : {"json", "csv"}) {
    CAPTURE(format);
    const std::vector<std::string> command = {"detect", "--format", format, folder.path("long")};
    const std::string whole = run_program(command).out;
    const std::size_t lines = static_cast<std::size_t>(std::count(whole.begin(), whole.end(), '\n'));
    CHECK(lines == 12 + (format == std::string("csv")));
    // As it is after the power failed in the middle of a line.
    write_bytes(folder.path("results"), whole.substr(0, whole.size() / 3));
    std::vector<std::string> again = command;
    again.emplace_back("--resume");
    const Run resumed = run_program(again, {.output = folder.path("results")});
    CHECK(resumed.status == 0);
    CHECK(read_bytes(folder.path("results")) == whole);
    CHECK(run_program(again, {.output = folder.path("results")}).status == 0);
    CHECK(read_bytes(folder.path("results")) == whole);
  }
  write_bytes(folder.path("other"), "hello\n");
  const Run run =
      run_program({"detect", "--format", "json", "--resume", folder.path("long")}, {.output = folder.path("other")});
  CHECK(run.status == 2);
  CHECK(contains(run.err, "standard output: line 1: is not a result of detect"));
  CHECK(read_bytes(folder.path("other")) == "hello\n");
}
