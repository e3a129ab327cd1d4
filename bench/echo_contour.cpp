// The contour network against apical phantoms that its training did not see.
//
//   bench_echo_contour [WEIGHTS [PHANTOMS [SEED]]]      (default: weights/echo_contour.safetensors 200 20250101)
//
// Each phantom is a clip of about two beats. Once the frames of end-diastole and end-systole are given, once they are
// found. The truth follows from the exact contours. The processor time is that of everything but reading the file.
// Intervals: bootstrap over phantoms, 95 %. Prints Markdown tables.

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "systolic/echo/judge.hpp"
#include "systolic/echo/narration.hpp"
#include "systolic/echo/phantom_apical_draw.hpp"
#include "systolic/echo/phantom_apical_image.hpp"
#include "systolic/io/contour_weights.hpp"
#include "systolic/metrics/bootstrap.hpp"

namespace {

using namespace systolic;
using namespace systolic::echo;

/// A figure of each phantom; its mean with an interval.
void print_mean(const char* name, const std::vector<double>& values, int decimals) {
  const auto mean = [&](std::span<const std::uint32_t> times) -> std::optional<double> {
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += values[i] * times[i];
      count += times[i];
    }
    return count > 0 ? std::optional(sum / count) : std::nullopt;
  };
  const std::vector<std::uint32_t> once(values.size(), 1);
  const auto interval = metrics::bootstrap_interval(values.size(), mean);
  std::printf("| %s | %.*f (%.*f-%.*f) |\n", name, decimals, mean(once).value_or(0), decimals,
              interval ? interval->lower : NAN, decimals, interval ? interval->upper : NAN);
}

ApicalPhantom draw(std::uint64_t seed, Index number) {
  Random random(seed, static_cast<std::uint64_t>(number));
  ApicalPhantomOptions options;
  options.systole = 8 + random.below(12);
  options.cycle = 2 * options.systole + 3 + random.below(options.systole);
  options.ed_frame = random.below(options.cycle / 2);
  options.frames = options.ed_frame + options.cycle + options.systole + 2;
  return make_apical_phantom(draw_apical_phantom(options, random));
}

/// Figures of all phantoms, one way of choosing the frames.
struct Figures {
  std::vector<double> points, fraction_head, fraction_contour, ed_frames, es_frames, own_accuracy, true_accuracy,
      seconds;
  std::array<std::vector<double>, topic_count> agreement;
  int own_contradictions = 0, refused = 0;

  void add(const ApicalPhantom& phantom, const ClipMeasurement& found, Index number) {
    const Ejection& truth = phantom.ejection;
    const double size = static_cast<double>(phantom.options.size), scale = phantom.pixel.row * size;
    const KeyPoints ed = key_points(truth.ed.contour), es = key_points(truth.es.contour);
    double sum = 0;
    for (std::size_t i = 0; i < key_point_count; ++i)
      sum += distance(in_millimetres(found.ed_points[i], phantom.pixel), ed[i]) +
             distance(in_millimetres(found.es_points[i], phantom.pixel), es[i]);
    points.push_back(100 * sum / (2 * key_point_count) / scale);
    fraction_head.push_back(100 * std::abs(found.fraction_head - truth.fraction));
    fraction_contour.push_back(100 * std::abs(found.ejection.fraction - truth.fraction));
    const auto away = [&](Index frame, Index from) {
      const double cycle = static_cast<double>(phantom.options.cycle);
      const double rest = std::fmod(std::abs(static_cast<double>(frame - from)), cycle);
      return std::min(rest, cycle - rest);
    };
    ed_frames.push_back(away(found.ed_frame, truth.ed.frame));
    es_frames.push_back(away(found.es_frame, truth.es.frame));
    const Verdicts is = judge_attributes(truth.attributes, truth.fraction, truth.ed.contour.length());
    const Attributes& attributes = found.ejection.attributes;
    const double length = found.ejection.ed.contour.length();
    const Verdicts said = judge_attributes(attributes, found.fraction_head, length);
    for (std::size_t t = 0; t < topic_count; ++t) agreement[t].push_back(is.of[t] == said.of[t] ? 1 : 0);
    const std::string text =
        narrate({found.fraction_head, length, attributes, said}, "phantom " + std::to_string(number), 1);
    const Assessment own = assess(text, said);
    own_accuracy.push_back(own.accuracy);
    own_contradictions += static_cast<int>(own.contradictions.size() + own.hallucinations.size());
    true_accuracy.push_back(assess(text, is).accuracy);
  }

  void print(const char* title) const {
    std::printf("\n%s; %zu phantoms, %d refused\n\n| figure | mean (95 %% interval) |\n|---|---|\n", title,
                points.size(), refused);
    if (points.empty()) return;
    print_mean("key points' distance, % of the image's size", points, 2);
    print_mean("ejection fraction by the head, absolute error, points", fraction_head, 2);
    print_mean("ejection fraction by the contours, absolute error, points", fraction_contour, 2);
    print_mean("frame of end-diastole, frames away", ed_frames, 2);
    print_mean("frame of end-systole, frames away", es_frames, 2);
    for (std::size_t t = 0; t < topic_count; ++t)
      print_mean(("verdict agrees: " + std::string(topic_names[t])).c_str(), agreement[t], 3);
    print_mean("judge: own text against own findings, accuracy", own_accuracy, 3);
    print_mean("judge: own text against the truth, accuracy", true_accuracy, 3);
    std::printf("| judge: own texts' contradictions and hallucinations of own findings | %d |\n", own_contradictions);
    print_mean("processor time of a clip, one thread, s", seconds, 3);
  }
};

}  // namespace

int main(int count, char** arguments) {
  const std::string path = count > 1 ? arguments[1] : "weights/echo_contour.safetensors";
  const long phantoms = count > 2 ? std::atol(arguments[2]) : 200;
  const auto seed = static_cast<std::uint64_t>(count > 3 ? std::atoll(arguments[3]) : 20250101);
  const auto finder = io::load_contour_finder(path);
  if (!finder) return std::fprintf(stderr, "%s\n", finder.error().message.c_str()), 1;
  Figures given, found;
  Workspace workspace;
  for (Index i = 0; i < phantoms; ++i) {
    const ApicalPhantom phantom = draw(seed, i);
    const auto measure = [&](const ClipOptions& options, Figures& figures) {
      const std::clock_t start = std::clock();
      const auto result = finder->measure(phantom.clip.view(), options, workspace);
      figures.seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
      if (result)
        figures.add(phantom, *result, i);
      else
        ++figures.refused;
    };
    measure({phantom.ejection.ed.frame, phantom.ejection.es.frame, phantom.pixel, false}, given);
    measure({{}, {}, phantom.pixel, true}, found);
  }
  given.print("Frames of end-diastole and end-systole given");
  found.print("Frames found");
}
