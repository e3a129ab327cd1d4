// systolic convert and info

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"
#include "support/formula_model.hpp"
#include "systolic/ecg/diagnosis_published.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/train/initialize.hpp"

using namespace testing;

namespace {

const std::string shipped = std::string(SYSTOLIC_SOURCE_DIR) + "/weights/restoration.safetensors";

nlohmann::ordered_json info(const std::string& path) {
  return run_program({"info", "--format", "json", path}).json().at(0);
}

nlohmann::ordered_json detect(const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"detect", "--beats", "1", "--format", "json", example("normal")};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return run_program(arguments).json().at(0);
}

}  // namespace

TEST_CASE("info tells what the program is and runs on") {
  const Run run = run_program({"info", "--format", "json", "--threads", "3"});
  CHECK(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(keys(result) == std::vector<std::string>{"version", "instruction_sets", "instruction_set", "kernels", "threads",
                                                 "weights", "weights_found"});
  CHECK(result["threads"] == 3);
  CHECK(result["instruction_sets"].at(0) == "baseline");
  CHECK(result["kernels"].size() == 3);  // of f32, bf16 and int8
  CHECK(std::filesystem::equivalent(result["weights"].get<std::string>(), shipped));
  const auto capped =
      run_program({"info", "--format", "json"}, {.environment = {{"SYSTOLIC_ISA", "baseline"}}}).json().at(0);
  CHECK(capped["instruction_set"] == "baseline");
}

TEST_CASE("weights are found in $SYSTOLIC_WEIGHTS, in an installation wherever it was moved, in the source tree") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("a/bin"));
  std::filesystem::create_directories(folder.path("a/share/systolic/weights"));
  std::filesystem::copy(shipped, folder.path("a/share/systolic/weights"));
  std::filesystem::copy(SYSTOLIC_PROGRAM, folder.path("a/bin/systolic"));
  std::filesystem::rename(folder.path("a"), folder.path("moved"));
  const auto found = [&](const Surroundings& how) {
    return run_program({"info", "--format", "json"}, how).json().at(0)["weights"];
  };
  CHECK(found({.program = folder.path("moved/bin/systolic")}) ==
        folder.path("moved/share/systolic/weights/restoration.safetensors"));
  const std::string variable = folder.path("moved/share/systolic/weights");
  CHECK(found({.environment = {{"SYSTOLIC_WEIGHTS", variable}}}) == variable + "/restoration.safetensors");
  const Surroundings wrong = {.environment = {{"SYSTOLIC_WEIGHTS", folder.path("moved")}}};
  CHECK(found(wrong).is_null());
  const Run run = run_program({"detect", example("normal")}, wrong);
  CHECK(run.status == 1);
  CHECK(
      contains(run.err, "$SYSTOLIC_WEIGHTS: " + folder.path("moved") + ": this folder has no restoration.safetensors"));
}

TEST_CASE("info tells what weights hold") {
  const Run run = run_program({"info", "--format", "json", shipped});
  CHECK(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(keys(result) ==
        std::vector<std::string>{"file", "network", "parameters", "checksum", "self_check", "metadata", "tensors"});
  CHECK(result["self_check"] == "passed");
  CHECK(result["parameters"] == 2611066);
  CHECK(result["self_check"] == "passed");
  CHECK(result["checksum"].get<std::string>().size() == 64);
  CHECK(result["tensors"].at(0)["name"] == "global_encoder.main.0.weight");
  CHECK(result["tensors"].at(0)["shape"] == std::vector<int>{16, 12, 4});
}

TEST_CASE("info tells what a recording holds") {
  const auto result = info(example("normal"));
  CHECK(keys(result) == std::vector<std::string>{"record", "rate", "units", "length", "seconds", "windows",
                                                 "left_out_seconds", "leads", "quality", "warnings"});
  CHECK(result["rate"] == 500);
  CHECK(result["windows"] == 1);
  REQUIRE(result["leads"].size() == 12);
  CHECK(keys(result["leads"][3]) == std::vector<std::string>{"name", "min", "max", "invalid"});
  CHECK(result["leads"][3]["name"] == "aVR");
  CHECK(result["leads"][3]["min"] < result["leads"][3]["max"]);
}

TEST_CASE("weights go to a PyTorch checkpoint and back") {
  const TemporaryFolder folder;
  systolic::Restoration<float> model({.hidden = 4, .width = 2});
  systolic::train::initialize(model, 1);
  const std::string plain = folder.path("plain.safetensors");
  REQUIRE(systolic::io::write_safetensors(plain, systolic::nn::save_parameters(model)));
  const std::string pt = folder.path("w.pt"), back = folder.path("w.safetensors"),
                    half = folder.path("half.safetensors");
  CHECK(run_program({"convert", plain, pt}).status == 0);
  CHECK(run_program({"convert", pt, back}).status == 0);
  CHECK(run_program({"convert", pt, half, "--dtype", "f16"}).status == 0);
  CHECK(info(back)["self_check"] == "passed");
  CHECK(info(half)["self_check"] == "passed");
  CHECK(info(pt)["tensors"] == info(plain)["tensors"]);
  CHECK(std::filesystem::file_size(half) < std::filesystem::file_size(back) * 6 / 10);
  const auto score = detect({"--weights", plain})["score"];
  CHECK(detect({"--weights", pt})["score"] == score);
  CHECK(detect({"--weights", back})["score"] == score);
  const double half_score = detect({"--weights", half})["score"];
  CHECK(half_score == doctest::Approx(score.get<double>()).epsilon(0.005));
  CHECK(detect({"--weights", pt})["percentile"].is_null());  // a checkpoint has no calibration
}

TEST_CASE("weights of a published diagnosis network are recognised, and go to a PyTorch checkpoint and back") {
  const TemporaryFolder folder;
  systolic::PublishedDiagnosisOptions options;
  options.backbone = {.leads = 4, .hidden = 2, .width = 1};
  options.predictor = {4, 3};
  options.classifier.filters = 32;
  systolic::PublishedDiagnosisNetwork<float> network(options);
  set_formula_weights(network);
  const std::string pt = folder.path("w.pt"), back = folder.path("w.safetensors"),
                    half = folder.path("half.safetensors"), again = folder.path("again.pt"),
                    plain = folder.path("plain.safetensors");
  REQUIRE(systolic::io::write_safetensors(plain, systolic::nn::save_parameters(network)));
  CHECK(run_program({"convert", plain, pt}).status == 0);
  CHECK(run_program({"convert", pt, back}).status == 0);
  CHECK(run_program({"convert", pt, half, "--dtype", "f16"}).status == 0);
  CHECK(run_program({"convert", back, again}).status == 0);
  CHECK(read_bytes(again) == read_bytes(pt));
  CHECK(info(back)["network"] == "published diagnosis, 4 channels, 116 classes");
  CHECK(info(back)["self_check"] == "passed");
  CHECK(info(half)["self_check"] == "passed");
  CHECK(info(pt)["self_check"] == "none in the file");
  CHECK(info(pt)["tensors"] == info(plain)["tensors"]);

  const Run run = run_program({"classify", "--weights", pt, "--format", "json", example("normal")});
  CHECK(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(result["status"] == "ok");
  REQUIRE(result["statements"].size() == 116);
  for (std::size_t i = 1; i < 116; ++i)
    CHECK(result["statements"][i - 1]["probability"] >= result["statements"][i]["probability"]);
  CHECK(result["statements"][0]["present"].is_null());
  CHECK(result["attributes"].size() == 7);
  CHECK(result["intervals"]["heart_rate"].is_number());
  CHECK(run_program({"classify", "--weights", back, "--format", "json", "--threads", "2", example("normal")})
            .json()
            .at(0)["statements"] == result["statements"]);
}

TEST_CASE("weights that a PyTorch checkpoint cannot describe are not written to one") {
  const TemporaryFolder folder;
  const Run run = run_program({"convert", shipped, folder.path("w.pt")});
  CHECK(run.status == 1);
  CHECK(contains(run.err, "a network with other units"));
  CHECK_FALSE(std::filesystem::exists(folder.path("w.pt")));
}

TEST_CASE("a recording goes to an array and back") {
  const TemporaryFolder folder;
  CHECK(run_program({"convert", example("normal"), folder.path("r.npy")}).status == 0);
  CHECK(run_program({"convert", folder.path("r.npy"), folder.path("back.hea")}).status == 0);
  const auto before = example_record();
  const auto after = systolic::io::read_wfdb(folder.path("back"));
  REQUIRE(after);
  CHECK(after->rate == 500);
  REQUIRE(after->samples.shape() == before.samples.shape());
  for (systolic::Index i = 0; i < before.samples.size(); ++i)
    REQUIRE(after->samples.data()[i] == doctest::Approx(before.samples.data()[i]).epsilon(1e-9));
}

TEST_CASE("weights in int8 are small, pass their self-check, and score almost the same") {
  const TemporaryFolder folder;
  const std::string small = folder.path("small.safetensors");
  REQUIRE(run_program({"convert", shipped, small, "--dtype", "int8"}).status == 0);
  CHECK(std::filesystem::file_size(small) < 0.7 * static_cast<double>(std::filesystem::file_size(shipped)));
  const auto described = run_program({"info", small, "--format", "json"}).json().at(0);
  CHECK(described["self_check"] == "passed");
  CHECK(described["parameters"] == run_program({"info", shipped, "--format", "json"}).json().at(0)["parameters"]);
  const auto score = [](std::vector<std::string> options) {
    options.insert(options.begin(),
                   {"detect", example("two_pvc"), "--score", "published", "--beats", "1", "--format", "json"});
    const Run run = run_program(options);
    REQUIRE(run.status == 0);
    return run.json().at(0)["score"].get<double>();
  };
  const double exact = score({});
  CHECK(score({"--weights", small}) == doctest::Approx(exact).epsilon(0.05));
  CHECK(score({"--precision", "bf16"}) == doctest::Approx(exact).epsilon(0.02));
  CHECK(score({"--precision", "bf16"}) != exact);
  CHECK(score({"--precision", "int8"}) == doctest::Approx(exact).epsilon(0.25));
  // The shipped calibration speaks of f32 and bf16 alone.
  CHECK(detect({"--precision", "bf16"})["percentile"].is_number());
  CHECK(detect({"--precision", "int8"})["percentile"].is_null());
  CHECK(detect({"--precision", "int8"})["threshold"].is_null());
}

TEST_CASE("what cannot be converted is said") {
  const TemporaryFolder folder;
  const auto status = [](const std::vector<std::string>& arguments, const std::string& message) {
    const Run run = run_program(arguments);
    CHECK(contains(run.err, message));
    return run.status;
  };
  CHECK(status({"convert", shipped, folder.path("w.txt")}, "weights are written as .safetensors or .pt") == 2);
  CHECK(status({"convert", example("normal"), folder.path("r.csv")}, "is written as .npy or WFDB") == 2);
  CHECK(status({"convert", example("normal"), folder.path("r.npy"), "--dtype", "f16"}, "--dtype is for weights") == 2);
  CHECK(status({"convert", shipped, folder.path("w.pt"), "--dtype", "int8"}, "written as f32 only") == 2);
  CHECK(status({"convert", folder.path("absent"), folder.path("r.npy")}, "there is no such file") == 1);
}
