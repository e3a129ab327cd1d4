// systolic train, on a small folder laid out as PTB-XL

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"

using namespace testing;

namespace {

/// Four normal recordings of fold 1, one of fold 2, and an abnormal one.
class SmallArchive {
 public:
  SmallArchive() {
    std::filesystem::create_directories(folder_.path("records100"));
    write_bytes(folder_.path("scp_statements.csv"),
                ",description,diagnostic,form,rhythm,diagnostic_class\n"
                "NORM,normal ECG,1.0,,,NORM\nIMI,inferior myocardial infarction,1.0,,,MI\n");
    std::string table = "ecg_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr\n";
    for (int id = 1; id <= 6; ++id) {
      systolic::Record record = example_record(id % 2 == 0 ? "normal" : "two_pvc");
      for (double& value : record.samples) value *= 1 + 0.05 * id;
      const std::string name = "records100/" + std::to_string(id);
      write_record(folder_.path(name), record);
      table += std::to_string(id) + "," + std::to_string(40 + id) + ",1,{'" + (id == 6 ? "IMI" : "NORM") +
               "': 100.0}," + (id == 5 ? "2" : "1") + "," + name + "," + name + "\n";
    }
    write_bytes(folder_.path("ptbxl_database.csv"), table);
  }

  std::string path(const std::string& name = "") const { return folder_.path(name); }

  /// A training of six steps to `out`.
  std::vector<std::string> command(const std::string& out, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"train", "--data", path(), "--train-folds", "1", "--out", path(out), "--epochs", "3",
                               "--batch", "2", "--width", "2", "--seed", "5", "--format", "json"});
    return more;
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("train prints an epoch a line and writes weights that detect can use, a log and a curve") {
  const SmallArchive archive;
  const Run run = run_program(archive.command("w.safetensors", {"--log", archive.path("log.jsonl")}));
  CHECK(run.status == 0);
  const auto epochs = run.json();
  REQUIRE(epochs.size() == 3);
  CHECK(keys(epochs[0]) ==
        std::vector<std::string>{"epoch", "loss", "global", "local", "trend", "attributes", "seconds"});
  CHECK(epochs[2]["epoch"] == 3);
  CHECK(epochs[2]["loss"].get<double>() < epochs[0]["loss"].get<double>());
  const std::string log = read_bytes(archive.path("log.jsonl"));
  CHECK(std::count(log.begin(), log.end(), '\n') == 6);
  CHECK(contains(read_bytes(archive.path("log.svg")), "<svg"));

  const Run scored = run_program(
      {"detect", "--weights", archive.path("w.safetensors"), "--beats", "1", "--format", "json", example("normal")});
  REQUIRE(scored.json().size() == 1);
  CHECK(scored.json()[0]["status"] == "ok");
  CHECK(scored.json()[0]["score"].is_number());
  CHECK(scored.json()[0]["percentile"].is_null());  // not calibrated
}

TEST_CASE("killed in the middle and taken up again: the same bytes as in one go, whatever the threads") {
  const SmallArchive archive;
  CHECK(run_program(archive.command("whole.safetensors", {"--threads", "1"})).status == 0);

  std::string killed = "\"$0\" \"$@\" & pid=$!; while [ \"$(wc -l < '" + archive.path("log.jsonl") +
                       "' 2>/dev/null || echo 0)\" -lt 3 ]; do sleep 0.02; done; kill -9 $pid; wait $pid";
  std::vector<std::string> command = {"-c", killed, SYSTOLIC_PROGRAM};
  const std::vector<std::string> kept = {"--checkpoint",
                                         archive.path("c"),
                                         "--checkpoint-seconds",
                                         "0",
                                         "--log",
                                         archive.path("log.jsonl"),
                                         "--threads",
                                         "2"};
  for (const std::string& word : archive.command("part.safetensors", kept)) command.push_back(word);
  run_program(command, {.program = "/bin/sh"});
  CHECK_FALSE(std::filesystem::exists(archive.path("part.safetensors")));
  REQUIRE(std::filesystem::exists(archive.path("c")));

  auto rest = kept;
  rest.insert(rest.end(), {"--resume", archive.path("c")});
  CHECK(run_program(archive.command("part.safetensors", rest)).status == 0);
  CHECK(read_bytes(archive.path("part.safetensors")) == read_bytes(archive.path("whole.safetensors")));
  const std::string log = read_bytes(archive.path("log.jsonl"));
  CHECK(std::count(log.begin(), log.end(), '\n') == 6);
}

TEST_CASE("a checkpoint of another training, or none at all, is refused by name") {
  const SmallArchive archive;
  const std::string checkpoint = archive.path("c");
  CHECK(run_program(archive.command("w.safetensors", {"--checkpoint", checkpoint})).status == 0);
  const Run other = run_program(archive.command("w.safetensors", {"--resume", checkpoint, "--lr", "0.01"}));
  CHECK(other.status == 1);
  CHECK(contains(other.err, checkpoint + ": metadata checkpoint.training:"));
  const Run none = run_program(archive.command("w.safetensors", {"--resume", archive.path("ptbxl_database.csv")}));
  CHECK(none.status == 1);
  CHECK(contains(none.err, "is it a safetensors file?"));
}

TEST_CASE("a folder without normal recordings is an error") {
  const SmallArchive archive;
  const Run run = run_program({"train", "--data", archive.path(), "--train-folds", "7", "--out", archive.path("w")});
  CHECK(run.status == 1);
  CHECK(contains(run.err, "has no normal recording in the training folds"));
  CHECK_FALSE(std::filesystem::exists(archive.path("w")));
}

TEST_CASE("train --task echo-contour draws phantoms and writes weights that echo contour takes and info describes") {
  const TemporaryFolder folder;
  const std::string weights = folder.path("w.safetensors");
  const Run run = run_program({"train", "--task", "echo-contour", "--limit", "8", "--batch", "4", "--width", "4",
                               "--validate-limit", "2", "--dtype", "f16", "--format", "json", "--out", weights});
  CHECK(run.status == 0);
  const auto epochs = run.json();
  REQUIRE(epochs.size() == 1);
  CHECK(epochs[0]["validation_key_points"].get<double>() > 0);
  const Run info = run_program({"info", weights, "--format", "json"});
  CHECK(info.json()[0]["network"] == "echo contour");
  CHECK(info.json()[0]["self_check"] == "passed");
  CHECK(info.json()[0]["metadata"]["warning"] == "phantom-trained, for software verification, not for patients");
  CHECK(run_program({"train", "--task", "echo-contour", "--data", "nowhere", "--out", weights}).status == 1);
  CHECK(run_program({"train", "--out", weights}).status == 2);
}
