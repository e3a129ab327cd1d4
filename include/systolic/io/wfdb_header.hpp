#pragma once
// The header of a WFDB record (.hea). Format: header(5) of the WFDB Applications Guide,
// https://physionet.org/physiotools/wag/header-5.htm.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

/// One signal line.
struct WfdbSignal {
  std::string file;  ///< relative to the header's folder
  int format = 16;   ///< storage format, see wfdb_formats.hpp
  int samples_per_frame = 1;
  int skew = 0;                   ///< samples by which the signal lags
  std::uint64_t byte_offset = 0;  ///< of the first sample in `file`
  double gain = 200;              ///< sample steps a unit
  int baseline = 0;               ///< sample value of 0 units
  std::string units = "mV";
  int adc_resolution = 0;  ///< bits; 0: the format's
  int adc_zero = 0;
  int initial_value = 0;
  std::optional<std::uint16_t> checksum;  ///< sum of all samples modulo 65536
  std::int64_t block_size = 0;
  std::string description;  ///< the lead's name
};

/// A stretch of a recording that lies in a record of its own.
struct WfdbSegment {
  std::string name;  ///< of that record; "~": nothing was recorded
  Index length = 0;  ///< frames; 0: that record's header only says which signals there are (variable layout)
};

/// A header: of signals or, where the recording was cut into several, of segments.
struct WfdbHeader {
  std::string name;
  double rate = 250;             ///< frames a second; 250 is the format's default
  double counter_frequency = 0;  ///< 0: that of `rate`
  double base_counter = 0;
  std::optional<Index> length;  ///< frames; absent: as many as the signal file has
  std::vector<WfdbSignal> signals;
  std::vector<WfdbSegment> segments;
  std::vector<std::string> comments;  ///< without '#'
};

namespace detail {

/// Sets `out` to the number in `word`; the cause otherwise.
template <class T>
Status set_number(std::string_view what, std::string_view word, T& out) {
  const auto number = parse_number<T>(word);
  if (!number) return failure({what, " ", in_quotes(word), " is not a number of its kind"});
  out = *number;
  return {};
}

/// NAME[/SEGMENTS] SIGNALS [RATE[/COUNTER_FREQUENCY[(BASE)]] [LENGTH [TIME [DATE]]]]
template <class = void>
[[gnu::cold]] inline Status parse_record_line(std::string_view line, WfdbHeader& header, int& signal_count,
                                              int& segment_count) {
  TextReader words(line);
  TextReader name(words.word());
  header.name = name.until("/");
  if (name.accept('/')) {
    if (auto status = set_number("number of segments", name.rest(), segment_count); !status) return status;
    constexpr int most_segments = 100000;
    if (segment_count < 1 || segment_count > most_segments)
      return failure({"number of segments ", segment_count, " is not between 1 and ", most_segments});
  }
  if (auto status = set_number("number of signals", words.word(), signal_count); !status) return status;
  constexpr int most_signals = 1024;
  if (signal_count < 1 || signal_count > most_signals)
    return failure({"number of signals ", signal_count, " is not between 1 and ", most_signals});
  const std::string_view frequency_word = words.word();
  if (!frequency_word.empty()) {
    TextReader frequency(frequency_word);
    const std::string_view rate = frequency.until("/");
    if (auto status = set_number("sampling rate", rate, header.rate); !status) return status;
    // Trends have a sample a minute, intracardiac recordings some ten thousand a second.
    if (header.rate < 1e-3 || header.rate > 1e6)
      return failure({"sampling rate ", in_quotes(rate), " is not between 0.001 and 1000000"});
    if (frequency.accept('/')) {
      if (auto status = set_number("counter frequency", frequency.until("("), header.counter_frequency); !status)
        return status;
      if (frequency.accept('('))
        if (auto status = set_number("base counter", frequency.until(")"), header.base_counter); !status) return status;
    }
  }
  const std::string_view length_word = words.word();
  if (length_word.empty()) return {};
  Index length = 0;
  if (auto status = set_number("length", length_word, length); !status) return status;
  if (length < 0) return failure({"length ", in_quotes(length_word), " is negative"});
  if (length > 0) header.length = length;
  return {};
}

/// A name that leaves the header's folder could make a stranger's header read any file.
template <class = void>
[[gnu::cold]] inline Status check_signal_file_name(std::string_view name) {
  if (name.starts_with('/')) return failure({"signal file ", in_quotes(name), " is an absolute path"});
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 32)
      return failure({"signal file ", in_quotes(name), " has a control character"});
  TextReader parts(name);
  do {
    const std::string_view part = parts.until("/");
    if (part == "..") return failure({"signal file ", in_quotes(name), " climbs out of the record's folder"});
    // Two names of one file would multiply the memory that a small file can claim.
    if (part.empty() || part == ".") return failure({"signal file ", in_quotes(name), " is not a plain name"});
  } while (parts.accept('/'));
  return {};
}

/// NAME LENGTH
template <class = void>
[[gnu::cold]] inline Status parse_segment_line(std::string_view line, WfdbSegment& segment) {
  TextReader words(line);
  segment.name = words.word();
  if (auto status = check_signal_file_name(segment.name); !status) return status;
  if (segment.name.find('/') != std::string::npos)
    return failure({"segment ", in_quotes(segment.name), " is not in the record's folder"});
  if (auto status = set_number("length", words.word(), segment.length); !status) return status;
  return segment.length < 0 ? failure({"length ", segment.length, " is negative"}) : Status();
}

/// FORMAT[xSAMPLES_PER_FRAME][:SKEW][+BYTE_OFFSET]
template <class = void>
[[gnu::cold]] inline Status parse_format(std::string_view word, WfdbSignal& signal) {
  TextReader text(word);
  if (auto status = set_number("format", text.until("x:+"), signal.format); !status) return status;
  if (text.accept('x'))
    if (auto status = set_number("samples per frame", text.until(":+"), signal.samples_per_frame); !status)
      return status;
  if (text.accept(':'))
    if (auto status = set_number("skew", text.until("+"), signal.skew); !status) return status;
  if (text.accept('+')) return set_number("byte offset", text.rest(), signal.byte_offset);
  return {};
}

/// GAIN[(BASELINE)][/UNITS]
template <class = void>
[[gnu::cold]] inline Status parse_gain(std::string_view word, WfdbSignal& signal, bool& has_baseline) {
  TextReader text(word);
  const std::string_view gain = text.until("(/");
  if (auto status = set_number("gain", gain, signal.gain); !status) return status;
  if (signal.gain == 0) signal.gain = 200;
  // Outside these bounds a sample in mV could overflow or vanish.
  if (std::abs(signal.gain) < 1e-9 || std::abs(signal.gain) > 1e15)
    return failure({"gain ", in_quotes(gain), " is not between 1e-9 and 1e15"});
  if (text.accept('(')) {
    if (auto status = set_number("baseline", text.until(")"), signal.baseline); !status) return status;
    has_baseline = true;
    if (!text.accept(')')) return failure({"')' is missing after the baseline in ", in_quotes(word)});
  }
  if (text.accept('/'))
    signal.units = text.rest();
  else if (!text.at_end())
    return failure({"unexpected text after the baseline in ", in_quotes(word)});
  return {};
}

/// FILE FORMAT [GAIN [ADC_RESOLUTION [ADC_ZERO [INITIAL_VALUE [CHECKSUM [BLOCK_SIZE [DESCRIPTION]]]]]]]
template <class = void>
[[gnu::cold]] inline Status parse_signal_line(std::string_view line, WfdbSignal& signal) {
  TextReader words(line);
  signal.file = words.word();
  if (auto status = check_signal_file_name(signal.file); !status) return status;
  if (auto status = parse_format(words.word(), signal); !status) return status;
  bool has_baseline = false;
  std::string_view word = words.word();
  if (!word.empty())
    if (auto status = parse_gain(word, signal, has_baseline); !status) return status;
  std::int64_t checksum = 0;
  const auto optional_number = [&](std::string_view what, auto& out) -> Status {
    word = word.empty() ? word : words.word();
    return word.empty() ? Status() : set_number(what, word, out);
  };
  if (auto status = optional_number("ADC resolution", signal.adc_resolution); !status) return status;
  if (auto status = optional_number("ADC zero", signal.adc_zero); !status) return status;
  if (!has_baseline) signal.baseline = signal.adc_zero;
  if (auto status = optional_number("initial value", signal.initial_value); !status) return status;
  if (auto status = optional_number("checksum", checksum); !status) return status;
  // Written signed or unsigned; only its lowest 16 bits count.
  if (!word.empty()) signal.checksum = static_cast<std::uint16_t>(static_cast<std::uint64_t>(checksum) & 0xFFFF);
  if (auto status = optional_number("block size", signal.block_size); !status) return status;
  signal.description = words.rest();
  return {};
}

}  // namespace detail

/// The header that `text` spells. `file` is its name, for messages ("FILE: line 3: CAUSE").
template <class = void>
[[gnu::cold]] inline Result<WfdbHeader> parse_wfdb_header(std::string_view text, const std::string& file) {
  WfdbHeader header;
  int promised = 0;  // lines after the record line
  int segments = 0;  // 0: those lines are signals
  int line_number = 0;
  const auto what = [&] { return segments > 0 ? "segment" : "signal"; };
  for (TextReader lines(text); !lines.at_end();) {
    const std::string_view line = TextReader(lines.line()).rest();
    ++line_number;
    if (line.starts_with('#')) header.comments.emplace_back(TextReader(line.substr(1)).rest());
    if (line.empty() || line.starts_with('#')) continue;
    Status status;
    if (promised == 0) {
      status = detail::parse_record_line(line, header, promised, segments);
      if (segments > 0) promised = segments;
    } else if (static_cast<int>(header.signals.size() + header.segments.size()) == promised) {
      status = failure({"a ", what(), " beyond the ", promised, " that the record line promises"});
    } else if (segments > 0) {
      status = detail::parse_segment_line(line, header.segments.emplace_back());
    } else {
      status = detail::parse_signal_line(line, header.signals.emplace_back());
    }
    if (!status) return error_at(file, joined({"line ", line_number}), status.error().message);
  }
  if (promised == 0) return error_at(file, "", "has no record line; is it a WFDB header?");
  const std::size_t found = header.signals.size() + header.segments.size();
  if (static_cast<int>(found) != promised)
    return failure_at(file, joined({"line ", line_number}),
                      {"ends after ", found, " of the ", promised, " ", what(), "s that the record line promises"});
  return header;
}

/// The path of a record's header: `path` with ".hea", which it may have already.
template <class = void>
inline std::string wfdb_header_path(const std::string& path) {
  return path.ends_with(".hea") ? path : joined({path, ".hea"});
}

/// Reads the header of the record `path`, with or without ".hea".
template <class = void>
[[gnu::cold]] inline Result<WfdbHeader> read_wfdb_header(const std::string& path) {
  struct stat status {};
  const std::string header_path = wfdb_header_path(path);
  const bool has_header = ::stat(header_path.c_str(), &status) == 0;
  if (!has_header && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    return error_at(path, "", "is a folder, not a record");
  constexpr std::uint64_t largest_header = std::uint64_t{1} << 20;
  auto text = read_file(header_path, largest_header);
  if (!text) return text.error();
  return parse_wfdb_header(*text, header_path);
}

}  // namespace systolic::io
