#pragma once
// A judge of explanations: reads from any English text what it claims of each topic, and compares that with the truth.
// It goes by rules (words, negations, what belongs to what), so that its verdicts can be retraced.

#include <algorithm>
#include <string_view>
#include <vector>

#include "systolic/echo/judge_clause.hpp"

namespace systolic::echo {

/// What a text claims.
struct Reading {
  Verdicts verdicts;                              ///< pathological where a text claims both
  std::array<bool, topic_count> contradictory{};  ///< the text claims both
  std::array<bool, topic_count> implied{};        ///< by "everything else is normal" only
};

/// Reads what `text` claims of each topic.
template <class = void>
inline Reading read_explanation(std::string_view text) {
  Reading reading;
  std::array<bool, topic_count> normal{}, pathological{};
  Verdict rest = Verdict::absent;
  std::vector<Topic> subjects;  // what the last clause spoke of
  for (const auto& words : split_sentences(text)) {
    const std::vector<Tag> tags = tag_sentence(words);
    bool opens = true;  // the first clause of a sentence speaks of earlier subjects only where a pronoun says so
    for (auto first = tags.begin(); first != tags.end() || opens;) {
      const auto last = std::find_if(first, tags.end(), [](const Tag& tag) { return tag.role == Role::contrast; });
      const detail::ClauseReading clause = detail::read_clause({first, last}, subjects, opens);
      for (const detail::Claim& claim : clause.claims)
        (claim.verdict == Verdict::normal ? normal : pathological)[static_cast<std::size_t>(claim.topic)] = true;
      if (clause.rest != Verdict::absent) rest = clause.rest;
      opens = false;
      if (last == tags.end()) break;
      first = last + 1;
    }
  }
  for (std::size_t t = 0; t < topic_count; ++t) {
    reading.verdicts.of[t] = pathological[t] ? Verdict::pathological : normal[t] ? Verdict::normal : Verdict::absent;
    // Some segments may move well beside others that do not.
    reading.contradictory[t] = normal[t] && pathological[t] && t != static_cast<std::size_t>(Topic::segment_motion);
    if (reading.verdicts.of[t] == Verdict::absent && rest != Verdict::absent) {
      reading.verdicts.of[t] = rest;
      reading.implied[t] = true;
    }
  }
  return reading;
}

/// How a text compares with the truth.
struct Assessment {
  double accuracy = 1;                ///< topics read rightly, of those of which the truth knows something
  std::vector<Topic> contradictions;  ///< the text claims the opposite, or both
  std::vector<Topic> hallucinations;  ///< the text claims something of which the truth knows nothing
  std::vector<Topic> omissions;       ///< the text says nothing

  bool flawless() const noexcept { return contradictions.empty() && hallucinations.empty() && omissions.empty(); }
};

template <class = void>
inline Assessment assess(const Reading& reading, const Verdicts& truth) {
  Assessment assessment;
  double known = 0, right = 0;
  for (std::size_t t = 0; t < topic_count; ++t) {
    const Verdict said = reading.verdicts.of[t], is = truth.of[t];
    const auto topic = static_cast<Topic>(t);
    if (is == Verdict::absent) {
      if (said != Verdict::absent && !reading.implied[t]) assessment.hallucinations.push_back(topic);
      continue;
    }
    known += 1;
    if (said == Verdict::absent)
      assessment.omissions.push_back(topic);
    else if (said != is || reading.contradictory[t])
      assessment.contradictions.push_back(topic);
    else
      right += 1;
  }
  if (known > 0) assessment.accuracy = right / known;
  return assessment;
}

/// The same of a text.
template <class = void>
inline Assessment assess(std::string_view text, const Verdicts& truth) {
  return assess(read_explanation(text), truth);
}

}  // namespace systolic::echo
