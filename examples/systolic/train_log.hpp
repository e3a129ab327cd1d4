#pragma once
// The course of a training: a line of JSON a step, and a picture of it.

#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/train/trainer.hpp"

namespace program {

/// The log file. Lines are appended as they come, so that a run that is killed loses at most the last.
class TrainLog {
 public:
  /// Opens the log of a run that starts at `first_step`: lines of earlier steps stay, later ones were lost with the
  /// weights that they belong to and are cut off. An empty path: no log.
  static systolic::Result<TrainLog> open(const std::string& path, systolic::Index first_step);

  systolic::Status append(systolic::Index step, int epoch, const systolic::train::StepLoss& loss, double rate,
                          double seconds);
  /// The loss over the steps as SVG, beside the log ("log.jsonl" -> "log.svg").
  systolic::Status draw_curve() const;

 private:
  std::string path_;
  std::vector<double> losses_;  // of each step from the first, for the picture
};

}  // namespace program
