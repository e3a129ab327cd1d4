#pragma once
// Examples of linear measurements from a data set on disk: EchoNet-LVH.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "systolic/io/echonet_lvh.hpp"
#include "systolic/io/frames.hpp"
#include "systolic/train/linear_examples.hpp"

namespace systolic::train {

/// Examples to learn from and to measure on; either may be empty.
struct LinearSets {
  std::unique_ptr<LinearExamples> training, validation;
  std::vector<std::string> problems;  ///< what the data set has that is left out, and why
};

/// Measured frames of EchoNet-LVH. A clip is read whenever one of its frames is asked for.
class EchoNetLvhExamples : public LinearExamples {
 public:
  EchoNetLvhExamples(std::string folder, std::vector<io::EchoNetLvhFrame> frames)
      : folder_(std::move(folder)), frames_(std::move(frames)) {}

  Index size() const override { return static_cast<Index>(frames_.size()); }
  std::string description() const override {
    return std::to_string(frames_.size()) + " measured frames of EchoNet-LVH";
  }
  Result<std::unique_ptr<LinearExample>> load(Index number) const override {
    const io::EchoNetLvhFrame& frame = frames_[static_cast<std::size_t>(number)];
    const auto path = io::find_echonet_lvh_video(folder_, frame.name);
    if (!path) return path.error();
    auto clip = io::read_clip(*path);
    if (!clip) return clip.error();
    const Index count = clip->shape()[0], rows = clip->shape()[1], columns = clip->shape()[2];
    if (frame.frame >= count)
      return error_at(
          *path, "",
          "has " + std::to_string(count) + " frames, but frame " + std::to_string(frame.frame) + " is measured");
    for (const echo::Point p : frame.landmarks)
      if (p.x < 0 || p.y < 0 || p.x > static_cast<double>(columns - 1) || p.y > static_cast<double>(rows - 1))
        return error_at(*path, "frame " + std::to_string(frame.frame), "is measured outside the image");
    return std::unique_ptr<LinearExample>(
        std::make_unique<ClipExample>(std::move(*clip), frame.frame, frame.landmarks, frame.pixel));
  }

 private:
  std::string folder_;
  std::vector<io::EchoNetLvhFrame> frames_;
};

/// Examples of the data set in a folder, with its own split into training and validation, the first `limit` and
/// `validate_limit` of each (0: all). An error: another folder, a table that cannot be read, nothing to learn from.
template <class = void>
inline Result<LinearSets> open_linear_folder(const std::string& folder, Index limit = 0, Index validate_limit = 0) {
  auto data = io::read_echonet_lvh(folder);
  if (!data) return data.error();
  std::vector<io::EchoNetLvhFrame> training, validation;
  for (const io::EchoNetLvhFrame& frame : data->frames) {
    const auto room = [](const auto& list, Index most) { return most <= 0 || static_cast<Index>(list.size()) < most; };
    if (frame.split == io::DataSplit::train && room(training, limit)) training.push_back(frame);
    if (frame.split == io::DataSplit::validate && room(validation, validate_limit)) validation.push_back(frame);
  }
  if (training.empty()) return error_at(folder, "", "has nothing to learn from in its training split");
  LinearSets sets;
  sets.training = std::make_unique<EchoNetLvhExamples>(data->folder, std::move(training));
  sets.validation = std::make_unique<EchoNetLvhExamples>(data->folder, std::move(validation));
  sets.problems = std::move(data->problems);
  return sets;
}

}  // namespace systolic::train
