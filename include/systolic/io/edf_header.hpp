#pragma once
// Headers of EDF, EDF+ and BDF files: fields of fixed width in ASCII. Formats: Kemp et al. 1992 (EDF), Kemp & Olivan
// 2003 (EDF+), https://www.edfplus.info/specs; BDF: https://www.biosemi.com/faq/file_format.htm (24 bits in place of
// 16).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/core/tensor.hpp"
#include "systolic/io/file.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

/// One signal of an EDF file.
struct EdfSignal {
  std::string label;
  std::string units;
  double physical_minimum = 0, physical_maximum = 0;
  int digital_minimum = 0, digital_maximum = 0;
  Index samples_per_record = 0;  ///< in each data record
  std::uint64_t offset = 0;      ///< of its samples in a data record, bytes

  bool is_annotations() const noexcept { return label == "EDF Annotations" || label == "BDF Annotations"; }
};

struct EdfHeader {
  bool is_bdf = false;          ///< samples of 3 bytes, else of 2
  bool is_interrupted = false;  ///< EDF+D: there may be gaps between data records
  std::string patient, recording, start_date, start_time;
  std::uint64_t bytes = 0;        ///< of the header
  Index records = -1;             ///< data records; -1: not known when the header was written
  double seconds_per_record = 0;  ///< 0 is allowed where there is nothing but annotations
  std::vector<EdfSignal> signals;
  std::uint64_t record_bytes = 0;

  int sample_bytes() const noexcept { return is_bdf ? 3 : 2; }
};

namespace detail {

/// Takes fields off the front of a header, without the blanks that fill them up.
class EdfFields {
 public:
  explicit EdfFields(std::string_view text) noexcept : text_(text) {}

  template <class = void>
  std::string_view text(std::size_t width) noexcept {
    std::string_view field = text_.substr(0, width);
    text_.remove_prefix(field.size());
    const auto is_filling = [](char c) { return c == ' ' || c == '\0'; };
    while (!field.empty() && is_filling(field.back())) field.remove_suffix(1);
    while (!field.empty() && is_filling(field.front())) field.remove_prefix(1);
    return field;
  }
  template <class T>
  Status number(std::size_t width, std::string_view what, T& out) {
    std::string_view field = text(width);
    const std::string_view whole = field;
    if (field.starts_with('+')) field.remove_prefix(1);
    const auto value = parse_number<T>(field);
    if (!value) return Error{joined({what, " ", in_quotes(whole), " is not a number of its kind"})};
    out = *value;
    return {};
  }

 private:
  std::string_view text_;
};

/// What must hold for the numbers of a signal to mean samples; the cause otherwise.
template <class = void>
inline Status check_edf_signal(const EdfSignal& signal) {
  if (signal.samples_per_record < 0) return Error{"its samples in a data record are fewer than 0"};
  if (signal.is_annotations()) return {};
  if (!(signal.digital_minimum < signal.digital_maximum)) return Error{"digital minimum is not below the maximum"};
  // Far beyond any voltage, and far from overflow.
  if (std::max(std::abs(signal.physical_minimum), std::abs(signal.physical_maximum)) > 1e12)
    return Error{"physical minimum or maximum is larger than 1e12"};
  if (signal.physical_minimum == signal.physical_maximum) return Error{"physical minimum and maximum are the same"};
  return {};
}

/// The fields of all signals: all labels, then all transducers, and so on.
template <class = void>
inline Status parse_edf_signals(std::string_view text, EdfHeader& header) {
  EdfFields fields(text);
  auto& signals = header.signals;
  const auto who = [](std::size_t i) { return joined({"signal ", i + 1}); };
  const auto for_each = [&](auto&& parse) -> Status {
    for (std::size_t i = 0; i < signals.size(); ++i)
      if (Status status = parse(signals[i]); !status) return error_at("", who(i), status.error().message);
    return {};
  };
  const auto numbers = [&](std::string_view what, auto EdfSignal::*member) {
    return for_each([&](EdfSignal& signal) {
      // The numbers of an annotation signal mean nothing, but for its size.
      const Status status = fields.number(8, what, signal.*member);
      return signal.is_annotations() && what != "samples in a data record" ? Status() : status;
    });
  };
  for (EdfSignal& signal : signals) signal.label = fields.text(16);
  for (std::size_t i = 0; i < signals.size(); ++i) fields.text(80);  // transducer
  for (EdfSignal& signal : signals) signal.units = fields.text(8);
  if (auto status = numbers("physical minimum", &EdfSignal::physical_minimum); !status) return status;
  if (auto status = numbers("physical maximum", &EdfSignal::physical_maximum); !status) return status;
  if (auto status = numbers("digital minimum", &EdfSignal::digital_minimum); !status) return status;
  if (auto status = numbers("digital maximum", &EdfSignal::digital_maximum); !status) return status;
  for (std::size_t i = 0; i < signals.size(); ++i) fields.text(80);  // filters
  if (auto status = numbers("samples in a data record", &EdfSignal::samples_per_record); !status) return status;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    if (auto status = check_edf_signal(signals[i]); !status) return error_at("", who(i), status.error().message);
    signals[i].offset = header.record_bytes;
    // At most 9999 signals of 99999999 samples of 3 bytes: far from overflow.
    header.record_bytes += static_cast<std::uint64_t>(signals[i].samples_per_record * header.sample_bytes());
  }
  return {};
}

inline constexpr std::string_view bdf_version =
    "\xFF"
    "BIOSEMI";

}  // namespace detail

/// True where a file that begins with `bytes` claims to be EDF or BDF.
inline bool is_edf(std::string_view bytes) noexcept {
  return bytes.starts_with("0       ") || bytes.starts_with(detail::bdf_version);
}

/// Reads the header of an open EDF, EDF+ or BDF file. Ensures a data record that is not empty.
template <class = void>
inline Result<EdfHeader> read_edf_header(const InputFile& file) {
  constexpr std::size_t fixed = 256, a_signal = 256;
  const auto fail = [&](std::string_view place, std::string_view cause) { return error_at(file.path(), place, cause); };
  if (file.size() < fixed)
    return fail("header", "the file is shorter than the 256 bytes that an EDF header begins with");
  std::string text(fixed, '\0');
  if (auto status = file.read(0, text.data(), fixed); !status) return status.error();
  if (!is_edf(text)) return fail("header", "begins with neither EDF's nor BDF's version");

  EdfHeader header;
  header.is_bdf = text.starts_with(detail::bdf_version);
  detail::EdfFields fields(std::string_view(text).substr(8));
  header.patient = fields.text(80);
  header.recording = fields.text(80);
  header.start_date = fields.text(8);
  header.start_time = fields.text(8);
  int signals = 0;
  const auto parse = [&]() -> Status {
    if (auto status = fields.number(8, "header size", header.bytes); !status) return status;
    const std::string_view kind = fields.text(44);
    header.is_interrupted = kind.starts_with("EDF+D") || kind.starts_with("BDF+D");
    if (auto status = fields.number(8, "number of data records", header.records); !status) return status;
    if (auto status = fields.number(8, "duration of a data record", header.seconds_per_record); !status) return status;
    return fields.number(4, "number of signals", signals);
  };
  if (auto status = parse(); !status) return fail("header", status.error().message);
  if (signals < 1) return fail("header", "has no signals");
  if (header.records < -1) return fail("header", "number of data records is negative");
  if (header.seconds_per_record < 0) return fail("header", "duration of a data record is negative");
  if (header.bytes != fixed + a_signal * static_cast<std::uint64_t>(signals))
    return fail("header", joined({"its size is given as ", header.bytes, " bytes, but ", signals, " signals need ",
                                  fixed + a_signal * static_cast<std::uint64_t>(signals)}));
  if (header.bytes > file.size()) return fail("header", "the file ends within it");
  text.resize(static_cast<std::size_t>(header.bytes) - fixed);
  if (auto status = file.read(fixed, text.data(), text.size()); !status) return status.error();
  header.signals.resize(static_cast<std::size_t>(signals));
  if (auto status = detail::parse_edf_signals(text, header); !status) return fail("", status.error().message);
  if (header.record_bytes == 0) return fail("header", "no signal has samples");
  return header;
}

}  // namespace systolic::io
