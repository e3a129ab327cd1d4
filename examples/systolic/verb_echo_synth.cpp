// systolic echo synth: clips of hearts that never beat, and everything that is true of them.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "echo_options.hpp"
#include "echo_study.hpp"
#include "echo_synth_options.hpp"
#include "folders.hpp"
#include "output.hpp"
#include "systolic/core/numbers.hpp"
#include "systolic/core/random.hpp"
#include "systolic/echo/phantom_apical_draw.hpp"
#include "systolic/echo/phantom_apical_image.hpp"
#include "systolic/echo/phantom_long_axis_image.hpp"
#include "systolic/io/frames.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/io/tracings_write.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::Error;
using systolic::Result;
using systolic::Status;
using systolic::Tensor;

/// A phantom, ready to be written.
struct Phantom {
  Tensor<std::uint8_t> clip;
  std::vector<systolic::io::TracedFrame> tracings;  ///< none in the long-axis view
  Json truth;
  std::string line;  ///< for a person
};

/// [row, column] of a point, as --line takes them.
Json place(echo::Point p) { return Json(std::vector<double>{p.y, p.x}); }

Result<std::size_t> find_segment(const std::string& name) {
  std::string list;
  for (std::size_t s = 0; s < echo::segment_count; ++s) {
    std::string known(echo::segment_names[s]);
    std::replace(known.begin(), known.end(), ' ', '-');
    if (known == name) return s;
    list += (list.empty() ? "" : ", ") + known;
  }
  return Error{"--weak-segment '" + name + "' is no segment; there is none, " + list};
}

Result<echo::ApicalPhantomOptions> apical_options(const EchoSynthOptions& wanted) {
  echo::ApicalPhantomOptions o;
  o.size = wanted.size.value_or(o.size);
  o.frames = wanted.frames;
  systolic::Random random(wanted.common.seed, 1);
  if (wanted.typical)
    o.seed = random.next();
  else
    o = echo::draw_apical_phantom(o, random);
  const double cycle = wanted.cycle.value_or(wanted.typical ? 32 : random.uniform(24, 48));
  o.cycle = static_cast<Index>(std::lround(cycle));
  o.systole = static_cast<Index>(std::lround(0.37 * cycle));
  if (o.frames <= o.systole)
    return Error{"--frames " + std::to_string(o.frames) + " end before end-systole, which is frame " +
                 std::to_string(o.systole)};
  o.ed_frame = wanted.typical ? 0 : static_cast<Index>(random.below(std::min(o.frames - o.systole, o.cycle)));
  if (!wanted.weak_segment.empty()) {
    o.weak_segment.reset();
    if (wanted.weak_segment != "none") {
      const auto segment = find_segment(wanted.weak_segment);
      if (!segment) return segment.error();
      o.weak_segment = *segment;
      o.weak_motion = 0;
    }
  }
  o.weak_motion = wanted.weak_motion.value_or(o.weak_motion);
  if (wanted.weak_motion && !o.weak_segment) return Error{"--weak-motion needs a --weak-segment"};
  o.ejection_fraction = wanted.ejection_fraction.value_or(o.ejection_fraction);
  o.length_width = wanted.length_width.value_or(o.length_width);
  o.apex_motion = wanted.apex_motion.value_or(o.apex_motion);
  o.millimetres = wanted.length.value_or(o.millimetres);
  if (wanted.bulge) o.bulge_depth = *wanted.bulge / o.millimetres;
  o.noise = wanted.noise.value_or(o.noise);
  o.speckle = wanted.speckle.value_or(o.speckle);
  if (wanted.contrast) {
    o.tissue_grey += 0.7 * (*wanted.contrast - o.contrast);
    o.contrast = *wanted.contrast;
  }
  if (!wanted.millimetres.empty()) {
    if (wanted.pixel.row != wanted.pixel.column) return Error{"the apical view has square pixels: --mm-per-pixel X"};
    o.length = o.millimetres / (wanted.pixel.row * static_cast<double>(o.size));
    if (!(o.length >= 0.2 && o.length <= 0.75))
      return Error{"with --mm-per-pixel " + wanted.millimetres + " the ventricle (" + significant(o.millimetres) +
                   " mm long) would take " + fixed(100 * o.length, 0) + " % of the image's height, not 20 to 75 %"};
  }
  return o;
}

Result<Phantom> make_apical(const EchoSynthOptions& wanted, const std::string& name) {
  const auto options = apical_options(wanted);
  if (!options) return options.error();
  const echo::ApicalPhantom made = echo::make_apical_phantom(*options);
  const echo::Ejection& ejection = made.ejection;
  EchoStudy study{name, ejection,
                  echo::judge_attributes(ejection.attributes, ejection.fraction, ejection.ed.contour.length())};
  EchoTracingOptions about;
  about.millimetres = "known";
  about.pixel = made.pixel;
  std::vector<double> volumes;
  for (const echo::Volumes& v : made.volumes) volumes.push_back(v.disks_ml);

  Phantom phantom;
  for (const Index frame :
       {std::min(ejection.ed.frame, ejection.es.frame), std::max(ejection.ed.frame, ejection.es.frame)})
    phantom.tracings.push_back(
        {frame, static_cast<Index>(echo::traced_rows), made.tracings[static_cast<std::size_t>(frame)], {}});
  phantom.truth = study_fields(study, about);
  phantom.truth.set("volumes_ml", volumes)
      .set("sector", Json::object()
                         .set("origin", place(made.sector.origin))
                         .set("half_angle", made.sector.half_angle)
                         .set("radius", made.sector.radius));
  phantom.line = study_line(study);
  phantom.clip = std::move(made.clip);
  return phantom;
}

/// Puts the lengths of "ED" or "ED,ES" into `lengths`; without ES it keeps the ratio that it has.
void override_lengths(const std::string& text, echo::OverCycle& lengths) {
  echo::OverCycle wanted;
  if (text.empty() || !parse_over_cycle(text, wanted).empty()) return;
  lengths = {wanted.diastole,
             wanted.systole > 0 ? wanted.systole : wanted.diastole * lengths.systole / lengths.diastole};
}

echo::LongAxisOptions long_axis_options(const EchoSynthOptions& wanted) {
  systolic::Random random(wanted.common.seed, 1);
  echo::LongAxisOptions o;
  if (wanted.typical) {
    o.rows = o.columns = wanted.size.value_or(o.rows);
    o.frames = wanted.frames;
    const double scale = 128 / static_cast<double>(o.rows);
    o.pixel = {o.pixel.row * scale, o.pixel.column * scale};
    o.seed = random.next() >> 12;
  } else {
    o = echo::draw_long_axis(random, wanted.size.value_or(o.rows), wanted.frames);
  }
  override_lengths(wanted.septum, o.septum);
  override_lengths(wanted.cavity, o.cavity);
  override_lengths(wanted.posterior_wall, o.posterior_wall);
  if (wanted.length) o.length = {*wanted.length, *wanted.length * o.length.systole / o.length.diastole};
  o.tilt = wanted.tilt.value_or(o.tilt);
  o.cycle = wanted.cycle.value_or(o.cycle);
  o.bulge = wanted.bulge.value_or(o.bulge);
  o.noise = wanted.noise.value_or(o.noise);
  if (!wanted.millimetres.empty()) {
    // The heart stays where it is in the image.
    const double x = wanted.pixel.column / o.pixel.column, y = wanted.pixel.row / o.pixel.row;
    o.base = {o.base.x * x, o.base.y * y};
    o.probe = {o.probe.x * x, o.probe.y * y};
    o.pixel = wanted.pixel;
  }
  return o;
}

Json long_axis_moment(const echo::LongAxisPhantom& made, Index frame) {
  const echo::LongAxisTruth truth = made.truth(frame);
  Json landmarks = Json::array();
  for (const echo::Point p : truth.landmarks) landmarks.add(place(p));
  return Json::object()
      .set("frame", frame)
      .set("ivs_mm", truth.dimensions.ivs_mm)
      .set("lvid_mm", truth.dimensions.lvid_mm)
      .set("lvpw_mm", truth.dimensions.lvpw_mm)
      .set("landmarks", std::move(landmarks))
      .set("axis", Json(std::vector<Json>{place(truth.axis.from), place(truth.axis.to)}))
      .set("line", Json(std::vector<double>{truth.landmarks[0].y, truth.landmarks[0].x, truth.landmarks[3].y,
                                            truth.landmarks[3].x}));
}

Result<Phantom> make_long_axis(const EchoSynthOptions& wanted, const std::string& name) {
  const echo::LongAxisPhantom made(long_axis_options(wanted));
  const echo::LongAxisOptions& o = made.options();
  std::vector<double> cavity;
  for (Index i = 0; i < o.frames; ++i) {
    for (const echo::Point p : made.truth(i).landmarks)
      if (!(p.x >= 0 && p.y >= 0 && p.x <= static_cast<double>(o.columns - 1) &&
            p.y <= static_cast<double>(o.rows - 1)))
        return Error{"the ventricle does not fit into the image; choose thinner walls or a larger --mm-per-pixel"};
    cavity.push_back(made.truth(i).dimensions.lvid_mm);
  }
  const echo::Dimensions ed = made.truth(made.end_diastole()).dimensions,
                         es = made.truth(made.end_systole()).dimensions;
  Phantom phantom;
  phantom.clip = made.draw();
  phantom.truth = Json::object()
                      .set("file", name)
                      .set("status", "ok")
                      .set("mm_per_pixel", Json(std::vector<double>{o.pixel.row, o.pixel.column}))
                      .set("ed", long_axis_moment(made, made.end_diastole()))
                      .set("es", long_axis_moment(made, made.end_systole()))
                      .set("lvid_mm", cavity);
  const auto moment = [](const char* when, const echo::Dimensions& d) {
    return std::string(when) + ": IVS " + fixed(d.ivs_mm, 1) + ", LVID " + fixed(d.lvid_mm, 1) + ", LVPW " +
           fixed(d.lvpw_mm, 1) + " mm";
  };
  phantom.line = name + ": " + moment("end-diastole", ed) + "; " + moment("end-systole", es) + "\n";
  return phantom;
}

Status write_frames([[maybe_unused]] const std::string& folder, [[maybe_unused]] const Tensor<std::uint8_t>& clip) {
#ifdef SYSTOLIC_WITH_PNG
  const systolic::Shape& s = clip.shape();
  for (Index f = 0; f < s[0]; ++f) {
    std::string number = std::to_string(f);
    number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
    const systolic::TensorView<const std::uint8_t> frame(clip.data() + f * s[1] * s[2], {s[1], s[2]});
    if (auto status = systolic::io::write_png(in_folder(folder, "frame" + number + ".png"), frame); !status)
      return status;
  }
#endif
  return {};
}

/// Options that belong to the other view.
std::string foreign_option(const EchoSynthOptions& o) {
  const std::pair<const char*, bool> apical[] = {
      {"--ef", o.ejection_fraction.has_value()},    {"--length-width", o.length_width.has_value()},
      {"--apex-motion", o.apex_motion.has_value()}, {"--weak-segment", !o.weak_segment.empty()},
      {"--weak-motion", o.weak_motion.has_value()}, {"--contrast", o.contrast.has_value()},
      {"--speckle", o.speckle.has_value()}};
  const std::pair<const char*, bool> long_axis[] = {{"--tilt", o.tilt.has_value()},
                                                    {"--septum", !o.septum.empty()},
                                                    {"--cavity", !o.cavity.empty()},
                                                    {"--posterior-wall", !o.posterior_wall.empty()}};
  const auto first = [&](const auto& names, const char* view) -> std::string {
    for (const auto& [name, given] : names)
      if (given) return std::string(name) + " belongs to --view " + view;
    return "";
  };
  return o.view == "apical" ? first(long_axis, "long-axis") : first(apical, "apical");
}

/// Makes and writes all files of a phantom; the clip comes last, so that a clip has its truth.
Result<Phantom> make_and_write(const EchoSynthOptions& options, const std::string& stem) {
  const std::string name = systolic::io::split_path(stem).second + ".npy";
  if (auto status = check_writable(stem + ".npy"); !status) return status.error();
  if (!options.png.empty())
    if (auto status = prepare_folder(options.png); !status) return status.error();
  auto phantom = options.view == "apical" ? make_apical(options, name) : make_long_axis(options, name);
  if (!phantom) return phantom.error();
  phantom->truth.set("view", options.view)
      .set("seed", options.common.seed)
      .set("shape", Json(phantom->clip.shape()))
      .set("clip", stem + ".npy")
      .set("tracings", phantom->tracings.empty() ? Json() : Json(stem + ".csv"))
      .set("png", options.png.empty() ? Json() : Json(options.png));
  Status status = systolic::io::write_file_atomically(stem + ".json", phantom->truth.text() + "\n");
  if (status && !phantom->tracings.empty())
    status = systolic::io::write_tracings(stem + ".csv", {{name, phantom->tracings, {}}});
  if (status && !options.png.empty()) status = write_frames(options.png, phantom->clip);
  if (status) status = systolic::io::write_npy(stem + ".npy", phantom->clip);
  if (!status) return status.error();
  return phantom;
}

}  // namespace

std::string parse_over_cycle(const std::string& text, echo::OverCycle& lengths) {
  const std::size_t comma = text.find(',');
  const auto first = systolic::number_from_text<double>(text.substr(0, comma));
  const auto second = comma == std::string::npos ? first : systolic::number_from_text<double>(text.substr(comma + 1));
  const auto fits = [](const auto& value) { return value && *value >= 1 && *value <= 200; };
  if (!fits(first) || !fits(second))
    return "'" + text + "' is no length: mm at end-diastole, or also at end-systole (46,31), 1 to 200";
  lengths = {*first, comma == std::string::npos ? 0 : *second};
  return "";
}

int run_echo_synth(const EchoSynthOptions& options) {
  Printer printer(options.common.quiet);
  Outcome outcome;
  std::string wrong = foreign_option(options);
#ifndef SYSTOLIC_WITH_PNG
  if (!options.png.empty())
    wrong = "--png: this program was built without libpng (component systolic::png) and writes no PNG";
#endif
  if (!wrong.empty()) {
    print_message(wrong);
    return exit_usage;
  }
  const std::string stem = options.out.ends_with(".npy") ? options.out.substr(0, options.out.size() - 4) : options.out;
  const auto made = make_and_write(options, stem);
  if (!made)
    outcome.fail(made.error());
  else
    outcome.add(options.common.format, made->truth, made->line);
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
