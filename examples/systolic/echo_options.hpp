#pragma once
// What `systolic echo ...` was asked for.

#include <optional>
#include <string>
#include <vector>

#include "options.hpp"
#include "systolic/echo/scan_line.hpp"

namespace program {

/// echo ef, echo narrate, echo contour
struct EchoTracingOptions {
  CommonOptions common;
  std::vector<std::string> tables;          ///< in the layout of VolumeTracings.csv; narrate: or clips; contour: clips
  std::string millimetres;                  ///< "0.5" or "0.5,0.4" (rows, columns); empty: not known
  systolic::echo::PixelSize pixel;          ///< the same as numbers
  bool prompt = false;                      ///< narrate: the prompt for a language model too
  std::optional<Index> ed_frame, es_frame;  ///< of clips; not given: found
  std::string out;                          ///< contour: a table of the contours; empty: none
  std::string report;                       ///< contour: a .html or .svg, or a folder for several; empty: none
};

/// echo judge
struct EchoJudgeOptions {
  CommonOptions common;
  std::vector<std::string> texts;  ///< files; "-" is standard input
  std::string against;             ///< a table of tracings with the truth; empty: none
};

/// echo amm
struct EchoAmmOptions {
  CommonOptions common;
  std::string clip, out;
  std::string report;              ///< a .html or .svg; empty: none
  std::string line;                ///< "y1,x1,y2,x2"
  systolic::echo::Segment points;  ///< the same as numbers
  systolic::echo::ScanLineChange change;
  std::string pivot = "middle";
  Index key_frame = 0;
};

/// echo measure
struct EchoMeasureOptions {
  CommonOptions common;  ///< weights: of the network for M-mode images
  std::vector<std::string> clips;
  std::string report;              ///< a .html or .svg, or a folder for several clips; empty: none
  std::string line_weights;        ///< of the network that finds lines; empty: the shipped one
  std::string line;                ///< "y1,x1,y2,x2"; empty: the line is found
  systolic::echo::Segment points;  ///< the same as numbers
  systolic::echo::ScanLineChange change;
  std::string pivot = "middle";
  std::optional<Index> end_diastole, end_systole;  ///< frames; not given: found
  std::string millimetres;                         ///< "0.5" or "0.5,0.4" (rows, columns)
  systolic::echo::PixelSize pixel;                 ///< the same as numbers
};

/// "y1,x1,y2,x2" as two points; the cause where it is no such text.
std::string parse_line(const std::string& text, systolic::echo::Segment& points);

/// "middle", "top" or "bottom".
systolic::echo::Pivot parse_pivot(const std::string& name);

/// "0.5" or "0.5,0.4" as the size of a pixel; the cause where it is neither.
std::string parse_pixel_size(const std::string& text, systolic::echo::PixelSize& size);

// Each returns the exit status.
int run_echo_ef(const EchoTracingOptions& options);
int run_echo_narrate(const EchoTracingOptions& options);
int run_echo_contour(const EchoTracingOptions& options);
int run_echo_judge(const EchoJudgeOptions& options);
int run_echo_amm(const EchoAmmOptions& options);
int run_echo_measure(const EchoMeasureOptions& options);

}  // namespace program
