#include "annotations.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "output.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/ecg/leads.hpp"

namespace program {
namespace {

using systolic::io::Annotation;
using systolic::io::AnnotationCode;

constexpr const char* resolution = "## time resolution: ";

/// A text that the format takes: at most 255 bytes.
std::string note_text(std::string text) {
  constexpr std::size_t most = 255;
  if (text.size() > most) text.resize(most);
  return text;
}

std::string window_note(const systolic::Detection& found) {
  if (!found.reason.empty()) return "not analysable: " + found.reason;
  std::string text = "score " + significant(found.score);
  if (found.abnormal) text += *found.abnormal ? ", abnormal" : ", normal";
  return text;
}

}  // namespace

std::vector<Annotation> window_annotations(const Recording& recording, const Analysis& analysis) {
  const systolic::Detection& found = analysis.detection;
  const std::array<int, 12> columns = systolic::find_standard_leads(recording.leads());
  std::vector<Annotation> result;
  const auto add = [&](double seconds, AnnotationCode code, int channel, const std::string& text) {
    const auto sample = static_cast<Index>(std::llround((analysis.window.from + seconds) * recording.rate()));
    result.push_back({std::clamp<Index>(sample, 0, std::max<Index>(0, recording.length() - 1)), code, 0, channel, 0,
                      note_text(text)});
  };
  add(0, AnnotationCode::note, 0, window_note(found));
  for (const Index r : found.r_peaks)
    add(static_cast<double>(r) / systolic::analysis_rate, AnnotationCode::normal_beat, 0, "");
  if (analysis.intervals)
    for (const Index spike : analysis.intervals->pacemaker_spikes)
      add(static_cast<double>(spike) / systolic::analysis_rate, AnnotationCode::pacemaker_spike, 0, "");
  for (const systolic::Finding& finding : found.findings) {
    const auto lead = static_cast<std::size_t>(finding.lead);
    add(finding.from, AnnotationCode::note, std::clamp(columns[lead], 0, 127),
        std::string(systolic::standard_leads[lead]) + " unusual for " + fixed(finding.to - finding.from, 2) +
            " s, score " + significant(finding.score));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Annotation& a, const Annotation& b) { return a.sample < b.sample; });
  return result;
}

systolic::Status write_annotations(const std::string& path, const Recording& recording,
                                   const std::vector<Annotation>& annotations) {
  std::vector<Annotation> all = {
      {0, AnnotationCode::note, 0, 0, 0, resolution + systolic::number_to_text(recording.rate())}};
  for (const Annotation& annotation : annotations)
    if (!annotation.auxiliary.starts_with(resolution)) all.push_back(annotation);
  return systolic::io::write_wfdb_annotations(path, all);
}

}  // namespace program
