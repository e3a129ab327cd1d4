#include "systolic/report/echo_index_page.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace systolic::report;

TEST_CASE("the overview links every report, in the order of the clips, and escapes their names") {
  const std::vector<EchoIndexEntry> entries = {
      {"x/none.avi", "none.html", "the ventricle's walls were not found", {}},
      {"x/<a> b.avi", "<a> b.html", "", {{"LVID", "45.5 mm"}, {"Line", "found"}, {"Shortening", ""}}}};
  const std::string page = echo_index_page(entries, "systolic 1");
  const auto has = [&](const char* part) { return page.find(part) != std::string::npos; };
  for (const char* part : {"2 clips, 1 not analysed", "href=\"./none.html\"", "href=\"./%3Ca%3E%20b.html\"",
                           "not analysed: the ventricle&#39;s walls were not found", "data-value=\"45.5\">45.5 mm",
                           "data-value=\"\">found", "data-value=\"\">–", ">LVID<", disclaimer})
    CHECK_MESSAGE(has(part), part);
  CHECK_FALSE(has("<a> b"));
  CHECK(page.find("none.html") < page.find("b.html"));
  CHECK(echo_index_page({}, "").find("0 clips, 0 not analysed") != std::string::npos);
}
