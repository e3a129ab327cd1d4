// R-peak detectors and wave boundaries against annotated databases.
//
//   bench_beats LUDB_FOLDER MITBIH_FOLDER      (with BEATS_VERBOSE=1: the last beat's errors of each LUDB record)
//
// LUDB: the annotations of lead II, from the first to the last beat; MIT-BIH: all beats, ventricular flutter left out.
// A detection and a beat within 150 ms of each other match, each once. Boundaries: the median over the leads of each
// beat's annotations. Prints Markdown tables.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/leads.hpp"
#include "systolic/io/wfdb.hpp"
#include "systolic/io/wfdb_annotation.hpp"
#include "systolic/signal/r_peaks.hpp"
#include "systolic/signal/resample.hpp"

namespace {

using namespace systolic;
using io::AnnotationCode;
using signal::PeakMethod;

constexpr double matching_seconds = 0.15;

struct Reference {
  std::vector<double> beats;                       ///< s
  std::vector<std::pair<double, double>> flutter;  ///< s
  double from = 0, to = 1e18;                      ///< s, where detections count
};

struct Count {
  long found = 0, missed = 0, false_alarms = 0;
  double sensitivity() const { return static_cast<double>(found) / static_cast<double>(found + missed); }
  double predictivity() const { return static_cast<double>(found) / static_cast<double>(found + false_alarms); }
};

Reference read_reference(const std::vector<io::Annotation>& annotations, double rate, bool between_beats) {
  Reference reference;
  double flutter_begin = 0;
  for (const io::Annotation& a : annotations) {
    const double time = static_cast<double>(a.sample) / rate;
    if (io::is_beat(a.code)) reference.beats.push_back(time);
    if (a.code == AnnotationCode::ventricular_flutter_begin) flutter_begin = time;
    if (a.code == AnnotationCode::ventricular_flutter_end) reference.flutter.emplace_back(flutter_begin, time);
  }
  if (between_beats && !reference.beats.empty()) {
    reference.from = reference.beats.front() - matching_seconds;
    reference.to = reference.beats.back() + matching_seconds;
  }
  return reference;
}

void compare(const Reference& reference, const std::vector<double>& detections, Count& count) {
  const auto counts = [&](double time) {
    return time >= reference.from && time <= reference.to &&
           std::none_of(reference.flutter.begin(), reference.flutter.end(), [&](const auto& episode) {
             return time >= episode.first - matching_seconds && time <= episode.second + matching_seconds;
           });
  };
  std::vector<char> used(detections.size());
  for (const double beat : reference.beats) {
    if (!counts(beat)) continue;
    std::size_t best = detections.size();
    const auto first = std::lower_bound(detections.begin(), detections.end(), beat - matching_seconds);
    for (auto it = first; it != detections.end() && *it <= beat + matching_seconds; ++it) {
      const auto i = static_cast<std::size_t>(it - detections.begin());
      if (!used[i] && (best == detections.size() || std::abs(*it - beat) < std::abs(detections[best] - beat))) best = i;
    }
    if (best < detections.size()) used[best] = 1;
    ++(best < detections.size() ? count.found : count.missed);
  }
  for (std::size_t i = 0; i < detections.size(); ++i) count.false_alarms += !used[i] && counts(detections[i]);
}

/// The library's own detector sees the record as it is; the others lead II (or the first) at 500 Hz.
std::vector<double> detect(const Record& record, PeakMethod method) {
  std::vector<double> times;
  if (method == PeakMethod::systolic) {
    for (const Index r : signal::systolic_r_peaks(record.samples, record.rate))
      times.push_back(static_cast<double>(r) / record.rate);
    return times;
  }
  const int column = std::max(0, find_standard_leads(record.leads)[1]);
  Tensor<double> lead(Shape{record.length()});
  for (Index t = 0; t < record.length(); ++t) lead(t) = record.samples(t, column);
  if (record.rate != analysis_rate)
    lead = signal::resample(lead, record.rate, analysis_rate, static_cast<Index>(record.seconds() * analysis_rate));
  for (const Index r : signal::find_r_peaks_long(method, lead, analysis_rate))
    times.push_back(static_cast<double>(r) / analysis_rate);
  return times;
}

std::vector<std::string> records_in(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".hea")
      paths.push_back((entry.path().parent_path() / entry.path().stem()).string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

void score_detectors(const std::string& name, const std::string& folder, const std::string& annotator, bool between) {
  constexpr std::array<PeakMethod, 3> methods = {PeakMethod::systolic, PeakMethod::heartpy, PeakMethod::shannon};
  std::array<Count, 3> counts;
  std::array<double, 3> seconds{};
  std::size_t records = 0;
  for (const std::string& path : records_in(folder)) {
    const auto record = io::read_wfdb(path);
    const auto annotations = io::read_wfdb_annotations(path + annotator);
    if (!record || !annotations) {
      std::fprintf(stderr, "%s\n", (record ? annotations.error() : record.error()).message.c_str());
      continue;
    }
    ++records;
    const Reference reference = read_reference(annotations->annotations, record->rate, between);
    for (std::size_t m = 0; m < methods.size(); ++m) {
      const auto start = std::chrono::steady_clock::now();
      const std::vector<double> detections = detect(*record, methods[m]);
      seconds[m] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      compare(reference, detections, counts[m]);
    }
  }
  for (std::size_t m = 0; m < methods.size(); ++m)
    std::printf("| %s (%zu records) | `%s` | %ld | %ld | %ld | %.4f | %.4f | %.2f |\n", name.c_str(), records,
                signal::peak_method_name(methods[m]), counts[m].found + counts[m].missed, counts[m].missed,
                counts[m].false_alarms, counts[m].sensitivity(), counts[m].predictivity(),
                seconds[m] / static_cast<double>(std::max<std::size_t>(1, records)));
}

enum Boundary { p_onset, p_offset, qrs_onset, qrs_offset, t_offset, boundaries };
using BeatBounds = std::array<std::vector<double>, boundaries>;  ///< samples, one a lead that has it

/// Every lead's boundaries, gathered by the beat of lead II that they belong to.
std::map<Index, BeatBounds> read_boundaries(const std::string& path) {
  std::map<Index, BeatBounds> beats;
  constexpr std::array<const char*, 12> leads = {"ii", "i",  "iii", "avr", "avl", "avf",
                                                 "v1", "v2", "v3",  "v4",  "v5",  "v6"};
  for (const char* lead : leads) {
    const auto file = io::read_wfdb_annotations(path + "." + lead);
    if (!file) continue;
    const auto& all = file->annotations;
    if (beats.empty())
      for (const io::Annotation& a : all)
        if (io::is_beat(a.code)) beats[a.sample];
    for (std::size_t i = 1; i + 1 < all.size(); ++i) {
      const AnnotationCode code = all[i].code;
      const bool p = code == AnnotationCode::p_wave, t = code == AnnotationCode::t_wave;
      if (!p && !t && !io::is_beat(code)) continue;
      // P belongs to the beat behind it, T to the one in front.
      auto beat = p ? beats.lower_bound(all[i].sample - 60) : beats.upper_bound(all[i].sample + (t ? 0 : 60));
      if (!p) {
        if (beat == beats.begin()) continue;
        --beat;
      }
      if (beat == beats.end() || std::abs(beat->first - all[i].sample) > (p ? 250 : t ? 350 : 60)) continue;
      const bool begins = all[i - 1].code == AnnotationCode::wave_begin;
      const bool ends = all[i + 1].code == AnnotationCode::wave_end;
      const auto add = [&](Boundary b, Index sample) { beat->second[b].push_back(static_cast<double>(sample)); };
      if (begins && !t) add(p ? p_onset : qrs_onset, all[i - 1].sample);
      if (ends) add(p ? p_offset : t ? t_offset : qrs_offset, all[i + 1].sample);
    }
  }
  return beats;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

void score_boundaries(const std::string& folder) {
  std::array<std::vector<double>, boundaries + 1> errors;  // the last: QRS onset where no pacemaker fires
  std::array<std::array<long, 2>, 2> p_presence{};         // [annotated][found], beats
  for (const std::string& path : records_in(folder)) {
    const auto record = io::read_wfdb(path);
    if (!record) continue;
    const Window window = cut_window(*record, 0);
    if (!window.reason.empty()) continue;
    const auto r_peaks = signal::systolic_r_peaks(window.samples, analysis_rate);
    const Intervals intervals = measure_intervals(window.samples, r_peaks);
    const auto reference = read_boundaries(path);
    const std::size_t before = errors[qrs_onset].size();
    for (const Index r : intervals.beats) {
      const auto beat = std::min_element(reference.begin(), reference.end(), [r](const auto& a, const auto& b) {
        return std::abs(a.first - r) < std::abs(b.first - r);
      });
      if (beat == reference.end() || std::abs(beat->first - r) > 75) continue;
      const Delineation& waves = intervals.waves;
      const auto add = [&](Boundary b, const std::optional<WaveBounds>& wave, Index WaveBounds::*side) {
        if (!wave || beat->second[b].size() < 6) return;
        errors[b].push_back((static_cast<double>(r + (*wave).*side) - median(beat->second[b])) * 2);
        if (b == qrs_onset && intervals.pacemaker_spikes.empty()) errors[boundaries].push_back(errors[b].back());
      };
      add(p_onset, waves.p, &WaveBounds::onset);
      add(p_offset, waves.p, &WaveBounds::offset);
      add(qrs_onset, waves.qrs, &WaveBounds::onset);
      add(qrs_offset, waves.qrs, &WaveBounds::offset);
      add(t_offset, waves.t, &WaveBounds::offset);
      // The annotators leave the first and last waves out; a beat whose QRS they did delineate counts.
      if (beat->second[qrs_onset].size() >= 6 && beat != reference.begin())
        ++p_presence[beat->second[p_onset].size() >= 6][waves.p.has_value()];
    }
    if (std::getenv("BEATS_VERBOSE")) {
      std::printf("%s:", path.substr(path.rfind('/') + 1).c_str());
      for (std::size_t b = 0; b < boundaries; ++b) std::printf(" %6.0f", errors[b].empty() ? 0.0 : errors[b].back());
      std::printf("  P %d T %d spikes %zu beats %zu of %zu\n", intervals.waves.p.has_value(),
                  intervals.waves.t.has_value(), intervals.pacemaker_spikes.size(), errors[qrs_onset].size() - before,
                  r_peaks.size());
    }
  }
  constexpr std::array<const char*, boundaries + 1> names = {"P onset",    "P offset", "QRS onset",
                                                             "QRS offset", "T offset", "QRS onset, not paced"};
  constexpr std::array<double, boundaries + 1> tolerance = {10.2, 12.7, 6.5, 11.6, 30.6, 6.5};
  std::printf(
      "\n| boundary | beats | mean error (ms) | SD (ms) | 2 SD (ms) | median absolute (ms) | CSE tolerance, 2 SD (ms) "
      "|\n"
      "|---|---|---|---|---|---|---|\n");
  for (std::size_t b = 0; b < errors.size(); ++b) {
    double mean = 0, square = 0;
    std::vector<double> absolute;
    const double count = static_cast<double>(errors[b].size());
    for (const double e : errors[b]) {
      mean += e / count;
      absolute.push_back(std::abs(e));
    }
    for (const double e : errors[b]) square += (e - mean) * (e - mean) / count;
    if (errors[b].empty()) continue;
    std::printf("| %s | %zu | %+.1f | %.1f | %.1f | %.1f | %.1f |\n", names[b], errors[b].size(), mean,
                std::sqrt(square), 2 * std::sqrt(square), median(absolute), tolerance[b]);
  }
  std::printf(
      "\nP waves, beats: annotated and found %ld, annotated and not found %ld, not annotated but found %ld, "
      "neither %ld\n",
      p_presence[1][1], p_presence[1][0], p_presence[0][1], p_presence[0][0]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s LUDB_FOLDER MITBIH_FOLDER\n", argv[0]);
    return 2;
  }
  std::printf(
      "| database | detector | beats | missed | false | sensitivity | positive predictivity | s a record |\n"
      "|---|---|---|---|---|---|---|---|\n");
  score_detectors("LUDB", argv[1], ".ii", true);
  score_detectors("MIT-BIH", argv[2], ".atr", false);
  score_boundaries(argv[1]);
}
