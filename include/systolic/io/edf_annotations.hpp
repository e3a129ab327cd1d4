#pragma once
// Annotations of EDF+ and BDF+: a signal whose bytes are text, "time-stamped annotation lists" (TALs),
// https://www.edfplus.info/specs/edfplus.html#tal. The first list of a data record tells when that record starts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/io/message.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io {

struct EdfAnnotation {
  double onset = 0;     ///< s from the start of the file
  double duration = 0;  ///< s; 0 where none is given
  std::string text;     ///< UTF-8
};

namespace detail {

/// A number of seconds as TALs write it; an onset must have its sign.
template <class = void>
inline std::optional<double> parse_edf_seconds(std::string_view text, bool with_sign) noexcept {
  if (with_sign && !text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  return parse_number<double>(text);
}

}  // namespace detail

/// Appends the annotations in `bytes`, one data record's part of an annotation signal, to `out`. Returns the onset of
/// the first list that has an empty annotation (the time at which the data record starts), if there is one. Lists are
/// "ONSET[\x15DURATION]\x14TEXT\x14[TEXT\x14...]\0"; zeros fill up the rest. The cause where they are not.
template <class = void>
inline Result<std::optional<double>> parse_edf_annotations(std::string_view bytes, std::vector<EdfAnnotation>& out) {
  std::optional<double> record_start;
  while (!bytes.empty()) {
    if (bytes.front() == '\0') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::string_view list = bytes.substr(0, bytes.find('\0'));
    bytes.remove_prefix(list.size());
    const std::size_t stamp = list.find('\x14');
    if (stamp == std::string_view::npos || list.back() != '\x14')
      return Error{joined({"annotation ", in_quotes(list), " does not end"})};
    const std::string_view time = list.substr(0, stamp);
    const std::size_t bar = time.find('\x15');
    const auto onset = detail::parse_edf_seconds(time.substr(0, bar), true);
    const auto duration = bar == std::string_view::npos ? std::optional<double>(0)
                                                        : detail::parse_edf_seconds(time.substr(bar + 1), false);
    if (!onset || !duration) return Error{joined({"annotation ", in_quotes(list), " has no readable time"})};
    std::string_view texts = list.substr(stamp + 1);
    if (texts.empty() || texts.front() == '\x14')
      if (!record_start) record_start = *onset;
    while (!texts.empty()) {
      const std::string_view text = texts.substr(0, texts.find('\x14'));
      texts.remove_prefix(text.size() + 1);
      if (!text.empty()) out.push_back({*onset, *duration, std::string(text)});
    }
  }
  return record_start;
}

}  // namespace systolic::io
