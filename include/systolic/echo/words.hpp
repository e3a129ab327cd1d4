#pragma once
// Small change of English sentences: numbers, lists, capital letters.

#include <cctype>
#include <cmath>
#include <string>
#include <vector>

namespace systolic::echo {

/// `value` with so many decimals.
template <class = void>
inline std::string rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  const long long whole = std::llround(std::abs(value) * scale);
  std::string digits = std::to_string(whole);
  if (decimals > 0) {
    while (static_cast<int>(digits.size()) <= decimals) digits.insert(digits.begin(), '0');
    digits.insert(digits.size() - static_cast<std::size_t>(decimals), ".");
  }
  return (value < 0 && whole > 0 ? "-" : "") + digits;
}

/// "37 %" of a share.
template <class = void>
inline std::string percent(double share, int decimals = 0) {
  return rounded(100 * share, decimals) + " %";
}

/// "a", "a and b", "a, b and c".
template <class = void>
inline std::string listed(const std::vector<std::string>& items, const std::string& last = " and ") {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : i + 1 == items.size() ? last : ", ") + items[i];
  return text;
}

/// The same for whole clauses, with a comma before the last: "a, b, and c".
template <class = void>
inline std::string listed_clauses(const std::vector<std::string>& clauses) {
  return listed(clauses, clauses.size() > 2 ? ", and " : " and ");
}

/// `text` with a capital letter at its start.
inline std::string capitalized(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace systolic::echo
