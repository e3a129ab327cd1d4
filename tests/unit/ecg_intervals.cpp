#include "systolic/ecg/intervals.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "systolic/ecg/synthetic.hpp"

using namespace systolic;

namespace {

SyntheticRecord synthetic_record(double heart_rate = 68, double noise = 0.006) {
  SyntheticOptions options;
  options.heart_rate = heart_rate;
  options.noise = noise;
  auto made = synthesize(options);
  if (!made) FAIL(made.error().message);
  return *made;
}

Intervals measure(const SyntheticRecord& made) { return measure_intervals(made.record.samples, made.r_peaks); }

}  // namespace

TEST_CASE("a healthy synthetic heart has the intervals that it was built with") {
  const Intervals intervals = measure(synthetic_record());
  CHECK(intervals.reason.empty());
  REQUIRE(intervals.heart_rate);
  CHECK(*intervals.heart_rate == doctest::Approx(68).epsilon(0.03));
  REQUIRE(intervals.pr);
  CHECK(*intervals.pr == doctest::Approx(165).epsilon(0.12));
  REQUIRE(intervals.qrs);
  CHECK(*intervals.qrs == doctest::Approx(92).epsilon(0.15));
  REQUIRE(intervals.qt);
  CHECK(*intervals.qt == doctest::Approx(400).epsilon(0.1));
  REQUIRE(intervals.axis);
  CHECK(std::abs(*intervals.axis - 55) < 15);
  CHECK(intervals.pacemaker_spikes.empty());
}

TEST_CASE("QT is corrected by the square and the cube root of the cycle") {
  const Intervals intervals = measure(synthetic_record(90));
  REQUIRE(intervals.qt);
  const double rr = 60 / *intervals.heart_rate;
  CHECK(*intervals.qtc_bazett == doctest::Approx(*intervals.qt / std::sqrt(rr)));
  CHECK(*intervals.qtc_fridericia == doctest::Approx(*intervals.qt / std::cbrt(rr)));
}

TEST_CASE("a heart without atria has no P wave and no PR interval") {
  SyntheticRecord made = synthetic_record();
  // 70 to 260 ms before each R peak becomes a line.
  for (const Index r : made.r_peaks)
    for (Index lead = 0; lead < 12; ++lead) {
      const Index from = r - 130, to = r - 35;
      if (from < 0) continue;
      const double a = made.record.samples(from, lead), b = made.record.samples(to, lead);
      for (Index t = from; t <= to; ++t)
        made.record.samples(t, lead) = a + (b - a) * static_cast<double>(t - from) / static_cast<double>(to - from);
    }
  const Intervals intervals = measure(made);
  CHECK_FALSE(intervals.p);
  CHECK_FALSE(intervals.pr);
  CHECK(intervals.qrs);
}

TEST_CASE("the axis turns with the limb leads") {
  SyntheticRecord made = synthetic_record();
  const auto upright = measure(made).axis;
  for (Index t = 0; t < made.record.length(); ++t)
    for (Index lead = 0; lead < 6; ++lead) made.record.samples(t, lead) *= -1;
  const auto turned = measure(made).axis;
  REQUIRE(upright);
  REQUIRE(turned);
  CHECK(*turned == doctest::Approx(*upright - 180).epsilon(0.01));
}

TEST_CASE("premature ventricular beats do not belong to the median beat") {
  SyntheticOptions options;
  options.premature_ventricular_beats = {3.0, 6.0};
  const auto made = synthesize(options);
  REQUIRE(made);
  const Intervals intervals = measure(*made);
  REQUIRE(intervals.qrs);
  CHECK(*intervals.qrs < 115);
  for (const Index beat : intervals.beats) {
    CHECK(std::abs(beat - 1500) > 75);
    CHECK(std::abs(beat - 3000) > 75);
  }
}

TEST_CASE("each spike of a pacemaker is marked") {
  SyntheticRecord made = synthetic_record();
  std::vector<Index> spikes;
  for (const Index r : made.r_peaks) {
    if (r < 100) continue;
    spikes.push_back(r - 40);
    for (const Index lead : {0, 1, 6, 7, 8}) made.record.samples(r - 40, lead) += 0.8;
  }
  CHECK(measure(made).pacemaker_spikes == spikes);
}

TEST_CASE("clicks of an electrode come at no constant time and are no spikes") {
  SyntheticRecord made = synthetic_record();
  for (const Index t : {333, 871, 1502, 2240, 3107, 3790, 4555})
    for (const Index lead : {0, 1, 6, 7, 8}) made.record.samples(t, lead) += 0.8;
  CHECK(pacemaker::jumps(made.record.samples).size() >= 5);
  CHECK(measure(made).pacemaker_spikes.empty());
}

TEST_CASE("spikes that the heart does not answer are known by their interval") {
  SyntheticRecord made = synthetic_record();
  for (Index t = 300; t < 4700; t += 437)
    for (const Index lead : {0, 1, 6, 7, 8}) made.record.samples(t, lead) += 0.8;
  CHECK(find_pacemaker_spikes(made.record.samples).size() >= 8);
}

TEST_CASE("a paced beat begins behind its spike") {
  SyntheticOptions options;
  options.anomaly.anomaly = Anomaly::paced_rhythm;
  const auto made = synthesize(options);
  REQUIRE(made);
  const Intervals intervals = measure(*made);
  CHECK(intervals.pacemaker_spikes.size() + 2 >= made->r_peaks.size());
  REQUIRE(intervals.waves.qrs);
  const auto spike = pacemaker::ventricular_spike(intervals.pacemaker_spikes, intervals.beats);
  REQUIRE(spike);
  CHECK(intervals.waves.qrs->onset >= *spike + delineation::spike_samples);
  CHECK(intervals.waves.qrs->onset <= *spike + 20);
}

TEST_CASE("no tall QRS complex is taken for a spike") {
  SyntheticRecord made = synthetic_record();
  for (double& value : made.record.samples) value *= 2;
  CHECK(measure(made).pacemaker_spikes.empty());
}

TEST_CASE("what cannot be measured has a reason") {
  const SyntheticRecord made = synthetic_record();
  CHECK(measure_intervals(made.record.samples, {}).reason == "fewer than two R peaks");
  CHECK(measure_intervals(made.record.samples, {300, 300}).reason == "the R peaks are not in order");
  CHECK(measure_intervals(made.record.samples, {10, 4990}).reason == "no R peak with room for a beat");
  CHECK(measure_intervals(Tensor<double>(Shape{100, 12}), {10, 90}).reason.find("[100, 12]") != std::string::npos);
  Tensor<double> bad = made.record.samples;
  bad(77, 3) = std::nan("");
  CHECK(measure_intervals(bad, made.r_peaks).reason == "the window has invalid samples (NaN)");
}

TEST_CASE("a flat window and one of noise give finite numbers or none") {
  Tensor<double> noise(Shape{5000, 12});
  for (Index i = 0; i < noise.size(); ++i) noise.data()[i] = static_cast<double>(i * 7919 % 1009) / 1009;
  for (const Tensor<double>& window : {Tensor<double>(Shape{5000, 12}), noise}) {
    const Intervals intervals = measure_intervals(window, {400, 800, 1200, 1600, 2000});
    for (const auto& value : {intervals.heart_rate, intervals.pr, intervals.qrs, intervals.qt, intervals.axis})
      if (value) CHECK(std::isfinite(*value));
  }
}
