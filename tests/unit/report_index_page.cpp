#include "systolic/report/index_page.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/report_example.hpp"

using namespace systolic;
using namespace systolic::report;
using testing::count;
using testing::has;

namespace {

std::vector<IndexEntry> entries() {
  std::vector<IndexEntry> made(4);
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i].record = "record_" + std::to_string(i);
    made[i].file = made[i].record + ".html";
  }
  made[0].score = 0.1;
  made[0].abnormal = false;
  made[1].score = 0.4;
  made[1].abnormal = true;
  made[1].heart_rate = 71.25;
  made[1].most = "V3 3.10 s: up to 0.2 mV";
  made[2].reason = "lead V3 is flat, or so";
  made[3].score = 0.2;
  return made;
}

}  // namespace

TEST_CASE("the highest score comes first, what has none last") {
  const std::string page = index_page(entries(), "systolic");
  std::vector<std::size_t> places;
  for (const char* name : {">record_1<", ">record_3<", ">record_0<", ">record_2<"}) places.push_back(page.find(name));
  CHECK(std::is_sorted(places.begin(), places.end()));
  CHECK(places.back() != std::string::npos);
  CHECK(has(page, "4 windows of 10 s, 1 abnormal, 1 not analysed"));
  CHECK(has(page, "<a href=\"./record_1.html\">"));
  CHECK(count(page, "<tr class=") == 4);
  CHECK(count(page, "aria-sort=\"descending\">") == 1);
}

TEST_CASE("the table in text has a line a window, in order") {
  const std::string csv = index_csv(entries());
  CHECK(count(csv, "\n") == 5);
  CHECK(csv.starts_with("record,window,from,status,score,"));
  CHECK(has(csv, "\nrecord_1,0,0,ok,0.4,,true,71.25,,,,0,V3 3.10 s: up to 0.2 mV,,,record_1.html\n"));
  CHECK(has(csv, "\nrecord_2,0,0,not analysable,,,,,,,,0,,,\"lead V3 is flat, or so\",record_2.html\n"));
}

TEST_CASE("names from outside are neither markup nor another address") {
  std::vector<IndexEntry> made(1);
  made[0].record = made[0].reason = "<script>\"&\n";
  made[0].file = "a b#1?<\">/../c.html";
  const std::string page = index_page(made, "<b>");
  CHECK(count(page, "<script>") == 1);
  CHECK(has(page, "href=\"./a%20b%231%3F%3C%22%3E%2F..%2Fc.html\""));
  CHECK(has(index_csv(made), "\"<script>\"\"&\n\""));
}
