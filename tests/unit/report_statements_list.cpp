#include "systolic/report/statements_list.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "systolic/report/html_report.hpp"
#include "systolic/report/svg_report.hpp"

using namespace systolic;
using namespace systolic::report;

namespace {

/// Most probable first, as the report gets them; two are present, one of them improbable.
ReportInput example() {
  ReportInput input;
  input.record = "example";
  input.from = 20;
  input.statements = {{"SR", "sinus rhythm", 0.97, 0.5, true, false, {}},
                      {"CD", "conduction disturbance", 0.9, 0.5, true, true, {}},
                      {"X", "a <b> & c", 0.4, 0.5, false, false, {}},
                      {"Y", "another", 0.3, 0.5, false, false, {}},
                      {"WPW", "pre-excitation", 0.12, 0.1, true, false, {{7, 3.1, 3.242, 1}, {1, 5, 5.5, 0.5}}}};
  input.diagnosis_weights = "named weights";
  return input;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("what is present comes first, then the most probable, and superclasses stand by themselves") {
  const ReportInput input = example();
  std::vector<std::string> codes;
  for (const Statement* statement : shown_statements(input, 3)) codes.push_back(statement->code);
  CHECK(codes == std::vector<std::string>{"SR", "WPW", "X"});
  CHECK(shown_statements(input, 1).size() == 2);  // whatever is present is shown
  CHECK(superclass_text(input) == "conduction disturbance 90 %");
}

TEST_CASE("evidence names lead and time in the recording") {
  const ReportInput input = example();
  CHECK(evidence_text(input, input.statements[4], 3) == "V2 23.10–23.24 s, II 25.00–25.50 s");
  CHECK(evidence_text(input, input.statements[4], 1) == "V2 23.10–23.24 s");
  CHECK(evidence_text(input, input.statements[0], 3).empty());
}

TEST_CASE("both kinds of report show the statements, escaped; without them there is no such part") {
  const Tensor<double> samples({5000, 12});
  ReportInput input = example();
  input.samples = samples;
  const std::string html = html_report(input), svg = svg_report(input);
  for (const std::string& text : {html, svg}) {
    CHECK(has(text, "pre-excitation"));
    CHECK(has(text, "a &lt;b&gt; &amp; c"));
    CHECK_FALSE(has(text, "a <b>"));
  }
  CHECK(has(html, "V2 23.10–23.24 s"));
  CHECK(has(html, "named weights"));
  input.statements.clear();
  CHECK_FALSE(has(html_report(input), "id=\"statements\""));
  CHECK_FALSE(has(svg_report(input), "class=\"statements\""));
}
