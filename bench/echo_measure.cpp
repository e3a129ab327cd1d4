// Linear measurements of the left ventricle on phantoms of the long-axis view that no network has seen.
//
//   bench_echo_measure M_MODE.safetensors LANDMARKS.safetensors [PHANTOMS = 200] [SIZE = 256]
//
// Errors at end-diastole and end-systole together; means (or medians) with 95 % bootstrap intervals over phantoms.
// Prints Markdown tables.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "systolic/echo/frame_baseline.hpp"
#include "systolic/echo/linear_measurement.hpp"
#include "systolic/echo/phantom_long_axis_image.hpp"
#include "systolic/io/landmark_weights.hpp"
#include "systolic/metrics/bootstrap.hpp"

namespace {

using namespace systolic;
using namespace systolic::echo;

constexpr std::uint64_t held_out_seed = 20261128;  ///< trainings use small seeds, and another stream
constexpr std::uint64_t held_out_stream = 77;

using Values = std::vector<double>;  ///< one a phantom

double mean_of(const Values& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double median_of(Values values) {
  std::sort(values.begin(), values.end());
  return metrics::detail::quantile(values, 0.5);
}

/// "0.53 (0.49 to 0.58)"
std::string with_interval(const Values& values, bool median = false) {
  if (values.empty()) return "-";
  const auto interval = metrics::bootstrap_interval(values.size(), [&](std::span<const std::uint32_t> times) {
    Values drawn;
    for (std::size_t i = 0; i < times.size(); ++i) drawn.insert(drawn.end(), times[i], values[i]);
    return std::optional<double>(median ? median_of(drawn) : mean_of(drawn));
  });
  char text[80];
  std::snprintf(text, sizeof text, "%.2f (%.2f to %.2f)", median ? median_of(values) : mean_of(values),
                interval ? interval->lower : 0.0, interval ? interval->upper : 0.0);
  return text;
}

/// Absolute errors of the three dimensions over phantoms; a phantom's value is the mean of its two frames.
struct DimensionErrors {
  std::array<Values, 3> values;
  std::array<double, 3> sums{};
  int frames = 0;

  void add(const Dimensions& found, const Dimensions& truth) {
    sums[0] += std::abs(found.ivs_mm - truth.ivs_mm);
    sums[1] += std::abs(found.lvid_mm - truth.lvid_mm);
    sums[2] += std::abs(found.lvpw_mm - truth.lvpw_mm);
    ++frames;
  }
  void end_phantom() {
    for (std::size_t i = 0; i < 3 && frames > 0; ++i) values[i].push_back(sums[i] / frames);
    sums = {};
    frames = 0;
  }
  void print(const char* name) const {
    std::printf("| %s | %s | %s | %s |\n", name, with_interval(values[0]).c_str(), with_interval(values[1]).c_str(),
                with_interval(values[2]).c_str());
  }
};

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Degrees between two directions of undirected lines.
double degrees_between(Point a, Point b) {
  return std::abs(std::atan2(std::abs(cross(a, b)), std::abs(dot(a, b)))) * 180 / std::numbers::pi;
}

struct Figures {
  DimensionErrors true_line, alone, baseline, turned_walls, turned_truth, baseline_turned, alone_turned, found,
      automatic;
  Values axis_degrees, line_offset, frame_error, spent;
  int failed = 0;
};

void measure_phantom(const LinearMeasurer& measurer, const LongAxisPhantom& phantom, Random& random,
                     Workspace& workspace, Figures& figures) {
  const LongAxisOptions& o = phantom.options();
  const auto clip = phantom.draw();
  double axis_sum = 0, offset_sum = 0;
  int found_frames = 0;
  for (const Index frame : {phantom.end_diastole(), phantom.end_systole()}) {
    const LongAxisTruth truth = phantom.truth(frame);
    const Point top = truth.landmarks[0], bottom = truth.landmarks[3];
    const auto line = make_scan_line(top, bottom, {}, o.rows, o.columns);
    const auto read = [&](const ScanLine& there) {
      return measure_dimensions(there, measurer.m_mode().around(clip, there, frame, workspace).samples, o.pixel);
    };
    const auto read_alone = [&](const ScanLine& there) {
      return measure_dimensions(there, measurer.m_mode().along(clip, there, frame, workspace).samples, o.pixel);
    };
    figures.true_line.add(read(*line), truth.dimensions);
    figures.alone.add(read_alone(*line), truth.dimensions);

    const TensorView<const std::uint8_t> image(clip.data() + frame * o.rows * o.columns, {o.rows, o.columns});
    const auto seen = measurer.frames()->in_frame(image, workspace);
    figures.baseline.add(measure_on_own_line(seen.points, o.pixel).dimensions, truth.dimensions);

    const auto turned = make_scan_line(top, bottom, {.degrees = random.uniform(-20, 20)}, o.rows, o.columns);
    const auto walls = phantom.frame(frame).walls_along(*turned);
    if (walls) {
      const Dimensions there = measure_dimensions(*turned, *walls, o.pixel);
      const Dimensions measured = read(*turned);
      figures.turned_walls.add(measured, there);
      figures.turned_truth.add(measured, truth.dimensions);
      figures.alone_turned.add(read_alone(*turned), there);
      std::array<double, 4> snapped{};
      for (std::size_t k = 0; k < 4; ++k) snapped[k] = turned->sample_of(seen.points[k]);
      figures.baseline_turned.add(measure_dimensions(*turned, snapped, o.pixel), there);
    }

    const auto axis = find_long_axis(clip, frame, o.pixel, *measurer.frames(), measurer.m_mode(), workspace);
    if (!axis) {
      ++figures.failed;
      continue;
    }
    const auto millimetres = [&](Point p) { return in_millimetres(p, o.pixel); };
    axis_sum += degrees_between(millimetres(axis->axis.to) - millimetres(axis->axis.from),
                                millimetres(truth.axis.to) - millimetres(truth.axis.from));
    const Point a = millimetres(axis->line.from), b = millimetres(axis->line.to);
    offset_sum += std::abs(cross(unit(b - a), millimetres(truth.axis.from) - a));
    ++found_frames;
    figures.found.add(read(axis->line), truth.dimensions);
  }
  if (found_frames > 0) {
    figures.axis_degrees.push_back(axis_sum / found_frames);
    figures.line_offset.push_back(offset_sum / found_frames);
  }
  const double start = seconds();
  LinearRequest request;
  request.pixel = o.pixel;
  const auto study = measurer.measure(clip, request, workspace);
  figures.spent.push_back(seconds() - start);
  if (study) {
    figures.automatic.add(study->end_diastole.dimensions, phantom.truth(phantom.end_diastole()).dimensions);
    figures.automatic.add(study->end_systole.dimensions, phantom.truth(phantom.end_systole()).dimensions);
    const double narrowest = phantom.truth(phantom.end_systole()).dimensions.lvid_mm;
    const double widest = phantom.truth(phantom.end_diastole()).dimensions.lvid_mm;
    figures.frame_error.push_back((widest - phantom.truth(study->end_diastole.frame).dimensions.lvid_mm +
                                   phantom.truth(study->end_systole.frame).dimensions.lvid_mm - narrowest) /
                                  2);
  }
  for (DimensionErrors* errors :
       {&figures.true_line, &figures.alone, &figures.baseline, &figures.turned_walls, &figures.turned_truth,
        &figures.baseline_turned, &figures.alone_turned, &figures.found, &figures.automatic})
    errors->end_phantom();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "bench_echo_measure M_MODE.safetensors LANDMARKS.safetensors [PHANTOMS] [SIZE]\n");
    return 2;
  }
  auto m_mode = io::load_landmark_network(argv[1]);
  auto frames = io::load_landmark_network(argv[2]);
  for (const auto* loaded : {&m_mode, &frames})
    if (!*loaded) {
      std::fprintf(stderr, "%s\n", loaded->error().message.c_str());
      return 1;
    }
  const Index count = argc > 3 ? std::atoi(argv[3]) : 200, size = argc > 4 ? std::atoi(argv[4]) : 256;
  const LinearMeasurer measurer(std::move(*m_mode), std::move(*frames));
  Workspace workspace;
  Figures figures;
  for (Index i = 0; i < count; ++i) {
    Random random(held_out_seed, (held_out_stream << 32) + static_cast<std::uint64_t>(i));
    const LongAxisPhantom phantom(draw_long_axis(random, size, 64));
    measure_phantom(measurer, phantom, random, workspace, figures);
  }
  std::printf("%ld phantoms, 64 frames of %ld x %ld\n\n", static_cast<long>(count), static_cast<long>(size),
              static_cast<long>(size));
  std::printf("| mean absolute error, mm | IVS | LVID | LVPW |\n|---|---|---|---|\n");
  figures.true_line.print("M-mode, true line");
  figures.alone.print("the same, read along the line alone");
  figures.baseline.print("one frame, its own line (baseline)");
  figures.turned_walls.print("M-mode, line turned by up to 20 degrees, against the walls along it");
  figures.alone_turned.print("the same, read along the line alone");
  figures.baseline_turned.print("baseline's landmarks on that line, against the same");
  figures.turned_truth.print("M-mode, turned line, against the dimensions along the true line");
  figures.found.print("M-mode, line found, frames given");
  figures.automatic.print("all found");
  std::printf("\n| | median |\n|---|---|\n| long axis, degrees | %s |\n| scan line, mm from the basal level | %s |\n",
              with_interval(figures.axis_degrees, true).c_str(), with_interval(figures.line_offset, true).c_str());
  std::printf("| LVID lost by the choice of frames, mm | %s |\n", with_interval(figures.frame_error, true).c_str());
  std::printf("| processor time of a measurement, s | %s |\n\nno axis found: %d of %ld frames\n",
              with_interval(figures.spent, true).c_str(), figures.failed, static_cast<long>(2 * count));
  return 0;
}
