#pragma once
// Files: reading that is bounded by the file's size, and writing that leaves either the whole new file or the old one.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "systolic/core/result.hpp"
#include "systolic/io/message.hpp"

namespace systolic::io {

/// "FILE: could not be WHAT: the system's reason" for the errno of the call that just failed.
[[gnu::cold]] inline Error system_error(const std::string& path, const char* what) {
  return error_at(path, std::string("could not be ") + what, std::strerror(errno));
}

/// An open descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int number() const noexcept { return number_; }
  /// False where the system reports, at the last moment, that earlier writes failed.
  bool close() noexcept { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

/// A regular file open for reading at any place. `size()` bounds whatever a header in it may claim.
class InputFile {
 public:
  template <class = void>
  [[gnu::cold]] static Result<InputFile> open(const std::string& path) {
    // O_NONBLOCK: opening a named pipe that nobody writes to would wait for ever.
    Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.number() < 0) return system_error(path, "opened");
    struct stat status {};
    if (::fstat(descriptor.number(), &status) != 0) return system_error(path, "examined");
    if (S_ISDIR(status.st_mode)) return error_at(path, "", "is a folder, not a file");
    if (!S_ISREG(status.st_mode)) return error_at(path, "", "is not a regular file");
    return InputFile(path, std::move(descriptor), static_cast<std::uint64_t>(status.st_size));
  }

  const std::string& path() const noexcept { return path_; }
  std::uint64_t size() const noexcept { return size_; }

  /// Fills `out` with the `count` bytes that start at `offset`; fewer are an error.
  template <class = void>
  Status read(std::uint64_t offset, void* out, std::size_t count) const {
    char* next = static_cast<char*>(out);
    while (count > 0) {
      const ssize_t got = ::pread(descriptor_.number(), next, count, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error(path_, "read");
      if (got == 0) return error_at(path_, joined({"byte ", offset}), "the file ends here, too early");
      next += got;
      offset += static_cast<std::uint64_t>(got);
      count -= static_cast<std::size_t>(got);
    }
    return {};
  }

 private:
  InputFile(std::string path, Descriptor descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_(size) {}

  std::string path_;
  Descriptor descriptor_;
  std::uint64_t size_;
};

/// The whole content of a file of at most `limit` bytes.
template <class = void>
[[gnu::cold]] inline Result<std::string> read_file(const std::string& path,
                                                   std::uint64_t limit = std::uint64_t{1} << 32) {
  auto file = InputFile::open(path);
  if (!file) return file.error();
  if (file->size() > limit)
    return failure_at(path, "", {"is too large (", file->size(), " bytes; at most ", limit, " are read)"});
  std::string content(static_cast<std::size_t>(file->size()), '\0');
  if (auto status = file->read(0, content.data(), content.size()); !status) return status.error();
  return content;
}

/// The folder part of a path with its last '/', or "" for a name alone; and the rest.
template <class = void>
[[gnu::cold]] inline std::pair<std::string, std::string> split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

namespace detail {

template <class = void>
inline bool write_all(int descriptor, std::initializer_list<std::string_view> pieces) noexcept {
  for (std::string_view piece : pieces)
    while (!piece.empty()) {
      const ssize_t put = ::write(descriptor, piece.data(), piece.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return false;
      piece.remove_prefix(static_cast<std::size_t>(put));
    }
  return true;
}

/// Names of this process's own streams: what is behind them is appended to, never replaced.
inline bool names_own_stream(std::string_view path) noexcept {
  return path == "/dev/stdout" || path == "/dev/stderr" || path.starts_with("/dev/fd/");
}

/// Creates a new file beside `target`; its permissions follow the user's umask as those of any new file.
template <class = void>
[[gnu::cold]] inline Descriptor create_temporary(const std::string& target, std::string& temporary) {
  // Threads differ by the address of their stack; whatever else has the name already, the next is tried.
  const auto thread = reinterpret_cast<std::uintptr_t>(&temporary);
  for (int attempt = 0; attempt < 100; ++attempt) {
    temporary = joined({split_path(target).first, ".systolic-", ::getpid(), "-", thread, "-", attempt, ".tmp"});
    Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (descriptor.number() >= 0 || errno != EEXIST) return descriptor;
  }
  return Descriptor();
}

}  // namespace detail

/// Writes the pieces, one after the other, as the file `path`.
/// Ensures that `path` is afterwards the whole new file or, with an error, what it was before: the bytes go to a
/// temporary file in the same folder, which takes the name once they are on the disk. A symbolic link is followed. What
/// is not a regular file (/dev/full, /dev/stdout, a pipe) is written to directly.
template <class = void>
[[gnu::cold]] inline Status write_file_atomically(const std::string& path,
                                                  std::initializer_list<std::string_view> pieces) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return error_at(path, "could not be written", "is a folder");
  if (exists && (!S_ISREG(status.st_mode) || detail::names_own_stream(path))) {
    Descriptor direct(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (direct.number() < 0 || !detail::write_all(direct.number(), pieces) || !direct.close())
      return system_error(path, "written");
    return {};
  }
  // A file that its owner protected stays: renaming over it would need no permission on the file itself.
  if (exists && ::access(path.c_str(), W_OK) != 0) return system_error(path, "written");

  std::string target = path;
  if (exists)
    if (char* resolved = ::realpath(path.c_str(), nullptr)) {
      target = resolved;
      std::free(resolved);
    }
  std::string temporary;
  Descriptor descriptor = detail::create_temporary(target, temporary);
  if (descriptor.number() < 0) return system_error(path, "written");
  if (exists) static_cast<void>(::fchmod(descriptor.number(), status.st_mode & 07777));
  if (!detail::write_all(descriptor.number(), pieces) || ::fsync(descriptor.number()) != 0 || !descriptor.close() ||
      ::rename(temporary.c_str(), target.c_str()) != 0) {
    const Error error = system_error(path, "written");
    static_cast<void>(::unlink(temporary.c_str()));
    return error;
  }
  return {};
}

template <class = void>
[[gnu::cold]] inline Status write_file_atomically(const std::string& path, std::string_view bytes) {
  return write_file_atomically(path, {bytes});
}

}  // namespace systolic::io
