#include "analysis.hpp"

#include <utility>

#include "once.hpp"
#include "systolic/signal/r_peaks_systolic.hpp"

namespace program {

systolic::Result<Analysis> analyse(const Recording& recording, Index number, const systolic::Detector& detector,
                                   systolic::DetectOptions settings, bool allow_missing,
                                   systolic::Workspace& workspace) {
  auto checked = recording.checked_window(number, allow_missing);
  if (!checked) return checked.error();
  Analysis result;
  result.window = std::move(checked->window);
  result.quality = std::move(checked->quality);
  const systolic::Window& window = result.window;
  result.detection.reason = window.reason;
  if (result.detection.reason.empty()) {
    settings.missing = window.missing;
    result.detection = once::detect(detector, window.samples, settings, workspace);
  }
  // Whatever the score needs: intervals are those of the beats, not of what another detector takes for them.
  if (result.detection.intervals && detector.peaks(settings) == systolic::signal::PeakMethod::systolic) {
    result.intervals = result.detection.intervals;
  } else if (!window.samples.empty()) {
    const auto r_peaks = once::systolic_r_peaks(window.samples, systolic::analysis_rate);
    result.intervals = once::measure_intervals(window.samples, r_peaks);
  }
  if (!result.detection.reason.empty()) return result;
  for (const int lead : window.missing)
    result.remark += (result.remark.empty() ? "left out, because missing: " : ", ") +
                     std::string(systolic::standard_leads[static_cast<std::size_t>(lead)]);
  return result;
}

}  // namespace program
