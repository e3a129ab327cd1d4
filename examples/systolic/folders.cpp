#include "folders.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "systolic/io/file.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;

/// Makes a file in `folder` ("" is the current one) and takes it away again: no other question has an honest answer.
systolic::Status try_to_write(const std::string& folder, const std::string& wanted) {
  const std::string path = in_folder(folder, ".systolic-" + std::to_string(::getpid()) + ".tmp");
  const systolic::io::Descriptor made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (made.number() < 0 && errno != EEXIST) return systolic::io::system_error(wanted, "written");
  ::unlink(path.c_str());
  return {};
}

}  // namespace

systolic::Status prepare_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return systolic::error_at(folder, "the folder could not be made", error.message());
  if (!fs::is_directory(folder, error)) return systolic::error_at(folder, "", "is not a folder");
  return try_to_write(folder, folder);
}

systolic::Status check_writable(const std::string& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) return systolic::error_at(file, "could not be written", "is a folder");
  if (fs::exists(file, error)) {
    if (::access(file.c_str(), W_OK) != 0) return systolic::io::system_error(file, "written");
    // A device or a pipe is opened only when there is something to write.
    if (!fs::is_regular_file(file, error)) return {};
  }
  return try_to_write(fs::path(file).parent_path().string(), file);
}

bool names_folder(const std::string& path) {
  std::error_code ignored;
  return path.ends_with('/') || fs::is_directory(path, ignored);
}

std::string in_folder(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : (fs::path(folder) / name).string();
}

fs::path program_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : program.parent_path();
}

}  // namespace program
