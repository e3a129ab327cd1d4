#pragma once
// Where an option such as --map writes: one file, or a folder with a file for each window or recording.

#include <string>

#include "systolic/core/tensor.hpp"

namespace program {

class Target {
 public:
  /// `ending` is that of its files: ".npy".
  Target(const char* option, const std::string& path, const std::string& ending)
      : option_(option), path_(path), ending_(ending) {}

  bool wanted() const noexcept { return !path_.empty(); }
  bool is_folder() const noexcept { return folder_; }

  /// What speaks against writing one file, or `several`; makes the folder where it takes one.
  enum class Problem { none, usage, failure };
  Problem prepare(bool several, std::string& message);

  /// The file that belongs to `name`: "FOLDER/NAME.npy", or the only one.
  std::string file(const std::string& name) const;

 private:
  const char* option_;
  std::string path_, ending_;
  bool folder_ = false;
};

/// "NAME-w0001": what belongs to a window of a recording that has several.
std::string window_name(const std::string& name, systolic::Index window);

}  // namespace program
