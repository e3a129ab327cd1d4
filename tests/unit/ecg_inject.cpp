#include "systolic/ecg/inject.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace systolic;

namespace {

/// Stands in for a real recording: noise, drift, breathing.
Record normal(double seconds = 10, double rate = 500) {
  SyntheticOptions options;
  options.seconds = seconds;
  options.rate = rate;
  options.seed = 8;
  options.noise = 0.01;
  auto made = synthesize(options);
  REQUIRE(made);
  made->record.name = "normal";
  return std::move(made->record);
}

SyntheticRecord inject_kind(const Record& record, const char* name, double severity = 1, std::uint64_t seed = 1) {
  auto made = inject_anomaly(record, {*find_anomaly_kind(name), severity, seed});
  REQUIRE(made);
  return std::move(*made);
}

enum { I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6 };

}  // namespace

TEST_CASE("the truth of every kind is exact, and the rest is the recording") {
  const Record record = normal();
  for (const AnomalyKind& kind : anomaly_kinds) {
    CAPTURE(kind.name);
    const SyntheticRecord made = inject_kind(record, kind.name);
    REQUIRE(made.record.samples.shape() == record.samples.shape());
    Index marked = 0, differing = 0;
    for (Index i = 0; i < record.samples.size(); ++i) {
      const double change = std::fabs(made.record.samples.data()[i] - record.samples.data()[i]);
      REQUIRE(change < 5);
      marked += made.abnormal.data()[i];
      differing += change > truth_threshold;
      // In atrial fibrillation beats are elsewhere; the truth is about P waves and flicker.
      if (kind.anomaly != Anomaly::atrial_fibrillation && !made.abnormal.data()[i]) REQUIRE(change <= truth_threshold);
    }
    if (kind.anomaly == Anomaly::none) {
      CHECK(differing == 0);
      CHECK(marked == 0);
    } else {
      CHECK(marked > 300);
      CHECK(marked < 50000);
      if (kind.anomaly != Anomaly::atrial_fibrillation) CHECK(marked < 2 * differing);
    }
  }
}

TEST_CASE("Einthoven's law survives") {
  const SyntheticRecord made = inject_kind(normal(), "pvc");
  const auto& x = made.record.samples;
  for (Index t = 0; t < x.shape()[0]; ++t) {
    REQUIRE(std::fabs(x(t, II) - x(t, I) - x(t, III)) < 1e-9);
    REQUIRE(std::fabs(x(t, aVR) + x(t, aVL) + x(t, aVF)) < 1e-9);
  }
}

TEST_CASE("there are no edges where an anomaly begins and ends") {
  const Record record = normal();
  for (const char* name :
       {"pvc", "pac", "lbbb", "rbbb", "st-elevation-lateral", "t-inversion-anterior", "low-voltage", "pause"}) {
    CAPTURE(name);
    const SyntheticRecord made = inject_kind(record, name);
    // The change itself never jumps by more between two samples than a QRS complex does.
    for (Index lead = 0; lead < 12; ++lead)
      for (Index t = 1; t < 5000; ++t) {
        const double now = made.record.samples(t, lead) - record.samples(t, lead);
        const double before = made.record.samples(t - 1, lead) - record.samples(t - 1, lead);
        if (!made.abnormal(t, lead)) REQUIRE(std::fabs(now - before) < 2 * truth_threshold);
        REQUIRE(std::fabs(now - before) < 0.35);
      }
  }
}

TEST_CASE("single beats: early ones follow a shorter interval, a pause lacks one") {
  const Record record = normal(20);
  const SyntheticRecord plain = inject_kind(record, "none");
  for (const char* name : {"pvc", "pac"}) {
    CAPTURE(name);
    const SyntheticRecord made = inject_kind(record, name, 1, 4);
    REQUIRE(made.beats.size() == plain.beats.size());
    int early = 0;
    for (std::size_t i = 1; i + 1 < made.beats.size(); ++i) {
      if (made.beats[i].origin == synthetic::BeatOrigin::sinus) continue;
      ++early;
      CHECK(made.beats[i].time - made.beats[i - 1].time < 0.85 * made.beats[i].rr);
      CHECK(made.beats[i + 1].time - made.beats[i].time > 1.15 * made.beats[i].rr);
    }
    CHECK(early == 4);
  }
  CHECK(inject_kind(record, "pause").beats.size() == plain.beats.size() - 2);
}

TEST_CASE("where a beat is taken out, nothing of it is left") {
  const Record record = normal();
  const SyntheticRecord made = inject_kind(record, "pause");
  REQUIRE(made.anomalies.size() >= 1);
  const auto from = static_cast<Index>(made.anomalies.front().from * 500),
             to = static_cast<Index>(made.anomalies.back().to * 500);
  REQUIRE(to - from > 150);
  for (const int lead : {I, II, V2, V4, V6}) {
    double low = 1e9, high = -1e9;
    for (Index t = from; t < to; ++t) {
      low = std::fmin(low, made.record.samples(t, lead));
      high = std::fmax(high, made.record.samples(t, lead));
    }
    CHECK(high - low < 0.15);  // drift and noise; the QRS complex was above 0.8 mV
  }
}

TEST_CASE("any rate is brought to 500 Hz, and the seed decides") {
  const Record record = normal(10, 100);
  const SyntheticRecord made = inject_kind(record, "pvc"), again = inject_kind(record, "pvc"),
                        other = inject_kind(record, "pvc", 1, 2);
  CHECK(made.record.rate == 500);
  CHECK(made.record.samples.shape() == Shape{5000, 12});
  CHECK(std::equal(made.record.samples.begin(), made.record.samples.end(), again.record.samples.begin()));
  CHECK_FALSE(std::equal(made.record.samples.begin(), made.record.samples.end(), other.record.samples.begin()));
}

TEST_CASE("recordings that no anomaly can be put into are refused") {
  const auto message = [](const Record& record, const char* name = "pvc") {
    const auto made = inject_anomaly(record, {*find_anomaly_kind(name), 1, 1});
    return made ? std::string("accepted") : made.error().message;
  };
  CHECK(message(normal(3)) == "normal: must last 5 s to an hour");
  Record damaged = normal();
  damaged.samples(77, V3) = std::numeric_limits<double>::quiet_NaN();
  CHECK(message(damaged) == "normal: V3: has invalid samples (NaN)");
  damaged = normal();
  damaged.leads[7] = "Pleth";
  CHECK(message(damaged) == "normal: V2: the lead is missing");
  damaged = normal();
  for (double& sample : damaged.samples) sample = 0;
  CHECK(message(damaged).find("at least four beats") != std::string::npos);
  damaged = normal();
  for (std::uint64_t seed = 1; double& sample : damaged.samples) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    sample = static_cast<double>(seed >> 40) * 0x1p-24 - 0.5;
  }
  CHECK(message(damaged) != "accepted");
  const auto severe = inject_anomaly(normal(), {*find_anomaly_kind("pvc"), 9, 1});
  REQUIRE_FALSE(severe);
  CHECK(severe.error().message == "normal: the severity is not in 0.1 to 3");
}
