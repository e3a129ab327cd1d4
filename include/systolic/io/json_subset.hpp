#pragma once
// The part of JSON (RFC 8259) that headers of weight files use: objects, strings, arrays and integers that are not
// negative. The caller asks for what must come next, so that nothing nests deeper than the caller does.

#include <cstdint>
#include <string>
#include <string_view>

#include "systolic/io/message.hpp"

namespace systolic::io {

/// True where `text` is UTF-8: no stray or missing continuation byte, no overlong form, no surrogate.
template <class = void>
inline bool is_utf8(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char lead = byte(i);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || length > text.size() - i) return false;
    std::uint32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if (byte(i + k) >> 6 != 2) return false;
      code = code << 6 | (byte(i + k) & 0x3Fu);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

/// Reads a JSON text token by token. The first surprise makes every later call fail; `problem()` tells what it was.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) noexcept : text_(text) {}

  bool failed() const noexcept { return !problem_.empty(); }
  const std::string& problem() const noexcept { return problem_; }
  std::size_t position() const noexcept { return position_; }

  /// Takes `c` if it is the next token.
  template <class = void>
  bool accept(char c) noexcept {
    skip_blanks();
    if (failed() || position_ == text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  template <class = void>
  bool expect(char c) {
    if (accept(c)) return true;
    if (!failed()) problem_ = joined({"expected '", c, "'"});
    return false;
  }
  /// True where another member or element follows; `first` is true at the first call of a list that `end` closes.
  template <class = void>
  bool more(char end, bool& first) {
    if (failed() || accept(end)) return false;
    if (!first && !expect(',')) return false;
    first = false;
    return true;
  }
  /// True where only blanks are left.
  bool finish() {
    skip_blanks();
    return !failed() && (position_ == text_.size() || fail("text after the end"));
  }

  template <class = void>
  [[gnu::cold]] bool string(std::string& out) {
    out.clear();
    if (!expect('"')) return false;
    const std::size_t start = position_;
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == '"') return is_utf8(out) || fail("a string that is not UTF-8", start);
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
      if (c != '\\') {
        out += c;
      } else if (!escape(out)) {
        return false;
      }
    }
    return fail("a string does not end", start);
  }

  template <class = void>
  [[gnu::cold]] bool unsigned_integer(std::uint64_t& out) {
    skip_blanks();
    if (failed()) return false;
    const std::size_t start = position_;
    out = 0;
    for (; position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9'; ++position_) {
      const auto digit = static_cast<std::uint64_t>(text_[position_] - '0');
      if (out > (~std::uint64_t{0} - digit) / 10) return fail("a number is too large");
      out = out * 10 + digit;
    }
    if (position_ == start || (text_[start] == '0' && position_ - start > 1))
      return fail("expected an integer of at least 0");
    const char next = position_ < text_.size() ? text_[position_] : ' ';
    return (next != '.' && next != 'e' && next != 'E') || fail("expected an integer");
  }

 private:
  bool fail(const char* problem) {
    if (!failed()) problem_ = problem;
    return false;
  }
  bool fail(const char* problem, std::size_t position) {
    if (!failed()) position_ = position;
    return fail(problem);
  }
  void skip_blanks() noexcept {
    while (position_ < text_.size() && std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos)
      ++position_;
  }

  template <class = void>
  [[gnu::cold]] bool escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const char c = position_ < text_.size() ? text_[position_++] : '\0';
    if (const std::size_t i = letters.find(c); i != std::string_view::npos) {
      out += meanings[i];
      return true;
    }
    std::uint32_t code = 0;
    if (c != 'u' || !hexadecimal(code)) return fail("an escape that JSON does not have");
    if (code >= 0xD800 && code <= 0xDBFF) {
      // Beyond the first 65536 characters one is written as two escapes, a surrogate pair.
      std::uint32_t low = 0;
      if (!text_.substr(position_).starts_with("\\u")) return fail("half a surrogate pair");
      position_ += 2;
      if (!hexadecimal(low) || low < 0xDC00 || low > 0xDFFF) return fail("half a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
      put(code);
      return true;
    }
    const int followers = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    put((0xFF00u >> (followers + 1) & 0xFF) | code >> (6 * followers));
    for (int i = followers - 1; i >= 0; --i) put(0x80 | (code >> (6 * i) & 0x3F));
    return true;
  }
  template <class = void>
  bool hexadecimal(std::uint32_t& code) noexcept {
    if (text_.size() - position_ < 4) return false;
    for (int i = 0; i < 4; ++i) {
      const auto digit = std::string_view("0123456789abcdefABCDEF").find(text_[position_++]);
      if (digit == std::string_view::npos) return false;
      code = code << 4 | static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
    }
    return true;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string problem_;
};

/// `text` as a JSON string with its quotes.
template <class = void>
[[gnu::cold]] inline std::string json_quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (code < 0x20) {
      result += "\\u00";
      result += "0123456789abcdef"[code >> 4];
      result += "0123456789abcdef"[code & 15];
    } else {
      result += c;
    }
  }
  return result + '"';
}

}  // namespace systolic::io
