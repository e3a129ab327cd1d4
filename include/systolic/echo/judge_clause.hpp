#pragma once
// What one clause claims.

#include <algorithm>
#include <utility>
#include <vector>

#include "systolic/echo/judge_groups.hpp"

namespace systolic::echo::detail {

struct Claim {
  Topic topic;
  Verdict verdict;
};

struct ClauseReading {
  std::vector<Claim> claims;
  Verdict rest = Verdict::absent;  ///< of all topics that the text does not name
};

/// What the evaluations say of a topic: words of judgement before directions, those before movement, that before
/// numbers.
template <class = void>
inline Verdict verdict_of(const std::vector<Tag>& evaluations, Topic topic) {
  const auto said_by = [&](auto&& roles) {
    Verdict verdict = Verdict::absent;
    for (const Tag& tag : evaluations)
      if (roles(tag.role))
        verdict = std::max(verdict, tag.role == Role::number ? meaning_of_number(tag, topic) : meaning(tag, topic));
    return verdict;
  };
  for (const auto& level : {std::pair{Role::normal, Role::bad},
                            {Role::high, Role::negligible},
                            {Role::motion, Role::movement},
                            {Role::number, Role::number}}) {
    const Verdict verdict = said_by([&](Role role) { return role >= level.first && role <= level.second; });
    if (verdict != Verdict::absent) return verdict;
  }
  return Verdict::absent;
}

/// The verdict of a finding of the group: that it is there, unless it is negated or said to be nothing. Of how much
/// lies in the sector a share in percent says more than the word "inside".
template <class = void>
inline Verdict verdict_of_finding(const Tag& finding, const Group& group) {
  if (finding.topic == Topic::sector_share)
    for (const Tag& tag : group.evaluations)
      if (const Verdict verdict = tag.role == Role::number ? meaning_of_number(tag, finding.topic) : Verdict::absent;
          verdict != Verdict::absent && finding.role == Role::well)
        return verdict;
  bool there = !finding.negated;
  if (there && finding.topic == Topic::septal_bulge && finding.role == Role::ill)
    for (const Tag& tag : group.evaluations) {
      const Verdict verdict = is_motion(tag.role) ? Verdict::absent : meaning(tag, Topic::septal_bulge);
      if (verdict == Verdict::normal && !(tag.role == Role::good || tag.role == Role::bad)) there = false;
    }
  return there == (finding.role == Role::ill) ? Verdict::pathological : Verdict::normal;
}

/// Reads the clause. `subjects`: what the text spoke of before; is set to what this clause speaks of. `opens`: it is
/// the first of its sentence.
template <class = void>
inline ClauseReading read_clause(std::vector<Tag> tags, std::vector<Topic>& subjects, bool opens) {
  ClauseReading reading;
  const auto has = [&](Role role) {
    return std::any_of(tags.begin(), tags.end(), [role](const Tag& tag) { return tag.role == role; });
  };
  // "An ejection fraction above 52 % is normal" speaks of everybody.
  bool rule = false;
  for (std::size_t i = 0; i + 2 < tags.size(); ++i)
    rule = rule || ((tags[i].role == Role::high || tags[i].role == Role::low) && tags[i + 1].role == Role::number &&
                    tags[i + 2].role == Role::copula);
  const bool silent = rule || has(Role::unknown) || has(Role::hypothetical);
  const bool pronoun = has(Role::pronoun), likewise = has(Role::likewise), rest = has(Role::rest);
  place_in_sector(tags, opens && !pronoun ? std::vector<Topic>{} : subjects);
  drop_wishes(tags);
  drop_adverbs(tags);
  apply_negations(tags);
  const std::vector<Group> groups = make_groups(tags);
  const auto claim = [&](Topic topic, Verdict verdict) {
    if (verdict != Verdict::absent && !silent) reading.claims.push_back({topic, verdict});
  };
  std::vector<Topic> spoken;
  const Group* before = nullptr;  // the last group that said something
  for (const Group& group : groups) {
    for (const Tag& mention : group.mentions)
      if (is_finding(mention.role)) {
        claim(mention.topic, verdict_of_finding(mention, group));
        spoken.push_back(mention.topic);
      }
    std::vector<Topic> topics = group_topics(group);
    const bool inherits = before != nullptr && !group.decides() && (before->evaluation_first || likewise);
    const std::vector<Tag>& evaluations = inherits ? before->evaluations : group.evaluations;
    if (topics.empty() && !group.has_finding() && (!opens || pronoun || before != nullptr) && !rest) topics = subjects;
    for (const Topic topic : topics) {
      const bool found = std::any_of(group.mentions.begin(), group.mentions.end(), [&](const Tag& mention) {
        return is_finding(mention.role) && mention.topic == topic;
      });
      if (!found) claim(topic, verdict_of(evaluations, topic));
      spoken.push_back(topic);
    }
    if (rest && group.mentions.empty()) {
      const Verdict verdict = verdict_of(group.evaluations, Topic::image_quality);
      if (verdict != Verdict::absent) reading.rest = verdict;
    }
    if (group.decides()) before = &group;
    if (!spoken.empty()) subjects = spoken;
  }
  return reading;
}

}  // namespace systolic::echo::detail
