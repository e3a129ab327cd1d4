#pragma once
// Words and numbers of text files, independent of the locale, and text of unknown origin made fit for a message.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace systolic::io {

/// The number that the whole of `text` spells; nothing where it spells none, leaves characters over, does not fit into
/// T, or is infinite or NaN.
template <class T>
std::optional<T> parse_number(std::string_view text) noexcept {
  // One integer type does for all, which spares the compiler the others.
  using Parsed = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
  Parsed value{};
  const auto [next, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || next != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) return std::nullopt;
  } else {
    if (!std::in_range<T>(value)) return std::nullopt;
  }
  return static_cast<T>(value);
}

/// `text` in quotes for a message: control characters replaced, cut after 60 bytes.
template <class = void>
[[gnu::cold]] inline std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string result = "'";
  for (const char c : text.substr(0, most)) result += static_cast<unsigned char>(c) < 32 || c == 127 ? '?' : c;
  return result + (text.size() > most ? "...'" : "'");
}

/// Takes lines or blank-separated words off the front of a text.
class TextReader {
 public:
  explicit TextReader(std::string_view text) noexcept : text_(text) {}

  bool at_end() const noexcept { return text_.empty(); }
  /// The next line without its end ("\n" or "\r\n").
  template <class = void>
  std::string_view line() noexcept {
    std::string_view result = take(text_.find('\n'));
    if (!text_.empty()) text_.remove_prefix(1);
    if (result.ends_with('\r')) result.remove_suffix(1);
    return result;
  }
  /// The next word; empty where none is left.
  template <class = void>
  std::string_view word() noexcept {
    skip_blanks();
    return take(text_.find_first_of(blanks));
  }
  /// What is left, without blanks around it.
  template <class = void>
  std::string_view rest() noexcept {
    skip_blanks();
    const std::size_t last = text_.find_last_not_of(blanks);
    return text_.substr(0, last == std::string_view::npos ? 0 : last + 1);
  }
  /// Takes the characters up to the first of `ends`, which stays.
  std::string_view until(std::string_view ends) noexcept { return take(text_.find_first_of(ends)); }
  /// Takes `c` if it is next.
  template <class = void>
  bool accept(char c) noexcept {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

 private:
  static constexpr std::string_view blanks = " \t\v\f";
  void skip_blanks() noexcept { take(text_.find_first_not_of(blanks)); }
  template <class = void>
  std::string_view take(std::size_t count) noexcept {
    const std::string_view result = text_.substr(0, count);
    text_.remove_prefix(result.size());
    return result;
  }

  std::string_view text_;
};

}  // namespace systolic::io
