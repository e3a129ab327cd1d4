#include "systolic/ecg/streaming_detector.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "support/formula_model.hpp"
#include "support/pulses.hpp"

using namespace systolic;

namespace {

const Detector& detector() {
  static const Detector made(testing::formula_model<float>({.hidden = 4, .width = 2}), std::nullopt);
  return made;
}

constexpr DetectOptions one_beat{.beats = 1};

/// A rhythm in every standard lead at `rate`, with all that may be wrong: invalid samples in the first window (few) and
/// in the second (too many).
Record rhythm(double rate, double seconds) {
  const Index length = static_cast<Index>(seconds * rate);
  std::vector<Index> peaks;
  for (double t = 0.4; t < seconds - 0.2; t += 0.9 + 0.02 * static_cast<double>(peaks.size() % 5))
    peaks.push_back(static_cast<Index>(t * rate));
  const std::vector<double> beats = testing::pulses(length, peaks);
  Record record;
  record.rate = rate;
  record.leads.assign(standard_leads.begin(), standard_leads.end());
  record.samples = Tensor<double>({length, 12});
  for (Index t = 0; t < length; ++t)
    for (Index lead = 0; lead < 12; ++lead)
      record.samples(t, lead) = static_cast<double>(lead + 4) / 10 * beats[static_cast<std::size_t>(t)];
  const Index second = static_cast<Index>(rate);
  for (Index t = 0; t < second / 10; ++t) record.samples(5 * second + t, 3) = std::numeric_limits<double>::quiet_NaN();
  for (Index t = 0; seconds > 16 && t < second; ++t)
    record.samples(15 * second + t, 7) = std::numeric_limits<double>::quiet_NaN();
  return record;
}

/// Feeds the record in blocks whose sizes are taken from `sizes` in turn.
std::vector<WindowDetection> feed(const Record& record, const std::vector<Index>& sizes, bool allow_missing = false) {
  auto stream = StreamingDetector::open(detector(), record.rate, record.leads, one_beat, allow_missing);
  REQUIRE(stream);
  std::vector<WindowDetection> results;
  Workspace workspace;
  const Index leads = record.lead_count();
  std::size_t turn = 0;
  for (Index t = 0; t < record.length();) {
    const Index count = std::min(sizes[turn++ % sizes.size()], record.length() - t);
    const Index missing = stream->samples_to_next();
    const std::size_t before = results.size();
    stream->push({record.samples.data() + t * leads, {count, leads}}, workspace,
                 [&](WindowDetection&& window) { results.push_back(std::move(window)); });
    // A result comes with the window's last sample, not later.
    REQUIRE((results.size() > before) == (count >= missing));
    t += count;
  }
  CHECK(stream->windows() == static_cast<Index>(results.size()));
  CHECK(stream->pending_seconds() == doctest::Approx(left_out_seconds(record)));
  return results;
}

void check_equal(const std::vector<WindowDetection>& found, const Record& record, bool allow_missing = false) {
  Workspace workspace;
  const std::vector<WindowDetection> expected = detect(detector(), record, workspace, one_beat, allow_missing);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Detection &a = found[i].detection, &b = expected[i].detection;
    CAPTURE(i);
    CHECK(found[i].from == expected[i].from);
    CHECK(a.reason == b.reason);
    CHECK(a.score == b.score);
    CHECK(a.r_peaks == b.r_peaks);
    CHECK(std::equal(a.map.begin(), a.map.end(), b.map.begin(), b.map.end()));
  }
}

}  // namespace

TEST_CASE("sample by sample and in odd blocks: the results of the whole recording") {
  const Record record = rhythm(500, 32.5);
  const auto one_by_one = feed(record, {1});
  REQUIRE(one_by_one.size() == 3);
  CHECK(one_by_one[0].detection.score > 0);
  CHECK(one_by_one[1].detection.reason.find("V2") != std::string::npos);
  check_equal(one_by_one, record);
  check_equal(feed(record, {7, 1, 333}), record);
  check_equal(feed(record, {4999, 3}), record);
  check_equal(feed(record, {16250}), record);  // several windows at once
}

TEST_CASE("any rate, also one whose windows differ in length") {
  for (const double rate : {100.0, 333.35, 1000.0}) {
    CAPTURE(rate);
    const Record record = rhythm(rate, 21);
    check_equal(feed(record, {17}), record);
  }
}

TEST_CASE("leads in another order, and leads that are missing") {
  Record record = rhythm(500, 10);
  std::swap(record.leads[0], record.leads[7]);
  check_equal(feed(record, {100}), record);
  record.leads[9] = "pulse";
  const auto refused = feed(record, {100});
  CHECK(refused[0].detection.reason.find("missing") != std::string::npos);
  check_equal(refused, record);
  check_equal(feed(record, {100}, true), record, true);
}

TEST_CASE("nothing yet, and what cannot be a stream") {
  const Record record = rhythm(500, 20);
  auto stream = StreamingDetector::open(detector(), 500, record.leads);
  REQUIRE(stream);
  CHECK(stream->samples_to_next() == 5000);
  Workspace workspace;
  stream->push({record.samples.data(), {0, 12}}, workspace, [](WindowDetection&&) { FAIL("there is no window"); });
  stream->push({record.samples.data(), {4999, 12}}, workspace, [](WindowDetection&&) { FAIL("there is no window"); });
  CHECK(stream->samples_to_next() == 1);
  CHECK(stream->pending_seconds() == doctest::Approx(9.998));
  for (const double rate : {0.0, 49.9, 2000.1, std::numeric_limits<double>::quiet_NaN()}) {
    const auto refused = StreamingDetector::open(detector(), rate, record.leads);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("rate") != std::string::npos);
  }
  CHECK_FALSE(StreamingDetector::open(detector(), 500, {}));
}
