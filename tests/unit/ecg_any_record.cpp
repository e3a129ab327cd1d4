// Whatever a recording holds, no part of the analysis breaks down or gives a number that is none.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/quality.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/synthetic.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/signal/r_peaks.hpp"

using namespace systolic;

namespace {

/// Recordings by number: of any rate, length and set of leads, sound or not, at any scale.
class AnyRecord {
 public:
  explicit AnyRecord(unsigned number) : random_(number) {}

  Record make() {
    Record record;
    record.name = "any";
    constexpr std::array<double, 12> rates = {0, -1, 0.001, 49.9, 50, 128, 257.3, 333.35, 360, 500, 1000, 2000};
    record.rate = pick(rates);
    sound_ = below(2) == 0;
    const Index leads = below(14);
    for (Index lead = 0; lead < leads; ++lead)
      record.leads.emplace_back(below(8) == 0 ? "pulse" : standard_leads[static_cast<std::size_t>(below(12))]);
    if (below(2) == 0) record.leads.assign(standard_leads.begin(), standard_leads.end());
    constexpr std::array<double, 6> seconds = {0, 0.01, 1, 9.99, 10, 11};
    const double duration = sound_ ? 10.5 : pick(seconds);
    const Index length = std::min<Index>(22000, static_cast<Index>(std::max(0.0, record.rate) * duration));
    record.samples = Tensor<double>({length, record.lead_count()});
    for (Index lead = 0; lead < record.lead_count(); ++lead) fill(record, lead);
    return record;
  }

 private:
  Index below(Index n) { return static_cast<Index>(random_() % static_cast<std::uint64_t>(n)); }
  template <class Values>
  double pick(const Values& values) {
    return values[static_cast<std::size_t>(below(static_cast<Index>(values.size())))];
  }

  /// Beats of some shape with noise, at some scale, damaged in some way.
  void fill(Record& record, Index lead) {
    constexpr std::array<double, 7> scales = {0, 1e-300, 1e-6, 1, 1, 1e6, 1e300};
    const double scale = sound_ ? 1 : pick(scales), cycle = 0.2 + 0.1 * static_cast<double>(below(20));
    const Index damage = sound_ ? 0 : below(6), length = record.length();
    for (Index t = 0; t < length; ++t) {
      const double phase = std::fmod(static_cast<double>(t) / record.rate, cycle) - 0.1;
      const double noise = 0.01 * static_cast<double>(below(100)) / 100;
      record.samples(t, lead) = scale * (std::exp(-phase * phase / 2e-4) + noise);
    }
    constexpr std::array<double, 4> invalid = {std::numeric_limits<double>::quiet_NaN(),
                                               std::numeric_limits<double>::infinity(),
                                               -std::numeric_limits<double>::infinity(), 1e200};
    const double value = pick(invalid);
    for (Index t = 0; t < length; ++t)
      if ((damage == 1 && below(200) == 0) || (damage == 2 && t > length / 2) || damage == 3)
        record.samples(t, lead) = value;
  }

  std::mt19937_64 random_;
  bool sound_ = false;
};

bool all_finite(TensorView<const double> x) {
  return std::all_of(x.begin(), x.end(), [](double value) { return std::isfinite(value); });
}

void check_peaks(const std::vector<Index>& peaks, Index length) {
  CHECK(std::is_sorted(peaks.begin(), peaks.end()));
  for (const Index r : peaks) {
    CHECK(r >= 0);
    CHECK(r < length);
  }
}

void check_window(const Window& window) {
  CHECK(window.samples.empty() == !window.reason.empty());
  if (window.samples.empty()) return;
  REQUIRE(window.samples.shape() == Shape{5000, 12});
  CHECK(all_finite(window.samples));
  const std::vector<Index> own = signal::systolic_r_peaks(window.samples, analysis_rate);
  const Intervals intervals = measure_intervals(window.samples, own);
  for (const std::optional<double>& value :
       {intervals.heart_rate, intervals.p, intervals.pr, intervals.qrs, intervals.qt, intervals.qtc_bazett,
        intervals.qtc_fridericia, intervals.axis})
    CHECK((!value || std::isfinite(*value)));
  for (const auto method : {signal::PeakMethod::systolic, signal::PeakMethod::heartpy, signal::PeakMethod::shannon}) {
    const Preprocessed prepared = preprocess(window.samples, method);
    if (!prepared.denoised.empty()) CHECK(all_finite(prepared.denoised));
    if (!prepared.reason.empty()) continue;
    for (const auto scale : {Normalization::record, Normalization::none}) {
      CHECK(all_finite(global_signal<double>(prepared, scale)));
      CHECK(all_finite(trend_signal<double>(prepared, scale)));
    }
  }
}

}  // namespace

TEST_CASE("any recording is analysed or has a reason not to be") {
  int analysable = 0;
  for (unsigned number = 0; number < 40; ++number) {
    CAPTURE(number);
    const Record record = AnyRecord(number).make();
    check_peaks(signal::systolic_r_peaks(record.samples, record.rate), record.length());
    for (const bool allow_missing : {false, true}) {
      const Window window = cut_window(record, 0, allow_missing);
      check_window(window);
      analysable += window.reason.empty();
      const WindowQuality quality = window_quality(record, 0, allow_missing);
      CHECK((window.reason.empty() || !quality.reason.empty()));
      for (const LeadQuality& lead : quality.leads)
        for (const double figure : {lead.invalid_seconds, lead.saturated_share, lead.amplitude, lead.mains_50,
                                    lead.mains_60, lead.wander, lead.noise})
          CHECK(std::isfinite(figure));
    }
  }
  CHECK(analysable >= 5);
}
