#pragma once
// Texts put together from words and numbers. One function does it for all messages of the readers: chains of `+` in
// hundreds of places would cost every user's compiler more than all the reading. For the same reason what runs once a
// file is marked cold throughout these readers: compilers then make it small instead of fast, in three quarters of the
// time.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "systolic/core/result.hpp"

namespace systolic::io {

/// A word, a character or an integer of a text. It refers to the word, so it is only made in the call of `joined`.
class TextPart {
 public:
  TextPart(const char* word) noexcept : word_(word) {}
  TextPart(std::string_view word) noexcept : word_(word) {}
  TextPart(const std::string& word) noexcept : word_(word) {}
  TextPart(char character) noexcept : kind_(Kind::character), magnitude_(static_cast<unsigned char>(character)) {}
  TextPart(std::unsigned_integral auto number) noexcept : kind_(Kind::number), magnitude_(number) {}
  TextPart(std::signed_integral auto number) noexcept
      : kind_(number < 0 ? Kind::negative : Kind::number),
        magnitude_(number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number)) {}

  template <class = void>
  void append_to(std::string& text) const {
    if (kind_ == Kind::word) {
      text += word_;
    } else if (kind_ == Kind::character) {
      text += static_cast<char>(magnitude_);
    } else {
      char digits[20];
      if (kind_ == Kind::negative) text += '-';
      text.append(digits, std::to_chars(digits, digits + sizeof(digits), magnitude_).ptr);
    }
  }

 private:
  enum class Kind : unsigned char { word, character, number, negative };

  std::string_view word_;
  Kind kind_ = Kind::word;
  std::uint64_t magnitude_ = 0;
};

/// The parts, one after the other.
template <class = void>
[[gnu::noinline, gnu::cold]] inline std::string joined(std::initializer_list<TextPart> parts) {
  std::string text;
  for (const TextPart& part : parts) part.append_to(text);
  return text;
}

/// An Error with the parts as its message.
[[gnu::noinline, gnu::cold]] inline Error failure(std::initializer_list<TextPart> parts) { return {joined(parts)}; }

/// error_at with the parts as the cause.
[[gnu::noinline, gnu::cold]] inline Error failure_at(std::string_view file, std::string_view place,
                                                     std::initializer_list<TextPart> cause) {
  return error_at(file, place, joined(cause));
}

}  // namespace systolic::io
