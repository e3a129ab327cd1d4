// systolic evaluate, on a small folder laid out as PTB-XL

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"

using namespace testing;

namespace {

/// Six records of fold 9: two normal, two abnormal, one without a diagnostic statement, one flat; and one of fold 8.
class SmallArchive {
 public:
  SmallArchive() {
    std::filesystem::create_directories(folder_.path("records100/00000"));
    std::filesystem::create_directories(folder_.path("records500/00000"));
    write_bytes(folder_.path("scp_statements.csv"),
                ",description,diagnostic,form,rhythm,diagnostic_class\n"
                "NORM,normal ECG,1.0,,,NORM\n"
                "IMI,inferior myocardial infarction,1.0,,,MI\n"
                "LVH,\"left ventricular hypertrophy, by voltage\",1.0,,,HYP\n"
                "SR,sinus rhythm,,,1.0,\n");
    const systolic::Record normal = example_record(), pvc = example_record("two_pvc");
    add(10, normal, "{'NORM': 100.0, 'SR': 0.0}", 30, 0);
    add(2, normal, "{'NORM': 80.0}", 70, 1);
    add(3, pvc, "{'IMI': 0.0, 'SR': 0.0}", 70, 1);
    add(4, pvc, "{'NORM': 15.0, 'LVH': 100.0}", 50, 0);
    add(5, normal, "{'SR': 0.0}", 50, 0);
    add(6, with_constant_lead(pvc, 4, 0), "{'IMI': 100.0}", 50, 0);
    add(7, pvc, "{'IMI': 100.0}", 50, 0, 8);
    // The better recording of number 10 is there as well, and differs.
    write_record(folder_.path("records500/00000/00010_hr"), pvc);
    write_table();
  }

  std::string path(const std::string& name = "") const { return folder_.path(name); }
  void write_table(const std::string& more = "") const { write_bytes(path("ptbxl_database.csv"), table_ + more); }

 private:
  void add(int id, const systolic::Record& record, const std::string& codes, int age, int sex, int fold = 9) {
    const std::string digits = std::to_string(100000 + id).substr(1);
    const std::string low = "records100/00000/" + digits + "_lr", high = "records500/00000/" + digits + "_hr";
    write_record(path(low), record);
    table_ += std::to_string(id) + "," + std::to_string(age) + ".0," + std::to_string(sex) + ",\"" + codes + "\"," +
              std::to_string(fold) + "," + low + "," + high + "\n";
  }

  TemporaryFolder folder_;
  std::string table_ = "ecg_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr\n";
};

Run evaluate(const SmallArchive& archive, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"evaluate", "--data", archive.path(), "--folds", "9", "--beats", "1", "--format", "json"});
  return run_program(more);
}

/// Without what differs from run to run.
nlohmann::ordered_json timeless(const Run& run) {
  auto result = run.json().at(0);
  result.erase("seconds");
  result.erase("records_per_second");
  return result;
}

}  // namespace

TEST_CASE("evaluate prints every figure of the contract") {
  const SmallArchive archive;
  const Run run = evaluate(archive);
  CHECK(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(keys(result) == std::vector<std::string>{"records", "normal", "abnormal", "not_analysable", "auroc",
                                                 "auroc_ci95", "auprc", "sensitivity_at_90_specificity",
                                                 "precision_at_90_recall", "f1", "seconds", "records_per_second",
                                                 "groups"});
  CHECK(result["records"] == 4);
  CHECK(result["normal"] == 2);
  CHECK(result["abnormal"] == 2);
  CHECK(result["not_analysable"] == 1);
  // Records 10, 3 and 4 are the same recording: 10 is normal, so each abnormal record ties with one normal one.
  const double auroc = result["auroc"];
  CHECK((auroc == 0.75 || auroc == 0.25));
  const auto& groups = result["groups"];
  CHECK(keys(groups) == std::vector<std::string>{"superclass", "sex", "age"});
  CHECK(groups["superclass"]["MI"]["n"] == 3);
  CHECK(groups["superclass"]["MI"]["abnormal"] == 1);
  CHECK(groups["superclass"]["CD"]["auroc"].is_null());
  CHECK(groups["age"]["<40"]["n"] == 1);
  CHECK(groups["age"][">65"]["n"] == 2);
  CHECK(groups["sex"]["female"]["n"] == 2);
  CHECK(keys(groups["sex"]["female"]) == std::vector<std::string>{"n", "abnormal", "auroc", "auroc_ci95",
                                                                  "sensitivity_at_90_specificity", "sensitivity_ci95"});
  CHECK(groups["age"]["<40"]["sensitivity_ci95"].is_null());
}

TEST_CASE("evaluate takes only odd or only even numbers, if asked to") {
  const SmallArchive archive;
  const auto odd = evaluate(archive, {"--ids", "odd"}).json().at(0);
  CHECK(odd["records"] == 1);
  CHECK(odd["abnormal"] == 1);
  const auto even = evaluate(archive, {"--ids", "even", "--score", "published"}).json().at(0);
  CHECK(even["records"] == 3);
  CHECK(even["normal"] == 2);
  CHECK(evaluate(archive, {"--ids", "prime"}).status == 2);
}

TEST_CASE("calibrate says how many normal recordings it needs") {
  const SmallArchive archive;
  const Run run = run_program({"calibrate", "--data", archive.path(), "--folds", "9", "--fit-folds", "8", "--out",
                               archive.path("w.safetensors")});
  CHECK(run.status == 1);
  CHECK(contains(run.err, "2 normal recordings in these folds; a calibration needs 20"));
  CHECK_FALSE(std::filesystem::exists(archive.path("w.safetensors")));
}

TEST_CASE("evaluate does not depend on the number of threads") {
  const SmallArchive archive;
  CHECK(timeless(evaluate(archive, {"--threads", "1"})) == timeless(evaluate(archive, {"--threads", "3"})));
}

TEST_CASE("evaluate takes the first records by their number and writes the scores") {
  const SmallArchive archive;
  const Run run = evaluate(archive, {"--limit", "3", "--scores", archive.path("scores.csv")});
  CHECK(run.status == 0);
  CHECK(run.json().at(0)["records"] == 3);
  const std::string table = read_bytes(archive.path("scores.csv"));
  CHECK(std::count(table.begin(), table.end(), '\n') == 4);
  CHECK(table.starts_with("ecg_id,label,score,status,reason,fold,superclasses,age,sex\n2,normal,"));
  CHECK(contains(table, "\n3,abnormal,"));
  CHECK(contains(table, ",ok,,9,NORM HYP,50,male\n"));
}

TEST_CASE("a record that cannot be read fails alone") {
  const SmallArchive archive;
  std::filesystem::remove(archive.path("records100/00000/00002_lr.dat"));
  const Run run = evaluate(archive);
  CHECK(run.status == 1);
  CHECK(contains(run.err, "00002_lr.dat"));
  CHECK(run.json().at(0)["records"] == 3);
}

TEST_CASE("a damaged table is refused with its line") {
  const SmallArchive archive;
  const auto message = [&](const std::string& line) {
    archive.write_table(line);
    const Run run = evaluate(archive);
    CHECK(run.status == 1);
    return run.err;
  };
  CHECK(contains(message("11,40\n"), "ptbxl_database.csv: line 9: has 2 cells, the header 7"));
  CHECK(contains(message("x,1,0,{},9,a,b\n"), "line 9: ecg_id 'x' is not a number"));
  CHECK(contains(message("11,1,0,NORM,9,a,b\n"), "line 9: scp_codes 'NORM' is not a dictionary"));
  CHECK(contains(message("11,1,0,{'NORM': 1},9,../a,/b\n"), "lies outside the folder"));
  CHECK(contains(message("11,1,0,\"{'NORM': 1},9\n"), "line 9: a quote that begins here does not end"));
}

TEST_CASE("evaluate says what is wrong with the request") {
  const SmallArchive archive;
  const auto status = [](std::vector<std::string> more, const std::string& message) {
    more.insert(more.begin(), "evaluate");
    const Run run = run_program(more);
    CHECK(contains(run.err, message));
    return run.status;
  };
  CHECK(status({"--data", archive.path(), "--folds", "nine"}, "no list of folds") == 2);
  CHECK(status({"--data", archive.path(), "--folds", "10"}, "no labelled record") == 1);
  CHECK(status({"--data", archive.path("absent"), "--folds", "9"}, "scp_statements.csv") == 1);
}
