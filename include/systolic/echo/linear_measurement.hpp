#pragma once
// The linear measurements of the left ventricle in a clip of the parasternal long-axis view: septum, inner diameter and
// posterior wall at end-diastole and end-systole, along a line that is given or found; with everything that a drawing
// of them needs.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "systolic/echo/long_axis.hpp"

namespace systolic::echo {

/// What is measured, and what is known beforehand. Frames that are not given are found.
struct LinearRequest {
  PixelSize pixel;
  std::optional<Segment> line;  ///< two points that the scan line goes through, pixels; otherwise it is found
  ScanLineChange change;        ///< how the line, given or found, is to be changed
  std::optional<Index> end_diastole, end_systole;
};

/// One frame's measurement.
struct LinearMeasurement {
  Index frame = 0;
  ScanLine line;
  std::array<double, 4> samples{};   ///< of the landmarks along the line
  std::array<Point, 4> landmarks{};  ///< outer and inner septum, inner and outer posterior wall; pixels
  Dimensions dimensions;
  double spread_mm = 0;                 ///< the widest of the landmarks' heat maps along the line
  std::optional<LongAxisFinding> axis;  ///< of a line that was found, before it was changed
};

struct LinearStudy {
  LinearMeasurement end_diastole, end_systole;
  PixelSize pixel;
  std::vector<double> cavity_mm;  ///< LVID in every frame along the line that served to find end-diastole and
                                  ///< end-systole; empty where both were given
  /// 0 to 1: how far the heat maps agree on one place, and of a found line the share of walls that agree with the axis.
  double confidence = 0;
};

/// The networks and what they are asked. Any number of threads may use one, each with its own workspace.
class LinearMeasurer {
 public:
  /// Requires a network for M-mode images and, to find lines, one for frames.
  template <class = void>
  explicit LinearMeasurer(LandmarkNetwork m_mode, std::optional<LandmarkNetwork> frames = std::nullopt)
      : m_mode_(std::move(m_mode)), frames_(std::move(frames)) {
    assert(m_mode_.options().image == LandmarkImage::m_mode);
    assert(!frames_ || frames_->options().image == LandmarkImage::frame);
  }

  const LandmarkNetwork& m_mode() const noexcept { return m_mode_; }
  const std::optional<LandmarkNetwork>& frames() const noexcept { return frames_; }

  /// clip [frame][row][column], grey values. An Error (the cause only) where no ventricle is found, or the line misses
  /// the image. Requires frames in the request that the clip has, and a line in it if there is no network for frames.
  template <class = void>
  Result<LinearStudy> measure(TensorView<const std::uint8_t> clip, const LinearRequest& request,
                              Workspace& workspace) const {
    LinearStudy study;
    study.pixel = request.pixel;
    std::optional<Index> diastole = request.end_diastole, systole = request.end_systole;
    if (!diastole || !systole) {
      const Index any = diastole ? *diastole : systole ? *systole : 0;
      const auto first = find_line(clip, any, request, workspace);
      if (!first) return first.error();
      study.cavity_mm = cavity_over_time(clip, first->line, request.pixel, workspace);
      const auto smooth = median_of_three(study.cavity_mm);
      if (!diastole) diastole = std::max_element(smooth.begin(), smooth.end()) - smooth.begin();
      if (!systole) systole = std::min_element(smooth.begin(), smooth.end()) - smooth.begin();
    }
    for (const bool at_diastole : {true, false}) {
      auto found = find_line(clip, at_diastole ? *diastole : *systole, request, workspace);
      if (!found) return found.error();
      LinearMeasurement& measurement = at_diastole ? study.end_diastole : study.end_systole;
      measurement = std::move(*found);
      read(clip, request.pixel, measurement, workspace);
    }
    study.confidence = std::min(confidence(study.end_diastole), confidence(study.end_systole));
    return study;
  }

  /// LVID along a line in every frame, mm.
  template <class = void>
  std::vector<double> cavity_over_time(TensorView<const std::uint8_t> clip, const ScanLine& line,
                                       const PixelSize& pixel, Workspace& workspace) const {
    std::vector<double> cavity;
    for (Index frame = 0; frame < clip.shape()[0]; ++frame)
      cavity.push_back(measure_dimensions(line, m_mode_.along(clip, line, frame, workspace).samples, pixel).lvid_mm);
    return cavity;
  }

  /// Fills what follows from the line and the frame.
  template <class = void>
  void read(TensorView<const std::uint8_t> clip, const PixelSize& pixel, LinearMeasurement& measurement,
            Workspace& workspace) const {
    const LineLandmarks found = m_mode_.around(clip, measurement.line, measurement.frame, workspace);
    measurement.samples = found.samples;
    for (std::size_t k = 0; k < 4; ++k) measurement.landmarks[k] = measurement.line.at(found.samples[k]);
    measurement.dimensions = measure_dimensions(measurement.line, found.samples, pixel);
    const double pitch =
        distance(in_millimetres(measurement.line.at(0), pixel), in_millimetres(measurement.line.at(1), pixel));
    measurement.spread_mm = pitch * *std::max_element(found.spreads.begin(), found.spreads.end());
  }

 private:
  /// The line of a frame: the request's, or the one that is found there; changed as the request wants it.
  template <class = void>
  Result<LinearMeasurement> find_line(TensorView<const std::uint8_t> clip, Index frame, const LinearRequest& request,
                                      Workspace& workspace) const {
    LinearMeasurement result;
    result.frame = frame;
    Segment points;
    if (request.line) {
      points = *request.line;
    } else {
      assert(frames_);
      auto axis = find_long_axis(clip, frame, request.pixel, *frames_, m_mode_, workspace);
      if (!axis) return axis.error();
      // Its walls, so that a pivot means the same as with a line that somebody drew.
      const LineLandmarks found = m_mode_.along(clip, axis->line, frame, workspace);
      points = {axis->line.at(found.samples[0]), axis->line.at(found.samples[3])};
      if (!(distance(points.from, points.to) > 1)) return Error{"the ventricle's walls were not found"};
      result.axis = std::move(*axis);
    }
    const auto line = make_scan_line(points.from, points.to, request.change, clip.shape()[1], clip.shape()[2]);
    if (!line) return line.error();
    result.line = *line;
    return result;
  }

  template <class = void>
  static std::vector<double> median_of_three(const std::vector<double>& x) {
    const std::size_t n = x.size();
    std::vector<double> result(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double a = x[i == 0 ? 0 : i - 1], b = x[i], c = x[std::min(i + 1, n - 1)];
      result[i] = std::max(std::min(a, b), std::min(std::max(a, b), c));
    }
    return result;
  }

  static double confidence(const LinearMeasurement& m) noexcept {
    const double sharp = 1 / (1 + m.spread_mm * m.spread_mm / 25);
    return m.axis ? std::min(sharp, m.axis->confidence) : sharp;
  }

  LandmarkNetwork m_mode_;
  std::optional<LandmarkNetwork> frames_;
};

}  // namespace systolic::echo
