#include "systolic/report/finding_text.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/report_example.hpp"
#include "systolic/report/close_up.hpp"
#include "systolic/report/comparison.hpp"
#include "systolic/report/facts.hpp"
#include "systolic/report/score_plot.hpp"

using namespace systolic;
using namespace systolic::report;
using testing::has;
using Example = testing::ReportExample;

TEST_CASE("an early beat of another shape is called so, with its distance from the restored trace") {
  const Example example;
  const std::string text = finding_text(example.input, {0, 3.1, 3.3, 1.5});
  CHECK(has(text, "QRS complex"));
  CHECK(has(text, "on average 0.40 mV above the restored trace"));
  CHECK(has(text, "early"));
  CHECK(has(text, "beat of another shape"));
  CHECK(has(finding_text(example.input, {1, 3.1, 3.3, 1.5}), "0.20 mV below"));
}

TEST_CASE("a stretch of a usual beat is named by the wave that it lies on") {
  Example example;
  const Intervals& intervals = *example.input.intervals;
  REQUIRE(intervals.waves.t);
  REQUIRE(intervals.waves.p);
  REQUIRE(intervals.beats.size() > 3);
  const Index r = intervals.beats[1];
  const auto text = [&](Index from, Index to) {
    return finding_text(example.input, {0, static_cast<double>(r + from) / 500, static_cast<double>(r + to) / 500, 1});
  };
  CHECK(text(intervals.waves.t->onset, intervals.waves.t->offset).starts_with("T wave: "));
  CHECK(text(intervals.waves.p->onset, intervals.waves.p->offset).starts_with("P wave"));
  CHECK(text(intervals.waves.qrs->onset, intervals.waves.qrs->offset).starts_with("QRS complex: "));
  CHECK_FALSE(has(text(0, 30), "early"));
  CHECK_FALSE(has(text(0, 30), "another shape"));
}

TEST_CASE("a departure that is not steady is given by its largest size") {
  Example example;
  example.residual(1000, 0) = -0.9f;  // sample 1100, 2.2 s
  CHECK(has(finding_text(example.input, {0, 2.1, 2.3, 1}), "up to 0.90 mV below the restored trace"));
  example.residual(1010, 0) = NAN;
  CHECK_FALSE(has(finding_text(example.input, {0, 2.1, 2.3, 1}), "mV"));
}

TEST_CASE("what is not known is not said") {
  Example example;
  example.input.residual = {};
  example.input.intervals.reset();
  example.input.r_peaks.clear();
  CHECK(finding_text(example.input, {0, 3.1, 3.3, 1}).empty());
  CHECK(finding_text(ReportInput{}, {99, 30, 31, 1}).empty());
  CHECK(finding_lead({99, 0, 1, 1}) == "?");
}

TEST_CASE("a pause and a pacemaker are mentioned") {
  Example example;
  example.input.r_peaks = {400, 800, 1200, 1600, 2500, 2900};
  example.input.intervals->pacemaker_spikes = {2470};
  const std::string text = finding_text(example.input, {0, 4.98, 5.04, 1});
  CHECK(has(text, "after a pause of 1.80 s"));
  CHECK(has(text, "paced"));
}

TEST_CASE("what departs in the same way, beat after beat, is one line with its times") {
  Example example;
  const std::vector<Index>& beats = example.input.intervals->beats;
  REQUIRE(beats.size() > 4);
  example.input.findings.clear();
  const auto add = [&](int lead, std::size_t beat) {
    const double r = static_cast<double>(beats[beat]) / 500;
    example.input.findings.push_back({lead, r - 0.03, r + 0.03, 1});
  };
  for (const std::size_t beat : {2u, 1u, 3u}) add(6, beat);
  add(7, 1);
  const std::vector<FindingGroup> groups = group_findings(example.input);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].first == 0);
  CHECK(groups[0].others == std::vector<std::size_t>{1, 2});
  CHECK(groups[1].first == 3);
  CHECK(others_text(example.input, groups[1], 5).empty());
  const std::string first = fixed(example.input.findings[1].from, 2), second = fixed(example.input.findings[2].from, 2);
  CHECK(others_text(example.input, groups[0], 5) == "also at " + first + ", " + second + " s");
  CHECK(others_text(example.input, groups[0], 1) == "also at " + first + " s and 1 more");
}

TEST_CASE("times are those of the recording, not of the window") {
  Example example;
  example.input.from = 3600;
  CHECK(finding_time(example.input, {0, 3.1, 3.3, 1}) ==
        "3603.10\xE2\x80\x93"
        "3603.30");
}

TEST_CASE("close-ups show the first finding of each lead, then the others") {
  ReportInput input;
  for (const int lead : {2, 2, 7, 99, 2, 5}) input.findings.push_back({lead, 1, 2, 1});
  CHECK(close_up_choice(input, 2) == std::vector<std::size_t>{0, 2});
  CHECK(close_up_choice(input, 4) == std::vector<std::size_t>{0, 1, 2, 5});
  CHECK(close_up_choice(input, 9) == std::vector<std::size_t>{0, 1, 2, 4, 5});
}

TEST_CASE("the histogram of normal scores follows their quantiles") {
  const std::vector<double> quantiles = {1, 2, 3, 5};  // a third of the normals in each
  CHECK(normal_share(quantiles, 1, 2) == doctest::Approx(1.0 / 3));
  CHECK(normal_share(quantiles, 4, 5) == doctest::Approx(1.0 / 6));
  CHECK(normal_share(quantiles, 0, 9) == doctest::Approx(1));
  CHECK(normal_share(quantiles, 6, 9) == 0);
}

TEST_CASE("intervals are whole milliseconds, and absent where the wave is") {
  Intervals intervals;
  intervals.heart_rate = 71.6;
  intervals.qrs = 92.2;
  intervals.axis = -30.4;
  const std::vector<Fact> facts = interval_facts(intervals);
  CHECK(fact_text(facts[0]) == "72/min");
  CHECK(fact_text(facts[1]) == "absent");
  CHECK(fact_text(facts[3]) == "92 ms");
  CHECK(fact_text(facts[7]) == "-30\xC2\xB0");
}

TEST_CASE("a comparison gives both figures and the change") {
  Example example;
  example.add_earlier();
  example.input.earlier->intervals.heart_rate = *example.input.intervals->heart_rate - 10;
  example.input.earlier->intervals.axis = *example.input.intervals->axis + 350;
  example.input.earlier->intervals.p.reset();
  const std::vector<ComparisonRow> rows = comparison_rows(example.input, *example.input.earlier);
  REQUIRE(rows.size() == 10);
  CHECK(rows[0].now == "0.431");
  CHECK(rows[0].before == "0.331");
  CHECK(rows[0].change == "+0.100");
  CHECK(rows[1].change == "+7.3");
  CHECK(rows[2].change == "+10");
  CHECK(rows[3].before == "absent");
  CHECK(rows[3].change == "\xE2\x80\x93");
  CHECK(rows[9].change == "+10");  // an axis turns
}
