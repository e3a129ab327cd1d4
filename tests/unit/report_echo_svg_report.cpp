#include "systolic/report/echo_svg_report.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "support/echo_report_example.hpp"

using namespace systolic::report;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the drawing holds what the page holds") {
  const auto input = testing::echo_report_example();
  const std::string drawing = echo_svg_report(input);
  CHECK(drawing == echo_svg_report(input));
  CHECK(drawing.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns="));
  for (const char* part : {"&lt;clip&gt; &amp; co.avi", "Ejection fraction", "35.2 %", "absent",
                           "End-diastole, frame 3", "key points", "Volume, ml", "Volume by disks, ml", "pathological",
                           "The ejection fraction is reduced.", "Something &lt;else&gt; was done.",
                           "weights echo_contour 1234", "phantom-trained", disclaimer, "data:image/png;base64,"})
    CHECK_MESSAGE(has(drawing, part), part);
  CHECK_FALSE(has(drawing, "nan"));
  CHECK_FALSE(has(drawing, "inf"));
  const auto count = [&](const char* part) {
    std::size_t found = 0;
    for (std::size_t at = drawing.find(part); at != std::string::npos; at = drawing.find(part, at + 1)) ++found;
    return found;
  };
  CHECK(count("<g>") + count("<g ") == count("</g>"));
  CHECK(count("<image ") == 2);

  EchoReportInput none;
  none.file = "a.npy";
  none.reason = "no ventricle was found";
  CHECK(has(echo_svg_report(none), "no ventricle was found"));
}

TEST_CASE("what is drawn on a picture stays in it") {
  auto picture = testing::echo_report_example().pictures[0];
  SvgCanvas canvas;
  draw_echo_picture(canvas, picture, 10, 20, 85);
  // The dot at (500, -20) is drawn at the corner: 95 mm, 25.2 mm.
  CHECK(has(canvas.elements(), "M9595 2520"));
  CHECK(echo_picture_height(picture, 85) == doctest::Approx(picture_title + 85 + picture_key + 0.4));
  picture.overlays.clear();
  CHECK(echo_picture_height(picture, 85) == doctest::Approx(picture_title + 85 + 0.4));
}
