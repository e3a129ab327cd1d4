#include "targets.hpp"

#include <filesystem>

#include "folders.hpp"

namespace program {

Target::Problem Target::prepare(bool several, std::string& message) {
  if (!wanted()) return Problem::none;
  const bool exists = names_folder(path_);
  std::error_code ignored;
  const bool device = std::filesystem::exists(path_, ignored) && !std::filesystem::is_regular_file(path_, ignored);
  std::string wrong;
  if (several && !exists && path_.ends_with(ending_))
    wrong = "there are several recordings, windows or clips: name a folder";
  else if (!several && !exists && !device && !path_.ends_with(ending_))
    wrong = "name a file that ends in " + ending_ + ", or a folder that exists or ends in '/'";
  if (!wrong.empty()) {
    message = std::string(option_) + " " + path_ + ": " + wrong;
    return Problem::usage;
  }
  folder_ = several || exists;
  const systolic::Status status = folder_ ? prepare_folder(path_) : check_writable(path_);
  if (!status) message = status.error().message;
  return status ? Problem::none : Problem::failure;
}

std::string Target::file(const std::string& name) const { return folder_ ? in_folder(path_, name + ending_) : path_; }

std::string window_name(const std::string& name, systolic::Index window) {
  std::string number = std::to_string(window);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
  return name + "-w" + number;
}

}  // namespace program
