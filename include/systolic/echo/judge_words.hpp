#pragma once
// From a text to its sentences, and from their words to what each does (judge_lexicon.hpp).

#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/numbers.hpp"
#include "systolic/echo/judge_lexicon.hpp"

namespace systolic::echo {

/// A phrase of a sentence and what it does there.
struct Tag {
  Role role = Role::other;
  Topic topic = Topic::ejection_fraction;
  double number = 0;
  bool percent = false;
  bool negated = false;
  std::size_t place = 0;  ///< of its first word in the sentence
  int stretch = 0;        ///< how many commas and conjunctions of the clause stand before it
};

/// Words of each sentence in lower case. Commas, dashes and brackets are the word ",", a semicolon is "but", '%' is a
/// word. Negations are words of their own ("isn't" is "is not"), hyphens and slashes part words. A line break ends a
/// sentence where an empty line or a list's mark follows.
template <class = void>
inline std::vector<std::vector<std::string>> split_sentences(std::string_view text) {
  std::vector<std::vector<std::string>> sentences(1);
  std::string word;
  const auto end_word = [&] {
    if (word.ends_with("n't")) {
      const std::string stem = word.substr(0, word.size() - 3);
      sentences.back().push_back(stem == "ca" ? "can" : stem == "wo" ? "will" : stem);
      word = "not";
    } else if (word.ends_with("'s")) {
      word.resize(word.size() - 2);
    }
    if (!word.empty()) sentences.back().push_back(word == "percent" ? "%" : word);
    word.clear();
  };
  const auto end_sentence = [&] {
    end_word();
    if (!sentences.back().empty()) sentences.emplace_back();
  };
  const auto add = [&](const char* mark) {
    end_word();
    sentences.back().push_back(mark);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : static_cast<unsigned char>(' ');
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\xE2\x80\x99") || rest.starts_with("\xE2\x80\x98")) {  // typographic apostrophes
      if (!word.empty()) word += '\'';
      i += 2;
    } else if (rest.starts_with("\xE2\x80\x93") || rest.starts_with("\xE2\x80\x94")) {  // dashes
      add(",");
      i += 2;
    } else if (std::isalnum(c)) {
      word += static_cast<char>(std::tolower(c));
    } else if (c == '\'' && !word.empty() && std::isalpha(next)) {
      word += '\'';
    } else if (c == '.' && std::isdigit(next) && !word.empty() && std::isdigit(static_cast<unsigned char>(word[0]))) {
      word += '.';
    } else if (c == ':' && !word.empty() && std::isdigit(next) && std::isdigit(static_cast<unsigned char>(word[0]))) {
      word += ':';  // a ratio
    } else if (c == '.' && word.size() == 1 && std::isalpha(static_cast<unsigned char>(word[0]))) {
      end_word();  // "e.g.", "i.e."
    } else if (c == '.' || c == '!' || c == '?') {
      end_sentence();
    } else if (c == '\n') {
      end_word();
      std::size_t j = i + 1;
      while (j < text.size() && (text[j] == ' ' || text[j] == '\t' || text[j] == '\r')) ++j;
      const bool list = j < text.size() && (text[j] == '-' || text[j] == '*' || text[j] == '#' ||
                                            std::isdigit(static_cast<unsigned char>(text[j])));
      if (j == text.size() || text[j] == '\n' || list) end_sentence();
    } else if (c == ';') {
      add("but");
    } else if (c == ',' || c == '(' || c == ')' || (c == '-' && word.empty() && next == ' ')) {
      add(",");
    } else if (c == '%') {
      add("%");
    } else {
      end_word();
    }
  }
  end_word();
  if (sentences.back().empty()) sentences.pop_back();
  return sentences;
}

namespace detail {

/// "1.5", or "3:2" as its quotient.
template <class = void>
inline std::optional<double> number_of(const std::string& word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos) return number_from_text<double>(word);
  const auto above = number_from_text<double>(word.substr(0, colon));
  const auto below = number_from_text<double>(word.substr(colon + 1));
  if (!above || !below || *below == 0) return std::nullopt;
  return *above / *below;
}

/// How many words of `words` from `first` on the pattern fits; 0: none.
template <class = void>
inline std::size_t match_length(std::string_view pattern, const std::vector<std::string>& words, std::size_t first) {
  std::size_t count = 0;
  while (!pattern.empty()) {
    const std::size_t end = std::min(pattern.find(' '), pattern.size());
    std::string_view part = pattern.substr(0, end);
    if (first + count == words.size()) return 0;
    const std::string& word = words[first + count++];
    const bool open = part.ends_with('*');
    if (open) part.remove_suffix(1);
    if (open ? !word.starts_with(part) : word != part) return 0;
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return count;
}

}  // namespace detail

/// What the words of a sentence do, in order; words that do nothing are left out.
template <class = void>
inline std::vector<Tag> tag_sentence(const std::vector<std::string>& words) {
  std::vector<Tag> tags;
  for (std::size_t i = 0; i < words.size();) {
    if (words[i] == ",") {
      tags.push_back({Role::comma});
      ++i;
      continue;
    }
    if (const auto number = detail::number_of(words[i])) {
      Tag tag{Role::number};
      tag.number = *number;
      tag.percent = i + 1 < words.size() && words[i + 1] == "%";
      tags.push_back(tag);
      ++i;
      continue;
    }
    const Phrases* best = nullptr;
    std::size_t most = 0, letters = 0;
    for (const Phrases& phrases : judge_phrases)
      for (std::string_view left = phrases.patterns; !left.empty();) {
        const std::string_view pattern = left.substr(0, left.find('|'));
        left.remove_prefix(std::min(pattern.size() + 1, left.size()));
        const std::size_t count = detail::match_length(pattern, words, i);
        if (count == 0 || count < most || (count == most && pattern.size() <= letters)) continue;
        best = &phrases;
        most = count;
        letters = pattern.size();
      }
    if (best != nullptr && best->role != Role::other) {
      tags.push_back({best->role, best->topic});
      tags.back().place = i;
    }
    i += std::max<std::size_t>(1, most);
  }
  return tags;
}

}  // namespace systolic::echo
