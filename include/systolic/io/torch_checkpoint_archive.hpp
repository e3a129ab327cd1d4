#pragma once
// ZIP archives, through libzip (link with -lzip): as much of them as PyTorch's files use.

#include <zip.h>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

namespace detail {

struct ZipDeleter {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
  void operator()(zip_file_t* entry) const noexcept { zip_fclose(entry); }
  void operator()(zip_source_t* source) const noexcept { zip_source_free(source); }
};

}  // namespace detail

/// An archive open for reading. Only entries that are stored, not compressed, are read: an entry is then never larger
/// than the file.
class ZipArchive {
 public:
  template <class = void>
  static Result<ZipArchive> open(const std::string& path) {
    auto file = InputFile::open(path);
    if (!file) return file.error();
    int code = 0;
    zip_t* handle = zip_open(path.c_str(), ZIP_RDONLY, &code);
    if (!handle) {
      zip_error_t error;
      zip_error_init_with_code(&error, code);
      const Error result = error_at(path, "could not be opened as a ZIP archive", zip_error_strerror(&error));
      zip_error_fini(&error);
      return result;
    }
    return ZipArchive(path, file->size(), handle);
  }

  std::uint64_t file_size() const noexcept { return file_size_; }
  template <class = void>
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    const zip_int64_t count = zip_get_num_entries(handle_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i)
      if (const char* name = zip_get_name(handle_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW))
        result.emplace_back(name);
    return result;
  }
  bool contains(const std::string& name) const noexcept { return locate(name) >= 0; }

  /// The size of an entry; the cause where it is missing, compressed, or larger than the file.
  template <class = void>
  Result<std::uint64_t> size(const std::string& name) const {
    zip_stat_t status;
    zip_stat_init(&status);
    const zip_int64_t index = locate(name);
    if (index < 0 || zip_stat_index(handle_.get(), static_cast<zip_uint64_t>(index), 0, &status) != 0)
      return error_at(path_, in_quotes(name), "is missing from the archive");
    constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((status.valid & needed) != needed || status.comp_method != ZIP_CM_STORE ||
        status.encryption_method != ZIP_EM_NONE)
      return error_at(path_, in_quotes(name), "is compressed or encrypted, which PyTorch's files never are");
    if (status.size > file_size_) return error_at(path_, in_quotes(name), "claims to be larger than the file");
    return static_cast<std::uint64_t>(status.size);
  }

  /// The bytes of an entry of at most `limit` bytes, checked against the archive's CRC.
  template <class = void>
  Result<std::string> read(const std::string& name, std::uint64_t limit) const {
    auto bytes = size(name);
    if (!bytes) return bytes.error();
    if (*bytes > limit)
      return failure_at(path_, in_quotes(name), {"has ", *bytes, " bytes; at most ", limit, " are read"});
    const std::unique_ptr<zip_file_t, detail::ZipDeleter> entry(
        zip_fopen_index(handle_.get(), static_cast<zip_uint64_t>(locate(name)), 0));
    if (!entry) return error_at(path_, in_quotes(name), zip_strerror(handle_.get()));
    std::string content(static_cast<std::size_t>(*bytes), '\0');
    std::size_t done = 0;
    while (done < content.size()) {
      const zip_int64_t got = zip_fread(entry.get(), content.data() + done, content.size() - done);
      if (got <= 0) return error_at(path_, in_quotes(name), "could not be read: file is damaged");
      done += static_cast<std::size_t>(got);
    }
    // The CRC is compared when the end is met.
    char beyond;
    if (zip_fread(entry.get(), &beyond, 1) != 0)
      return error_at(path_, in_quotes(name), "checksum does not match: file is damaged");
    return content;
  }

 private:
  ZipArchive(std::string path, std::uint64_t size, zip_t* handle)
      : path_(std::move(path)), file_size_(size), handle_(handle) {}
  zip_int64_t locate(const std::string& name) const noexcept {
    return zip_name_locate(handle_.get(), name.c_str(), ZIP_FL_ENC_RAW);
  }

  std::string path_;
  std::uint64_t file_size_;
  std::unique_ptr<zip_t, detail::ZipDeleter> handle_;
};

/// The bytes of an archive that stores `entries` (name and content) one after the other; equal entries give equal
/// bytes. An Error is the cause only.
template <class = void>
[[gnu::cold]] inline Result<std::string> zip_stored(const std::vector<std::pair<std::string, std::string>>& entries) {
  zip_error_t error;
  zip_error_init(&error);
  const auto failed = [&error] {
    Error result{zip_error_strerror(&error)};
    zip_error_fini(&error);
    return result;
  };
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (!memory) return failed();
  zip_source_keep(memory);
  const std::unique_ptr<zip_source_t, detail::ZipDeleter> owner(memory);
  zip_t* archive = zip_open_from_source(memory, ZIP_TRUNCATE, &error);
  if (!archive) {
    zip_source_free(memory);
    return failed();
  }
  // The format's first day, in local time as the format has it: the same bytes on any day and in any time zone.
  std::tm first_day{};
  first_day.tm_year = 80;
  first_day.tm_mday = 1;
  first_day.tm_isdst = -1;
  const std::time_t time = std::mktime(&first_day);
  for (const auto& [name, content] : entries) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = source ? zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0 || zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_mtime(archive, static_cast<zip_uint64_t>(index), time, 0) != 0) {
      if (source && index < 0) zip_source_free(source);
      Error result{zip_strerror(archive)};
      zip_discard(archive);
      return result;
    }
  }
  if (zip_close(archive) != 0) {
    Error result{zip_strerror(archive)};
    zip_discard(archive);
    return result;
  }
  std::string bytes;
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_source_stat(memory, &status) != 0 || zip_source_open(memory) != 0)
    return Error{"the archive could not be read back"};
  bytes.resize(static_cast<std::size_t>(status.size));
  const zip_int64_t got = zip_source_read(memory, bytes.data(), bytes.size());
  zip_source_close(memory);
  if (got != static_cast<zip_int64_t>(bytes.size())) return Error{"the archive could not be read back"};
  return bytes;
}

}  // namespace systolic::io
