#include "echo_contours.hpp"

#include <algorithm>
#include <cctype>

#include "systolic/io/contour_weights.hpp"
#include "systolic/io/frames.hpp"
#include "weights.hpp"

namespace program {

namespace echo = systolic::echo;

systolic::Result<EchoContours> EchoContours::load(const EchoTracingOptions& options) {
  const auto place = find_weights(options.common.weights, "echo_contour.safetensors");
  if (!place) return place.error();
  const auto state = read_weights(place->path);
  if (!state) return state.error();
  auto finder = systolic::io::make_contour_finder(*state, place->path);
  if (!finder) return finder.error();
  const std::string* warning = state->find_metadata("warning");
  return EchoContours(std::move(*finder), warning == nullptr ? "" : *warning, options);
}

systolic::Result<EchoClip> EchoContours::measure(const std::string& path) {
  auto clip = systolic::io::read_clip_and_rate(path);
  if (!clip) return clip.error();
  EchoClip result{path, std::move(*clip), systolic::Error{}, {}};
  result.measurement = finder_.measure(result.clip.frames.view(),
                                       {options_->ed_frame, options_->es_frame, options_->pixel, true}, workspace_);
  if (result.measurement) {
    const echo::ClipMeasurement& found = *result.measurement;
    result.verdicts =
        echo::judge_attributes(found.ejection.attributes, found.fraction_head, found.ejection.ed.contour.length());
  }
  return result;
}

bool is_tracing_table(const std::string& path) {
  std::string name = path;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.ends_with(".csv") || name.ends_with(".tsv") || name.ends_with(".txt");
}

}  // namespace program
