#include "systolic/ecg/detect.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "support/formula_model.hpp"
#include "support/pulses.hpp"
#include "support/sequences.hpp"
#include "support/shared.hpp"

using namespace systolic;
using testing::largest;
using testing::largest_difference;

namespace {

/// The published network, but narrow: every part and every length is there.
Restoration<float> narrow_model() { return testing::formula_model<float>({.hidden = 8, .width = 4}); }

const Detector& detector() {
  static const Detector made(narrow_model(), std::nullopt);
  return made;
}

/// Ten seconds in which eight beats of changing distance stand in every lead, each lead of another height.
Tensor<double> window() {
  const std::vector<double> beats = testing::pulses(5000, {150, 700, 1310, 1900, 2480, 3100, 3660, 4290, 4850});
  Tensor<double> x({5000, 12});
  for (Index t = 0; t < 5000; ++t)
    for (Index lead = 0; lead < 12; ++lead)
      x(t, lead) = (lead == 3 ? -0.7 : 0.4 + 0.1 * static_cast<double>(lead)) * beats[static_cast<std::size_t>(t)] +
                   0.05 * std::sin(0.01 * static_cast<double>(t * (lead + 1)));
  return x;
}

// Two beats are enough for most questions.
Detection detect(const Tensor<double>& x, const DetectOptions& options = {.beats = 2}, int threads = 1) {
  Workspace workspace(threads);
  return detector().detect(x, options, workspace);
}

struct Naive {
  std::vector<double> beats;
  Tensor<double> map{{global_length, 12}}, residual{{global_length, 12}};
};

/// The definition, word for word: the whole network for each beat and mask.
Naive naive_detection(const Tensor<double>& x, const DetectOptions& options) {
  const Restoration<float>& model = detector().model();
  const Preprocessed record = preprocess(x, detector().peaks(options));
  REQUIRE(record.reason.empty());
  const Normalization scale = detector().normalization(options);
  const Tensor<float> global = global_signal(record, scale), trend = trend_signal(record, scale);
  const std::vector<Index> beats = choose_beats(record.beats, options.beats);
  const double beat_count = static_cast<double>(beats.size());
  std::vector<Index> leads;
  for (int lead = 0; lead < 12; ++lead)
    if (std::find(options.missing.begin(), options.missing.end(), lead) == options.missing.end()) leads.push_back(lead);
  Naive result;
  Workspace workspace;
  for (const Index r_peak : beats) {
    Tensor<float> beat({beat_length, 12});
    beat_signal(record, r_peak, beat.view());
    double score = 0;
    for (Index j = 0; j < 3; ++j) {
      Workspace::Scope scope(workspace);
      Tensor<float> masked_global = global, masked_local = beat, whole_trend = trend;
      mask_global(masked_global.data(), 12, j);
      mask_local(masked_local.data(), 12, j);
      const auto restored = model(nn::Sequence<float>{masked_global.data(), 1, 4800, 12},
                                  nn::Sequence<float>{masked_local.data(), 1, 480, 12},
                                  nn::Sequence<float>{whole_trend.data(), 1, 4800, 12}, workspace);
      const auto squared = [](const Tensor<float>& target, nn::Sequence<float> y, Index t, Index lead) {
        return std::pow(static_cast<double>(target(t, lead)) - static_cast<double>(y.data[t * y.channels + lead]), 2);
      };
      const auto precision = [](nn::Sequence<float> y, Index t) {
        return std::exp(-static_cast<double>(y.data[t * y.channels + 12]));
      };
      for (Index t = 0; t < 4800; ++t)
        for (Index lead = 0; lead < 12; ++lead)
          result.residual(t, lead) +=
              static_cast<double>(global(t, lead) - restored.global.data[t * 13 + lead]) / (3 * beat_count);
      double global_error = 0, local_error = 0, trend_error = 0;
      for (Index t = 0; t < 4800; ++t)
        for (const Index lead : leads) {
          const double e_global = precision(restored.global, t) * squared(global, restored.global, t, lead);
          const double e_trend = squared(global, restored.trend, t, lead);
          global_error += e_global;
          trend_error += e_trend;
          result.map(t, lead) += (e_global + e_trend) / (3 * beat_count);
        }
      for (Index t = 0; t < 480; ++t)
        for (const Index lead : leads) {
          const double e_local = precision(restored.local, t) * squared(beat, restored.local, t, lead);
          local_error += e_local;
          const Index place = r_peak - 140 + t - 100;
          if (place >= 0 && place < 4800) result.map(place, lead) += e_local / 3;
        }
      const double count = static_cast<double>(leads.size());
      score += (global_error / 4800 + local_error / 480 + trend_error / 4800) / count / 3;
    }
    result.beats.push_back(score);
  }
  signal::gaussian_smooth(result.map.view(), 15.0);
  return result;
}

void check_naive(const DetectOptions& options) {
  const Detection found = detect(window(), options);
  const Naive expected = naive_detection(window(), options);
  REQUIRE(found.reason.empty());
  REQUIRE(found.beats.size() == expected.beats.size());
  double mean = 0;
  for (std::size_t i = 0; i < found.beats.size(); ++i) {
    CHECK(found.beats[i].score == doctest::Approx(expected.beats[i]).epsilon(1e-5));
    mean += found.beats[i].score / static_cast<double>(found.beats.size());
  }
  CHECK(found.score == doctest::Approx(mean).epsilon(1e-12));
  CHECK(largest_difference(found.map, expected.map) <= 1e-5 * largest(expected.map));
}

/// A calibration of min-max normalized scores, with that of the window in its middle.
const Calibration& calibration() {
  static const Calibration made = [] {
    const Detection found = detect(window(), {.normalization = Normalization::record, .beats = 2});
    Calibration c;
    c.normalization = Normalization::record;
    c.quantiles = {found.score / 2, found.score * 0.9, found.score * 1.1, found.score * 2};
    c.threshold = found.score * 0.99;
    c.map_threshold = 0.5 * largest(found.map);
    return c;
  }();
  return made;
}

bool finite_throughout(const Detection& d) {
  const auto finite = [](const auto value) { return std::isfinite(value); };
  return finite(d.score) && std::all_of(d.map.begin(), d.map.end(), finite) &&
         std::all_of(d.beats.begin(), d.beats.end(), [&](const BeatScore& beat) { return finite(beat.score); });
}

bool empty_result(const Detection& d) {
  return d.score == 0 && d.beats.empty() && d.map.empty() && d.findings.empty() && !d.percentile && !d.threshold &&
         !d.abnormal;
}

}  // namespace

TEST_CASE("sharing what does not change gives the scores and the map of the naive loop") {
  check_naive({.normalization = Normalization::record, .beats = 3});
  check_naive({.normalization = Normalization::none, .beats = 2});
}

TEST_CASE("missing leads are left out of score and map") {
  const DetectOptions options{.beats = 1, .missing = {6, 8, 9}};
  check_naive(options);
  const Detection found = detect(window(), options);
  for (Index t = 0; t < global_length; ++t) {
    REQUIRE(found.map(t, 8) == 0);
    REQUIRE(found.map(t, 7) > 0);
  }
}

TEST_CASE("the residual is what the restorations leave on average, in mV, and changes nothing else") {
  const Detection plain = detect(window(), {.beats = 2});
  const Detection found = detect(window(), {.beats = 2, .residual = true}),
                  many = detect(window(), {.beats = 2, .residual = true}, 3);
  CHECK(plain.residual.empty());
  CHECK(found.score == plain.score);
  CHECK(largest_difference(found.map, plain.map) == 0);
  CHECK(largest_difference(found.residual, many.residual) == 0);
  const Tensor<double> expected = naive_detection(window(), {.beats = 2}).residual;
  CHECK(largest_difference(found.residual, expected) <= 1e-5 * largest(expected));

  const DetectOptions scaled{.normalization = Normalization::record, .beats = 1, .residual = true};
  const Detection in_millivolts = detect(window(), scaled);
  const Tensor<double> relative = naive_detection(window(), scaled).residual,
                       denoised = preprocess(window(), detector().peaks(scaled)).denoised;
  double low = 0, high = 0;
  for (Index t = 0; t < window_length; ++t) {
    low = std::min(low, denoised(t, 3));
    high = std::max(high, denoised(t, 3));
  }
  for (Index t = 0; t < global_length; t += 100)
    CHECK(static_cast<double>(in_millivolts.residual(t, 3)) ==
          doctest::Approx(relative(t, 3) * (high - low) / 2).epsilon(1e-3));
}

TEST_CASE("which beats are chosen") {
  const std::vector<Index> beats = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(choose_beats(beats, 0) == beats);
  CHECK(choose_beats(beats, 10) == beats);
  CHECK(choose_beats(beats, 99) == beats);
  CHECK(choose_beats(beats, 1) == std::vector<Index>{0});
  CHECK(choose_beats(beats, 2) == std::vector<Index>{0, 9});
  CHECK(choose_beats(beats, 4) == std::vector<Index>{0, 3, 6, 9});
  CHECK(choose_beats(beats, 5) == std::vector<Index>{0, 2, 5, 7, 9});  // 2.25, 4.5, 6.75
  CHECK(choose_beats({}, 4).empty());
}

TEST_CASE("scored beats have the scores that they have among all") {
  const Detection all = detect(window(), {.map = false}), some = detect(window(), {.beats = 3, .map = false});
  REQUIRE(all.beats.size() == 7);
  REQUIRE(some.beats.size() == 3);
  for (const std::size_t i : {0u, 1u, 2u}) {
    CHECK(some.beats[i].r_peak == all.beats[3 * i].r_peak);
    CHECK(some.beats[i].score == all.beats[3 * i].score);
  }
  CHECK(some.r_peaks == all.r_peaks);
}

TEST_CASE("scores and map are the same bits for any number of threads, and without the map") {
  const DetectOptions options{.beats = 3};
  const Detection one = detect(window(), options);
  for (const int threads : {2, 16}) {
    CAPTURE(threads);
    const Detection many = detect(window(), options, threads);
    CHECK(many.score == one.score);
    CHECK(largest_difference(many.map, one.map) == 0);
  }
  const Detection without = detect(window(), {.beats = 3, .map = false}, 2);
  CHECK(without.score == one.score);
  CHECK(without.map.empty());
}

TEST_CASE("one detector serves two threads at once") {
  const Detection expected = detect(window());
  Detection results[2];
  std::thread other([&] { results[1] = detect(window()); });
  results[0] = detect(window());
  other.join();
  for (const Detection& result : results) {
    CHECK(result.score == expected.score);
    CHECK(largest_difference(result.map, expected.map) == 0);
  }
}

TEST_CASE("a workspace can be used again and does not grow") {
  Workspace workspace(2);
  const DetectOptions options{.beats = 2};
  const Detection first = detector().detect(window(), options, workspace);
  const std::size_t capacity = workspace.capacity();
  const Detection second = detector().detect(window(), options, workspace);
  CHECK(second.score == first.score);
  CHECK(workspace.capacity() == capacity);
}

TEST_CASE("a window that cannot be analysed is a result with its reason and nothing else") {
  Tensor<double> flat({5000, 12});
  CHECK(detect(flat).reason == "no R peak found");
  CHECK(empty_result(detect(flat)));

  Tensor<double> no_lead_two = window();
  for (Index t = 0; t < 5000; ++t) no_lead_two(t, 1) = 0.25;
  CHECK(detect(no_lead_two).reason == "no R peak found");

  for (const double value : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Tensor<double> invalid = window();
    invalid(2000, 8) = value;
    CHECK(detect(invalid).reason.find("V3") != std::string::npos);
    CHECK(empty_result(detect(invalid)));
  }

  CHECK(detect(Tensor<double>({4999, 12})).reason.find("[4999, 12]") != std::string::npos);
}

TEST_CASE("a lead that is flat still yields numbers") {
  Tensor<double> x = window();
  for (Index t = 0; t < 5000; ++t) x(t, 9) = -0.1;
  for (const Normalization n : {Normalization::record, Normalization::none})
    CHECK(finite_throughout(detect(x, {.normalization = n, .beats = 1})));
}

TEST_CASE("huge amplitudes give numbers or a reason, never NaN") {
  for (const double factor : {1e-12, 1e3, 1e6, 9e8, 1e12})
    for (const Normalization n : {Normalization::record, Normalization::none}) {
      CAPTURE(factor);
      Tensor<double> x = window();
      for (double& value : x) value *= factor;
      const Detection found = detect(x, {.normalization = n, .beats = 1});
      CHECK(finite_throughout(found));
      if (!found.reason.empty()) CHECK(empty_result(found));
    }
}

TEST_CASE("NaN that arises on the way is a reason, not a number") {
  Preprocessed record = preprocess(window(), signal::PeakMethod::heartpy);
  REQUIRE(record.reason.empty());
  record.denoised(2500, 4) = std::numeric_limits<double>::quiet_NaN();
  Workspace workspace;
  const Detection found = detector().detect(record, {.normalization = Normalization::none, .beats = 1}, workspace);
  CHECK_FALSE(found.reason.empty());
  CHECK(empty_result(found));
}

TEST_CASE("without a calibration: published mV scores with HeartPy's peaks, no percentile") {
  CHECK(detector().normalization({}) == Normalization::none);
  CHECK(detector().peaks({}) == signal::PeakMethod::heartpy);
  const Detection found = detect(window());
  CHECK(found.score > 0);
  CHECK_FALSE(found.percentile);
  CHECK_FALSE(found.threshold);
  CHECK_FALSE(found.abnormal);
  CHECK(found.findings.empty());
}

TEST_CASE("a calibration gives defaults, percentile, decision and findings") {
  const Detector calibrated(narrow_model(), calibration(), "narrow", "abc");
  Workspace workspace;
  const Detection found = calibrated.detect(window(), {.beats = 2}, workspace);
  CHECK(found.score == detect(window(), {.normalization = Normalization::record, .beats = 2}).score);
  REQUIRE(found.percentile);
  CHECK(*found.percentile == doctest::Approx(50));
  CHECK(found.threshold == calibrated.calibration()->threshold);
  CHECK(found.abnormal == true);
  REQUIRE_FALSE(found.findings.empty());
  for (const Finding& finding : found.findings) CHECK(finding.to - finding.from >= 0.04 - 1e-9);
  CHECK(calibrated.weights_name() == "narrow");
  CHECK(calibrated.weights_checksum() == "abc");
}

TEST_CASE("another combination than the calibration's has a score only") {
  const Detector calibrated(narrow_model(), calibration());
  Workspace workspace;
  for (const DetectOptions& options : {DetectOptions{.normalization = Normalization::none, .beats = 1},
                                       DetectOptions{.peaks = signal::PeakMethod::heartpy_1_2_7, .beats = 1}}) {
    const Detection found = calibrated.detect(window(), options, workspace);
    CHECK(found.reason.empty());
    CHECK_FALSE(found.percentile);
    CHECK_FALSE(found.abnormal);
    CHECK(found.findings.empty());
  }
  Calibration of_another_score = calibration();
  of_another_score.score = "standardized";
  CHECK_FALSE(Detector(narrow_model(), of_another_score).calibrated({}));
}

TEST_CASE("without the map there are no findings, but a percentile") {
  const Detector calibrated(narrow_model(), calibration());
  Workspace workspace;
  const Detection found = calibrated.detect(window(), {.beats = 1, .map = false}, workspace);
  CHECK(found.percentile);
  CHECK(found.findings.empty());
}

namespace {

/// A combined score that asks for nothing but the right number of features: every value lies where a usual one does.
NormalityModel plain_normality() {
  NormalityModel model;
  const auto counts = feature_counts(narrow_model().options);
  std::array<Index, counts.size()> values = counts;
  model.normal_quantiles = Tensor<float>({2});
  model.normal_quantiles.data()[0] = -2;
  model.normal_quantiles.data()[1] = 2;
  for (std::size_t g = 0; g < counts.size(); ++g) {
    FeatureScale& scale = model.scales[g];
    scale.knots = Tensor<float>(Shape{values[g], 2});
    scale.tail = Tensor<float>(Shape{values[g]});
    for (Index i = 0; i < values[g]; ++i) {
      scale.knots(i, 0) = -2;
      scale.knots(i, 1) = 2;
      scale.tail.data()[i] = 1;
    }
  }
  const auto size = [&](std::size_t part) {
    Index sum = 0;
    for (std::size_t g = 0; g < values.size(); ++g) sum += part_groups[part][g] ? values[g] : 0;
    return sum;
  };
  for (std::size_t part = 0; part < distance_parts; ++part) {
    model.distances[part].mean = Tensor<float>(Shape{size(part)});
    model.distances[part].whitening = Tensor<float>(Shape{size(part), size(part)});
    for (Index i = 0; i < size(part); ++i) model.distances[part].whitening(i, i) = 1;
  }
  model.age = Tensor<float>(Shape{size(age_part)});
  model.parts = Tensor<float>({6, 3});
  std::fill(model.parts.begin(), model.parts.end(), 1.0f);
  return model;
}

const Detector& combined_detector() {
  static const Detector made = [] {
    Calibration calibrated = calibration();
    calibrated.score = "combined";
    calibrated.normalization = Normalization::none;
    calibrated.peaks = signal::PeakMethod::systolic;
    return Detector(narrow_model(), calibrated, "narrow", "abc", plain_normality());
  }();
  return made;
}

/// NaN, for what was not measured, is the same as NaN.
bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

Detection detect_combined(const DetectOptions& options, int threads = 1) {
  Workspace workspace(threads);
  return combined_detector().detect(window(), options, workspace);
}

}  // namespace

TEST_CASE("weights that carry the combined score use it, and say of what it is made") {
  const Detection found = detect_combined({});
  REQUIRE(found.reason.empty());
  CHECK(found.kind == ScoreKind::combined);
  REQUIRE(found.parts.size() == score_part_names.size());
  double sum = 0;
  for (const ScorePart& part : found.parts) {
    CHECK(std::isfinite(part.z));
    sum += part.z;
  }
  CHECK(found.score == doctest::Approx(sum).epsilon(1e-12));
  CHECK(found.percentile);
  CHECK(found.abnormal);
  REQUIRE(found.intervals);
  CHECK(found.intervals->heart_rate);
}

TEST_CASE("the combined score is the same with and without the map, and for any number of threads and beats") {
  const Detection whole = detect_combined({.features = true});
  for (const DetectOptions& options :
       {DetectOptions{.map = false, .features = true}, DetectOptions{.beats = 2, .features = true},
        DetectOptions{.beats = 1, .map = false, .features = true}})
    for (const int threads : {1, 3}) {
      const Detection found = detect_combined(options, threads);
      CHECK(found.score == whole.score);
      REQUIRE(found.features);
      for (std::size_t g = 0; g < whole.features->size(); ++g) CHECK(same((*found.features)[g], (*whole.features)[g]));
      CHECK(found.beats.size() == (options.map ? 2u : 0u));
    }
  CHECK(largest_difference(detect_combined({.beats = 2}, 3).map, detect_combined({.beats = 2}, 1).map) == 0);
}

TEST_CASE("the published score stays the same beside the combined one, without its calibration") {
  const DetectOptions options{.score = ScoreKind::published, .beats = 2};
  const Detection found = detect_combined(options);
  CHECK(found.kind == ScoreKind::published);
  CHECK(found.parts.empty());
  CHECK(found.score == detect(window(), {.peaks = signal::PeakMethod::systolic, .beats = 2}).score);
  CHECK_FALSE(found.percentile);
  CHECK(largest_difference(detect_combined({.beats = 2}).map, found.map) == 0);
}

TEST_CASE("a recording that lacks leads has the published score") {
  const Detection found = detect_combined({.beats = 1, .map = false, .missing = {8}});
  CHECK(found.kind == ScoreKind::published);
  CHECK(found.beats.size() == 1);
  CHECK_FALSE(found.percentile);
}

TEST_CASE("uncalibrated weights are prepared for as they ask, and as published where they do not") {
  const Preparation asked{Normalization::record, signal::PeakMethod::systolic};
  const Detector trained(narrow_model(), {}, "", "", {}, Precision::f32, asked), silent(narrow_model(), {});
  CHECK(trained.normalization({}) == Normalization::record);
  CHECK(trained.peaks({}) == signal::PeakMethod::systolic);
  CHECK(silent.normalization({}) == Normalization::none);
  CHECK(silent.peaks({}) == signal::PeakMethod::heartpy);
  DetectOptions options;
  options.peaks = signal::PeakMethod::shannon;
  CHECK(trained.peaks(options) == signal::PeakMethod::shannon);
}

TEST_CASE("features are given without a model, too: it is fitted on them") {
  Workspace workspace;
  const Detection found =
      detector().detect(window(), {.peaks = signal::PeakMethod::systolic, .map = false, .features = true}, workspace);
  REQUIRE(found.features);
  const auto counts = feature_counts(detector().model().options);
  for (std::size_t g = 0; g < counts.size(); ++g) CHECK(static_cast<Index>((*found.features)[g].size()) == counts[g]);
  CHECK(found.kind == ScoreKind::published);
}
