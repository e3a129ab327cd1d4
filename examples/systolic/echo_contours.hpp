#pragma once
// Clips whose contours the network finds: what `echo contour` prints and `echo narrate` explains.

#include <string>
#include <utility>

#include "echo_options.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/echo/contour_finder.hpp"
#include "systolic/echo/verdicts.hpp"
#include "systolic/io/clip.hpp"

namespace program {

/// One clip, measured.
struct EchoClip {
  std::string file;
  systolic::io::Clip clip;
  systolic::Result<systolic::echo::ClipMeasurement> measurement;  ///< an error is the cause only: not analysable
  systolic::echo::Verdicts verdicts;  ///< all absent where there is no measurement; of the head's ejection fraction
};

/// The network that finds contours, and how clips are to be measured.
class EchoContours {
 public:
  /// The network of --weights, else the shipped one.
  static systolic::Result<EchoContours> load(const EchoTracingOptions& options);

  /// Reads and measures a clip. An error: it could not be read.
  systolic::Result<EchoClip> measure(const std::string& path);
  const systolic::echo::ContourFinder& finder() const { return finder_; }
  /// What the weights say against themselves; empty: nothing.
  const std::string& warning() const noexcept { return warning_; }

 private:
  EchoContours(systolic::echo::ContourFinder finder, std::string warning, const EchoTracingOptions& options)
      : finder_(std::move(finder)),
        warning_(std::move(warning)),
        options_(&options),
        workspace_(options.common.threads) {}

  systolic::echo::ContourFinder finder_;
  std::string warning_;
  const EchoTracingOptions* options_;
  systolic::Workspace workspace_;
};

/// Whether a file is a table of tracings, not a clip: its name ends in .csv, .tsv or .txt.
bool is_tracing_table(const std::string& path);

}  // namespace program
