#include "systolic/report/svg_report.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/report_example.hpp"
#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::report;
using testing::count;
using testing::has;
using Example = testing::ReportExample;

namespace {

/// Every element is closed by its own end and every attribute quoted; no stray '&' or '<' remains.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t at = xml.find("?>");
  if (at == std::string::npos) return false;
  for (at += 2; at < xml.size();) {
    if (xml[at] == '&') {
      const std::size_t end = xml.find(';', at);
      if (end == std::string::npos || end - at > 6) return false;
    }
    if (xml[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (end == std::string::npos || tag.find('<') != std::string::npos || count(tag, "\"") % 2) return false;
    const std::string name = tag.substr(tag[0] == '/', tag.find_first_of(" /", 1) - (tag[0] == '/'));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = end + 1;
  }
  return open.empty();
}

/// Every trace as it is drawn: where its time 0 and its line lie (mm), and its points (mm from there).
struct Trace {
  double left = 0, line = 0;
  std::vector<double> x, y;
};
std::vector<Trace> read_traces(const std::string& svg) {
  std::vector<Trace> traces;
  const std::size_t end_of_group = svg.find("</g>", svg.find("<g class=\"traces\">"));
  for (std::size_t at = svg.find("<g class=\"traces\">"); (at = svg.find("translate(", at + 1)) < end_of_group;) {
    Trace trace;
    char* end = nullptr;
    trace.left = std::strtod(svg.c_str() + at + 10, &end);
    trace.line = std::strtod(end, &end);
    const std::size_t begin = svg.find("d=\"", at) + 3;
    std::string data = svg.substr(begin, svg.find('"', begin) - begin);
    for (char& c : data)
      if (c == 'M' || c == 'l') c = ' ';
    double x = 0, y = 0;
    for (const char* next = data.c_str(); *next;) {
      x += std::strtod(next, &end) / 100;
      y += std::strtod(end, &end) / 100;
      trace.x.push_back(x);
      trace.y.push_back(y);
      next = end;
    }
    traces.push_back(trace);
  }
  return traces;
}

}  // namespace

TEST_CASE("a report is well-formed, complete and of moderate size") {
  Example example;
  example.add_earlier();
  const std::string svg = svg_report(example.input);
  CHECK(well_formed(svg));
  for (const char* text : {"two_pvc",
                           "Anomaly score 0.431",
                           "97.3 %",
                           "threshold 0.250",
                           "ABNORMAL",
                           "25 mm/s",
                           "10 mm/mV",
                           "aVR",
                           "V6",
                           "R peaks",
                           "99 % of normals",
                           "For research, not for diagnosis",
                           "Heart rate",
                           "QTc Bazett",
                           "Close-ups",
                           "Score among normal recordings",
                           "Quality of the signal",
                           "What was done",
                           "last_year",
                           "page 3 of 3"})
    CHECK_MESSAGE(has(svg, text), text);
  CHECK(svg.size() < 700000);
}

TEST_CASE("pages are in millimetres, wide and high enough for A4 and letter paper") {
  const std::string svg = svg_report(Example().input);
  const std::size_t at = svg.find("<svg");
  const std::string head = svg.substr(at, svg.find('>', at) - at);
  CHECK(has(head, "width=\"279mm\" height=\"420mm\""));
  CHECK(has(head, "viewBox=\"0 0 279 420\""));
}

TEST_CASE("25 mm are a second and 10 mm a millivolt, in every layout") {
  Tensor<double> samples({5000, 12});
  for (Index lead = 0; lead < 12; ++lead)
    for (Index second = 0; second < 10; ++second) {
      samples(500 * second + 250, lead) = 1;  // 1 mV up in the middle of each second
      samples(500 * second + 400, lead) = -0.5;
    }
  ReportInput input;
  input.samples = samples.view();
  for (const double mm_per_mv : {10.0, 5.0}) {
    input.mm_per_mv = mm_per_mv;
    for (const Layout layout : all_layouts) {
      CAPTURE(layout_name(layout));
      const std::string svg = svg_report(input, layout);
      const std::vector<Trace> traces = read_traces(svg);
      const std::vector<Cell> cells = layout_cells(layout);
      REQUIRE(traces.size() == cells.size());
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const Trace& trace = traces[i];
        CHECK(trace.left == doctest::Approx(23 + 250 * cells[i].from));
        const auto top = std::min_element(trace.y.begin(), trace.y.end());
        CHECK(*top == doctest::Approx(-mm_per_mv));
        CHECK(*std::max_element(trace.y.begin(), trace.y.end()) == doctest::Approx(mm_per_mv / 2));
        const double second = (trace.left + trace.x[static_cast<std::size_t>(top - trace.y.begin())] - 23) / 25;
        CHECK(second - std::floor(second) == doctest::Approx(0.5).epsilon(0.001));
        CHECK(std::fmod(trace.line - traces[0].line, 1.0) == doctest::Approx(0));  // on a line of the grid
      }
      CHECK(has(svg, number(mm_per_mv) + " mm/mV"));
    }
  }
}

TEST_CASE("each layout shows every lead where printed electrocardiograms have it") {
  const auto find = [](Layout layout, std::size_t lead) {
    for (const Cell& cell : layout_cells(layout))
      if (cell.lead == lead) return cell;
    return Cell{99, 99, 0, 0};
  };
  for (const Layout layout : all_layouts) {
    CHECK(layout_cells(layout).size() == (layout == Layout::three_by_four ? 13 : 12));
    for (std::size_t lead = 0; lead < 12; ++lead) CHECK(find(layout, lead).lead == lead);
    CHECK(parse_layout(layout_name(layout)) == layout);
  }
  const Cell v5 = find(Layout::three_by_four, 10), avf = find(Layout::six_by_two, 5), v1 = find(Layout::six_by_two, 6);
  CHECK(v5.row == 1);
  CHECK(v5.from == 0.75);
  CHECK(avf.row == 5);
  CHECK(avf.to == 0.5);
  CHECK(v1.row == 0);
  const Cell rhythm = layout_cells(Layout::three_by_four).back();
  CHECK(rhythm.lead == 1);
  CHECK(rhythm.row == 3);
  CHECK(rhythm.to == 1);
  CHECK_FALSE(parse_layout("4x3"));
}

TEST_CASE("a trace passes within the tolerance of every sample") {
  const Example example;
  const Trace trace = read_traces(svg_report(example.input, Layout::twelve_by_one)).at(7);
  std::vector<double> values;
  for (Index t = 0; t < 5000; ++t) values.push_back(example.samples(t, 7));
  std::nth_element(values.begin(), values.begin() + 2500, values.end());
  const double line = values[2500];
  double worst = 0;
  for (std::size_t i = 1; i < trace.x.size(); ++i)
    for (double x = trace.x[i - 1]; x <= trace.x[i]; x += 0.05) {
      const double part = (x - trace.x[i - 1]) / (trace.x[i] - trace.x[i - 1]);
      const double drawn = trace.y[i - 1] + part * (trace.y[i] - trace.y[i - 1]);
      const double sample = example.samples(static_cast<Index>(std::lround(x / 0.05)), 7);
      worst = std::fmax(worst, std::fabs(drawn + 10 * (sample - line)));
    }
  CHECK(worst < 0.03);  // mm: the tolerance of 0.015 and rounding
}

TEST_CASE("rows are spaced so that no two traces meet, whatever their size") {
  Tensor<double> samples({5000, 12});
  for (Index i = 0; i < samples.size(); ++i)
    samples.data()[i] = 0.2 * formula_unit("noise", static_cast<std::uint64_t>(i));
  samples(1000, 3) = -2.5;
  samples(1000, 4) = 2.5;
  std::vector<LeadTrace> traces;
  std::vector<RowReach> reaches;
  for (Index lead = 0; lead < 12; ++lead) {
    traces.push_back(lead_trace(samples.view(), lead, 10, 0.05, 45));
    reaches.push_back({traces.back().up, traces.back().down});
  }
  const Rows rows = place_rows(reaches, 150, 11, 11);
  for (std::size_t row = 1; row < 12; ++row)
    for (std::size_t t = 0; t < 5000; ++t)
      REQUIRE(rows.lines[row] - traces[row].heights[t] > rows.lines[row - 1] - traces[row - 1].heights[t] + 0.99);
  CHECK(rows.lines[4] - rows.lines[3] >= 51);
  CHECK(std::fmod(rows.height, 5) == 0);
  CHECK(rows.lines[11] + 11 <= rows.height);
}

TEST_CASE("text from outside cannot become markup and may hold any bytes") {
  Example example;
  example.add_earlier();
  const std::string evil = "<script>alert(\"1\")</script>&\x01\xFF\xC3\xA9";
  example.input.record = example.input.weights = example.input.earlier->record = evil;
  example.input.identity = {evil};
  example.input.steps = example.input.warnings = {evil};
  example.input.quality->leads[3].problem = evil;
  example.input.processing = "a < b & c";
  example.input.reason = "\xED\xA0\x80";  // half of a surrogate pair
  const std::string svg = svg_report(example.input);
  CHECK(well_formed(svg));
  CHECK_FALSE(has(svg, "<script"));
  CHECK_FALSE(has(svg, "\x01"));
  CHECK(escape("a\xFF\x01<\xC3\xA9") == "a\xEF\xBF\xBD\xEF\xBF\xBD&lt;\xC3\xA9");
}

TEST_CASE("long names are shortened between characters, long sentences broken between words") {
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdefg", 6) == "abcde\xE2\x80\xA6");
  CHECK(shortened("\xC3\xA9\xC3\xA9\xC3\xA9", 2) == "\xC3\xA9\xE2\x80\xA6");
  const std::vector<std::string> lines = wrapped("one two three four", 12 * 0.51, 1);
  CHECK(lines == std::vector<std::string>{"one two", "three four"});
  CHECK(wrapped("", 20, 2).empty());
}

TEST_CASE("samples that were not measured are not drawn, and nothing is written as nan or inf") {
  Example example;
  for (Index t = 1000; t < 1100; ++t) example.samples(t, 0) = NAN;
  for (Index t = 0; t < 5000; ++t) example.samples(t, 5) = NAN;
  example.map(10, 3) = NAN;
  example.map(2000, 3) = INFINITY;
  for (Index t = 0; t < 4800; ++t) example.residual(t, 7) = NAN;
  example.input.score = INFINITY;
  for (const Layout layout : all_layouts) {
    const std::string svg = svg_report(example.input, layout);
    CHECK(well_formed(svg));
    CHECK_FALSE(has(svg, "nan"));
    CHECK_FALSE(has(svg, "inf"));
  }
  const std::string svg = svg_report(example.input, Layout::twelve_by_one);
  const std::size_t begin = svg.find("d=\"", svg.find("<g class=\"traces\">"));
  CHECK(count(svg.substr(begin, svg.find("/>", begin) - begin), "M") == 2);
}

TEST_CASE("a record far out of range is cut and said to be") {
  Example example;
  example.samples(2000, 6) = 50;
  CHECK(has(svg_report(example.input), "cut at 4.5 mV: V1"));
}

TEST_CASE("noise everywhere still makes a file of moderate size") {
  Example example;
  for (Index i = 0; i < example.samples.size(); ++i)
    example.samples.data()[i] += 0.1 * formula_unit("noise", static_cast<std::uint64_t>(i));
  for (Index i = 0; i < example.map.size(); ++i) {
    example.map.data()[i] = 3 * std::fabs(formula_unit("map", static_cast<std::uint64_t>(i / 120)));
    example.residual.data()[i] = 0.1f * formula_unit("residual", static_cast<std::uint64_t>(i));
  }
  CHECK(svg_report(example.input, Layout::twelve_by_one).size() < 1000000);
}

TEST_CASE("more findings than the list holds are counted, none are said to be none") {
  Example example;
  example.input.findings.clear();
  for (int i = 0; i < 40; ++i) example.input.findings.push_back({i % 12, 3.1, 3.5, 1.5});
  CHECK(has(svg_report(example.input), "and 12 more"));  // four leads, of 40 / 12 each, have no line
  example.input.findings.clear();
  CHECK(has(svg_report(example.input), "None: nowhere does the map exceed"));
  example.input.map_threshold.reset();
  CHECK(has(svg_report(example.input), "no calibration of the map"));
}

TEST_CASE("a window that could not be analysed is drawn with the reason") {
  Example example;
  ReportInput input;
  input.samples = example.samples.view();
  input.reason = "no R peak found";
  const std::string svg = svg_report(input);
  CHECK(well_formed(svg));
  CHECK(has(svg, "Not analysed"));
  CHECK(has(svg, "no R peak found"));
}

TEST_CASE("where there are no samples the paper stays blank and the reason stands on it") {
  ReportInput input;
  input.reason = "lead V3 is missing";
  for (const Layout layout : all_layouts) {
    const std::string svg = svg_report(input, layout);
    CHECK(well_formed(svg));
    CHECK(has(svg, "width=\"279mm\""));
    CHECK(has(svg, "lead V3 is missing"));
  }
}

TEST_CASE("samples at any rate are drawn as long as they last") {
  Tensor<double> samples({3333, 12});
  samples(1000, 0) = 1;  // at 3.0003 s
  ReportInput input;
  input.samples = samples.view();
  input.rate = 333.3;
  const Trace trace = read_traces(svg_report(input, Layout::twelve_by_one)).at(0);
  const auto top = std::min_element(trace.y.begin(), trace.y.end());
  CHECK(trace.x[static_cast<std::size_t>(top - trace.y.begin())] == doctest::Approx(75.01).epsilon(0.0002));
  CHECK(trace.x.back() == doctest::Approx(249.95).epsilon(0.0002));
}

TEST_CASE("who the patient is stands on the page only where it was given") {
  Example example;
  CHECK_FALSE(has(svg_report(example.input), "Jane"));
  example.input.identity = {"Jane Doe"};
  CHECK(has(svg_report(example.input), "Jane Doe"));
}

TEST_CASE("neighbouring cells of one colour are one band, and what is low is not drawn") {
  Tensor<float> map({100, 12});
  for (Index t = 30; t < 70; ++t) map(t, 2) = 1;
  const auto bands = map_bands(map.view(), 2, ColorScale(1), 10);
  REQUIRE(bands.size() == 1);
  CHECK(bands[0].from == 30);
  CHECK(bands[0].to == 70);
  CHECK(bands[0].step == ColorScale::steps);
  CHECK(map_bands(map.view(), 3, ColorScale(1), 10).empty());
}

TEST_CASE("the colour scale falls in lightness and stays light enough for a black trace") {
  const ColorScale scale(1);
  double before = 1.1;
  for (int step = 0; step <= ColorScale::steps; ++step) {
    const Color c = scale.color(step);
    const auto linear = [](double value) { return std::pow(value / 255, 2.2); };
    const double lightness = 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
    CHECK(lightness < before);
    CHECK((lightness + 0.05) / 0.05 > 4.5);  // contrast with black, as for text
    before = lightness;
  }
  CHECK(scale.color(0).text() == "#ffffff");
}

TEST_CASE("numbers do not depend on the locale") {
  const Example example;
  const std::string before = svg_report(example.input);
  const bool set = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
  const std::string after = svg_report(example.input);
  std::setlocale(LC_ALL, "C");
  CHECK(before == after);
  if (!set) MESSAGE("no German locale on this machine");
  CHECK(number(-0.001) == "0");
  CHECK(number(12.50) == "12.5");
  CHECK(number(100) == "100");
  CHECK(significant(0.0421) == "0.0421");
  CHECK(significant(421.4) == "421");
}
