// systolic train --task echo-..., and systolic echo measure with what came of it: phantoms, small networks, few steps.

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "program/run_program.hpp"
#include "systolic/echo/phantom_long_axis_image.hpp"
#include "systolic/io/npy.hpp"

using namespace testing;

namespace {

std::vector<std::string> training(const std::string& task, const std::string& out, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"train", "--task", task, "--out", out, "--width", "2", "--limit", "8", "--batch", "4",
                             "--validate-limit", "2", "--threads", "1", "--format", "json"});
  return more;
}

/// Both networks after two steps, and a phantom's clip.
struct Example {
  TemporaryFolder folder;
  systolic::echo::LongAxisTruth truth;

  Example() {
    REQUIRE(run_program(training("echo-m-mode", folder.path("m.safetensors"))).status == 0);
    REQUIRE(run_program(training("echo-landmarks", folder.path("f.safetensors"))).status == 0);
    systolic::echo::LongAxisOptions options;
    options.frames = 6;
    options.cycle = 6;
    const systolic::echo::LongAxisPhantom phantom(options);
    truth = phantom.truth(0);
    REQUIRE(systolic::io::write_npy(folder.path("clip.npy"), phantom.draw()));
  }

  Run measure(std::vector<std::string> more) const {
    more.insert(more.begin(), {"echo", "measure", "--weights", folder.path("m.safetensors"), "--line-weights",
                               folder.path("f.safetensors"), "--format", "json"});
    return run_program(more);
  }
};

}  // namespace

TEST_CASE("a training of landmarks prints its epochs, keeps its checkpoints, and says what it learnt from") {
  const TemporaryFolder folder;
  const Run run = run_program(training("echo-m-mode", folder.path("w.safetensors"),
                                       {"--epochs", "2", "--log", folder.path("log.jsonl"), "--dtype", "f16"}));
  REQUIRE(run.status == 0);
  REQUIRE(run.json().size() == 2);
  CHECK(run.json()[1]["epoch"] == 2);
  CHECK(run.json()[1]["distance"].get<double>() > 0);
  CHECK(run.json()[1]["validation_distance_mm"].get<double>() > 0);
  const Run info = run_program({"info", folder.path("w.safetensors"), "--format", "json"});
  CHECK(info.status == 0);
  CHECK(info.json()[0]["network"] == "landmarks of the left ventricle in M-mode images");
  CHECK(info.json()[0]["self_check"] == "passed");
  CHECK(info.json()[0]["metadata"]["warning"] == "phantom-trained, for software verification, not for patients");
  CHECK(info.json()[0]["metadata"]["training.data"] == "8 long-axis phantoms, seed 1");

  // Interrupted after the first epoch and taken up again: the same weights.
  const auto train = [&](const std::string& out, std::vector<std::string> more) {
    more.insert(more.end(), {"--epochs", "2"});
    return run_program(training("echo-landmarks", folder.path(out), std::move(more)));
  };
  REQUIRE(train("a.safetensors", {"--checkpoint", folder.path("c")}).status == 0);
  REQUIRE(train("b.safetensors", {"--resume", folder.path("c")}).status == 0);
  CHECK(read_bytes(folder.path("a.safetensors")) == read_bytes(folder.path("b.safetensors")));
  CHECK(run_program(training("echo-landmarks", folder.path("d.safetensors"), {"--resume", folder.path("c")})).status ==
        1);  // one epoch is another training

  CHECK(run_program({"train", "--out", folder.path("x")}).status == 2);
  CHECK(run_program(training("echo-m-mode", folder.path("x"), {"--data", folder.path("none")})).status == 1);
  const Run converted =
      run_program({"convert", folder.path("a.safetensors"), folder.path("h.safetensors"), "--dtype", "f16"});
  CHECK(converted.status == 0);
  CHECK(run_program({"info", folder.path("h.safetensors"), "--format", "json"}).json()[0]["self_check"] == "passed");
}

TEST_CASE("echo measure along a given line") {
  const Example example;
  const Run run = example.measure(
      {example.folder.path("clip.npy"), "--mm-per-pixel", "1.15", "--line", "20,80,110,80", "--ed", "0", "--es", "2"});
  REQUIRE(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(result["file"] == example.folder.path("clip.npy"));
  CHECK(result["status"] == "ok");
  CHECK(result["reason"].is_null());
  CHECK(result["line_found"] == false);
  CHECK(result["ed"]["frame"] == 0);
  CHECK(result["es"]["frame"] == 2);
  CHECK(result["ed"]["axis"].is_null());
  CHECK(result["ed"]["line"] == std::vector<double>{0, 80, 127, 80});
  REQUIRE(result["ed"]["landmarks"].size() == 4);
  double length = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(result["ed"]["landmarks"][k][1] == doctest::Approx(80));
    if (k > 0)
      length += 1.15 * std::abs(result["ed"]["landmarks"][k][0].get<double>() -
                                result["ed"]["landmarks"][k - 1][0].get<double>());
  }
  CHECK(result["ed"]["ivs_mm"].get<double>() + result["ed"]["lvid_mm"].get<double>() +
            result["ed"]["lvpw_mm"].get<double>() ==
        doctest::Approx(length));

  const Run changed = example.measure({example.folder.path("clip.npy"), "--mm-per-pixel", "1.15", "--line",
                                       "20,80,110,80", "--ed", "0", "--es", "2", "--shift", "-10"});
  CHECK(changed.json().at(0)["ed"]["line"] == std::vector<double>{0, 90, 127, 90});
}

TEST_CASE("echo measure without a line: a result for every clip, or a reason") {
  const Example example;
  const Run run = example.measure({example.folder.path("clip.npy"), example.folder.path("missing.npy"),
                                   example.folder.path("clip.npy"), "--mm-per-pixel", "1.15,1.15"});
  CHECK(run.status == 1);  // one of the three could not be read
  CHECK(contains(run.err, "missing.npy"));
  REQUIRE(run.json().size() == 2);
  CHECK(run.json()[0] == run.json()[1]);
  CHECK(run.json()[0]["line_found"] == true);
  const bool ok = run.json()[0]["status"] == "ok";
  CHECK((ok || run.json()[0]["status"] == "not analysable"));
  CHECK(run.json()[0]["reason"].is_null() == ok);
}

TEST_CASE("echo measure says what is wrong") {
  const Example example;
  const std::string clip = example.folder.path("clip.npy");
  const Run late = example.measure({clip, "--mm-per-pixel", "1", "--line", "20,80,110,80", "--ed", "6"});
  CHECK(late.status == 1);
  CHECK(contains(late.err, "has 6 frames, no frame 6"));
  CHECK(example.measure({clip, "--line", "20,80,110,80"}).status == 2);
  CHECK(example.measure({clip, "--mm-per-pixel", "1", "--line", "20,80"}).status == 2);
  const Run outside = example.measure({clip, "--mm-per-pixel", "1", "--line", "20,80,110,80", "--shift", "500"});
  CHECK(outside.status == 0);
  CHECK(outside.json().at(0)["status"] == "not analysable");
  CHECK(contains(outside.json().at(0)["reason"].get<std::string>(), "misses the image"));
  const Run swapped = run_program({"echo", "measure", clip, "--mm-per-pixel", "1", "--line", "20,80,110,80",
                                   "--weights", example.folder.path("f.safetensors")});
  CHECK(swapped.status == 1);
  CHECK(contains(swapped.err, "this network looks at frames"));
}

#ifdef SYSTOLIC_WITH_PNG
TEST_CASE("echo measure draws what it measured: a page, a drawing, a folder with an overview") {
  const Example example;
  const std::string clip = example.folder.path("clip.npy");
  std::filesystem::create_directories(example.folder.path("b"));
  std::filesystem::copy_file(clip, example.folder.path("b/clip.npy"));
  const auto report = [&](const std::string& out, std::vector<std::string> clips) {
    clips.insert(clips.end(),
                 {"--mm-per-pixel", "1.15", "--line", "20,80,110,80", "--report", example.folder.path(out)});
    return example.measure(clips);
  };
  REQUIRE(report("r.html", {clip}).status == 0);
  REQUIRE(report("r.svg", {clip}).status == 0);
  const std::string page = read_bytes(example.folder.path("r.html")),
                    drawing = read_bytes(example.folder.path("r.svg"));
  for (const std::string* text : {&page, &drawing})
    for (const char* part : {"Linear measurements of the left ventricle", "M-mode image at end-diastole",
                             "Inner diameter along the line", "Posterior wall (LVPW)", "Fractional shortening",
                             "phantom-trained, for software verification, not for patients",
                             "systolic echo m-mode landmarks", "For research, not for diagnosis"})
      CHECK_MESSAGE(contains(*text, part), part);
  CHECK(report("two.html", {clip, clip}).status == 2);
  REQUIRE(report("two/", {clip, example.folder.path("b/clip.npy")}).status == 0);
  CHECK(std::distance(std::filesystem::directory_iterator(example.folder.path("two")), {}) == 3);
  CHECK(contains(read_bytes(example.folder.path("two/index.html")), "2 clips, 0 not analysed"));

  // What was not measured is a report, too.
  REQUIRE(report("none.html", {clip, "--shift", "500"}).status == 0);
  CHECK(contains(read_bytes(example.folder.path("none.html")), "Not analysed"));
}
#endif

TEST_CASE("echo measure finds everything with the shipped weights") {
  const TemporaryFolder folder;
  systolic::echo::LongAxisOptions options;
  options.frames = 12;
  options.cycle = 12;
  const systolic::echo::LongAxisPhantom phantom(options);
  REQUIRE(systolic::io::write_npy(folder.path("clip.npy"), phantom.draw()));
  const Run run = run_program(
      {"echo", "measure", folder.path("clip.npy"), "--mm-per-pixel", "1.15", "--threads", "1", "--format", "json"});
  REQUIRE(run.status == 0);
  const auto result = run.json().at(0);
  CHECK(result["status"] == "ok");
  for (const auto& [key, frame] : {std::pair("ed", phantom.end_diastole()), std::pair("es", phantom.end_systole())}) {
    const systolic::echo::Dimensions truth = phantom.truth(frame).dimensions;
    CHECK(std::abs(result[key]["ivs_mm"].get<double>() - truth.ivs_mm) < 3);
    CHECK(std::abs(result[key]["lvid_mm"].get<double>() - truth.lvid_mm) < 3);
    CHECK(std::abs(result[key]["lvpw_mm"].get<double>() - truth.lvpw_mm) < 3);
    CHECK_FALSE(result[key]["axis"].is_null());
  }
}
