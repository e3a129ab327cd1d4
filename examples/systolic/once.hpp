#pragma once
// The library's large calls, compiled once for the whole program. The library is headers only: every file that calls
// Detector::detect compiles the network, its kernels and the peak detectors again, ten seconds of a processor each.
// What the verbs share is therefore called through here; the rest of the library is as cheap as it looks.

#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/diagnoser.hpp"
#include "systolic/ecg/diagnosis_published.hpp"
#include "systolic/ecg/diagnosis_published_classify.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/nn/parameters.hpp"

/// Each function is the one of the library whose name it bears.
namespace program::once {

systolic::Preprocessed preprocess(systolic::TensorView<const double> window, systolic::signal::PeakMethod method);
std::vector<systolic::Index> systolic_r_peaks(systolic::TensorView<const double> samples, double rate);
systolic::Intervals measure_intervals(systolic::TensorView<const double> window,
                                      const std::vector<systolic::Index>& r_peaks);

systolic::Result<systolic::Detector> make_detector(systolic::nn::StateDict state, const std::string& file,
                                                   systolic::Precision precision = systolic::Precision::f32);
systolic::Detection detect(const systolic::Detector& detector, systolic::TensorView<const double> window,
                           const systolic::DetectOptions& options, systolic::Workspace& workspace);
void set_self_check(systolic::nn::StateDict& state, const systolic::Detector& detector, systolic::Workspace& workspace);

systolic::Result<systolic::Diagnoser> make_diagnoser(const systolic::nn::StateDict& state, const std::string& file);
systolic::Classification classify(const systolic::Diagnoser& diagnoser, systolic::TensorView<const double> window,
                                  systolic::Workspace& workspace);
void set_self_check(systolic::nn::StateDict& state, const systolic::Diagnoser& diagnoser,
                    systolic::Workspace& workspace);

systolic::Result<systolic::PublishedDiagnoser> make_published_diagnoser(const systolic::nn::StateDict& state,
                                                                        const std::string& file);
systolic::PublishedDiagnosis classify(const systolic::PublishedDiagnoser& diagnoser, const systolic::Record& record,
                                      const systolic::ClassifyPublishedOptions& options,
                                      systolic::Workspace& workspace);
void set_self_check(systolic::nn::StateDict& state, const systolic::PublishedDiagnoser& diagnoser,
                    systolic::Workspace& workspace);

}  // namespace program::once
