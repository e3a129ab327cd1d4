#pragma once
// A recording of any length: held in memory, or left on the disk and read part by part.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/ecg/quality.hpp"
#include "systolic/ecg/record.hpp"
#include "systolic/ecg/window.hpp"

namespace program {

using systolic::Index;

/// A recording of more samples, over all leads, is not held if its format can be read in parts.
inline constexpr Index most_held_samples = Index{1} << 22;

/// Immutable: any number of threads may read parts at the same time.
class Recording {
 public:
  explicit Recording(systolic::Record held) : record_(std::move(held)), length_(record_.length()) {}

  /// The WFDB record `path`, of `length` samples a lead; `about` is all but its samples.
  Recording(systolic::Record about, Index length, std::string path)
      : record_(std::move(about)), length_(length), path_(std::move(path)) {}

  const std::string& name() const noexcept { return record_.name; }
  double rate() const noexcept { return record_.rate; }
  const std::string& units() const noexcept { return record_.units; }
  const std::vector<std::string>& leads() const noexcept { return record_.leads; }
  const std::vector<std::string>& warnings() const noexcept { return record_.warnings; }
  /// Free text of the header, which may identify a person.
  const std::vector<std::string>& comments() const noexcept { return record_.comments; }
  Index length() const noexcept { return length_; }
  double seconds() const noexcept { return rate() > 0 ? static_cast<double>(length_) / rate() : 0; }
  Index windows() const { return systolic::window_count(rate(), length_); }
  double left_out_seconds() const { return systolic::left_out_seconds(rate(), length_); }

  /// The samples of `range`, which must lie within the recording.
  systolic::Result<systolic::Record> part(systolic::SampleRange range) const;
  systolic::Result<systolic::Record> all() const { return part({0, length_}); }

  /// Window `number` with its samples at the recording's own rate. Of a recording without windows number 0 is the
  /// reason why, with what samples there are (at most 10 s).
  struct OwnWindow {
    systolic::Record record;
    systolic::Window window;
  };
  systolic::Result<OwnWindow> window(Index number, bool allow_missing) const;

  /// The same with its quality, where it is a whole window: `window.reason` then says what that has against it, too.
  struct CheckedWindow : OwnWindow {
    std::optional<systolic::WindowQuality> quality;
  };
  systolic::Result<CheckedWindow> checked_window(Index number, bool allow_missing) const;

 private:
  systolic::Record record_;
  Index length_;
  std::string path_;  // empty: record_ holds the samples
};

}  // namespace program
