// systolic detect --report, --compare

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "program/recordings.hpp"
#include "program/run_program.hpp"

using namespace testing;

namespace {

/// `detect` with few beats, to be quick.
Run detect(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"detect", "--beats", "1", "--format", "json"});
  return run_program(arguments);
}

}  // namespace

TEST_CASE("a report is a drawing, a page or a document, as its ending says") {
  const TemporaryFolder folder;
  CHECK(detect({example("two_pvc"), "--report", folder.path("out.svg")}).status == 0);
  const std::string svg = read_bytes(folder.path("out.svg"));
  CHECK(contains(svg, "<svg"));
  for (const char* text : {"two_pvc", "Heart rate", "Close-ups", "restored by the network", "What was done",
                           "Score among normal recordings", "Quality of the signal", "</svg>"})
    CHECK_MESSAGE(contains(svg, text), text);
  CHECK(detect({example("two_pvc"), "--report", folder.path("out.html")}).status == 0);
  const std::string html = read_bytes(folder.path("out.html"));
  CHECK(html.starts_with("<!doctype html>"));
  for (const char* text : {"two_pvc", "QTc Bazett", "data-layout=\"12x1\"", "id=\"r11\""})
    CHECK_MESSAGE(contains(html, text), text);
  const Run pdf = detect({example("two_pvc"), "--report", folder.path("out.pdf")});
  if (pdf.status == 2) {
    CHECK(contains(pdf.err, "built without libharu"));
  } else {
    CHECK(pdf.status == 0);
    CHECK(read_bytes(folder.path("out.pdf")).starts_with("%PDF"));
  }
}

TEST_CASE("the layout of a report is chosen") {
  const TemporaryFolder folder;
  for (const char* layout : {"3x4+1", "6x2", "12x1"}) {
    CHECK(detect({example("normal"), "--report", folder.path("out.html"), "--layout", layout}).status == 0);
    CHECK(contains(read_bytes(folder.path("out.html")),
                   std::string("<div class=\"sheet shown\" data-layout=\"") + layout + "\""));
  }
}

TEST_CASE("several recordings have a page each, an overview and a table; the same for any number of threads") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("in"));
  write_record(folder.path("in/long"), with_length(example_record("two_pvc"), 10000));
  write_record(folder.path("in/normal"), example_record());
  write_record(folder.path("in/short"), with_length(example_record(), 1000));
  std::vector<std::string> first;
  for (const char* threads : {"1", "3"}) {
    const std::string reports = folder.path(std::string("reports") + threads);
    CHECK(detect({folder.path("in"), "--report", reports, "--threads", threads}).status == 0);
    std::vector<std::string> seen;
    for (const char* file :
         {"index.html", "index.csv", "long-w0000.html", "long-w0001.html", "normal.html", "short.html"})
      seen.push_back(read_bytes(reports + "/" + file));
    if (first.empty()) first = seen;
    CHECK(seen == first);
  }
  const std::string &page = first[0], &table = first[1];
  CHECK(contains(page, "<a href=\"./long-w0001.html\">"));
  CHECK(contains(page, "4 windows of 10 s"));
  CHECK(std::count(table.begin(), table.end(), '\n') == 5);
  CHECK(table.starts_with("record,window,from,status,score,"));
  CHECK(contains(table, "normal,0,0,ok,"));
  CHECK(contains(table, "not analysable"));
  CHECK(contains(first[5], "shorter than 10 s"));
  CHECK(contains(first[2], "href=\"index.html\""));
}

TEST_CASE("reports in a folder may be drawings") {
  const TemporaryFolder folder;
  CHECK(detect({example("two_pvc"), example("normal"), "--report", folder.path("out"), "--report-as", "svg"}).status ==
        0);
  CHECK(contains(read_bytes(folder.path("out/two_pvc.svg")), "</svg>"));
  CHECK(contains(read_bytes(folder.path("out/index.html")), "./two_pvc.svg"));
}

TEST_CASE("an earlier recording stands beside the new one") {
  const TemporaryFolder folder;
  const Run run = detect({example("two_pvc"), "--compare", example("normal"), "--report", folder.path("out.html")});
  CHECK(run.status == 0);
  const auto previous = run.json().at(0)["previous"];
  CHECK(previous["record"] == "normal");
  CHECK(previous["score"] == detect({example("normal")}).json().at(0)["score"]);
  CHECK(previous["intervals"]["heart_rate"].is_number());
  const std::string html = read_bytes(folder.path("out.html"));
  CHECK(contains(html, "Compared with the earlier recording normal"));
  CHECK(contains(html, "Median beats"));
  CHECK(detect({example("two_pvc"), "--compare", folder.path("absent")}).status == 1);
  CHECK(contains(run_program({"detect", "--beats", "1", example("two_pvc"), "--compare", example("normal")}).out,
                 "earlier recording normal: score"));
}

TEST_CASE("who the patient is stays out of a report unless it is asked for; markup in a header stays text") {
  const TemporaryFolder folder;
  systolic::Record record = example_record();
  record.comments = {"Patient: Jane <b>Doe</b>"};
  write_record(folder.path("jane"), record);
  CHECK(detect({folder.path("jane"), "--report", folder.path("out.html")}).status == 0);
  CHECK_FALSE(contains(read_bytes(folder.path("out.html")), "Doe"));
  CHECK(detect({folder.path("jane"), "--report", folder.path("out.html"), "--identify"}).status == 0);
  CHECK(contains(read_bytes(folder.path("out.html")), "Patient: Jane &lt;b&gt;Doe&lt;/b&gt;"));
}
