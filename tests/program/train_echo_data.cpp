// systolic train on small folders laid out as published data sets of echocardiograms

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "program/run_program.hpp"
#include "support/echo_data_sets.hpp"

using namespace testing;

namespace {

std::vector<std::string> training(const std::string& task, const std::string& data, const std::string& out,
                                  std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"train", "--task", task, "--data", data, "--out", out, "--width", "2", "--batch", "2",
                             "--epochs", "1", "--threads", "1", "--format", "json"});
  return more;
}

}  // namespace

TEST_CASE("landmarks from a folder like EchoNet-LVH") {
  const TemporaryFolder folder;
  std::string table = "HashedFileName,Calc,CalcValue,Frame,X1,X2,Y1,Y2,Frames,split\n";
  const char* names[] = {"IVSd", "LVIDd", "LVPWd"};
  const int places[] = {20, 30, 70, 80};
  std::filesystem::create_directories(folder.path("Batch1"));
  for (const std::string name : {"A", "B", "C", "D"}) {
    for (std::size_t i = 0; i < 3; ++i)
      table += name + "," + names[i] + ",4,7,50,50," + std::to_string(places[i]) + "," + std::to_string(places[i + 1]) +
               ",66," + (name == "C" ? "val" : "train") + "\n";
    if (name != "D") write_clip(folder.path("Batch1/" + name + ".avi"), 66, 100, 112);
  }
  write_bytes(folder.path("MeasurementsList.csv"), table + "E,IVSd,1,nan,1,2,3,4,5,train\n");
  for (const std::string task : {"echo-m-mode", "echo-landmarks"}) {
    const Run run = run_program(training(task, folder.path(""), folder.path("w.safetensors"), {"--limit", "2"}));
    CAPTURE(run.err);
    REQUIRE(run.status == 0);
    CHECK(contains(run.err, "left out: " + folder.path("MeasurementsList.csv") + ": line 14: frame 'nan' is no"));
    CHECK(run.json().at(0)["validation_distance_mm"].get<double>() > 0);
    const auto info = run_program({"info", folder.path("w.safetensors"), "--format", "json"}).json().at(0);
    CHECK(info["metadata"]["training.data"] == "2 measured frames of EchoNet-LVH");
    CHECK_FALSE(info["metadata"].contains("warning"));
  }
  // A clip that is missing ends the training with its name.
  const Run run = run_program(training("echo-m-mode", folder.path(""), folder.path("x.safetensors")));
  CHECK(run.status == 1);
  CHECK(contains(run.err, "has no D.avi in Batch1 to Batch4"));
  CHECK_FALSE(std::filesystem::exists(folder.path("x.safetensors")));
}

TEST_CASE("contours from folders like EchoNet-Dynamic and CAMUS") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("dynamic/Videos"));
  std::string list = "FileName,EF,Split\n", tracings = "FileName,X1,Y1,X2,Y2,Frame\n";
  for (const std::string name : {"A", "B", "C"}) {
    list += name + ",55," + (name == "C" ? "VAL" : "TRAIN") + "\n";
    tracings += tracing_rows(name + ".avi", 3, 1) + tracing_rows(name + ".avi", 12, 0.7);
    write_clip(folder.path("dynamic/Videos/" + name + ".avi"), 20, 90, 112);
  }
  write_bytes(folder.path("dynamic/FileList.csv"), list + "D,55,TRAIN\n");
  write_bytes(folder.path("dynamic/VolumeTracings.csv"), tracings);
  for (const char* name : {"patient0001", "patient0002", "patient0008"})
    write_camus_patient(folder.path("camus/"), name, "ED: 1\nES: 5\nNbFrame: 5\nEF: 54\n");

  for (const std::string data : {"dynamic", "camus"}) {
    const Run run = run_program(training("echo-contour", folder.path(data), folder.path("w.safetensors")));
    CAPTURE(run.err);
    REQUIRE(run.status == 0);
    CHECK(contains(run.err, "line 5: D has no tracing") == (data == "dynamic"));
    CHECK(run.json().at(0)["validation_key_points"].get<double>() > 0);
    const auto info = run_program({"info", folder.path("w.safetensors"), "--format", "json"}).json().at(0);
    CHECK(info["metadata"]["training.data"] ==
          (data == "dynamic" ? "2 clips of EchoNet-Dynamic" : "2 four-chamber clips of CAMUS"));
    CHECK_FALSE(info["metadata"].contains("warning"));
    // Its contours refined; the file says how both were trained.
    const Run refined = run_program(training("echo-contour-refine", folder.path(data), folder.path("r.safetensors"),
                                             {"--pretrained", folder.path("w.safetensors")}));
    CAPTURE(refined.err);
    REQUIRE(refined.status == 0);
    CHECK(refined.json().at(0)["validation_key_points"].get<double>() > 0);
    const auto both = run_program({"info", folder.path("r.safetensors"), "--format", "json"}).json().at(0);
    CHECK(both["metadata"]["training.first"] == info["metadata"]["training.recipe"]);
    CHECK(both["metadata"]["contour.strips"] == "32 0.2 32 0.1");
  }
  const Run alone = run_program(training("echo-contour-refine", folder.path("camus"), folder.path("r.safetensors")));
  CHECK(alone.status == 2);
  CHECK(contains(alone.err, "needs --pretrained"));
}

TEST_CASE("a folder of something else is refused") {
  const TemporaryFolder folder;
  const Run run = run_program(training("echo-m-mode", folder.path(""), folder.path("x.safetensors")));
  CHECK(run.status == 1);
  CHECK(contains(run.err, "MeasurementsList.csv: could not be opened"));
  const Run contours = run_program(training("echo-contour", folder.path(""), folder.path("x.safetensors")));
  CHECK(contours.status == 1);
  CHECK(contains(contours.err, "holds neither EchoNet-Dynamic"));
}
