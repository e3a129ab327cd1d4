#include "systolic/report/pdf_report.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/report_example.hpp"

using namespace systolic;
using namespace systolic::report;
using testing::count;
using testing::has;
using Example = testing::ReportExample;

TEST_CASE("a PDF has a page for each sheet, in the size of the paper, and no date") {
  Example example;
  const auto pdf = pdf_report(example.input);
  REQUIRE(pdf);
  CHECK(pdf->starts_with("%PDF-1."));
  CHECK(has(*pdf, "%%EOF"));
  CHECK(count(*pdf, "/Type /Page\n") == 2);
  CHECK(count(*pdf, "/MediaBox [ 0 0 790.86") == 2);  // 279 mm in points
  CHECK(count(*pdf, " 595.27") == 2);                 // 210 mm
  CHECK_FALSE(has(*pdf, "Date"));
  CHECK(pdf->size() < 600000);
  example.add_earlier();
  CHECK(count(*pdf_report(example.input), "/Type /Page\n") == 3);
}

TEST_CASE("a PDF is the same each time") {
  const Example example;
  for (const Layout layout : all_layouts) {
    const auto once = pdf_report(example.input, layout), twice = pdf_report(example.input, layout);
    REQUIRE(once);
    REQUIRE(twice);
    CHECK(*once == *twice);
  }
}

TEST_CASE("text from outside may hold any bytes") {
  Example example;
  example.input.record = "\x01\xFF(\\)\xE4\xBD\xA0\xC3\xA9";
  CHECK(pdf_report(example.input));
  CHECK(windows_1252("\xC3\xA9 \xE2\x80\x93 \xC2\xB0") == "\xE9 \x96 \xB0");
  CHECK(windows_1252("\xE4\xBD\xA0\xFF\x01") == "???");
  CHECK(windows_1252("\xE2\x80") == "??");
}

TEST_CASE("a window without anything is a PDF all the same") {
  ReportInput input;
  input.reason = "lead V3 is missing";
  CHECK(pdf_report(input));
}
