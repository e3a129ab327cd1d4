#include "once.hpp"

#include <utility>

#include "systolic/ecg/self_check.hpp"
#include "systolic/io/weights.hpp"

namespace program::once {

systolic::Preprocessed preprocess(systolic::TensorView<const double> window, systolic::signal::PeakMethod method) {
  return systolic::preprocess(window, method);
}

std::vector<systolic::Index> systolic_r_peaks(systolic::TensorView<const double> samples, double rate) {
  return systolic::signal::systolic_r_peaks(samples, rate);
}

systolic::Intervals measure_intervals(systolic::TensorView<const double> window,
                                      const std::vector<systolic::Index>& r_peaks) {
  return systolic::measure_intervals(window, r_peaks);
}

systolic::Result<systolic::Detector> make_detector(systolic::nn::StateDict state, const std::string& file,
                                                   systolic::Precision precision) {
  return systolic::io::make_detector(std::move(state), file, precision);
}

systolic::Detection detect(const systolic::Detector& detector, systolic::TensorView<const double> window,
                           const systolic::DetectOptions& options, systolic::Workspace& workspace) {
  return detector.detect(window, options, workspace);
}

void set_self_check(systolic::nn::StateDict& state, const systolic::Detector& detector,
                    systolic::Workspace& workspace) {
  systolic::set_self_check(state, detector.model(), workspace);
}

}  // namespace program::once
