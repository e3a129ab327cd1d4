#pragma once
// From the traced frames of a clip to its ejection fraction and attributes.

#include <string>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/echo/attributes.hpp"

namespace systolic::echo {

/// A contour and the frame of the clip that it was drawn on.
struct FrameContour {
  Index frame = 0;
  Contour contour;
};

/// What two contours of a clip say.
struct Ejection {
  FrameContour ed, es;
  Volumes ed_volumes, es_volumes;
  double fraction = 0;              ///< (EDV - ESV) / EDV by disks, 0 to 1
  double fraction_area_length = 0;  ///< the same by area and length
  Attributes attributes;
};

/// End-diastole is the frame with the largest volume by disks, end-systole that with the smallest, whichever is
/// earlier. An Error (the cause only) with fewer than two frames or without a volume.
template <class = void>
inline Result<Ejection> measure_ejection(const std::vector<FrameContour>& frames) {
  if (frames.size() < 2)
    return Error{std::string(frames.empty() ? "no" : "one") + " usable frame; end-diastole and end-systole are needed"};
  Ejection result;
  std::size_t largest = 0, smallest = 0;
  std::vector<Volumes> volumes;
  for (const FrameContour& frame : frames) volumes.push_back(measure_volumes(frame.contour));
  for (std::size_t i = 1; i < frames.size(); ++i) {
    if (volumes[i].disks_ml > volumes[largest].disks_ml) largest = i;
    if (volumes[i].disks_ml < volumes[smallest].disks_ml) smallest = i;
  }
  // Equal volumes: the earlier one is taken for end-diastole.
  if (largest == smallest) smallest = frames.size() - 1;
  if (!(volumes[largest].disks_ml > 0)) return Error{"its contours hold no volume"};
  result.ed = frames[largest];
  result.es = frames[smallest];
  result.ed_volumes = volumes[largest];
  result.es_volumes = volumes[smallest];
  result.fraction = ejection_fraction(result.ed_volumes.disks_ml, result.es_volumes.disks_ml);
  result.fraction_area_length = ejection_fraction(result.ed_volumes.area_length_ml, result.es_volumes.area_length_ml);
  result.attributes = measure_attributes(result.ed.contour, result.es.contour);
  return result;
}

}  // namespace systolic::echo
