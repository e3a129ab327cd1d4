#pragma once
// Small pieces that all HTML pages of reports are made of.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/report/svg.hpp"

namespace systolic::report {

/// Bytes as base64 (RFC 4648).
template <class = void>
inline std::string base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k])) : 0u;
    };
    const unsigned word = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (unsigned k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : letters[(word >> (18 - 6 * k)) & 63u];
  }
  return text;
}

/// "tag" around text from outside.
template <class = void>
inline std::string html_element(const std::string& tag, std::string_view words, const std::string& attributes = "") {
  return "<" + tag + (attributes.empty() ? "" : " " + attributes) + ">" + escape(words) + "</" + tag + ">";
}

template <class = void>
inline std::string html_list(const std::vector<std::string>& lines) {
  std::string text = "<ul>\n";
  for (const std::string& line : lines) text += html_element("li", line) + "\n";
  return text + "</ul>\n";
}

}  // namespace systolic::report
