#pragma once
// A detection while the recording still runs: samples go in as they come, results come out a window at a time.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/ecg/detect_record.hpp"

namespace systolic {

/// Cuts a stream of samples into the windows that the whole recording would be cut into, and analyses each with the
/// call that brings its last sample: the latency is that of the window, 10 s for its first sample and none for its
/// last, and the time of one analysis. Every result equals the one that detect() of ecg/detect_record.hpp gives for the
/// same window of the whole recording. Holds one window of samples, however long the stream.
/// It refers to the detector, which must outlive it; it belongs to one thread.
class StreamingDetector {
 public:
  /// `rate` and `leads` as of a Record. Errors: a rate outside 50 to 2000 Hz; no lead at all. Leads that are missing
  /// are said with each window, as of a recording.
  template <class = void>
  static Result<StreamingDetector> open(const Detector& detector, double rate, std::vector<std::string> leads,
                                        DetectOptions options = {}, bool allow_missing = false) {
    if (const std::string problem = detail::rate_problem(rate); !problem.empty())
      return error_at("stream", "", problem);
    if (leads.empty()) return error_at("stream", "", "there are no leads");
    return StreamingDetector(detector, rate, std::move(leads), std::move(options), allow_missing);
  }

  /// Takes the next samples [any number][leads], mV, and calls on_window(WindowDetection&&) for each window that they
  /// complete, in order.
  template <class OnWindow>
  void push(TensorView<const double> samples, Workspace& workspace, OnWindow&& on_window) {
    assert(samples.shape().rank() == 2 && samples.shape()[1] == buffer_.lead_count());
    const Index leads = buffer_.lead_count();
    for (Index taken = 0; taken < samples.shape()[0];) {
      const Index count = std::min(samples.shape()[0] - taken, window_samples() - filled_);
      std::copy_n(samples.data() + taken * leads, count * leads, buffer_.samples.data() + filled_ * leads);
      taken += count;
      filled_ += count;
      if (filled_ < window_samples()) return;
      filled_ = 0;
      on_window(analyse(workspace));
      ++number_;
    }
  }

  /// How many samples a lead the current window still waits for.
  Index samples_to_next() const noexcept { return window_samples() - filled_; }
  /// Windows analysed so far.
  Index windows() const noexcept { return number_; }
  /// Of the current window: what is left out where the stream ends here.
  double pending_seconds() const noexcept { return static_cast<double>(filled_) / buffer_.rate; }

 private:
  template <class = void>
  StreamingDetector(const Detector& detector, double rate, std::vector<std::string> leads, DetectOptions options,
                    bool allow_missing)
      : detector_(&detector), options_(std::move(options)), allow_missing_(allow_missing) {
    buffer_.rate = rate;
    buffer_.leads = std::move(leads);
    const Index longest = static_cast<Index>(std::ceil(window_seconds * rate)) + 1;  // windows differ where 10 rate is
    buffer_.samples = Tensor<double>({longest, static_cast<Index>(buffer_.leads.size())});  // not whole
  }

  Index window_samples() const noexcept { return window_range(buffer_.rate, number_).count; }

  template <class = void>
  WindowDetection analyse(Workspace& workspace) {
    const Window window = cut_window_at(buffer_, 0, number_, allow_missing_);
    WindowDetection result{window.from, {}};
    options_.missing = window.missing;
    if (window.reason.empty())
      result.detection = detector_->detect(window.samples, options_, workspace);
    else
      result.detection.reason = window.reason;
    return result;
  }

  const Detector* detector_;
  DetectOptions options_;
  bool allow_missing_;
  Record buffer_;     // the current window's samples so far
  Index filled_ = 0;  // of them
  Index number_ = 0;  // of the current window
};

}  // namespace systolic
