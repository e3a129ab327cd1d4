#pragma once
// A report of a synthetic record with made-up findings, for tests of what is drawn.

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/quality.hpp"
#include "systolic/ecg/synthetic.hpp"
#include "systolic/report/comparison.hpp"
#include "systolic/report/report_input.hpp"

namespace testing {

/// What a report of a record with two premature beats shows. The views point into the object.
struct ReportExample {
  systolic::Tensor<double> samples;
  systolic::Tensor<float> map{systolic::Shape{4800, 12}}, residual{systolic::Shape{4800, 12}};
  systolic::report::ReportInput input;

  ReportExample() {
    using systolic::Index;
    systolic::SyntheticOptions options;
    options.premature_ventricular_beats = {3.18, 6.77};
    options.seed = 3;
    auto made = systolic::synthesize(options);
    REQUIRE(made);
    input.quality = systolic::window_quality(made->record, 0);
    samples = std::move(made->record.samples);
    for (const systolic::SyntheticAnomaly& anomaly : made->anomalies)
      for (Index t = static_cast<Index>(anomaly.from * 500) - 100; t < static_cast<Index>(anomaly.to * 500) - 100; ++t)
        for (Index lead = 0; lead < 12; ++lead) {
          map(t, lead) = 1.5f;
          residual(t, lead) = lead % 2 == 0 ? 0.4f : -0.2f;
        }
    input.samples = samples.view();
    input.map = map.view();
    input.residual = residual.view();
    input.map_threshold = 0.9;
    input.r_peaks = made->r_peaks;
    input.intervals = systolic::measure_intervals(samples, made->r_peaks);
    for (const systolic::SyntheticAnomaly& anomaly : made->anomalies)
      for (int lead = 0; lead < 12; ++lead) input.findings.push_back({lead, anomaly.from, anomaly.to, 1.5});
    input.record = "two_pvc";
    input.score = 0.431;
    input.threshold = 0.25;
    input.percentile = 97.3;
    input.abnormal = true;
    for (int i = 0; i <= 100; ++i) input.normal_scores.push_back(0.05 * std::exp(0.02 * i));
    input.processing = "drawn as recorded";
    input.steps = {"drawn as recorded", "nothing else was done"};
  }

  /// Compares it with itself, the earlier recording being half a millivolt lower.
  void add_earlier() {
    input.median_beat = systolic::report::diagnostic_median_beat(samples, input.r_peaks);
    systolic::report::Earlier earlier;
    earlier.record = "last_year";
    earlier.score = 0.331;
    earlier.percentile = 90;
    earlier.intervals = *input.intervals;
    earlier.median_beat = input.median_beat;
    for (double& value : earlier.median_beat) value *= 0.8;
    input.earlier = std::move(earlier);
  }
};

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}
inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace testing
