// systolic echo ef, narrate, judge, amm, synth and contour

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
  for (const char* verb : {"ef", "narrate", "judge", "amm", "synth"}) {
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

TEST_CASE("echo synth: an apical clip whose tracings echo ef reads back to the true ejection fraction") {
  const TemporaryFolder folder;
  const auto synth = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"echo", "synth", folder.path("heart"), "--format", "json"});
    return run_program(more);
  };
  const Run run = synth({"--seed", "5", "--ef", "0.35", "--frames", "40", "--size", "96"});
  CHECK(run.status == 0);
  const auto truth = run.json().at(0);
  CHECK(truth["ef"].get<double>() == doctest::Approx(0.35).epsilon(1e-6));
  CHECK(truth["view"] == "apical");
  CHECK(nlohmann::json::parse(read_bytes(folder.path("heart.json"))) == nlohmann::json(truth));
  const auto clip = systolic::io::read_npy<std::uint8_t>(folder.path("heart.npy"));
  REQUIRE(clip);
  CHECK(clip->shape() == systolic::Shape{40, 96, 96});
  const Run ef = run_program(
      {"echo", "ef", folder.path("heart.csv"), "--format", "json", "--mm-per-pixel", truth["mm_per_pixel"][0].dump()});
  const auto read = ef.json().at(0);
  CHECK(read["file"] == "heart.npy");
  for (const char* name : {"ef", "edv_ml", "esv_ml", "ef_area_length"})
    CHECK(read[name].get<double>() == doctest::Approx(truth[name].get<double>()).epsilon(1e-9));
  CHECK(read["ed_frame"] == truth["ed_frame"]);
  CHECK(read["es_frame"] == truth["es_frame"]);
  CHECK(synth({"--seed", "5", "--ef", "0.35", "--frames", "40", "--size", "96"}).out == run.out);

  const auto asked =
      synth({"--typical", "--weak-segment", "mid-septal", "--bulge", "12", "--length-width", "1.3"}).json();
  for (const char* attribute : {"septal_bulge", "segment_motion", "length_width"})
    CHECK(asked.at(0)["attributes"][attribute]["verdict"] == "pathological");
  const auto typical = synth({"--typical"}).json().at(0)["attributes"];
  for (const auto& item : typical.items()) CHECK_MESSAGE(item.value()["verdict"] == "normal", item.key());
}

TEST_CASE("echo synth: a long-axis clip with the dimensions asked for") {
  const TemporaryFolder folder;
  const auto synth = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"echo", "synth", folder.path("heart"), "--view", "long-axis", "--format", "json"});
    return run_program(more);
  };
  const Run run =
      synth({"--typical", "--septum", "10,14", "--cavity", "50,34", "--posterior-wall", "9", "--frames", "60"});
  CHECK(run.status == 0);
  const auto truth = run.json().at(0);
  CHECK(truth["ed"]["ivs_mm"].get<double>() == doctest::Approx(10).epsilon(0.01));
  CHECK(truth["ed"]["lvid_mm"].get<double>() == doctest::Approx(50).epsilon(0.01));
  CHECK(truth["ed"]["lvpw_mm"].get<double>() == doctest::Approx(9).epsilon(0.01));
  CHECK(truth["es"]["lvid_mm"].get<double>() == doctest::Approx(34).epsilon(0.02));
  CHECK(truth["lvid_mm"].size() == 60);
  CHECK(truth["tracings"].is_null());
  CHECK(synth({"--mm-per-pixel", "0.2", "--seed", "1"}).status == 1);
  CHECK(contains(synth({"--mm-per-pixel", "0.2", "--seed", "1"}).err, "does not fit"));
}

TEST_CASE("echo synth: wrong usage is said, a clip comes with its truth or not at all") {
  const TemporaryFolder folder;
  const auto synth = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"echo", "synth", folder.path("heart")});
    return run_program(more);
  };
  CHECK(synth({"--tilt", "3"}).status == 2);
  CHECK(contains(synth({"--tilt", "3"}).err, "--tilt belongs to --view long-axis"));
  CHECK(contains(synth({"--view", "long-axis", "--ef", "0.5"}).err, "--ef belongs to --view apical"));
  CHECK(synth({"--ef", "55"}).status == 2);
  CHECK(synth({"--view", "long-axis", "--septum", "thick"}).status == 2);
  CHECK(contains(synth({"--weak-segment", "left"}).err, "is no segment; there is none, basal-septal"));
  CHECK(contains(synth({"--frames", "4"}).err, "end before end-systole"));
  CHECK(contains(synth({"--mm-per-pixel", "5"}).err, "% of the image's height"));
  CHECK(folder.entries() == 0);
  CHECK(run_program({"echo", "synth", folder.path("no/such/heart")}).status == 1);
}

#ifdef SYSTOLIC_WITH_PNG
TEST_CASE("echo synth writes PNG frames that echo amm reads; its report shows line and image") {
  const TemporaryFolder folder;
  const Run made = run_program({"echo", "synth", folder.path("heart"), "--view", "long-axis", "--frames", "12", "--png",
                                folder.path("frames"), "--format", "json"});
  REQUIRE(made.status == 0);
  const auto truth = made.json().at(0);
  std::string line;
  for (const auto& number : truth["ed"]["line"]) line += (line.empty() ? "" : ",") + number.dump();
  const auto amm = [&](const std::string& clip, const std::string& report) {
    return run_program({"echo", "amm", folder.path(clip), "--line", line, "--key-frame", "3", "--out",
                        folder.path(clip + ".amm.npy"), "--report", folder.path(report)});
  };
  CHECK(amm("heart.npy", "r.html").status == 0);
  CHECK(amm("frames", "r.svg").status == 0);
  CHECK(read_bytes(folder.path("heart.npy.amm.npy")) == read_bytes(folder.path("frames.amm.npy")));
  const std::string page = read_bytes(folder.path("r.html")), drawing = read_bytes(folder.path("r.svg"));
  for (const std::string* text : {&page, &drawing})
    for (const char* part : {"Anatomical M-mode image", "12 frames, 128 x 128 pixels", "The line in frame 3",
                             "What the line sees", "data:image/png;base64,", "For research, not for diagnosis"})
      CHECK_MESSAGE(contains(*text, part), part);
  CHECK(amm("heart.npy", "r.pdf").status == 2);
  CHECK(amm("heart.npy", "r.txt").status == 2);
  CHECK(amm("heart.npy", "none/r.html").status == 1);
}
#endif

TEST_CASE("echo contour: a phantom's contours, written as a table that echo ef reads to the same ejection fraction") {
  const TemporaryFolder folder;
  REQUIRE(run_program({"echo", "synth", folder.path("heart"), "--typical", "--frames", "40", "--cycle", "32"}).status ==
          0);
  const Run run = run_program({"echo", "contour", folder.path("heart.npy"), folder.path("absent.npy"), "--format",
                               "json", "--out", folder.path("t.csv"), "--mm-per-pixel", "1.2"});
  CHECK(run.status == 1);  // one of the clips is not there
  CHECK(run.err.find("absent.npy") != std::string::npos);
  const auto lines = run.json();
  REQUIRE(lines.size() == 1);
  const auto& found = lines[0];
  CHECK(found["status"] == "ok");
  CHECK(found["reason"].is_null());
  CHECK(found["ed_contour"].size() == 40);
  CHECK(found["es_contour"].size() == 40);
  CHECK(found["volumes_ml"].size() == 40);
  CHECK(found["edv_ml"].get<double>() > found["esv_ml"].get<double>());
  CHECK(found["ef_difference"].get<double>() ==
        doctest::Approx(found["ef"].get<double>() - found["ef_contour"].get<double>()));
  CHECK(found["attributes"]["sector_share"]["verdict"] == "normal");
  CHECK(found["attributes"]["image_quality"]["contrast"].get<double>() > 15);
  const auto again = run_program({"echo", "ef", folder.path("t.csv"), "--format", "json", "--mm-per-pixel", "1.2"});
  REQUIRE(again.status == 0);
  CHECK(again.json()[0]["file"] == "heart.npy");
  CHECK(again.json()[0]["ef"].get<double>() == doctest::Approx(found["ef_contour"].get<double>()).epsilon(1e-9));
  CHECK(again.json()[0]["ed_frame"] == found["ed_frame"]);

  const auto told = run_program({"echo", "narrate", folder.path("heart.npy"), "--ed", "0", "--es", "12", "--format",
                                 "json", "--mm-per-pixel", "1.2"});
  REQUIRE(told.status == 0);
  CHECK(told.json()[0]["ed_frame"] == 0);
  CHECK(told.json()[0]["es_frame"] == 12);
  CHECK(told.json()[0]["judge"]["accuracy"] == 1);
  CHECK(told.json()[0]["text"].get<std::string>().find("could not be assessed") == std::string::npos);
}

TEST_CASE("echo contour: a clip that cannot be measured has a reason, frames that it has not too") {
  const TemporaryFolder folder;
  REQUIRE(run_program({"echo", "synth", folder.path("heart"), "--typical", "--frames", "32"}).status == 0);
  const auto run = run_program({"echo", "contour", folder.path("heart.npy"), "--ed", "99", "--format", "json"});
  CHECK(run.status == 0);
  REQUIRE(run.json().size() == 1);
  CHECK(run.json()[0]["status"] == "not analysable");
  CHECK(run.json()[0]["reason"].get<std::string>().find("no frame 99") != std::string::npos);
  CHECK(run.json()[0]["ef"].is_null());
}
