#pragma once
// From a clip to its contours, volumes, ejection fraction and attributes.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/echo/contour_input.hpp"
#include "systolic/echo/ejection.hpp"
#include "systolic/echo/image_attributes.hpp"
#include "systolic/echo/sector.hpp"
#include "systolic/echo/wall_refiner.hpp"

namespace systolic::echo {

/// One frame of a clip, measured.
struct FrameMeasurement {
  KeyPoints points;  ///< pixels
  Volumes volumes;
};

/// Everything that a clip gives, for results and drawings.
struct ClipMeasurement {
  /// Every frame, in the order of the clip; empty where end-diastole and end-systole were given and nobody asked.
  std::vector<FrameMeasurement> frames;
  Index ed_frame = 0, es_frame = 0;
  KeyPoints ed_points, es_points;  ///< from the pass over the frames between both, pixels
  double fraction_head = 0;        ///< ejection fraction of the network's head, 0 to 1 (not bounded)
  Ejection ejection;               ///< from the contours; its attributes have the image's too
  PixelSize pixel;
  std::vector<Point> sector;  ///< convex hull of what is lit, pixels
};

/// What is known of a clip beforehand.
struct ClipOptions {
  std::optional<Index> ed_frame, es_frame;
  PixelSize pixel;
  bool every_frame = true;  ///< measure all frames even where both frames are given
};

/// A contour network ready to be used.
class ContourFinder {
 public:
  /// `refiners` may be empty.
  template <class = void>
  ContourFinder(ContourNetwork<float> network, WallRefiners<float> refiners, std::string name, std::string checksum)
      : network_(std::move(network)),
        refiners_(std::move(refiners)),
        name_(std::move(name)),
        checksum_(std::move(checksum)) {
    network_.prepare();
    refiners_.prepare();
  }

  const ContourNetwork<float>& network() const noexcept { return network_; }
  const WallRefiners<float>& refiners() const noexcept { return refiners_; }
  const std::string& name() const noexcept { return name_; }
  const std::string& checksum() const noexcept { return checksum_; }

  /// Contours of two frames of a clip and the ejection fraction between them, from the frames between them; `first` may
  /// be the later one: the clip is then read backwards.
  struct Pair {
    std::array<KeyPoints, 2> contours;  ///< of the first and the last frame, pixels
    double fraction = 0;
  };
  template <class = void>
  Pair find_pair(TensorView<const std::uint8_t> clip, Index first, Index last, Workspace& workspace) const {
    Pair pair = find_coarse(clip, first, last, {}, workspace);
    const Index rows = clip.shape()[1], columns = clip.shape()[2];
    pair.contours = refine(refiners_, {clip.data() + first * rows * columns, clip.data() + last * rows * columns}, rows,
                           columns, pair.contours, workspace);
    return pair;
  }
  /// The same before any refiner; the network sees the clip changed.
  template <class = void>
  Pair find_coarse(TensorView<const std::uint8_t> clip, Index first, Index last, const ImageChange& change,
                   Workspace& workspace) const {
    const ContourNetworkOptions& o = network_.options;
    Workspace::Scope scope(workspace);
    const nn::Image<float> x = nn::make_image<float>(workspace, 1, {o.frames, o.size, o.size}, 1);
    make_contour_input(clip, first, last, o, change, x.item(0));
    const auto read = run_network(network_, x, workspace);
    Pair pair;
    pair.fraction = static_cast<double>(read.fraction.data[0]);
    const float* value = read.points.data;
    for (KeyPoints& points : pair.contours)
      for (Point& p : points) {
        const Point share{static_cast<double>(value[0]), static_cast<double>(value[1])};
        p = in_pixels(change.original(share), clip.shape()[1], clip.shape()[2]);
        value += 2;
      }
    return pair;
  }

  /// Measures a clip [frame][row][column]. Where end-diastole or end-systole is not given, it is found as the frames
  /// between which the volume of a beat falls most. An Error (the cause only): fewer than two frames, a frame that the
  /// clip has not, contours that hold no volume.
  template <class = void>
  Result<ClipMeasurement> measure(TensorView<const std::uint8_t> clip, const ClipOptions& options,
                                  Workspace& workspace) const {
    const Index count = clip.shape()[0];
    if (count < 2) return Error{"has one frame; end-diastole and end-systole are needed"};
    for (const auto& frame : {options.ed_frame, options.es_frame})
      if (frame && (*frame < 0 || *frame >= count))
        return Error{"has " + std::to_string(count) + " frames, no frame " + std::to_string(*frame)};
    if (options.ed_frame && options.es_frame && *options.ed_frame == *options.es_frame)
      return Error{"end-diastole and end-systole are the same frame"};
    ClipMeasurement result;
    result.pixel = options.pixel;
    if (options.every_frame || !options.ed_frame || !options.es_frame) {
      auto frames = measure_frames(clip, options.pixel, workspace);
      if (!frames) return frames.error();
      result.frames = std::move(*frames);
    }
    std::tie(result.ed_frame, result.es_frame) = find_beat(result.frames, options);
    const Pair pair = find_pair(clip, result.ed_frame, result.es_frame, workspace);
    result.ed_points = pair.contours[0];
    result.es_points = pair.contours[1];
    result.fraction_head = pair.fraction;
    const auto ed = make_contour(tracing_of(pair.contours[0]), options.pixel);
    const auto es = make_contour(tracing_of(pair.contours[1]), options.pixel);
    if (!ed || !es) return Error{"no ventricle was found: its contour " + (ed ? es : ed).error().message};
    result.ejection = ejection_of({result.ed_frame, *ed}, {result.es_frame, *es});
    if (!(result.ejection.ed_volumes.disks_ml > 0)) return Error{"no ventricle was found: its contour holds no volume"};
    const SeenSector sector(clip);
    result.sector = sector.hull();
    const auto ed_pixels = make_contour(tracing_of(pair.contours[0]), {}),
               es_pixels = make_contour(tracing_of(pair.contours[1]), {});
    if (ed_pixels && es_pixels)
      measure_image(clip, sector, *ed_pixels, result.ed_frame, *es_pixels, result.es_frame, result.ejection.attributes);
    return result;
  }

 private:
  /// Every frame is the first or the last of some passes over eight frames; the mean of what they say.
  template <class = void>
  Result<std::vector<FrameMeasurement>> measure_frames(TensorView<const std::uint8_t> clip, const PixelSize& pixel,
                                                       Workspace& workspace) const {
    const Index count = clip.shape()[0], span = std::min<Index>(8, count / 2);
    std::vector<Pair> pairs(static_cast<std::size_t>(count - span));
    for (Index f = 0; f + span < count; ++f)
      pairs[static_cast<std::size_t>(f)] = find_pair(clip, f, f + span, workspace);
    std::vector<FrameMeasurement> frames;
    for (Index f = 0; f < count; ++f) {
      std::vector<const KeyPoints*> said;
      if (f + span < count) said.push_back(&pairs[static_cast<std::size_t>(f)].contours[0]);
      if (f >= span) said.push_back(&pairs[static_cast<std::size_t>(f - span)].contours[1]);
      FrameMeasurement frame{};
      for (const KeyPoints* points : said)
        for (std::size_t i = 0; i < key_point_count; ++i)
          frame.points[i] = frame.points[i] + (*points)[i] * (1 / static_cast<double>(said.size()));
      const auto contour = make_contour(tracing_of(frame.points), pixel);
      if (!contour)
        return Error{"no ventricle was found: the contour of frame " + std::to_string(f) + " " +
                     contour.error().message};
      frame.volumes = measure_volumes(*contour);
      frames.push_back(frame);
    }
    return frames;
  }

  /// End-diastole and end-systole: as given; else the pair of frames between which the smoothed volume falls most
  /// within one beat: the search behind an end-diastole ends where a third of a fall is made up for. Where the volume
  /// only rises, the other way round.
  template <class = void>
  static std::pair<Index, Index> find_beat(const std::vector<FrameMeasurement>& frames, const ClipOptions& options) {
    if (options.ed_frame && options.es_frame) return {*options.ed_frame, *options.es_frame};
    const auto count = static_cast<Index>(frames.size());
    const auto volume = [&](Index f) {
      double sum = 0, weights = 0;
      for (Index near = std::max<Index>(f - 1, 0); near <= std::min(f + 1, count - 1); ++near) {
        const double weight = near == f ? 2 : 1;
        sum += weight * frames[static_cast<std::size_t>(near)].volumes.disks_ml;
        weights += weight;
      }
      return sum / weights;
    };
    std::pair<Index, Index> best{0, 0};
    double fall = 0;
    const auto consider = [&](Index ed, Index es) {
      if ((options.ed_frame && ed != *options.ed_frame) || (options.es_frame && es != *options.es_frame)) return;
      const double by = volume(ed) - volume(es);
      if (best.first == best.second || by > fall) {
        best = {ed, es};
        fall = by;
      }
    };
    for (const Index step : {1, -1}) {
      for (Index ed = 0; ed < count; ++ed) {
        double lowest = volume(ed);
        for (Index es = ed + step; es >= 0 && es < count; es += step) {
          lowest = std::min(lowest, volume(es));
          const bool one_given = options.ed_frame || options.es_frame;
          if (!one_given && volume(es) - lowest > (volume(ed) - lowest) / 3) break;
          consider(ed, es);
        }
      }
      if (fall > 0) break;
    }
    return best;
  }

  template <class = void>
  static Ejection ejection_of(FrameContour ed, FrameContour es) {
    Ejection result;
    result.ed_volumes = measure_volumes(ed.contour);
    result.es_volumes = measure_volumes(es.contour);
    result.fraction = ejection_fraction(result.ed_volumes.disks_ml, result.es_volumes.disks_ml);
    result.fraction_area_length = ejection_fraction(result.ed_volumes.area_length_ml, result.es_volumes.area_length_ml);
    result.attributes = measure_attributes(ed.contour, es.contour);
    result.ed = std::move(ed);
    result.es = std::move(es);
    return result;
  }

  ContourNetwork<float> network_;
  WallRefiners<float> refiners_;
  std::string name_, checksum_;
};

}  // namespace systolic::echo
