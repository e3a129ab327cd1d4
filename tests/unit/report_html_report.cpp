#include "systolic/report/html_report.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/report_example.hpp"

using namespace systolic;
using namespace systolic::report;
using testing::count;
using testing::has;
using Example = testing::ReportExample;

TEST_CASE("the page is complete, needs no network and forbids itself to use any") {
  Example example;
  example.add_earlier();
  const std::string page = html_report(example.input);
  CHECK(page.starts_with("<!doctype html>"));
  for (const char* text :
       {"two_pvc", "Anomaly score 0.431", "ABNORMAL", "97.3 % of normal recordings", "QTc Fridericia",
        "Most abnormal stretches", "Close-ups", "Quality of the signal", "What was done",
        "For research, not for diagnosis", "last_year", "Median beats", "@page", "default-src 'none'"})
    CHECK_MESSAGE(has(page, text), text);
  // The one address is the name of SVG, which nobody looks up.
  std::string rest = page;
  for (std::size_t at; (at = rest.find("http://www.w3.org/2000/svg")) != std::string::npos;) rest.erase(at, 26);
  for (const char* text : {"http:", "https:", "src=", "@import", "url(h"}) CHECK_MESSAGE(!has(rest, text), text);
  CHECK(page.size() < 900000);
}

TEST_CASE("every layout is there, the one that was asked for is shown") {
  const Example example;
  for (const Layout layout : all_layouts) {
    const std::string page = html_report(example.input, layout), name = layout_name(layout);
    CHECK(count(page, "<div class=\"sheet") == 3);
    CHECK(count(page, "<div class=\"sheet shown\"") == 1);
    CHECK(has(page, "<div class=\"sheet shown\" data-layout=\"" + name + "\""));
    CHECK(has(page, "data-layout=\"" + name + "\" aria-pressed=\"true\""));
  }
}

TEST_CASE("each lead is drawn once and looked at by all layouts") {
  const std::string page = html_report(Example().input);
  for (int lead = 0; lead < 12; ++lead) {
    CAPTURE(lead);
    CHECK(count(page, "<g id=\"t" + std::to_string(lead) + "\">") == 1);
    CHECK(count(page, "<use href=\"#t" + std::to_string(lead) + "\"") == (lead == 1 ? 4 : 3));
    CHECK(count(page, "<use href=\"#m" + std::to_string(lead) + "\"") == (lead == 1 ? 4 : 3));
  }
  CHECK(count(page, "<clipPath id=") == 6);  // four quarters and two halves
}

TEST_CASE("the page tells its script where what lies") {
  const std::string page = html_report(Example().input);
  CHECK(has(page, "data-left=\"23\" data-gain=\"10\" data-start=\"0\""));
  CHECK(has(page, "data-cells=\"0,0,2.5,"));
  CHECK(has(page, "data-map-from=\"0.2\" data-map-top=\"1.50\""));
  CHECK(has(page, "data-leads=\"I II III aVR aVL aVF V1 V2 V3 V4 V5 V6\""));
}

TEST_CASE("nothing from outside becomes markup or script") {
  Example example;
  example.add_earlier();
  const std::string evil = "</script><script>evil()</script>\" onload=\"evil()' <img src=x>&\x01\xFF";
  example.input.record = example.input.weights = example.input.program = evil;
  example.input.earlier->record = example.input.earlier->reason = evil;
  example.input.identity = example.input.steps = example.input.warnings = {evil};
  example.input.processing = example.input.normal_data = evil;
  example.input.quality->leads[2].ok = false;
  example.input.quality->leads[2].problem = evil;
  const std::string page = html_report(example.input);
  CHECK(count(page, "<script>") == 1);
  CHECK(count(page, "</script>") == 1);
  CHECK_FALSE(has(page, "<img"));
  CHECK_FALSE(has(page, "\" onload"));
  CHECK_FALSE(has(page, "\x01"));
  example.input.reason = evil;
  CHECK(count(html_report(example.input), "<script>") == 1);
}

TEST_CASE("a window without anything is a page all the same") {
  ReportInput input;
  input.reason = "lead V3 is missing";
  const std::string page = html_report(input);
  CHECK(has(page, "Not analysed"));
  CHECK(has(page, "lead V3 is missing"));
  CHECK_FALSE(has(page, "<input"));
}

TEST_CASE("the page is the same each time and free of nan and inf") {
  Example example;
  example.map(100, 3) = NAN;
  example.residual(200, 4) = INFINITY;
  example.samples(300, 5) = NAN;
  example.input.score = NAN;
  const std::string page = html_report(example.input),
                    body = page.substr(page.find("<body>"), page.find("<script>") - page.find("<body>"));
  CHECK(page == html_report(example.input));
  CHECK_FALSE(has(body, "nan"));
  CHECK_FALSE(has(body, "inf"));
}

TEST_CASE("base64 is that of RFC 4648") {
  const auto encoded = [](const std::string& text) { return base64(text); };
  CHECK(encoded("") == "");
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foobar") == "Zm9vYmFy");
}
