#pragma once
// The few things of SVG that a report needs, written as text: the same bytes in every locale.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include "systolic/report/canvas.hpp"

namespace systolic::report {

/// `value` with `decimals` digits after the point: "2.00". What is not finite becomes 0: an SVG reader stops at the
/// first "nan".
template <class = void>
inline std::string fixed(double value, int decimals) {
  char buffer[400];  // the largest double has 309 digits before the point
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::isfinite(value) ? value : 0.0,
                                 std::chars_format::fixed, decimals);
  return std::string(buffer, end.ptr);
}

/// `value` with at most `decimals` digits after the point, without trailing zeros: "2", "0.25", "-1.5".
template <class = void>
inline std::string number(double value, int decimals = 2) {
  std::string text = fixed(value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

/// `value` with three significant digits, for people: "0.0420", "0.421", "4.21", "42.1", "421".
template <class = void>
inline std::string significant(double value) {
  const double size = std::fabs(value);
  int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  for (double scaled = size; scaled > 0 && scaled < 1 && decimals < 5; scaled *= 10) ++decimals;
  return fixed(value, decimals);
}

/// Text from outside as XML character data: markup is escaped, control characters (which no XML file may hold) and
/// bytes that are not UTF-8 become U+FFFD.
template <class = void>
inline std::string escape(std::string_view text) {
  std::string result;
  const std::string_view unknown = "\xEF\xBF\xBD";
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const unsigned lead = byte(i);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : (lead & 0xF0u) == 0xE0      ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    unsigned code = length < 2 ? lead : lead & (0x7Fu >> length);
    bool valid = length > 0;
    for (std::size_t k = 1; k < length && valid; ++k) {
      valid = (byte(i + k) & 0xC0u) == 0x80;
      code = (code << 6) | (byte(i + k) & 0x3Fu);
    }
    valid = valid && (code >= 0x20 || code == '\t' || code == '\n') && !(code >= 0xD800 && code < 0xE000) &&
            code != 0xFFFE && code != 0xFFFF && code <= 0x10FFFF && !(length == 3 && code < 0x800) &&
            !(length == 4 && code < 0x10000);
    if (!valid) {
      result += unknown;
      ++i;
      continue;
    }
    const std::string_view character = text.substr(i, length);
    result += character == "&"    ? "&amp;"
              : character == "<"  ? "&lt;"
              : character == ">"  ? "&gt;"
              : character == "\"" ? "&quot;"
              : character == "'"  ? "&#39;"
                                  : character;
    i += length;
  }
  return result;
}

/// The first characters of `text` (UTF-8), with an ellipsis where it is longer than `characters`.
template <class = void>
inline std::string shortened(std::string_view text, std::size_t characters) {
  std::size_t count = 0;
  for (std::size_t i = 0, last = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0u) == 0x80) continue;  // inside a character
    if (++count == characters) last = i;
    if (count > characters) return std::string(text.substr(0, last)) + "\xE2\x80\xA6";
  }
  return std::string(text);
}

/// A line of text at (x, y), the baseline of its letters. `text` is escaped here.
template <class = void>
inline std::string text_element(double x, double y, std::string_view text, const TextStyle& style) {
  std::string element =
      "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" font-size=\"" + number(style.size) + "\"";
  if (style.bold) element += " font-weight=\"bold\"";
  if (std::string_view(style.anchor) != "start") element += std::string(" text-anchor=\"") + style.anchor + "\"";
  element += std::string(" fill=\"") + style.fill + "\"";
  if (style.halo) element += " stroke=\"#fff\" stroke-width=\"0.7\" stroke-linejoin=\"round\" paint-order=\"stroke\"";
  return element + ">" + escape(text) + "</text>\n";
}

}  // namespace systolic::report
