#pragma once
// How easily an English text is read.

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace systolic::echo {

/// Syllables of a word by its groups of vowels; a silent e at the end does not count. A number counts as one.
template <class = void>
inline int count_syllables(std::string_view word) noexcept {
  const auto is_vowel = [](char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; };
  std::string lower;
  for (const char c : word) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  int groups = 0;
  for (std::size_t i = 0; i < lower.size(); ++i)
    if (is_vowel(lower[i]) && (i == 0 || !is_vowel(lower[i - 1]))) ++groups;
  const bool silent = lower.size() > 2 && lower.ends_with('e') && !is_vowel(lower[lower.size() - 2]) &&
                      !(lower.ends_with("le") && !is_vowel(lower[lower.size() - 3]));
  return std::max(1, groups - (silent ? 1 : 0));
}

struct TextCounts {
  int sentences = 0, words = 0, syllables = 0;
};

/// Words are runs of letters, digits and apostrophes, with the point of a number; a sentence ends with . ! or ?
template <class = void>
inline TextCounts count_text(std::string_view text) {
  TextCounts counts;
  bool open = false;  // words since the last end of a sentence
  for (std::size_t i = 0; i < text.size();) {
    const auto is_letter = [&](std::size_t at) {
      return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '\'');
    };
    if (is_letter(i)) {
      std::size_t end = i;
      while (is_letter(end) || (end < text.size() && text[end] == '.' && is_letter(end + 1))) ++end;
      ++counts.words;
      counts.syllables += count_syllables(text.substr(i, end - i));
      open = true;
      i = end;
      continue;
    }
    if (open && (text[i] == '.' || text[i] == '!' || text[i] == '?')) {
      ++counts.sentences;
      open = false;
    }
    ++i;
  }
  if (open) ++counts.sentences;
  return counts;
}

/// Flesch Reading Ease (1948): 206.835 - 1.015 words/sentences - 84.6 syllables/words; 0 for an empty text.
/// Above 60: plain English; below 30: hard.
template <class = void>
inline double flesch_reading_ease(std::string_view text) {
  const TextCounts counts = count_text(text);
  if (counts.words == 0) return 0;
  return 206.835 - 1.015 * counts.words / counts.sentences - 84.6 * counts.syllables / counts.words;
}

}  // namespace systolic::echo
