#pragma once
// Where to measure the left ventricle in the parasternal long-axis view (WiseLVAM, whose own procedure is not
// published; this one is ours): landmarks in a frame give a first scan line; parallel lines swept along the ventricle
// give its inner walls; the line through the middle between them is the long axis; the scan line crosses it at a right
// angle at the basal level, which is where the landmarks are.

#include <cmath>
#include <vector>

#include "systolic/echo/landmark_network.hpp"
#include "systolic/echo/robust_fit.hpp"

namespace systolic::echo {

struct LongAxisSearch {
  Index towards_base = 2, towards_apex = 10;  ///< swept lines on either side of the basal level
  double step = 0.03;                         ///< from line to line, a share of the image's larger side
  double widest_spread = 0.05;  ///< of a wall point's heat map, a share of the line; points beyond do not count
  double outlier = 1.5;         ///< mm from the fitted walls or middle line from where a point loses weight
  int rounds = 2;               ///< the second sweep starts from the first one's axis
};

/// The inner walls where one swept line crosses them.
struct WallPair {
  Point septum, posterior;  ///< pixels
  double spread = 0;        ///< the larger of the two heat maps', mm
  bool used = true;         ///< for the axis
};

struct LongAxisFinding {
  Segment axis;                 ///< from the basal level towards the apex, as far as walls were found; pixels
  ScanLine line;                ///< across the axis at the basal level
  std::vector<WallPair> walls;  ///< of the last sweep, from base to apex
  double confidence = 0;        ///< 0 to 1: the share of swept lines that agree with the axis
};

namespace detail {

/// A scan line through a place in a direction, both in mm.
template <class = void>
inline Result<ScanLine> line_through(Point place, Point direction, const PixelSize& size, Index rows, Index columns) {
  const auto pixels = [&](Point p) { return Point{p.x / size.column, p.y / size.row}; };
  return make_scan_line(pixels(place - direction * 20), pixels(place + direction * 20), {}, rows, columns);
}

/// The line through the middle between the walls; marks in `walls` what it is made of. Nothing where too few agree.
template <class = void>
inline std::optional<Line> fit_middle_line(std::vector<WallPair>& walls, Line basis, const PixelSize& size,
                                           const LongAxisSearch& search) {
  // Walls as curves over the first guess of the axis: what lies off them is no wall.
  std::vector<Point> septum, posterior;
  std::vector<double> weights;
  const auto place = [&](Point pixel) {
    const Point p = in_millimetres(pixel, size);
    return Point{basis.along(p), basis.off(p)};
  };
  for (const WallPair& pair : walls) {
    septum.push_back(place(pair.septum));
    posterior.push_back(place(pair.posterior));
    weights.push_back(pair.used ? 1 / (1 + pair.spread * pair.spread) : 0.0);
  }
  const auto above = fit_parabola_robust(septum, weights, search.outlier);
  const auto below = fit_parabola_robust(posterior, weights, search.outlier);
  if (!above || !below) return std::nullopt;
  std::vector<Point> middles;
  Index used = 0;
  for (std::size_t i = 0; i < walls.size(); ++i) {
    middles.push_back(in_millimetres(middle(walls[i].septum, walls[i].posterior), size));
    const double off =
        std::max(std::abs(septum[i].y - above->at(septum[i].x)), std::abs(posterior[i].y - below->at(posterior[i].x)));
    if (off > 4 * search.outlier) walls[i].used = false;
    if (!walls[i].used) weights[i] = 0;
    used += walls[i].used ? 1 : 0;
  }
  if (used < 3) return std::nullopt;
  Line line = fit_line_robust(middles, weights, search.outlier);
  if (dot(line.direction, basis.direction) < 0) line.direction = line.direction * -1;
  return line;
}

}  // namespace detail

/// The long axis and the scan line at a key frame. clip [frame][row][column]; the apex lies on the image's left, as the
/// view is shown. An Error (the cause only) where the landmarks or walls make no ventricle.
template <class = void>
inline Result<LongAxisFinding> find_long_axis(TensorView<const std::uint8_t> clip, Index key_frame,
                                              const PixelSize& size, const LandmarkNetwork& frames,
                                              const LandmarkNetwork& m_mode, Workspace& workspace,
                                              const LongAxisSearch& search = {}) {
  const Index rows = clip.shape()[1], columns = clip.shape()[2];
  const auto seen = frames.in_frame({clip.data() + key_frame * rows * columns, {rows, columns}}, workspace);
  std::vector<Point> landmarks;
  for (const Point p : seen.points) landmarks.push_back(in_millimetres(p, size));
  if (!(distance(landmarks[0], landmarks[3]) > 5)) return Error{"no landmarks of a ventricle were found"};
  Point across = fit_line(landmarks, std::vector<double>(4, 1.0)).direction;
  if (dot(across, landmarks[3] - landmarks[0]) < 0) across = across * -1;
  // From the septum down to the posterior wall, turned clockwise: towards the left, where the apex is.
  Line axis{middle(landmarks[1], landmarks[2]), {-across.y, across.x}};
  const Point base = axis.through;
  const double step =
      search.step * std::max(static_cast<double>(rows) * size.row, static_cast<double>(columns) * size.column);
  LongAxisFinding finding;
  for (int round = 0; round < search.rounds; ++round) {
    finding.walls.clear();
    across = {axis.direction.y, -axis.direction.x};
    const Point start = axis.through + axis.direction * axis.along(base);
    for (Index i = -search.towards_base; i <= search.towards_apex; ++i) {
      const Point place = start + axis.direction * (step * static_cast<double>(i));
      const auto line = detail::line_through(place, across, size, rows, columns);
      if (!line) continue;
      const LineLandmarks read = m_mode.along(clip, *line, key_frame, workspace);
      const double pitch = distance(in_millimetres(line->at(0), size), in_millimetres(line->at(1), size));
      const double spread = std::max(read.spreads[1], read.spreads[2]);
      const double widest = search.widest_spread * static_cast<double>(line->count);
      finding.walls.push_back({line->at(read.samples[1]), line->at(read.samples[2]), spread * pitch,
                               spread < widest && read.samples[1] < read.samples[2]});
    }
    const auto middle_line = detail::fit_middle_line(finding.walls, axis, size, search);
    if (!middle_line) return Error{"the ventricle's walls were not found"};
    axis = *middle_line;
  }
  across = {axis.direction.y, -axis.direction.x};
  const Point basal = axis.through + axis.direction * axis.along(base);
  const auto line = detail::line_through(basal, across, size, rows, columns);
  if (!line) return line.error();
  finding.line = *line;
  double reach = step;
  Index used = 0;
  for (const WallPair& pair : finding.walls) {
    if (!pair.used) continue;
    ++used;
    reach = std::max(reach, axis.along(in_millimetres(middle(pair.septum, pair.posterior), size)) - axis.along(basal));
  }
  const Point end = basal + axis.direction * reach;
  finding.axis = {{basal.x / size.column, basal.y / size.row}, {end.x / size.column, end.y / size.row}};
  finding.confidence = static_cast<double>(used) / static_cast<double>(search.towards_base + search.towards_apex + 1);
  return finding;
}

}  // namespace systolic::echo
