#include "systolic/ecg/calibration.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace systolic;

namespace {

Calibration sample() {
  Calibration c;
  c.normalization = Normalization::record;
  c.peaks = signal::PeakMethod::shannon;
  c.score = "published";
  c.precision = Precision::int8;
  c.quantiles = {0.1, 0.2, 1.0 / 3, 0.7};
  c.threshold = 0.55;
  c.map_threshold = 0.0625;
  c.data = "PTB-XL 1.0.3, fold 9, NORM only";
  c.records = 912;
  return c;
}

nn::StateDict with_metadata(const Calibration& calibration) {
  nn::StateDict state;
  set_calibration(state, calibration);
  return state;
}

/// The error of reading the sample with one key changed; "" if there is none.
std::string problem(const std::string& key, const std::string& text) {
  nn::StateDict state = with_metadata(sample());
  state.set_metadata("calibration." + key, text);
  const auto read = find_calibration(state, "w.safetensors");
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("what is written into metadata is read back") {
  const auto read = find_calibration(with_metadata(sample()), "w");
  REQUIRE(read);
  REQUIRE(read->has_value());
  const Calibration& c = **read;
  CHECK(c.normalization == Normalization::record);
  CHECK(c.peaks == signal::PeakMethod::shannon);
  CHECK(c.score == "published");
  CHECK(c.precision == Precision::int8);
  CHECK(c.quantiles == sample().quantiles);
  CHECK(c.threshold == 0.55);
  CHECK(c.map_threshold == 0.0625);
  CHECK(c.data == sample().data);
  CHECK(c.records == 912);
}

TEST_CASE("a calibration that names no precision is one of f32, and an unknown one is refused") {
  nn::StateDict state = with_metadata(sample());
  std::erase_if(state.metadata, [](const auto& entry) { return entry.first == "calibration.precision"; });
  const auto read = find_calibration(state, "w");
  REQUIRE(read);
  CHECK((*read)->precision == Precision::f32);
  CHECK(problem("precision", "int3") == "w.safetensors: metadata calibration.precision: 'int3' is not valid");
}

TEST_CASE("metadata without a calibration is none, not an error") {
  nn::StateDict state;
  state.set_metadata("seed", "668");
  const auto read = find_calibration(state, "w");
  REQUIRE(read);
  CHECK_FALSE(read->has_value());
}

TEST_CASE("malformed entries are named with file and key") {
  CHECK(problem("threshold", "high") == "w.safetensors: metadata calibration.threshold: 'high' is not valid");
  const std::pair<const char*, const char*> cases[] = {{"normalization", "mv"},
                                                       {"normalization", ""},
                                                       {"peaks", "pan-tompkins"},
                                                       {"quantiles", ""},
                                                       {"quantiles", "1"},
                                                       {"quantiles", "2 1"},
                                                       {"quantiles", "1 2 x"},
                                                       {"quantiles", "1 nan"},
                                                       {"quantiles", "1 inf"},
                                                       {"threshold", ""},
                                                       {"threshold", "nan"},
                                                       {"map_threshold", "inf"},
                                                       {"map_threshold", "1e9999"},
                                                       {"records", "-1"},
                                                       {"records", "1.5"},
                                                       {"records", "1e300"},
                                                       {"records", "9999999999999999999999"}};
  for (const auto& wrong : cases) {
    CAPTURE(wrong.first);
    CAPTURE(wrong.second);
    CHECK(problem(wrong.first, wrong.second).find(std::string("calibration.") + wrong.first) != std::string::npos);
  }
}

TEST_CASE("a long malformed text is cut in the message") {
  CHECK(problem("quantiles", std::string(100'000, 'x')).size() < 200);
}

TEST_CASE("percentiles: quantiles stand for equal shares, linear between them") {
  const Calibration c = sample();  // 0, 33.3, 66.7 and 100 %
  CHECK(percentile_among_normals(c, 0.05) == 0);
  CHECK(percentile_among_normals(c, 0.1) == 0);
  CHECK(percentile_among_normals(c, 0.15) == doctest::Approx(100.0 / 6));
  CHECK(percentile_among_normals(c, 0.2) == doctest::Approx(100.0 / 3));
  CHECK(percentile_among_normals(c, 0.7) == 100);
  CHECK(percentile_among_normals(c, 1e300) == 100);
}

TEST_CASE("percentiles rise with the score and stay within 0 and 100") {
  Calibration c = sample();
  c.quantiles = {-1, 0, 0, 0, 0.5, 0.5, 2};  // with ties
  double last = 0;
  for (double score = -2; score < 3; score += 1e-3) {
    const double percentile = percentile_among_normals(c, score);
    REQUIRE(percentile >= last);
    REQUIRE(percentile <= 100);
    last = percentile;
  }
  CHECK(last == 100);
}

TEST_CASE("quantiles of sorted values, linear between neighbours") {
  const std::vector<double> values = {1, 2, 4, 8};
  CHECK(quantile_of_sorted(values, 0) == 1);
  CHECK(quantile_of_sorted(values, 0.5) == 3);
  CHECK(quantile_of_sorted(values, 0.9) == doctest::Approx(4 + 0.7 * 4));
  CHECK(quantile_of_sorted(values, 1) == 8);
  CHECK(quantile_of_sorted({5}, 0.3) == 5);
}

TEST_CASE("normalizations have names") {
  for (const Normalization n : {Normalization::record, Normalization::none})
    CHECK(parse_normalization(normalization_name(n)) == n);
  CHECK_FALSE(parse_normalization("Record"));
}

TEST_CASE("recordings are prepared as the calibration says, else as for the training, else nobody knows") {
  nn::StateDict state;
  CHECK_FALSE(find_preparation(state, std::nullopt));
  state.set_metadata("training.normalization", "none");
  CHECK_FALSE(find_preparation(state, std::nullopt));
  state.set_metadata("training.peaks", "systolic");
  const auto trained = find_preparation(state, std::nullopt);
  REQUIRE(trained);
  CHECK(trained->normalization == Normalization::none);
  CHECK(trained->peaks == signal::PeakMethod::systolic);
  Calibration c = sample();
  c.normalization = Normalization::record;
  c.peaks = signal::PeakMethod::shannon;
  const auto calibrated = find_preparation(state, c);
  REQUIRE(calibrated);
  CHECK(calibrated->normalization == Normalization::record);
  CHECK(calibrated->peaks == signal::PeakMethod::shannon);
  state.set_metadata("training.peaks", "a stethoscope");
  CHECK_FALSE(find_preparation(state, std::nullopt));
}
