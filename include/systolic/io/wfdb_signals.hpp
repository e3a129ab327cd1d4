#pragma once
// Signal files of WFDB records: which signals share a file, and how its bytes become samples in mV.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/wfdb_formats.hpp"
#include "systolic/io/wfdb_header.hpp"

namespace systolic::io {

/// Part of a recording, in samples; a negative count means up to the end.
struct WfdbRange {
  Index first = 0;
  Index count = -1;
};

namespace detail {

/// The signals that one file holds, sample by sample in turn.
struct WfdbGroup {
  std::string file;
  const WfdbFormat* format = nullptr;
  std::uint64_t byte_offset = 0;
  std::vector<std::size_t> signals;  // indices into WfdbHeader::signals
  std::vector<std::size_t> slots;    // of each sample of a frame: which of `signals` it belongs to
};

/// Factor from `units` to mV; 0 where they are no voltage. The micro sign comes as 'u', UTF-8 (two code points) or
/// Latin-1.
template <class = void>
[[gnu::cold]] inline double millivolts_per_unit(std::string_view units) noexcept {
  for (const std::string_view known : {"", "mV", "mv", "MV", "mVolt", "millivolt", "mvolt"})
    if (units == known) return 1;
  for (const std::string_view known : {"uV", "uv", "UV", "\xC2\xB5V", "\xCE\xBCV", "\xB5V", "microvolt"})
    if (units == known) return 1e-3;
  for (const std::string_view known : {"nV", "nv", "NV"})
    if (units == known) return 1e-6;
  return units == "V" || units == "v" || units == "Volt" || units == "volt" ? 1e3 : 0;
}

/// Signals by file; the cause, with the signal's number, where a signal is stored in a way that is not read.
template <class = void>
[[gnu::cold]] inline Result<std::vector<WfdbGroup>> group_wfdb_signals(const WfdbHeader& header) {
  std::vector<WfdbGroup> groups;
  for (std::size_t i = 0; i < header.signals.size(); ++i) {
    const WfdbSignal& signal = header.signals[i];
    const std::string who = joined({"signal ", i + 1, ": "});
    const WfdbFormat* format = find_wfdb_format(signal.format);
    if (!format) return failure({who, "format ", signal.format, " is not read"});
    constexpr int most = 10000;
    if (signal.samples_per_frame < 1 || signal.samples_per_frame > most)
      return failure({who, "samples a frame, ", signal.samples_per_frame, ", are not between 1 and ", most});
    if (signal.skew < 0 || signal.skew > most)
      return failure({who, "skew of ", signal.skew, " frames is not between 0 and ", most});
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.file == signal.file; });
    if (group == groups.end()) group = groups.insert(groups.end(), {signal.file, format, signal.byte_offset, {}, {}});
    if (group->format != format) return failure({who, "one signal file in two formats is not read"});
    if (signal.byte_offset != 0 && signal.byte_offset != group->byte_offset)
      return failure({who, "byte offset differs from that of the file's first signal"});
    group->slots.insert(group->slots.end(), static_cast<std::size_t>(signal.samples_per_frame), group->signals.size());
    if (group->slots.size() > 100000) return failure({who, "a frame of more than 100000 samples is not read"});
    group->signals.push_back(i);
  }
  return groups;
}

/// Frames of which the file has every byte.
template <class = void>
inline std::uint64_t complete_frames(const WfdbGroup& group, std::uint64_t bytes) noexcept {
  const std::uint64_t data = bytes - std::min(bytes, group.byte_offset);
  const std::uint64_t width = group.slots.size();
  const auto pack = static_cast<std::uint64_t>(group.format->samples);
  std::uint64_t frames = (data / static_cast<std::uint64_t>(group.format->bytes) + 1) * pack / width + 1;
  while (frames > 0 && group.format->bytes_for(frames * width) > data) --frames;
  return frames;
}

/// Takes the samples of one file in turn: checksums, invalid marks, skew, conversion to mV.
class WfdbScatter {
 public:
  /// Column `column[i]` of `out` (-1: none) gets the group's signal i, which has `per_frame` samples a frame where it
  /// has a column. `length` frames, those that the header promises, count for checksums.
  template <class = void>
  WfdbScatter(const WfdbHeader& header, const WfdbGroup& group, const std::vector<Index>& columns, Index per_frame,
              Index length, WfdbRange range, TensorView<double> out)
      : range_(range), length_(length), per_frame_(per_frame), out_(out), invalid_(group.format->invalid) {
    for (const std::size_t i : group.signals) {
      const WfdbSignal& signal = header.signals[i];
      channels_.push_back({signal.gain, static_cast<double>(signal.baseline), millivolts_per_unit(signal.units),
                           columns[i], signal.skew, 0, group.format->differences, signal.initial_value});
    }
  }

  /// Sample number `within` of those that signal `index` has in the frame.
  template <class = void>
  void take(Index frame, std::size_t index, Index within, std::int32_t sample) noexcept {
    Channel& channel = channels_[index];
    if (channel.differences) {
      // Wraps like the 16-bit arithmetic that wrote it.
      channel.last = sign_extend(static_cast<std::uint32_t>(channel.last) + static_cast<std::uint32_t>(sample), 32);
      sample = channel.last;
    }
    if (frame < length_) channel.sum += static_cast<std::uint32_t>(sample);
    const Index row = (frame - channel.skew) * per_frame_ + within - range_.first;
    if (channel.column < 0 || row < 0 || row >= range_.count) return;
    out_(row, channel.column) = sample == invalid_ ? std::numeric_limits<double>::quiet_NaN()
                                                   : (sample - channel.baseline) / channel.gain * channel.factor;
  }
  std::uint16_t checksum(std::size_t index) const noexcept {
    return static_cast<std::uint16_t>(channels_[index].sum & 0xFFFF);
  }

 private:
  struct Channel {
    double gain, baseline, factor;
    Index column, skew;
    std::uint32_t sum;
    bool differences;
    std::int32_t last;
  };
  WfdbRange range_;
  Index length_, per_frame_;
  TensorView<double> out_;
  std::int32_t invalid_;
  std::vector<Channel> channels_;
};

/// Feeds the samples [from, to) of the file (counted over all its signals) to `scatter`. Requires whole frames.
template <class = void>
inline Status unpack_wfdb(const InputFile& file, const WfdbGroup& group, std::uint64_t from, std::uint64_t to,
                          WfdbScatter& scatter) {
  const WfdbFormat& format = *group.format;
  const auto per_pack = static_cast<std::uint64_t>(format.samples);
  const auto pack_bytes = static_cast<std::uint64_t>(format.bytes);
  constexpr std::uint64_t packs_at_once = 16384;
  std::vector<unsigned char> buffer(packs_at_once * pack_bytes);
  const std::uint64_t width = group.slots.size();
  auto frame = static_cast<Index>(from / width);
  std::size_t slot = static_cast<std::size_t>(from % width);
  Index within = 0;  // requires that `from` begins a frame
  for (std::uint64_t pack = from / per_pack; pack * per_pack < to; pack += packs_at_once) {
    const std::uint64_t start = pack * pack_bytes;
    const std::uint64_t count = std::min(packs_at_once * pack_bytes, format.bytes_for(to) - start);
    if (auto status = file.read(group.byte_offset + start, buffer.data(), static_cast<std::size_t>(count)); !status)
      return status;
    std::fill(buffer.begin() + static_cast<Index>(count), buffer.end(), static_cast<unsigned char>(0));
    for (std::uint64_t p = 0; p < packs_at_once && (pack + p) * per_pack < to; ++p) {
      std::int32_t samples[wfdb_largest_pack];
      format.unpack(buffer.data() + p * pack_bytes, samples);
      for (std::uint64_t i = 0; i < per_pack; ++i) {
        const std::uint64_t index = (pack + p) * per_pack + i;
        if (index < from || index >= to) continue;
        scatter.take(frame, group.slots[slot], within, samples[i]);
        if (++slot == width) {
          slot = 0;
          ++frame;
        }
        within = slot > 0 && group.slots[slot] == group.slots[slot - 1] ? within + 1 : 0;
      }
    }
  }
  return {};
}

}  // namespace detail

}  // namespace systolic::io
