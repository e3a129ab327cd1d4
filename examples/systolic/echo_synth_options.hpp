#pragma once
// What `systolic echo synth` was asked for.

#include <optional>
#include <string>

#include "options.hpp"
#include "systolic/echo/phantom_long_axis.hpp"
#include "systolic/echo/point.hpp"

namespace program {

/// What is not named is drawn by lot, or typical.
struct EchoSynthOptions {
  CommonOptions common;
  std::string out;
  std::string png;              ///< a folder for the frames; empty: none
  std::string view = "apical";  ///< or long-axis
  bool typical = false;
  Index frames = 64;
  std::optional<Index> size;
  std::string millimetres;                            ///< "0.5" or "0.5,0.4"
  systolic::echo::PixelSize pixel;                    ///< the same as numbers
  std::optional<double> cycle, bulge, noise, length;  ///< frames, mm, grey values, mm

  // Of the apical view.
  std::optional<double> ejection_fraction, length_width, apex_motion, weak_motion, contrast, speckle;
  std::string weak_segment;  ///< "" (by lot), "none" or a name

  // Of the long-axis view.
  std::optional<double> tilt;
  std::string septum, cavity, posterior_wall;  ///< "ED" or "ED,ES", mm
};

/// "46" or "46,31" as lengths at end-diastole and end-systole (0 where it is not named); the cause where it is neither.
std::string parse_over_cycle(const std::string& text, systolic::echo::OverCycle& lengths);

/// Returns the exit status.
int run_echo_synth(const EchoSynthOptions& options);

}  // namespace program
