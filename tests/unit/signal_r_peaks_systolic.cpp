#include "systolic/signal/r_peaks_systolic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "support/pulses.hpp"
#include "support/shared.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/synthetic.hpp"
#include "systolic/io/wfdb.hpp"
#include "systolic/io/wfdb_annotation.hpp"
#include "systolic/signal/r_peaks.hpp"

using namespace systolic;
using signal::systolic_r_peaks;
using Peaks = std::vector<Index>;

namespace {

SyntheticRecord synthetic_record(double heart_rate, double rate = 250, double seconds = 20, double noise = 0.006) {
  SyntheticOptions options;
  options.heart_rate = heart_rate;
  options.rate = rate;
  options.seconds = seconds;
  options.noise = noise;
  auto made = synthesize(options);
  if (!made) FAIL(made.error().message);
  return *made;
}

struct Errors {
  Index missed = 0, false_alarms = 0;
};

/// Beats and detections within 150 ms of each other, apart from the first and the last 0.3 s, match.
Errors compare(const Peaks& truth, const Peaks& found, Index length, double rate) {
  const auto near = [rate](const Peaks& list, Index r) {
    return std::any_of(list.begin(), list.end(),
                       [&](Index other) { return std::abs(static_cast<double>(other - r)) <= 0.15 * rate; });
  };
  const auto inside = [&](Index r) {
    return static_cast<double>(r) > 0.3 * rate && static_cast<double>(length - r) > 0.3 * rate;
  };
  Errors errors;
  for (const Index r : truth) errors.missed += inside(r) && !near(found, r);
  for (const Index r : found) errors.false_alarms += inside(r) && !near(truth, r);
  return errors;
}

void check_found(const SyntheticRecord& truth, const Peaks& found) {
  const Errors errors = compare(truth.r_peaks, found, truth.record.length(), truth.record.rate);
  CHECK(errors.missed == 0);
  CHECK(errors.false_alarms == 0);
}

Tensor<double> one_lead(const Tensor<double>& x, Index lead) {
  Tensor<double> y(Shape{x.shape()[0], 1});
  for (Index t = 0; t < x.shape()[0]; ++t) y(t, 0) = x(t, lead);
  return y;
}

}  // namespace

TEST_CASE("every beat is found from 25 to 220 a minute, and nothing else") {
  for (const double heart_rate : {25, 40, 60, 90, 120, 150, 180, 220}) {
    CAPTURE(heart_rate);
    const SyntheticRecord made = synthetic_record(heart_rate);
    check_found(made, systolic_r_peaks(made.record.samples, made.record.rate));
  }
}

TEST_CASE("300 beats a minute, perfectly regular") {
  Peaks beats;
  for (Index r = 60; r < 5000; r += 100) beats.push_back(r);
  const std::vector<double> x = testing::pulses(5000, beats, 6);
  const Peaks found = systolic_r_peaks(testing::view_of(x), 500);
  const Errors errors = compare(beats, found, 5000, 500);
  CHECK(errors.missed == 0);
  CHECK(errors.false_alarms == 0);
  CHECK(found.size() + 1 >= beats.size());
}

TEST_CASE("each of the twelve leads is enough") {
  const SyntheticRecord made = synthetic_record(70);
  for (Index lead = 0; lead < 12; ++lead) {
    if (lead == 4) continue;  // aVL is nearly flat in this heart
    CAPTURE(lead);
    check_found(made, systolic_r_peaks(one_lead(made.record.samples, lead), made.record.rate));
  }
}

TEST_CASE("any usual rate") {
  for (const double rate : {100.0, 128.0, 257.3, 360.0, 500.0, 1000.0}) {
    CAPTURE(rate);
    const SyntheticRecord made = synthetic_record(75, rate, 10);
    check_found(made, systolic_r_peaks(made.record.samples, rate));
  }
}

TEST_CASE("neither sign nor scale matters") {
  const SyntheticRecord made = synthetic_record(75);
  const Peaks expected = systolic_r_peaks(made.record.samples, 250);
  for (const double factor : {-1.0, 0.0009765625, 65536.0}) {
    CAPTURE(factor);
    Tensor<double> scaled = made.record.samples;
    for (double& value : scaled) value *= factor;
    CHECK(systolic_r_peaks(scaled, 250) == expected);
  }
}

TEST_CASE("leads without a signal are left out") {
  const SyntheticRecord made = synthetic_record(75);
  Tensor<double> x = made.record.samples;
  for (Index t = 0; t < x.shape()[0]; ++t) {
    x(t, 0) = std::nan("");
    x(t, 1) = 0;
    x(t, 2) = std::numeric_limits<double>::infinity();
    x(t, 3) = -3.2;
  }
  check_found(made, systolic_r_peaks(x, 250));
}

TEST_CASE("a lead that falls off for a while does not hide the beats of the others") {
  const SyntheticRecord made = synthetic_record(75);
  Tensor<double> x = made.record.samples;
  for (Index t = 1000; t < 3000; ++t)
    for (Index lead = 0; lead < 7; ++lead) x(t, lead) = 0;
  check_found(made, systolic_r_peaks(x, 250));
}

TEST_CASE("wander, mains and muscle do not matter") {
  SyntheticRecord made = synthetic_record(65, 500, 20, 0.05);
  for (Index t = 0; t < made.record.length(); ++t)
    for (Index lead = 0; lead < 12; ++lead) {
      const double time = static_cast<double>(t) / 500;
      made.record.samples(t, lead) +=
          std::sin(2 * std::numbers::pi * 0.3 * time) + 0.3 * std::sin(2 * std::numbers::pi * 50 * time);
    }
  check_found(made, systolic_r_peaks(made.record.samples, 500));
}

TEST_CASE("a T wave as tall as the R wave is no beat") {
  std::vector<Index> beats, t_waves;
  for (Index r = 250; r < 9800; r += 400) {
    beats.push_back(r);
    t_waves.push_back(r + 150);
  }
  std::vector<double> x = testing::pulses(10000, beats, 6);
  const std::vector<double> t = testing::pulses(10000, t_waves, 24);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += t[i];
  const Errors errors = compare(beats, systolic_r_peaks(testing::view_of(x), 500), 10000, 500);
  CHECK(errors.missed == 0);
  CHECK(errors.false_alarms == 0);
}

TEST_CASE("a sharp T wave twice as high as the R wave is no beat") {
  // 35 ms wide: steeper than a T wave of twice the width, and still slower than any QRS complex.
  std::vector<Index> beats, t_waves;
  for (Index r = 250; r < 9800; r += 400) {
    beats.push_back(r);
    t_waves.push_back(r + 160);
  }
  std::vector<double> x = testing::pulses(10000, beats, 6);
  const std::vector<double> t = testing::pulses(10000, t_waves, 17.5);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += 2 * t[i];
  const Errors errors = compare(beats, systolic_r_peaks(testing::view_of(x), 500), 10000, 500);
  CHECK(errors.missed == 0);
  CHECK(errors.false_alarms == 0);
}

TEST_CASE("beats among others four times as tall are found") {
  std::vector<Index> beats, tall, low;
  for (Index r = 250; r < 9800; r += 350) {
    beats.push_back(r);
    (beats.size() % 2 ? tall : low).push_back(r);
  }
  std::vector<double> x = testing::pulses(10000, tall, 12);
  const std::vector<double> other = testing::pulses(10000, low, 12);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += 0.25 * other[i];
  const Errors errors = compare(beats, systolic_r_peaks(testing::view_of(x), 500), 10000, 500);
  CHECK(errors.missed == 0);
  CHECK(errors.false_alarms == 0);
}

TEST_CASE("premature ventricular beats are found") {
  SyntheticOptions options;
  options.seconds = 30;
  options.premature_ventricular_beats = {4.1, 9.7, 15.2, 22.4};
  const auto made = synthesize(options);
  REQUIRE(made);
  check_found(*made, systolic_r_peaks(made->record.samples, 500));
}

TEST_CASE("the seams of a long recording lose and double nothing") {
  const SyntheticRecord made = synthetic_record(80, 250, 130);
  const Peaks found = systolic_r_peaks(made.record.samples, 250);
  check_found(made, found);
  CHECK(std::adjacent_find(found.begin(), found.end(), std::greater_equal<Index>()) == found.end());
}

TEST_CASE("peaks lie on the R wave") {
  const SyntheticRecord made = synthetic_record(75, 500);
  for (const Index r : systolic_r_peaks(one_lead(made.record.samples, 1), 500))
    CHECK(std::any_of(made.r_peaks.begin(), made.r_peaks.end(), [&](Index truth) { return std::abs(truth - r) <= 3; }));
}

TEST_CASE("no signal, no peaks") {
  CHECK(systolic_r_peaks({}, 500).empty());
  for (const double value : {0.0, 1.5, std::nan("")}) {
    const std::vector<double> x(5000, value);
    CHECK(systolic_r_peaks(testing::view_of(x), 500).empty());
  }
}

TEST_CASE("any length, rate and number of leads is safe") {
  for (const Index leads : {1, 3})
    for (const Index length : {1, 24, 26, 60, 250, 1001})
      for (const double rate : {50.0, 100.0, 500.0, 49.0, 0.0, -1.0, 1e5, 1e18, std::nan("")}) {
        CAPTURE(length);
        CAPTURE(rate);
        Tensor<double> x(Shape{length, leads});
        for (Index i = 0; i < x.size(); ++i) x.data()[i] = i % 97 == 0 ? std::nan("") : static_cast<double>(i * i % 31);
        for (const Index r : systolic_r_peaks(x, rate)) CHECK((r >= 0 && r < length));
      }
}

TEST_CASE("the detector is reached by its name, with one lead or all") {
  REQUIRE(signal::parse_peak_method("systolic"));
  CHECK(*signal::parse_peak_method("systolic") == signal::PeakMethod::systolic);
  const SyntheticRecord made = synthetic_record(75, 500, 10);
  const Tensor<double> lead = one_lead(made.record.samples, 1);
  const Tensor<double>& all = made.record.samples;
  using signal::PeakMethod;
  const TensorView<const double> column{lead.data(), {lead.size()}};
  CHECK(signal::find_r_peaks(PeakMethod::systolic, column, 500) == systolic_r_peaks(column, 500));
  CHECK(signal::find_r_peaks_long(PeakMethod::systolic, column, 500) == systolic_r_peaks(column, 500));
  CHECK(signal::find_r_peaks_long(PeakMethod::systolic, all, 500, 1) == systolic_r_peaks(all, 500));
  CHECK(signal::find_r_peaks_long(PeakMethod::heartpy, all, 500, 1) ==
        signal::find_r_peaks_long(PeakMethod::heartpy, column, 500));
  CHECK(preprocess(all, PeakMethod::systolic).r_peaks == systolic_r_peaks(all, 500));
}

TEST_CASE("the annotated beats of real recordings are found") {
  SKIP_WITHOUT_SHARED();
  const std::string folder = testing::shared_folder() + "/data/records/ludb/";
  Errors total;
  std::size_t beats = 0;
  for (int number = 1; number < 200; number += 10) {
    const auto record = io::read_wfdb(folder + std::to_string(number));
    const auto annotations = io::read_wfdb_annotations(folder + std::to_string(number) + ".ii");
    REQUIRE(record);
    REQUIRE(annotations);
    Peaks truth;
    for (const io::Annotation& a : annotations->annotations)
      if (io::is_beat(a.code)) truth.push_back(a.sample);
    Peaks found = systolic_r_peaks(record->samples, record->rate);
    std::erase_if(found, [&](Index r) { return r < truth.front() - 75 || r > truth.back() + 75; });
    const Errors errors = compare(truth, found, record->length(), record->rate);
    total.missed += errors.missed;
    total.false_alarms += errors.false_alarms;
    beats += truth.size();
  }
  CHECK(beats > 150);
  CHECK(total.missed == 0);
  CHECK(total.false_alarms == 0);
}
