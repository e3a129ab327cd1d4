#include "systolic/ecg/deviation_map.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "systolic/ecg/inject.hpp"
#include "systolic/metrics/point_counts.hpp"

using namespace systolic;

namespace {

SyntheticRecord normal(std::uint64_t seed, const char* anomaly = "none") {
  SyntheticOptions options;
  options.seed = seed;
  options.heart_rate = 60 + static_cast<double>(seed % 5) * 5;
  options.anomaly = *find_anomaly_kind(anomaly);
  auto made = synthesize(options);
  REQUIRE(made);
  return std::move(*made);
}

Preprocessed prepared(const SyntheticRecord& made) {
  Preprocessed record = preprocess(made.record.samples, signal::PeakMethod::systolic);
  REQUIRE(record.reason.empty());
  return record;
}

DeviationTables fitted() {
  DeviationFit fit;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) fit.add(prepared(normal(seed)));
  return fit.tables();
}

}  // namespace

TEST_CASE("phases count from the R peak, and beats that are missing are expected") {
  const std::vector<int> phase = deviation_phases({400, 800, 1200, 2000, 2400, 2800, 3200, 3600, 4000, 4400, 4800});
  REQUIRE(phase.size() == 5000);
  for (const std::size_t r : {0u, 400u, 1200u, 1600u, 2000u, 4800u}) {
    CAPTURE(r);
    CHECK(phase[r] == 28);
    CHECK(phase[r + 5] == 29);
    if (r > 0) CHECK(phase[r - 1] == 27);
    CHECK(phase[r + 140] == 56);
  }
  // In a slower rhythm what comes after QRS is stretched.
  const std::vector<int> slow = deviation_phases({1000, 1900, 2800, 3700});
  CHECK(slow[1050] == 38);
  CHECK(slow[1150] == 28 + static_cast<int>((50 + 100 / 1.5) / 5));
  for (const int k : deviation_phases({})) CHECK((k >= 0 && k < 112));
  for (const int k : deviation_phases({10, 12, 13, 15})) CHECK((k >= 0 && k < 112));
}

TEST_CASE("the tables are the mean beat and its spread") {
  const DeviationTables tables = fitted();
  CHECK(tables.mean.shape() == Shape{112, 12});
  CHECK(tables.mean(28, 1) > 0.4f);   // R of II
  CHECK(tables.mean(31, 7) < -0.4f);  // S of V2
  CHECK(tables.mean(56, 1) > 0.05f);  // T
  for (const float deviation : tables.deviation) CHECK(deviation >= 0.01f);
  const DeviationTables empty = DeviationFit().tables();
  CHECK(empty.deviation(5, 5) == 1.0f);
}

TEST_CASE("what deviates stands out of the map") {
  const DeviationTables tables = fitted();
  for (const char* name : {"pvc", "st-elevation-anterior", "pause", "t-inversion-inferior", "rbbb"}) {
    CAPTURE(name);
    const SyntheticRecord made = normal(14, name);
    const Tensor<float> map = deviation_map(prepared(made), tables);
    REQUIRE(map.shape() == Shape{4800, 12});
    metrics::PointCounts counts;
    for (Index t = 0; t < 4800; ++t)
      for (Index lead = 0; lead < 12; ++lead) {
        REQUIRE(std::isfinite(map(t, lead)));
        counts.add(map(t, lead), made.abnormal(t + 100, lead) != 0);
      }
    const auto curve = counts.curve();
    REQUIRE(curve);
    CHECK(metrics::auroc(*curve) > 0.8);
  }
}

TEST_CASE("leads that are missing are left out") {
  const DeviationTables tables = fitted();
  Preprocessed record = prepared(normal(3));
  const Tensor<float> whole = deviation_map(record, tables);
  for (Index t = 0; t < 5000; ++t) record.denoised(t, 9) = 5;
  const Tensor<float> map = deviation_map(record, tables, {9});
  CHECK(map(2000, 9) == 0);
  CHECK(map(2000, 3) == doctest::Approx(whole(2000, 3)).epsilon(0.3));
}
