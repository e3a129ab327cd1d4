// systolic peaks, preprocess and restore

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"
#include "systolic/io/npy.hpp"

using namespace testing;

namespace {

template <class T>
systolic::Tensor<T> read(const std::string& path) {
  auto array = systolic::io::read_npy<T>(path);
  if (!array) FAIL(array.error().message);
  return std::move(*array);
}

/// The R peaks of examples/data/normal in seconds, as its maker states them.
const std::vector<double> true_peaks = {0.630, 1.534, 2.456, 3.348, 4.224, 5.122, 6.038, 6.914, 7.746, 8.584, 9.466};

void check_peaks(const nlohmann::ordered_json& result, double tolerance) {
  CHECK(keys(result) == std::vector<std::string>{"record", "method", "r_peaks"});
  const auto found = result["r_peaks"].get<std::vector<double>>();
  REQUIRE(found.size() == true_peaks.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(found[i] - true_peaks[i]) <= tolerance);
}

}  // namespace

TEST_CASE("peaks finds the heart beats in seconds") {
  CHECK(run_program({"peaks", "--format", "json", example("normal")}).json().at(0)["method"] == "systolic");
  for (const char* method : {"systolic", "heartpy", "heartpy-1.2.7", "shannon"}) {
    CAPTURE(method);
    const Run run = run_program({"peaks", "--format", "json", "--peaks", method, example("normal")});
    CHECK(run.status == 0);
    REQUIRE(run.json().size() == 1);
    CHECK(run.json()[0]["method"] == method);
    check_peaks(run.json()[0], 0.012);
  }
}

TEST_CASE("peaks takes other rates, leads and lengths") {
  const TemporaryFolder folder;
  const systolic::Record record = example_record();
  systolic::Record changed = record;  // 250 Hz, two leads, MLII of them
  changed.rate = 250;
  changed.leads = {"V5", "MLII"};
  changed.samples = systolic::Tensor<double>({record.length() / 2, 2});
  for (systolic::Index t = 0; t < changed.length(); ++t) {
    changed.samples(t, 0) = record.samples(2 * t, 10);
    changed.samples(t, 1) = record.samples(2 * t, 1);
  }
  write_record(folder.path("holter"), changed);
  write_record(folder.path("short"), with_length(record, 3000));
  const auto results = run_program({"peaks", "--format", "json", folder.path("holter"), folder.path("short")}).json();
  REQUIRE(results.size() == 2);
  check_peaks(results[0], 0.012);
  CHECK(results[1]["r_peaks"].size() >= 5);
}

TEST_CASE("peaks of a recording without any are none, and no failure; other leads stand in for a flat one") {
  const TemporaryFolder folder;
  write_record(folder.path("flat"), with_constant_lead(example_record(), 1, 0.5));
  const Run run = run_program({"peaks", "--format", "json", "--peaks", "heartpy", folder.path("flat")});
  CHECK(run.status == 0);
  CHECK(run.json().at(0)["r_peaks"].empty());
  check_peaks(run_program({"peaks", "--format", "json", folder.path("flat")}).json().at(0), 0.012);
}

TEST_CASE("preprocess writes what the network sees") {
  const TemporaryFolder folder;
  const Run run = run_program({"preprocess", "--format", "json", example("normal"), "--out", folder.path("arrays")});
  CHECK(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(keys(result) ==
        std::vector<std::string>{"record", "status", "reason", "denoised", "global", "trend", "r_peaks", "beats"});
  const auto denoised = read<double>(folder.path("arrays/denoised.npy"));
  const auto peaks = read<std::int64_t>(folder.path("arrays/r_peaks.npy"));
  const auto beats = read<float>(folder.path("arrays/beats.npy"));
  CHECK(denoised.shape() == systolic::Shape{5000, 12});
  for (const char* name : {"global", "trend"}) {
    CHECK(read<float>(folder.path("arrays/" + std::string(name) + ".npy")).shape() == systolic::Shape{4800, 12});
    CHECK(result[name] == std::vector<int>{4800, 12});
  }
  CHECK(peaks.size() == 11);
  CHECK(beats.shape() == systolic::Shape{10, 480, 12});
  CHECK(result["beats"] == std::vector<int>{10, 480, 12});
  CHECK(*std::max_element(beats.begin(), beats.end()) == 1.0f);
}

TEST_CASE("preprocess scales each lead or keeps mV") {
  const TemporaryFolder folder;
  for (const char* scale : {"record", "none"})
    CHECK(run_program({"preprocess", example("normal"), "--normalize", scale, "--out", folder.path(scale)}).status ==
          0);
  const auto denoised = read<double>(folder.path("none/denoised.npy"));
  const auto mv = read<float>(folder.path("none/global.npy"));
  for (systolic::Index i = 0; i < mv.size(); ++i)
    REQUIRE(mv.data()[i] == static_cast<float>(denoised.data()[1200 + i]));
  const auto scaled = read<float>(folder.path("record/global.npy"));
  CHECK(*std::max_element(scaled.begin(), scaled.end()) <= 1.0f);
  CHECK(*std::min_element(scaled.begin(), scaled.end()) >= -1.0f);
}

TEST_CASE("preprocess without usable R peaks writes an empty list and says so") {
  const TemporaryFolder folder;
  write_record(folder.path("short"), with_length(example_record(), 1500));
  const Run run = run_program({"preprocess", "--format", "json", folder.path("short"), "--out", folder.path("arrays")});
  CHECK(run.status == 0);
  CHECK(run.json().at(0)["status"] == "not analysable");
  CHECK(run.json().at(0)["reason"] == "shorter than 10 s");
  CHECK(read<std::int64_t>(folder.path("arrays/r_peaks.npy")).shape() == systolic::Shape{0});
  CHECK(read<float>(folder.path("arrays/beats.npy")).shape() == systolic::Shape{0, 480, 12});
}

TEST_CASE("preprocess gives each of several recordings a folder") {
  const TemporaryFolder folder;
  const Run run = run_program({"preprocess", example("normal"), example("two_pvc"), "--out", folder.path("arrays")});
  CHECK(run.status == 0);
  for (const char* name : {"normal", "two_pvc"})
    CHECK(std::filesystem::exists(folder.path("arrays/" + std::string(name) + "/beats.npy")));
}

TEST_CASE("restore takes what preprocess writes; one recording goes with many beats") {
  const TemporaryFolder folder;
  REQUIRE(run_program({"preprocess", example("normal"), "--out", folder.path("in")}).status == 0);
  const auto beats = read<float>(folder.path("in/beats.npy"));
  systolic::Tensor<float> two({2, 480, 12});
  std::copy_n(beats.data(), two.size(), two.data());
  REQUIRE(systolic::io::write_npy(folder.path("two.npy"), two));
  const Run run =
      run_program({"restore", "--format", "json", "--global", folder.path("in/global.npy"), "--local",
                   folder.path("two.npy"), "--trend", folder.path("in/trend.npy"), "--out", folder.path("out")});
  CHECK(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(keys(result) == std::vector<std::string>{"global_restored", "global_log_variance", "local_restored",
                                                 "local_log_variance", "trend_restored"});
  CHECK(read<float>(folder.path("out/global_restored.npy")).shape() == systolic::Shape{2, 4800, 12});
  CHECK(read<float>(folder.path("out/global_log_variance.npy")).shape() == systolic::Shape{2, 4800, 1});
  CHECK(read<float>(folder.path("out/local_restored.npy")).shape() == systolic::Shape{2, 480, 12});
  CHECK(read<float>(folder.path("out/local_log_variance.npy")).shape() == systolic::Shape{2, 480, 1});
  const auto trend = read<float>(folder.path("out/trend_restored.npy"));
  CHECK(trend.shape() == systolic::Shape{2, 4800, 12});
  for (const float value : trend) REQUIRE(std::isfinite(value));
}

TEST_CASE("restore says which input has a wrong shape or no number") {
  const TemporaryFolder folder;
  REQUIRE(systolic::io::write_npy(folder.path("global.npy"), systolic::Tensor<float>({1, 4800, 12})));
  REQUIRE(systolic::io::write_npy(folder.path("local.npy"), systolic::Tensor<float>({3, 479, 12})));
  systolic::Tensor<float> trend({1, 4800, 12});
  trend(0, 7, 3) = static_cast<float>(not_recorded);
  REQUIRE(systolic::io::write_npy(folder.path("nan.npy"), trend));
  const auto restore = [&](const std::string& local, const std::string& last) {
    return run_program({"restore", "--global", folder.path("global.npy"), "--local", folder.path(local), "--trend",
                        folder.path(last), "--out", folder.path("out")});
  };
  const Run shape = restore("local.npy", "global.npy");
  CHECK(shape.status == 1);
  CHECK(contains(shape.err, "local.npy: has the shape [3, 479, 12], not [N, 480, 12]"));
  REQUIRE(systolic::io::write_npy(folder.path("local.npy"), systolic::Tensor<float>({1, 480, 12})));
  const Run number = restore("local.npy", "nan.npy");
  CHECK(number.status == 1);
  CHECK(contains(number.err, "nan.npy: element 87: is not a finite number"));
}
