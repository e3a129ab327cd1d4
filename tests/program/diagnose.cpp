// systolic classify, and train, calibrate and evaluate with --task diagnose, on a small folder laid out as PTB-XL

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"

using namespace testing;

namespace {

/// Four recordings to train with, and three of fold 9, one of which is flat in a lead.
class SmallArchive {
 public:
  SmallArchive() {
    std::filesystem::create_directories(folder_.path("records100"));
    write_bytes(path("scp_statements.csv"),
                ",description,diagnostic,form,rhythm,diagnostic_class\n"
                "NORM,normal ECG,1.0,,,NORM\n"
                "PVC,\"ventricular premature complex, any\",,1.0,,\n"
                "IMI,inferior myocardial infarction,1.0,,,MI\n");
    const char* codes[] = {"{'NORM': 100.0}", "{'PVC': 100.0, 'IMI': 0.0}",
                           "{'NORM': 80.0}",  "{'PVC': 0.0}",
                           "{'NORM': 100.0}", "{'PVC': 100.0}",
                           "{'NORM': 100.0}"};
    std::string table = "ecg_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr\n";
    for (int id = 1; id <= 7; ++id) {
      systolic::Record record = example_record(id % 2 == 1 ? "normal" : "two_pvc");
      for (double& value : record.samples) value *= 1 + 0.05 * id;
      if (id == 7) record = with_constant_lead(record, 4, 0);
      const std::string name = "records100/" + std::to_string(id);
      write_record(path(name), record);
      table += std::to_string(id) + "," + std::to_string(40 + id) + "," + std::to_string(id % 2) + ",\"" +
               codes[id - 1] + "\"," + (id <= 4 ? "1" : "9") + "," + name + "," + name + "\n";
    }
    write_bytes(path("ptbxl_database.csv"), table);
  }
  std::string path(const std::string& name = "") const { return folder_.path(name); }

  Run train(const std::string& out, std::vector<std::string> more = {}) const {
    more.insert(more.begin(),
                {"train", "--task", "diagnose", "--data", path(), "--train-folds", "1", "--out", path(out),
                 "--pretrained", "none", "--width", "2", "--epochs", "2", "--batch", "2", "--format", "json"});
    return run_program(more);
  }

 private:
  TemporaryFolder folder_;
};

/// Trained and calibrated once for all tests.
const SmallArchive& archive() {
  static const SmallArchive made;
  static const bool ready = [] {
    REQUIRE(made.train("w").status == 0);
    const Run run = run_program({"calibrate", "--weights", made.path("w"), "--data", made.path(), "--folds", "1",
                                 "--out", made.path("c"), "--dtype", "f16", "--format", "json"});
    REQUIRE(run.status == 0);
    CHECK(run.json()[0]["records"] == 4);
    return true;
  }();
  CHECK(ready);
  return made;
}

}  // namespace

TEST_CASE("train --task diagnose prints an epoch a line, measured on the held-out fold") {
  const SmallArchive own;
  const Run run = own.train("w", {"--threads", "2"});
  CHECK(run.status == 0);
  const auto epochs = run.json();
  REQUIRE(epochs.size() == 2);
  CHECK(keys(epochs[0]) == std::vector<std::string>{"epoch", "loss", "statements", "attributes", "seconds",
                                                    "validation_auroc"});  // one record has a superclass
  CHECK(std::filesystem::exists(own.path("w")));
}

TEST_CASE("--backbone locked without an encoder to lock is wrong usage") {
  const Run run = archive().train("locked", {"--backbone", "locked"});
  CHECK(run.status == 2);
  CHECK(contains(run.err, "--backbone locked needs a pretrained encoder"));
}

TEST_CASE("classify gives every statement, most probable first, with attributes and intervals") {
  const Run run = run_program({"classify", "--weights", archive().path("c"), "--format", "json", example("normal")});
  CHECK(run.status == 0);
  REQUIRE(run.json().size() == 1);
  const auto result = run.json()[0];
  CHECK(keys(result) == std::vector<std::string>{"record", "window", "from", "status", "reason", "statements",
                                                 "superclasses", "attributes", "intervals", "left_out_seconds",
                                                 "weights", "version"});
  CHECK(result["status"] == "ok");
  REQUIRE(result["statements"].size() == 3);
  CHECK(result["superclasses"].size() == 5);
  CHECK(keys(result["statements"][0]) ==
        std::vector<std::string>{"code", "name", "probability", "threshold", "present"});
  double last = 1;
  for (const auto& entry : result["statements"]) {
    const double probability = entry["probability"];
    CHECK(probability <= last);
    CHECK(probability > 0);
    CHECK(entry["present"] == (probability >= entry["threshold"].get<double>()));
    last = probability;
  }
  CHECK(keys(result["attributes"]) == std::vector<std::string>{"age", "sex", "heart_rate", "pr", "qt", "qtc", "qrs"});
  CHECK(result["attributes"]["age"].is_number());
  CHECK(result["intervals"]["heart_rate"].is_number());
}

TEST_CASE("classify --evidence says where, in statements that are present") {
  const Run run =
      run_program({"classify", "--weights", archive().path("c"), "--evidence", "--format", "json", example("two_pvc")});
  CHECK(run.status == 0);
  REQUIRE(run.json().size() == 1);
  std::size_t shown = 0;
  for (const auto& entry : run.json()[0]["statements"]) {
    CHECK(entry["evidence"].is_null() == !entry["present"].get<bool>());
    if (entry["evidence"].is_null()) continue;
    for (const auto& stretch : entry["evidence"]) {
      CHECK(stretch["from"] < stretch["to"]);
      ++shown;
    }
  }
  const Run text = run_program({"classify", "--weights", archive().path("c"), "--all", example("two_pvc")});
  CHECK(contains(text.out, "ventricular premature complex, any"));
  CHECK(contains(text.out, "years old"));
}

TEST_CASE("classify refuses weights of another network, and a flat recording is a result") {
  const Run wrong =
      run_program({"classify", "--weights", std::string(SYSTOLIC_SOURCE_DIR) + "/weights/restoration.safetensors",
                   example("normal")});
  CHECK(wrong.status == 1);
  CHECK(contains(wrong.err, "these are not of the diagnosis network"));
  const Run flat =
      run_program({"classify", "--weights", archive().path("c"), "--format", "json", archive().path("records100/7")});
  CHECK(flat.status == 0);
  CHECK(flat.json()[0]["status"] == "not analysable");
  CHECK(contains(flat.json()[0]["reason"].get<std::string>(), "aVL"));
}

TEST_CASE("evaluate --task diagnose gives figures by statement, tail and people, and compares two networks") {
  const std::string chart = archive().path("chart.svg"), scores = archive().path("scores.csv");
  const Run run = run_program({"evaluate", "--task", "diagnose", "--weights", archive().path("c"), "--against",
                               archive().path("w"), "--data", archive().path(), "--folds", "1,9", "--chart", chart,
                               "--scores", scores, "--format", "json"});
  CHECK(run.status == 0);
  REQUIRE(run.json().size() == 1);
  const auto result = run.json()[0];
  CHECK(result["records"] == 6);
  CHECK(result["not_analysable"] == 1);
  CHECK(result["statements"]["classes"] == 3);
  CHECK(result["statements"]["classes_scored"] == 3);
  CHECK(result["statements"]["positives"] == 3 + 3 + 1);
  CHECK(result["superclasses"]["classes_scored"] == 2);  // NORM and MI
  CHECK(result["tail"]["rare"]["classes"] == 3);
  CHECK(result["tail"]["common"]["auroc"].is_null());
  // The same network but for rounding and calibration: the same ranks.
  CHECK(std::abs(result["better_than"]["statements"]["difference"].get<double>()) < 0.5);
  CHECK(result["people"]["sex"]["male"]["records"] == 3);
  CHECK(result["attributes"]["age_mean_absolute_error"].is_number());
  REQUIRE(result["classes"].size() == 8);
  CHECK(result["classes"][2]["code"] == "IMI");
  CHECK(result["classes"][2]["positives"] == 1);
  CHECK(contains(read_bytes(chart), "<svg"));
  const std::string table = read_bytes(scores);
  CHECK(std::count(table.begin(), table.end(), '\n') == 7);
}
