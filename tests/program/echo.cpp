// systolic echo ef, narrate and judge

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "program/run_program.hpp"
#include "support/tracings.hpp"
#include "systolic/io/npy.hpp"

using namespace testing;

namespace {

/// A healthy clip, one with a dilated ventricle that hardly moves, and three that cannot be measured.
std::string table() {
  const auto ellipse = [](double radius) {
    return [radius](double t) { return radius * std::sqrt(std::max(0.0, 1 - (1 - t) * (1 - t))); };
  };
  const std::vector<Segment> whole = half_ellipsoid(60, 15);
  std::vector<Segment> short_one = whole;
  short_one.pop_back();
  std::string damaged = table_rows("nan.avi", whole, 2);
  damaged.replace(damaged.find(",", 8) + 1, 2, "nan");
  return tracings_header + table_rows("healthy.avi", whole, 46) +
         table_rows("healthy.avi", half_ellipsoid(55, 10.5), 61) +
         table_rows("ill.avi", tracing(60, ellipse(24), ellipse(24)), 5) +
         table_rows("ill.avi", tracing(59, ellipse(24), ellipse(22)), 20) + table_rows("one.avi", whole, 3) +
         table_rows("short.avi", whole, 1) + table_rows("short.avi", short_one, 9) + damaged +
         table_rows("nan.avi", whole, 3);
}

}  // namespace

TEST_CASE("echo ef: a line a clip; a damaged one says why, the rest is done") {
  const TemporaryFolder folder;
  write_bytes(folder.path("t.csv"), table());
  const Run run = run_program({"echo", "ef", folder.path("t.csv"), "--format", "json", "--mm-per-pixel", "1.4"});
  CHECK(run.status == 0);
  const auto lines = run.json();
  REQUIRE(lines.size() == 5);
  CHECK(lines[0]["file"] == "healthy.avi");
  CHECK(lines[0]["status"] == "ok");
  CHECK(lines[0]["ed_frame"] == 46);
  const double edv = lines[0]["edv_ml"], esv = lines[0]["esv_ml"], ef = lines[0]["ef"];
  CHECK(edv == doctest::Approx(2.0 / 3 * 3.14159265 * 15 * 15 * 60 * std::pow(1.4, 3) / 1000).epsilon(0.005));
  CHECK(ef == doctest::Approx((edv - esv) / edv));
  CHECK(ef == doctest::Approx(1 - 55.0 / 60 * 0.49).epsilon(0.005));
  CHECK(lines[0]["ef_area_length"].get<double>() == doctest::Approx(ef).epsilon(0.005));
  CHECK(lines[0]["attributes"]["length_width"]["ed"].get<double>() == doctest::Approx(2).epsilon(0.01));
  CHECK(lines[0]["attributes"]["sector_share"]["share"].is_null());
  CHECK(lines[1]["attributes"]["length_width"]["verdict"] == "pathological");
  for (std::size_t i = 2; i < 5; ++i) {
    CHECK(lines[i]["status"] == "not analysable");
    CHECK(lines[i]["ef"].is_null());
    CHECK(keys(lines[i]) == keys(lines[0]));
  }
  CHECK(contains(lines[2]["reason"], "one usable frame"));
  CHECK(contains(lines[3]["reason"], "frame 9: has 20 rows, not 21"));
  CHECK(contains(lines[4]["reason"], "is no coordinate"));

  const Run text = run_program({"echo", "ef", folder.path("t.csv")});
  CHECK(contains(text.out, "EF  55.1 %"));
  CHECK(contains(text.err, "--mm-per-pixel"));
  CHECK(run_program({"echo", "ef", folder.path("t.csv"), "--quiet"}).err.empty());
  const Run csv = run_program({"echo", "ef", folder.path("t.csv"), "--format", "csv"});
  CHECK(csv.out.starts_with("file,status,reason,ed_frame,es_frame,edv_ml,esv_ml,ef,"));
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 6);
}

TEST_CASE("echo narrate explains, echo judge reads it back without an error") {
  const TemporaryFolder folder;
  write_bytes(folder.path("t.csv"), table());
  const auto narrate = [&](const std::string& seed) {
    return run_program({"echo", "narrate", folder.path("t.csv"), "--format", "json", "--prompt", "--seed", seed});
  };
  const Run run = narrate("4");
  CHECK(run.status == 0);
  CHECK(narrate("4").out == run.out);
  CHECK(narrate("5").out != run.out);
  const auto lines = run.json();
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(lines[i]["judge"]["accuracy"] == 1);
    CHECK(lines[i]["judge"]["contradictions"] == 0);
    CHECK(lines[i]["flesch"] > 30);
    CHECK(contains(lines[i]["prompt"], lines[i]["sentences"][0]));
    write_bytes(folder.path(i == 0 ? "healthy.txt" : "ill.txt"), lines[i]["text"].get<std::string>());
  }
  CHECK(lines[2]["text"].is_null());
  const Run judged = run_program({"echo", "judge", folder.path("healthy.txt"), folder.path("ill.txt"), "--against",
                                  folder.path("t.csv"), "--format", "json"});
  CHECK(judged.status == 0);
  for (const auto& line : judged.json()) {
    CHECK(line["accuracy"] == 1);
    CHECK(line["omissions"].empty());
  }
  CHECK(judged.json()[1]["claims"]["length_width"] == "pathological");
  Surroundings how;
  how.input = "There is no septal bulge, but the ventricle is dilated.";
  const auto claims = run_program({"echo", "judge", "-", "--format", "json"}, how).json().at(0)["claims"];
  CHECK(claims["septal_bulge"] == "normal");
  CHECK(claims["length_width"] == "pathological");
  CHECK(claims["image_quality"] == "absent");
}

TEST_CASE("echo: files that are no tables fail alone, wrong usage is said") {
  const TemporaryFolder folder;
  write_bytes(folder.path("t.csv"), table());
  write_bytes(folder.path("x.csv"), "a,b\n1,2\n");
  const Run run = run_program({"echo", "ef", folder.path("x.csv"), folder.path("t.csv"), "--format", "json"});
  CHECK(run.status == 1);
  CHECK(contains(run.err, "x.csv: line 1: its header has no column 'FileName'"));
  CHECK(run.json().size() == 5);
  CHECK(run_program({"echo", "ef", folder.path("absent.csv")}).status == 1);
  CHECK(run_program({"echo"}).status == 2);
  CHECK(run_program({"echo", "ef"}).status == 2);
  CHECK(run_program({"echo", "ef", folder.path("t.csv"), "--mm-per-pixel", "-1"}).status == 2);
  const Run help = run_program({"echo", "--help"});
  CHECK(help.status == 0);
  for (const char* verb : {"ef", "narrate", "judge", "amm"}) {
    CHECK(contains(help.out, verb));
    const Run own = run_program({"echo", verb, "--help"});
    CHECK(own.status == 0);
    CHECK(contains(own.out, std::string("Usage: systolic echo ") + verb));
  }
}

TEST_CASE("echo amm writes what the line sees") {
  const TemporaryFolder folder;
  systolic::Tensor<std::uint8_t> clip({5, 40, 30});
  for (systolic::Index t = 0; t < 5; ++t)
    for (systolic::Index r = 0; r < 40; ++r)
      for (systolic::Index c = 0; c < 30; ++c) clip(t, r, c) = static_cast<std::uint8_t>(20 * t + 3 * r);
  REQUIRE(systolic::io::write_npy(folder.path("clip.npy"), clip));
  const auto amm = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"echo", "amm", folder.path("clip.npy"), "--out", folder.path("amm.npy"), "--format", "json"});
    return run_program(more);
  };
  const Run run = amm({"--line", "5,12,30,12", "--key-frame", "3"});
  CHECK(run.status == 0);
  CHECK(run.json().at(0)["line"] == std::vector<double>{0, 12, 39, 12});
  CHECK(run.json().at(0)["samples"] == 40);
  const auto image = systolic::io::read_npy<float>(folder.path("amm.npy"));
  REQUIRE(image);
  REQUIRE(image->shape() == systolic::Shape{40, 64});
  for (systolic::Index r = 0; r < 40; ++r) {
    CHECK((*image)(r, 32) == doctest::Approx(static_cast<double>(60 + 3 * r)));
    CHECK((*image)(r, 34) == doctest::Approx(static_cast<double>(3 * r)));
  }
  CHECK(amm({"--line", "5,12,30,12", "--key-frame", "5"}).status == 1);
  CHECK(contains(amm({"--line", "5,12,5,12"}).err, "the line's two points are one"));
  CHECK(contains(amm({"--line", "5,12,30,12", "--shift", "100"}).err, "misses the image"));
  CHECK(amm({"--line", "5,12,30"}).status == 2);
  CHECK(amm({"--line", "5,12,30,12,7"}).status == 2);
}
