// Tables of traced ventricles, and what is measured on them.

#include "systolic/echo/verdicts.hpp"
#include "systolic/io/tracings.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tracings = systolic::io::read_tracings(fuzz::file_of("t.csv", fuzz::text_of(data, size)));
  fuzz::check_error(tracings);
  if (!tracings) return 0;
  fuzz::require(!tracings->clips.empty());
  for (const systolic::io::TracedClip& clip : tracings->clips) {
    fuzz::require(!clip.file.empty());
    const auto ejection = systolic::io::measure_clip(clip, {0.5, 0.4});
    fuzz::check_error(ejection);
    if (!ejection) continue;
    fuzz::require(std::isfinite(ejection->fraction) && std::isfinite(ejection->fraction_area_length));
    fuzz::require(ejection->ed_volumes.disks_ml > 0 && ejection->es_volumes.disks_ml >= 0);
    fuzz::require(ejection->ed_volumes.disks_ml >= ejection->es_volumes.disks_ml);
    static_cast<void>(
        systolic::echo::judge_attributes(ejection->attributes, ejection->fraction, ejection->ed.contour.length()));
  }
  return 0;
}
