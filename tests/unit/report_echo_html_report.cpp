#include "systolic/report/echo_html_report.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/echo_report_example.hpp"

using namespace systolic::report;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("the page shows all that is known, asks for nothing and escapes what comes from outside") {
  const auto input = testing::echo_report_example();
  const std::string page = echo_html_report(input);
  CHECK(page == echo_html_report(input));
  for (const char* part :
       {"&lt;clip&gt; &amp; co.avi", "Ejection fraction", "35.2 %", "absent", "End-diastole, frame 3", "key points",
        "Volume, ml", ">ED<", "Volume by disks, ml", "class=\"bad\">pathological", "The ejection fraction is reduced.",
        "Something &lt;else&gt; was done.", "weights echo_contour 1234", "phantom-trained", disclaimer,
        "default-src 'none'"})
    CHECK_MESSAGE(has(page, part), part);
  CHECK(count(page, "<image ") == 2);
  CHECK(count(page, "data:image/png;base64," + base64(input.pictures[0].png)) == 2);
  for (const char* part : {"<clip>", "http://www.w3.org/2000/svg\" href", "https:", "<script", "url(", "beyond"})
    CHECK_MESSAGE(!has(page, part), part);
  const std::string body = page.substr(page.find("<body>"));
  CHECK_FALSE(has(body, "nan"));
  CHECK_FALSE(has(body, "inf"));
}

TEST_CASE("what is not known leaves no trace") {
  EchoReportInput input;
  input.file = "a.npy";
  input.reason = "no ventricle was found";
  const std::string page = echo_html_report(input);
  CHECK(has(page, "Not analysed"));
  CHECK(has(page, "no ventricle was found"));
  for (const char* part : {"<image", "<table", "<h2", "class=\"note\"", "class=\"curve\"", "weights"})
    CHECK_MESSAGE(!has(page, part), part);
}

TEST_CASE("a curve without a number is not drawn, one that stands still is") {
  SvgCanvas empty, flat;
  draw_echo_curve(empty, {"Volume", "ml", {NAN, NAN}, {}, 0}, {0, 0, 100, 50});
  CHECK(empty.elements().empty());
  draw_echo_curve(flat, {"Volume", "ml", {5, 5, 5}, {{1, "ED"}}, 50}, {0, 0, 100, 50});
  CHECK(has(flat.elements(), "seconds"));
  CHECK_FALSE(has(flat.elements(), "nan"));
  SvgCanvas zero;
  draw_echo_curve(zero, {"Volume", "ml", {0}, {}, 0}, {0, 0, 100, 50});
  CHECK(has(zero.elements(), "frames"));
  CHECK(detail::even_step(10, 5) == doctest::Approx(2));
  CHECK(detail::even_step(100, 5) == doctest::Approx(20));
  CHECK(detail::even_step(130, 5) == doctest::Approx(50));
  CHECK(detail::even_step(0.9, 5) == doctest::Approx(0.2));
}
