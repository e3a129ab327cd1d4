#pragma once
// Recordings after preprocessing, in one file that is mapped into memory: preparing them takes longer than an epoch
// reads them, and the system decides how much of the file stays in memory.

#include <sys/mman.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/restoration.hpp"
#include "systolic/io/file.hpp"

namespace systolic::train {

/// One recording as the file holds it. Samples are denoised microvolts: a step of 1 uV is far below any noise, and
/// +-32 mV far above any heart.
struct CachedExample {
  static constexpr int most_beats = 62;

  std::int64_t id;                                       ///< of the recording, in its data set
  std::array<float, attribute_names.size()> attributes;  ///< NaN where unknown
  std::int32_t beat_count;
  std::array<std::int16_t, most_beats> beats;  ///< R peaks with room for a beat, samples of the window
  std::array<std::int16_t, window_length * standard_lead_count> samples;  ///< [5000][12] uV
};
static_assert(std::is_trivially_copyable_v<CachedExample>);

/// The recording of an example that has more.
inline const CachedExample& recording(const CachedExample& example) { return example; }

/// A preprocessed window in that form. Requires record.reason to be empty.
template <class = void>
inline void pack_example(const Preprocessed& record, CachedExample& example) {
  example.beat_count = static_cast<std::int32_t>(std::min<std::size_t>(record.beats.size(), CachedExample::most_beats));
  example.beats.fill(0);
  for (std::int32_t i = 0; i < example.beat_count; ++i)
    example.beats[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(record.beats[static_cast<std::size_t>(i)]);
  constexpr double limit = std::numeric_limits<std::int16_t>::max();
  for (std::size_t i = 0; i < example.samples.size(); ++i)
    example.samples[i] =
        static_cast<std::int16_t>(std::lround(std::clamp(record.denoised.data()[i] * 1000, -limit, limit)));
}

/// Back again, every sample times `gain`.
template <class = void>
inline Preprocessed unpack_example(const CachedExample& example, double gain = 1) {
  Preprocessed record;
  record.denoised = Tensor<double>({window_length, standard_lead_count});
  for (std::size_t i = 0; i < example.samples.size(); ++i)
    record.denoised.data()[i] = gain * 0.001 * example.samples[i];
  for (std::int32_t i = 0; i < example.beat_count; ++i)
    record.beats.push_back(example.beats[static_cast<std::size_t>(i)]);
  record.r_peaks = record.beats;
  return record;
}

/// What the file starts with.
struct CacheHeader {
  char magic[8];
  std::uint64_t example_bytes;
  std::uint64_t fingerprint;  ///< of the data and the preprocessing
  std::uint64_t count;

  static CacheHeader make(std::size_t example_bytes, std::uint64_t fingerprint, Index count) {
    return {{'S', 'Y', 'S', 'C', 'A', 'C', 'H', '1'}, example_bytes, fingerprint, static_cast<std::uint64_t>(count)};
  }
};

/// The file: a header, then examples one after the other. Written and read by the same machine: byte order and layout
/// are its own, and the header's size field tells another's apart. Example is CachedExample, or a structure of numbers
/// that begins with one.
template <class Example>
class BasicExampleCache {
 public:
  using Header = CacheHeader;

  BasicExampleCache(BasicExampleCache&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  BasicExampleCache& operator=(BasicExampleCache&&) = delete;
  ~BasicExampleCache() {
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
  }

  /// Maps the file. An error where it is none of this kind, cut short, or of another fingerprint.
  static Result<BasicExampleCache> open(const std::string& path, std::uint64_t fingerprint) {
    const auto file = io::InputFile::open(path);
    if (!file) return file.error();
    Header header{};
    if (file->size() < sizeof header) return error_at(path, "", "is no cache of recordings");
    if (const Status status = file->read(0, &header, sizeof header); !status) return status.error();
    const Header expected = Header::make(sizeof(Example), fingerprint, 0);
    if (std::memcmp(header.magic, expected.magic, sizeof header.magic) != 0 ||
        header.example_bytes != expected.example_bytes)
      return error_at(path, "", "is no cache of recordings that this version can read");
    if (header.fingerprint != fingerprint) return error_at(path, "", "is a cache of other recordings or preprocessing");
    if (header.count > file->size() / sizeof(Example) || file->size() != sizeof header + header.count * sizeof(Example))
      return error_at(path, "", "is cut short");
    const io::Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const auto bytes = static_cast<std::size_t>(file->size());
    void* memory =
        descriptor.number() < 0 ? MAP_FAILED : ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor.number(), 0);
    if (memory == MAP_FAILED) return io::system_error(path, "mapped");
    return BasicExampleCache(memory, bytes);
  }

  Index size() const noexcept { return static_cast<Index>((bytes_ - sizeof(Header)) / sizeof(Example)); }
  const Example& operator[](Index i) const noexcept {
    return reinterpret_cast<const Example*>(static_cast<const char*>(memory_) + sizeof(Header))[i];
  }

 private:
  BasicExampleCache(void* memory, std::size_t bytes) : memory_(memory), bytes_(bytes) {}

  void* memory_;
  std::size_t bytes_;
};

using ExampleCache = BasicExampleCache<CachedExample>;

/// Writes such a file, an example at a time. The file has its name only when finish() has succeeded.
template <class Example>
class BasicExampleCacheWriter {
 public:
  static Result<BasicExampleCacheWriter> create(const std::string& path) {
    BasicExampleCacheWriter writer(path);
    writer.file_ = io::detail::create_temporary(path, writer.temporary_);
    if (writer.file_.number() < 0) return io::system_error(path, "written");
    if (auto status = writer.write_header({}); !status) return status.error();
    return writer;
  }
  BasicExampleCacheWriter(BasicExampleCacheWriter&& other) noexcept
      : path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        file_(std::move(other.file_)),
        count_(other.count_) {}
  BasicExampleCacheWriter& operator=(BasicExampleCacheWriter&&) = delete;
  ~BasicExampleCacheWriter() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  Index count() const noexcept { return count_; }

  Status append(const Example& example) {
    ++count_;
    return write({reinterpret_cast<const char*>(&example), sizeof example});
  }

  Status finish(std::uint64_t fingerprint) {
    if (::lseek(file_.number(), 0, SEEK_SET) != 0) return io::system_error(path_, "written");
    if (auto status = write_header(CacheHeader::make(sizeof(Example), fingerprint, count_)); !status) return status;
    if (::fsync(file_.number()) != 0 || !file_.close() || ::rename(temporary_.c_str(), path_.c_str()) != 0)
      return io::system_error(path_, "written");
    temporary_.clear();
    return {};
  }

 private:
  explicit BasicExampleCacheWriter(std::string path) : path_(std::move(path)) {}

  template <class = void>
  Status write(std::string_view bytes) {
    if (io::detail::write_all(file_.number(), {bytes})) return {};
    return io::system_error(path_, "written");
  }
  Status write_header(const CacheHeader& header) {
    return write({reinterpret_cast<const char*>(&header), sizeof header});
  }

  std::string path_, temporary_;
  io::Descriptor file_;
  Index count_ = 0;
};

using ExampleCacheWriter = BasicExampleCacheWriter<CachedExample>;

}  // namespace systolic::train
