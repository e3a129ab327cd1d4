#include "systolic/ecg/synthetic.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "systolic/ecg/pacemaker.hpp"
#include "systolic/io/wfdb.hpp"
#include "systolic/signal/filter.hpp"
#include "systolic/signal/r_peaks.hpp"

using namespace systolic;

namespace {

SyntheticRecord make(const SyntheticOptions& options) {
  auto result = synthesize(options);
  REQUIRE(result);
  return std::move(*result);
}

SyntheticOptions quiet() {
  SyntheticOptions options;
  options.noise = options.baseline_wander = 0;
  return options;
}

/// The largest and smallest value of a lead within 60 ms of sample `peak`.
struct Swing {
  double up = -1e9, down = 1e9;
};
Swing swing(const SyntheticRecord& made, Index peak, Index lead) {
  Swing result;
  for (Index t = peak - 30; t <= peak + 30; ++t) {
    result.up = std::fmax(result.up, made.record.samples(t, lead));
    result.down = std::fmin(result.down, made.record.samples(t, lead));
  }
  return result;
}

enum { I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6 };

}  // namespace

TEST_CASE("a record has the shape, rate and leads that it should") {
  const SyntheticRecord made = make({});
  CHECK(made.record.samples.shape() == Shape{5000, 12});
  CHECK(made.record.rate == 500);
  CHECK(made.record.leads[3] == "aVR");
  CHECK(made.record.leads.size() == 12);
  CHECK(made.abnormal.shape() == Shape{5000, 12});
  CHECK(made.beats.size() == made.r_peaks.size());
}

TEST_CASE("limb leads obey Einthoven and Goldberger, noise included") {
  const SyntheticRecord made = make({});
  const auto& x = made.record.samples;
  double worst = 0;
  for (Index t = 0; t < 5000; ++t) {
    worst = std::fmax(worst, std::fabs(x(t, II) - x(t, I) - x(t, III)));
    worst = std::fmax(worst, std::fabs(x(t, aVR) + x(t, aVL) + x(t, aVF)));
  }
  CHECK(worst < 1e-12);
}

TEST_CASE("a sinus beat looks as a cardiologist expects") {
  const SyntheticRecord made = make(quiet());
  const Index peak = made.r_peaks[3];
  const auto at = [&](Index lead) { return swing(made, peak, lead); };
  CHECK(at(I).up > 0.3);    // axis between
  CHECK(at(aVF).up > 0.3);  // 0 and 90 degrees
  CHECK(at(aVR).down < -0.5);
  CHECK(-at(V1).down > 2 * at(V1).up);  // rS
  CHECK(at(V4).up > -at(V4).down);      // transition before V4
  CHECK(at(V5).up > 4 * -at(V5).down);
  for (int lead = V1; lead < V4; ++lead) CHECK(at(lead + 1).up > at(lead).up);  // R progression
  CHECK(at(V6).down < -0.02);                                                   // septal q
  const auto t_wave = [&](Index lead) { return made.record.samples(peak + 137, lead); };
  for (const int lead : {I, II, V2, V3, V4, V5, V6}) CHECK(t_wave(lead) > 0.08);
  CHECK(t_wave(aVR) < -0.1);
}

TEST_CASE("the mean rate is the one asked for and the rhythm breathes") {
  SyntheticOptions options = quiet();
  options.seconds = 300;
  options.heart_rate = 80;
  options.rr_deviation = 0.03;
  const SyntheticRecord made = make(options);
  CHECK(made.beats.size() == doctest::Approx(400).epsilon(0.01));
  double square = 0;
  for (std::size_t i = 1; i < made.beats.size(); ++i)
    square += std::pow(made.beats[i].time - made.beats[i - 1].time - 0.75, 2);
  CHECK(std::sqrt(square / static_cast<double>(made.beats.size() - 1)) == doctest::Approx(0.03).epsilon(0.15));
}

TEST_CASE("a ventricular beat comes early, without P, wide, discordant and with a compensatory pause") {
  SyntheticOptions options = quiet();
  options.rr_deviation = 0;
  options.heart_rate = 60;
  const SyntheticRecord plain = make(options);
  const double early = plain.beats[4].time + 0.55;
  options.premature_ventricular_beats = {early};
  const SyntheticRecord made = make(options);

  REQUIRE(made.beats.size() == plain.beats.size());  // it takes the place of the sinus beat that it blocks
  CHECK(made.beats[5].origin == synthetic::BeatOrigin::ventricle);
  CHECK(made.beats[6].time - made.beats[4].time == doctest::Approx(2));

  const Index peak = made.r_peaks[5];
  const auto& x = made.record.samples;
  CHECK(x(peak, II) > 1);
  CHECK(x(peak + 130, II) < -0.3);
  CHECK(x(peak, V2) < -0.8);
  CHECK(x(peak + 130, V2) > 0.3);
  CHECK(std::fabs(x(peak - 75, II)) < 0.01);  // where a P would be
  Index wide = 0, narrow = 0;                 // samples above half the height
  for (Index t = -60; t <= 60; ++t) {
    wide += x(peak + t, II) > x(peak, II) / 2;
    narrow += x(made.r_peaks[3] + t, II) > x(made.r_peaks[3], II) / 2;
  }
  CHECK(wide > 2 * narrow);
}

TEST_CASE("the truth marks what the anomaly changed by more than the threshold, and nothing else") {
  SyntheticOptions options = quiet();
  options.premature_ventricular_beats = {7.2, 3.4};
  const SyntheticRecord made = make(options);
  options.premature_ventricular_beats.clear();
  const SyntheticRecord plain = make(options);
  Index changed = 0;
  for (Index t = 0; t < 5000; ++t)
    for (Index lead = 0; lead < 12; ++lead) {
      const bool differs = std::fabs(made.record.samples(t, lead) - plain.record.samples(t, lead)) > truth_threshold;
      changed += differs;
      if (differs) REQUIRE(made.abnormal(t, lead) == 1);
      if (!made.abnormal(t, lead)) REQUIRE_FALSE(differs);
    }
  Index marked = 0;
  for (const std::uint8_t mark : made.abnormal) marked += mark;
  CHECK(marked < 1.3 * static_cast<double>(changed));  // the rest are gaps of up to 80 ms
  REQUIRE(made.anomalies.size() == 2);
  CHECK(made.anomalies[0].from == doctest::Approx(3.31).epsilon(0.01));
  CHECK(made.anomalies[0].leads.size() == 12);
  CHECK(made.anomalies[1].from < 7.12);  // with the sinus beat that it blocks
  CHECK(made.anomalies[1].to > 7.5);
}

TEST_CASE("every kind of anomaly leaves its marks") {
  for (const AnomalyKind& kind : anomaly_kinds) {
    CAPTURE(kind.name);
    SyntheticOptions options;
    options.anomaly = kind;
    options.seed = 3;
    const SyntheticRecord made = make(options);
    Index marked = 0;
    for (const std::uint8_t mark : made.abnormal) marked += mark;
    CHECK((marked == 0) == (kind.anomaly == Anomaly::none));
    CHECK(marked < 50000);
    for (const double sample : made.record.samples) REQUIRE(std::fabs(sample) < 5);
    CHECK(made.beats.size() == made.r_peaks.size());
    const auto found = find_anomaly_kind(kind.name);
    REQUIRE(found);
    CHECK(found->text == kind.text);
  }
  const auto unknown = find_anomaly_kind("pvcs");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message.find("pvcs: is not known; there is none, pvc, pac") != std::string::npos);
}

TEST_CASE("anomalies look as a cardiologist expects") {
  SyntheticOptions options = quiet();
  options.rr_deviation = 0;
  options.heart_rate = 60;
  const SyntheticRecord plain = make(options);
  const auto with = [&](const char* name) {
    options.anomaly = *find_anomaly_kind(name);
    return make(options);
  };
  const Index r = plain.r_peaks[4];
  const auto change = [&](const SyntheticRecord& made, Index after, Index lead) {
    return made.record.samples(r + after, lead) - plain.record.samples(r + after, lead);
  };
  const Index st = 50, t = 145;  // samples after R
  const SyntheticRecord inferior = with("st-elevation-inferior");
  for (const int lead : {II, III, aVF}) CHECK(change(inferior, st, lead) > 0.1);
  CHECK(change(inferior, st, aVL) < -0.1);  // reciprocal
  const SyntheticRecord anterior = with("st-depression-anterior");
  for (const int lead : {V2, V3}) CHECK(change(anterior, st, lead) < -0.1);
  const SyntheticRecord lateral = with("t-inversion-lateral");
  for (const int lead : {I, V5, V6}) CHECK(lateral.record.samples(r + t, lead) < -0.1);
  CHECK(std::fabs(change(lateral, 0, V5)) < 0.02);
  const SyntheticRecord right = with("rbbb"), left = with("lbbb");
  CHECK(right.record.samples(r + 36, V1) > 0.4);
  CHECK(right.record.samples(r + 36, V6) < -0.2);
  CHECK(swing(left, r, V1).down < -1);
  CHECK(left.record.samples(r + 30, V6) > 0.5);
  const SyntheticRecord low = with("low-voltage");
  CHECK(low.record.samples(r, II) < 0.4 * plain.record.samples(r, II));
  CHECK(with("pause").beats.size() == plain.beats.size() - 1);
  const SyntheticRecord fibrillating = with("af");
  double shortest = 9, longest = 0;
  for (std::size_t i = 1; i < fibrillating.beats.size(); ++i) {
    const double rr = fibrillating.beats[i].time - fibrillating.beats[i - 1].time;
    shortest = std::fmin(shortest, rr);
    longest = std::fmax(longest, rr);
  }
  CHECK(longest > 1.3 * shortest);
  const SyntheticRecord early = with("pac");
  Index atrial = 0;
  for (const synthetic::Beat& beat : early.beats) atrial += beat.origin == synthetic::BeatOrigin::atrium;
  CHECK(atrial == 2);
}

TEST_CASE("pacemaker spikes are found in the paced rhythm") {
  SyntheticOptions options;
  options.anomaly = *find_anomaly_kind("paced");
  const SyntheticRecord made = make(options);
  const std::vector<Index> spikes = find_pacemaker_spikes(made.record.samples, made.r_peaks);
  CHECK(spikes.size() + 1 >= made.beats.size());
  CHECK(spikes.size() <= made.beats.size() + 1);
}

TEST_CASE("the recordings of examples/data are what the generator makes, and the published detector finds every beat") {
  SyntheticOptions normal, two_pvc;  // as in examples/synthesize.cpp
  normal.seed = 4;
  two_pvc.seed = 3;
  two_pvc.premature_ventricular_beats = {3.18, 6.77};
  for (const bool premature : {false, true}) {
    const std::string name = premature ? "two_pvc" : "normal";
    CAPTURE(name);
    const SyntheticRecord made = make(premature ? two_pvc : normal);
    auto read = io::read_wfdb(std::string(SYSTOLIC_SOURCE_DIR) + "/examples/data/" + name);
    REQUIRE(read);
    REQUIRE(read->samples.shape() == Shape{5000, 12});
    double worst = 0;
    for (Index i = 0; i < read->samples.size(); ++i)
      worst = std::fmax(worst, std::fabs(read->samples.data()[i] - made.record.samples.data()[i]));
    CHECK(worst < 0.000502);  // mV; half a unit of 1 uV, and a little for exp and sin of other machines

    Tensor<double> lead_two({5000, 1});
    for (Index t = 0; t < 5000; ++t) lead_two(t, 0) = read->samples(t, II);
    REQUIRE(signal::denoise(lead_two, 500));
    const auto found = signal::find_r_peaks(signal::PeakMethod::heartpy, {lead_two.data(), {5000}}, 500);
    REQUIRE(found.size() == made.r_peaks.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(std::abs(found[i] - made.r_peaks[i]) <= 4);
  }
}

TEST_CASE("the seed decides") {
  SyntheticOptions options;
  const SyntheticRecord first = make(options), again = make(options);
  options.seed = 2;
  const SyntheticRecord other = make(options);
  CHECK(std::equal(first.record.samples.begin(), first.record.samples.end(), again.record.samples.begin()));
  CHECK(first.record.samples(100, 0) != other.record.samples(100, 0));
  CHECK(first.r_peaks != other.r_peaks);
}

TEST_CASE("noise has the size asked for and mean 0") {
  Random random(1, 2);
  double sum = 0, square = 0;
  for (int i = 0; i < 20000; ++i) {
    const double value = random.normal();
    sum += value;
    square += value * value;
  }
  CHECK(std::fabs(sum / 20000) < 0.03);
  CHECK(square / 20000 == doctest::Approx(1).epsilon(0.03));
}

TEST_CASE("options out of range are an error that names them") {
  SyntheticOptions options;
  options.heart_rate = std::numeric_limits<double>::quiet_NaN();
  REQUIRE_FALSE(synthesize(options));
  CHECK(synthesize(options).error().message == "synthetic record: heart rate: not in 20 to 250");
  options = {};
  options.seconds = 1e12;
  CHECK_FALSE(synthesize(options));
  options = {};
  options.premature_ventricular_beats = {11};
  CHECK_FALSE(synthesize(options));
  options = {};
  options.severity = 0;
  CHECK_FALSE(synthesize(options));
  options = {};
  options.anomaly = *find_anomaly_kind("pvc");
  options.seconds = 2;
  REQUIRE_FALSE(synthesize(options));
  CHECK(synthesize(options).error().message == "synthetic record: pvc: the recording is too short for it");
}
