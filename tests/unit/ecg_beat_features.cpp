#include "systolic/ecg/beat_features.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "systolic/ecg/restoration_features.hpp"
#include "systolic/ecg/rhythm_features.hpp"

using namespace systolic;

namespace {

double bell(Index t, double center, double width) {
  const double d = (static_cast<double>(t) - center) / width;
  return std::exp(-d * d / 2);
}

/// R of 1 mV and T of `t_wave` mV, the same in every lead but for a factor, on a level of 0.5 mV.
MedianBeat made_beat(double t_wave, double size = 1) {
  MedianBeat beat;
  beat.samples = Tensor<double>({median_length, 12});
  for (Index t = 0; t < median_length; ++t)
    for (Index lead = 0; lead < 12; ++lead)
      beat.samples(t, lead) =
          0.5 + size * (1 + 0.1 * static_cast<double>(lead)) * (bell(t, 227, 8) + t_wave * bell(t, 352, 25));
  return beat;
}

Delineation waves() {
  Delineation result;
  result.qrs = WaveBounds{-25, 0, 25};
  result.t = WaveBounds{60, 125, 190};
  return result;
}

constexpr std::size_t measure(std::size_t which, std::size_t lead) { return which * 12 + lead; }
constexpr std::size_t angle = 13 * 12;

}  // namespace

TEST_CASE("a beat is measured from the level in front of its QRS complex") {
  const CoarseBeat beat = coarse_beat(made_beat(0.3), waves());
  CHECK(beat.qrs_onset == 40);
  CHECK(beat.qrs_offset == 50);
  CHECK(beat.t_peak == 70);
  const std::vector<double> found = beat_measurements(beat);
  REQUIRE(static_cast<Index>(found.size()) == beat_measurement_count);
  CHECK(found[measure(0, 0)] == doctest::Approx(1).epsilon(0.05));     // R in I
  CHECK(found[measure(0, 11)] == doctest::Approx(2.1).epsilon(0.05));  // R in V6
  CHECK(found[measure(6, 0)] == doctest::Approx(0.3).epsilon(0.1));    // T in I
  CHECK(found[measure(7, 0)] == doctest::Approx(0.3).epsilon(0.1));    // its highest
}

TEST_CASE("an upright T wave points where the QRS complex does, an inverted one against it") {
  const double upright = beat_measurements(coarse_beat(made_beat(0.3), waves()))[angle];
  const double inverted = beat_measurements(coarse_beat(made_beat(-0.3), waves()))[angle];
  CHECK(upright < 0.3);
  CHECK(inverted > 2.8);
}

TEST_CASE("shapes do not depend on size, measurements do") {
  const CoarseBeat one = coarse_beat(made_beat(0.5), waves()), two = coarse_beat(made_beat(0.5, 2), waves());
  REQUIRE(static_cast<Index>(qrs_shape(one).size()) == qrs_shape_count);
  REQUIRE(static_cast<Index>(t_shape(one).size()) == t_shape_count);
  for (std::size_t i = 0; i < qrs_shape(one).size(); ++i)
    CHECK(qrs_shape(one)[i] == doctest::Approx(qrs_shape(two)[i]).epsilon(0.01).scale(1));
  CHECK(beat_measurements(two)[0] == doctest::Approx(2 * beat_measurements(one)[0]));
}

TEST_CASE("a beat without anything in it gives finite numbers") {
  MedianBeat flat;
  flat.samples = Tensor<double>({median_length, 12});
  const CoarseBeat beat = coarse_beat(flat, {});
  for (const std::vector<double>& values : {beat_measurements(beat), t_shape(beat), qrs_shape(beat)})
    for (const double value : values) CHECK(std::isfinite(value));
}

TEST_CASE("waves at the edge of what is possible stay within the beat") {
  for (const Index far : {-220, -30, 5, 340}) {
    Delineation strange;
    strange.qrs = WaveBounds{far, 0, far};
    strange.t = WaveBounds{far, far, far};
    for (const double value : beat_measurements(coarse_beat(made_beat(0.3), strange))) CHECK(std::isfinite(value));
  }
}

TEST_CASE("regular and irregular rhythm") {
  Intervals intervals;
  intervals.heart_rate = 75;
  intervals.axis = 200;
  const auto of = [&](const std::vector<Index>& r_peaks) {
    const std::vector<double> found = rhythm_features(r_peaks, intervals);
    REQUIRE(static_cast<Index>(found.size()) == rhythm_feature_count);
    return found;
  };
  const std::vector<double> even = of({400, 800, 1200, 1600, 2000, 2400}), odd = of({400, 800, 1000, 1600, 2000, 2400});
  CHECK(even[0] == doctest::Approx(std::log(0.8)));
  CHECK(even[1] == doctest::Approx(std::log(0.005)));
  CHECK(odd[1] > even[1] + 3);
  CHECK(odd[7] == doctest::Approx(0.2));  // one early beat of five cycles
  CHECK(odd[8] == doctest::Approx(0.2));  // one late
  CHECK(even[10] == doctest::Approx(std::log(75)));
  CHECK(even[16] == doctest::Approx(155));  // 200 degrees are 155 from 45
  CHECK(std::isnan(even[11]));              // no P wave ...
  CHECK(even[17] == 1);                     // ... which is a feature of its own
  CHECK(std::isnan(of({400})[0]));
  CHECK(std::isnan(of({400, 400, 400})[0]));
}

TEST_CASE("errors are told apart by branch, phase and lead") {
  CHECK(beat_phase(-141) == 4);
  CHECK(beat_phase(-140) == 0);
  CHECK(beat_phase(0) == 1);
  CHECK(beat_phase(60) == 2);
  CHECK(beat_phase(100) == 3);
  CHECK(beat_phase(220) == 4);
  const std::vector<std::uint8_t> phases = global_phases({300});
  CHECK(phases[200] == 1);
  CHECK(phases[0] == 4);

  RestorationSums sums;
  std::vector<float> restored(480 * 13, 0.0f), target(480 * 12, 0.0f);
  for (Index t = 0; t < 480; ++t) target[static_cast<std::size_t>(t * 12 + 5)] = beat_phase(t - 140) == 3 ? 2.0f : 0.0f;
  sums.add_errors(1, restored.data(), 13, target.data(), 480, [](Index t) { return beat_phase(t - 140); });
  sums.beats = 1;
  const std::vector<float> found = restoration_features(sums);
  REQUIRE(static_cast<Index>(found.size()) == restoration_feature_count);
  for (std::size_t phase = 0; phase < beat_phases; ++phase)
    for (std::size_t lead = 0; lead < 12; ++lead) {
      const double expected = phase == 3 && lead == 5 ? 4 : 0;
      CHECK(static_cast<double>(found[(beat_phases + phase) * 12 + lead]) ==
            doctest::Approx(std::log(expected + 1e-5)).epsilon(1e-5));
    }
  CHECK(std::isnan(found[0]));  // the global branch was not looked at
}
