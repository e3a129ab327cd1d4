#pragma once
// Cells of a text table and what its header cells say: RFC 4180 quotes and, as PhysioNet's programs write them, single
// ones; separators , ; and tab.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/io/text.hpp"

namespace systolic::io::detail {

/// `cell` without blanks around it.
inline std::string_view trim_cell(std::string_view cell) noexcept { return TextReader(cell).rest(); }

/// The separator that the header line has most of outside quotes; ',' where it has none (a single column).
template <class = void>
inline char find_separator(std::string_view line) noexcept {
  char best = ',';
  std::ptrdiff_t most = 0;
  for (const char separator : {',', ';', '\t'})
    if (const auto count = std::count(line.begin(), line.end(), separator); count > most) {
      best = separator;
      most = count;
    }
  return best;
}

/// Takes cells off the front of a line. A quote that does not end takes the rest of the line.
class CsvLine {
 public:
  CsvLine(std::string_view line, char separator) noexcept : line_(line), separator_(separator) {}

  bool at_end() const noexcept { return finished_; }
  /// The next cell: without blanks around it, without its quotes.
  template <class = void>
  std::string_view cell() noexcept {
    const auto is_blank = [this](char c) { return c == ' ' || (c == '\t' && separator_ != '\t'); };
    while (!line_.empty() && is_blank(line_.front())) line_.remove_prefix(1);
    if (!line_.empty() && (line_.front() == '"' || line_.front() == '\'')) {
      const std::size_t quote = line_.find(line_.front(), 1);
      const std::string_view inside = line_.substr(1, quote == std::string_view::npos ? quote : quote - 1);
      line_.remove_prefix(quote == std::string_view::npos ? line_.size() : quote + 1);
      skip_separator(line_.find(separator_));
      return trim_cell(inside);
    }
    const std::size_t end = line_.find(separator_);
    const std::string_view result = trim_cell(line_.substr(0, end));
    skip_separator(end);
    return result;
  }

 private:
  void skip_separator(std::size_t at) noexcept {
    finished_ = at == std::string_view::npos;
    line_.remove_prefix(finished_ ? line_.size() : at + 1);
  }
  std::string_view line_;
  char separator_;
  bool finished_ = false;
};

/// "II (mV)", "II [mV]" or "II/mV" in parts: the name and the units ("" where none are given).
template <class = void>
inline std::pair<std::string_view, std::string_view> split_units(std::string_view cell) noexcept {
  for (const auto& [open, close] : {std::pair{'(', ')'}, {'[', ']'}}) {
    const std::size_t start = cell.rfind(open);
    if (start != std::string_view::npos && cell.ends_with(close))
      return {trim_cell(cell.substr(0, start)), trim_cell(cell.substr(start + 1, cell.size() - start - 2))};
  }
  const std::size_t slash = cell.rfind('/');
  if (slash != std::string_view::npos && slash > 0)
    return {trim_cell(cell.substr(0, slash)), trim_cell(cell.substr(slash + 1))};
  return {cell, ""};
}

/// Lower-case letters and digits of `text` only.
template <class = void>
inline std::string plain_word(std::string_view text) {
  std::string word;
  for (const char c : text)
    if (c >= 'A' && c <= 'Z')
      word += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      word += c;
  return word;
}

/// Seconds in one of the units that a time column may have; 0 where they are none.
template <class = void>
inline double seconds_in(std::string_view units) {
  const std::string word = plain_word(units);
  if (word == "s" || word == "sec" || word == "secs" || word == "second" || word == "seconds") return 1;
  if (word == "ms" || word == "msec" || word == "millisecond" || word == "milliseconds") return 1e-3;
  if (word == "us" || word == "microsecond" || word == "microseconds") return 1e-6;
  return 0;
}

/// "1.25" or "[H:]M:S": the number of units or of seconds. `in_clock` tells which.
template <class = void>
inline std::optional<double> parse_time_cell(std::string_view cell, bool& in_clock) noexcept {
  double total = 0;
  in_clock = cell.find(':') != std::string_view::npos;
  for (;;) {
    const std::size_t colon = cell.find(':');
    std::string_view part = cell.substr(0, colon);
    if (part.starts_with('+')) part.remove_prefix(1);
    const auto value = parse_number<double>(part);
    if (!value) return std::nullopt;
    total = total * 60 + *value;
    if (colon == std::string_view::npos) return total;
    cell.remove_prefix(colon + 1);
  }
}

/// True for cells that stand for a sample that was not recorded.
template <class = void>
inline bool is_missing_cell(std::string_view cell) noexcept {
  for (const std::string_view mark : {"", "-", "nan", "NaN", "NAN", "NA", "N/A", "null", "None"})
    if (cell == mark) return true;
  return false;
}

}  // namespace systolic::io::detail
