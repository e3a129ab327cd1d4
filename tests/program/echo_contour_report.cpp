// systolic echo contour --report, with a network that hardly learnt: what it says is drawn, or why it says nothing.

#include <doctest/doctest.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "program/run_program.hpp"

using namespace testing;

#ifdef SYSTOLIC_WITH_PNG
TEST_CASE("echo contour draws every clip, measured or not, with the weights' own warning") {
  const TemporaryFolder folder;
  const std::string weights = folder.path("w.safetensors");
  REQUIRE(run_program({"train", "--task", "echo-contour", "--limit", "8", "--batch", "4", "--width", "4",
                       "--validate-limit", "2", "--threads", "1", "--out", weights})
              .status == 0);
  for (const char* name : {"one", "two"})
    REQUIRE(run_program({"echo", "synth", folder.path(name), "--frames", "34", "--typical"}).status == 0);
  const auto contour = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"echo", "contour", "--weights", weights, "--format", "json", folder.path("one.npy")});
    return run_program(more);
  };
  const Run page_run = contour({"--report", folder.path("r.html")});
  REQUIRE(page_run.status == 0);
  REQUIRE(contour({"--report", folder.path("r.svg"), "--mm-per-pixel", "1.5"}).status == 0);
  const bool measured = page_run.json().at(0)["status"] == "ok";
  const std::string page = read_bytes(folder.path("r.html")), drawing = read_bytes(folder.path("r.svg"));
  for (const std::string* text : {&page, &drawing}) {
    for (const char* part :
         {"34 frames, 112 x 112 pixels", "phantom-trained, for software verification, not for patients",
          "data:image/png;base64,", "For research, not for diagnosis"})
      CHECK_MESSAGE(contains(*text, part), part);
    for (const char* part : {"Contours and ejection fraction", "Volume by disks", "Explanation", "Septal bulge"})
      CHECK_MESSAGE(contains(*text, part) == measured, part);
    CHECK(contains(*text, "Not analysed") == !measured);
  }
  CHECK(contains(page, "× 1000 px³") == measured);
  CHECK_FALSE(contains(drawing, "× 1000 px³"));
  CHECK(contour({folder.path("two.npy"), "--report", folder.path("r.html")}).status == 2);
  REQUIRE(contour({folder.path("two.npy"), "--report", folder.path("all/")}).status == 0);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path("all")), {}) == 3);
}
#endif
