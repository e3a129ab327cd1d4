#pragma once
// What one clause claims: which evaluations are negated, which belong to which topic, and what they mean for it.

#include <algorithm>
#include <optional>
#include <vector>

#include "systolic/echo/judge_words.hpp"

namespace systolic::echo::detail {

struct Claim {
  Topic topic;
  Verdict verdict;
};

struct ClauseReading {
  std::vector<Claim> claims;
  Verdict rest = Verdict::absent;  ///< of all topics that the text does not name
};

inline bool is_mention(Role role) noexcept { return role >= Role::topic && role <= Role::well; }
inline bool is_finding(Role role) noexcept { return role == Role::ill || role == Role::well; }
inline bool is_evaluation(Role role) noexcept { return role >= Role::normal && role <= Role::negligible; }
inline bool is_motion(Role role) noexcept { return role == Role::motion || role == Role::movement; }
inline bool is_separator(Role role) noexcept {
  return role == Role::comma || role == Role::conjunction || role == Role::alternative;
}

/// "clearly reduced", "much too far", "abnormal bulge": what an evaluation or a finding follows at once only colours
/// it; "not completely inside": of two findings on end about the same, the first counts.
inline void drop_adverbs(std::vector<Tag>& tags) {
  for (std::size_t i = 0; i + 1 < tags.size();) {
    const Tag &tag = tags[i], &next = tags[i + 1];
    const bool colours =
        tag.role == Role::high || tag.role == Role::good || tag.role == Role::small || tag.role == Role::bad;
    const bool nothing = tag.role == Role::negligible;
    const bool beside = next.place <= tag.place + 2;  // not "insufficient to make a reliable ..."
    if (beside && ((colours && next.role == Role::ill) || ((colours || nothing) && is_evaluation(next.role))))
      tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(i));
    else if (is_finding(tag.role) && is_finding(next.role) && tag.topic == next.topic)
      tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    else
      ++i;
  }
}

/// Inside and outside are said of the sector only where it is spoken of.
inline void place_in_sector(std::vector<Tag>& tags, const std::vector<Topic>& subjects) {
  const bool spoken_of = std::any_of(tags.begin(), tags.end(),
                                     [](const Tag& tag) {
                                       return is_mention(tag.role) && tag.topic == Topic::sector_share &&
                                              (tag.role == Role::topic || is_finding(tag.role));
                                     }) ||
                         std::find(subjects.begin(), subjects.end(), Topic::sector_share) != subjects.end();
  for (Tag& tag : tags) {
    if (tag.role != Role::inside && tag.role != Role::outside) continue;
    tag.role = !spoken_of ? Role::other : tag.role == Role::inside ? Role::well : Role::ill;
    tag.topic = Topic::sector_share;
  }
}

/// "The apex, which should keep its place, moves": takes the evaluations out of what is only wished for.
inline void drop_wishes(std::vector<Tag>& tags) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (tags[i].role != Role::wish) continue;
    std::size_t first = i, last = i;
    while (first > 0 && tags[first - 1].role != Role::comma) --first;
    while (last + 1 < tags.size() && tags[last + 1].role != Role::comma) ++last;
    for (std::size_t j = first; j <= last; ++j) {
      if (is_finding(tags[j].role))
        tags[j].role = Role::topic;
      else if (!is_mention(tags[j].role))
        tags[j].role = Role::other;
    }
  }
}

/// Gives every negation to what it negates: the next finding or evaluation and, over "or" and lists of findings, those
/// after it; where nothing of the kind follows ("a bulge is not seen"), the last one before.
inline void apply_negations(std::vector<Tag>& tags) {
  const auto negatable = [&](std::size_t i) {
    const Role role = tags[i].role;
    if (is_motion(role)) {  // "no motion abnormality", "does not move normally": what follows is negated
      for (std::size_t j = i + 1; j < tags.size() && !is_separator(tags[j].role); ++j)
        if (is_evaluation(tags[j].role) || is_finding(tags[j].role)) return false;
      return true;
    }
    return is_finding(role) || is_evaluation(role);
  };
  // "no significant wall motion abnormality": the negation is for what the adjective belongs to.
  const auto colours_what_follows = [&](std::size_t i) {
    if (tags[i].role != Role::high && tags[i].role != Role::small && tags[i].role != Role::good) return false;
    for (++i; i < tags.size() && !is_separator(tags[i].role) && tags[i].role != Role::copula; ++i)
      if (tags[i].role == Role::ill || tags[i].role == Role::bad) return true;
    return false;
  };
  const auto alternative_after = [&](std::size_t i) {
    for (; i < tags.size() && tags[i].role != Role::copula; ++i)
      if (tags[i].role == Role::alternative) return true;
    return false;
  };
  enum { none, pending, spent, list } state = none;
  const std::size_t nothing = tags.size();
  std::size_t last = nothing;  // to negate, since the last separator
  const auto settle = [&] {    // a negation that found nothing ahead looks back
    if (state != pending || last == nothing) return;
    tags[last].negated = !tags[last].negated;
    state = none;
  };
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const Role role = tags[i].role;
    if (role == Role::negation) {
      // "not without", "no lack of": two make none.
      if (state == pending && i > 0 && tags[i - 1].role == Role::negation)
        state = none;
      else
        state = pending;
    } else if (is_separator(role)) {
      settle();
      if (role == Role::alternative && state == spent) state = pending;
      if (role == Role::comma && state == spent) state = alternative_after(i) ? list : none;
      if (role == Role::conjunction && state != pending) state = none;
      if (role != Role::alternative) last = nothing;
    } else if (role == Role::present) {
      settle();
    } else if (negatable(i)) {
      if (state == pending && colours_what_follows(i)) {
        tags[i].role = Role::other;
        continue;
      }
      if (state == pending || (state == list && is_finding(role))) {
        tags[i].negated = true;
        state = spent;
      } else if (state == list) {
        state = none;
      }
      if (!tags[i].negated) last = i;
    }
  }
  settle();
}

/// What an evaluation says of a topic.
inline Verdict meaning(const Tag& tag, Topic topic) noexcept {
  const bool less_is_better = topic == Topic::septal_bulge || topic == Topic::apex_motion;
  bool ill = false;
  switch (tag.role) {
    case Role::normal:
      ill = tag.negated;
      break;
    case Role::good:
      ill = tag.negated;
      break;
    case Role::bad:
      ill = !tag.negated;
      break;
    case Role::movement:
      if (!tag.negated) return Verdict::absent;
      [[fallthrough]];
    case Role::high:
    case Role::motion:
      ill = less_is_better != tag.negated;
      break;
    case Role::small:
      if (topic == Topic::septal_bulge) return Verdict::absent;  // a small bulge
      [[fallthrough]];
    case Role::low:
    case Role::negligible:
      ill = less_is_better == tag.negated;
      break;
    default:
      return Verdict::absent;
  }
  return ill ? Verdict::pathological : Verdict::normal;
}

/// What a number says of a topic, by the limits of verdicts.hpp.
inline Verdict meaning_of_number(const Tag& tag, Topic topic) noexcept {
  const Limits limits;
  const double share = tag.percent ? tag.number / 100 : tag.number;
  if (topic == Topic::ejection_fraction && share > 0.02 && share < 1)
    return share < normal_fraction ? Verdict::pathological : Verdict::normal;
  if (topic == Topic::ejection_fraction && share >= 5 && share <= 95)
    return share < 100 * normal_fraction ? Verdict::pathological : Verdict::normal;
  if (topic == Topic::length_width && !tag.percent && share > 0.3 && share < 5)
    return share < limits.length_width ? Verdict::pathological : Verdict::normal;
  if (topic == Topic::sector_share && tag.percent)
    return share < limits.sector_share ? Verdict::pathological : Verdict::normal;
  return Verdict::absent;
}

/// Mentions and evaluations that belong together.
struct Group {
  std::vector<Tag> mentions, evaluations;
  bool evaluation_first = false;

  bool has_finding() const {
    return std::any_of(mentions.begin(), mentions.end(), [](const Tag& tag) { return is_finding(tag.role); });
  }
  /// Says something beyond that something moves.
  bool decides() const {
    if (has_finding()) return true;
    for (const Tag& tag : evaluations) {
      if (is_evaluation(tag.role) || tag.negated) return true;
      for (const Tag& mention : mentions)
        if (tag.role == Role::number && mention.role == Role::topic &&
            meaning_of_number(tag, mention.topic) != Verdict::absent)
          return true;
    }
    return false;
  }
};

/// Parts a clause: a new group starts where, after a comma or a conjunction, something new is named although the old
/// group has said its word.
inline std::vector<Group> make_groups(std::vector<Tag>& tags) {
  std::vector<Group> groups(1);
  bool separated = false;
  int stretch = 0;
  const auto mention_follows = [&](std::size_t i) {
    while (++i < tags.size() && (is_evaluation(tags[i].role) || is_motion(tags[i].role))) {
    }
    return i < tags.size() && is_mention(tags[i].role);
  };
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const Role role = tags[i].role;
    const bool evaluation = is_evaluation(role) || is_motion(role) || role == Role::number;
    if (is_separator(role)) {
      separated = true;
      ++stretch;
    }
    if (!is_mention(role) && !evaluation) continue;
    tags[i].stretch = stretch;
    const bool complete = !groups.back().mentions.empty() && groups.back().decides() && separated;
    if (complete && (is_mention(role) || (role != Role::number && mention_follows(i)))) groups.emplace_back();
    Group& group = groups.back();
    if (is_mention(role)) {
      group.mentions.push_back(tags[i]);
      if (is_finding(role)) separated = false;
    } else {
      if (group.mentions.empty()) group.evaluation_first = true;
      group.evaluations.push_back(tags[i]);
      if (is_evaluation(role) || tags[i].negated) separated = false;
    }
  }
  return groups;
}

/// The topics that a group names without judging them. Where contraction or segments are spoken of, septum and apex are
/// segments; beside a finding about the image they only say where.
inline std::vector<Topic> group_topics(const Group& group) {
  const auto any = [&](auto&& test) { return std::any_of(group.mentions.begin(), group.mentions.end(), test); };
  const bool bulge = any([](const Tag& tag) {
    return (tag.role == Role::topic || is_finding(tag.role)) && tag.topic == Topic::septal_bulge;
  });
  const bool regional_finding =
      any([](const Tag& tag) { return is_finding(tag.role) && tag.topic == Topic::segment_motion; });
  const bool about_image = any([](const Tag& tag) {
    return is_finding(tag.role) && (tag.topic == Topic::sector_share || tag.topic == Topic::image_quality);
  });
  const bool septum_named = any([](const Tag& tag) { return tag.role == Role::septum; });
  const bool apex_named = any([](const Tag& tag) { return tag.role == Role::apex; });
  const auto evaluated = [&](auto&& test) {
    return std::any_of(group.evaluations.begin(), group.evaluations.end(), test);
  };
  const bool moves = evaluated([](const Tag& tag) { return is_motion(tag.role); });
  const bool moves_somehow = moves && evaluated([](const Tag& tag) { return is_evaluation(tag.role); });
  const bool contracts =
      evaluated([](const Tag& tag) { return tag.role == Role::motion && tag.topic == Topic::segment_motion; });
  std::vector<Topic> topics;
  for (const Tag& mention : group.mentions) {
    const bool regional = regional_finding || contracts || any([&](const Tag& tag) {
                            return tag.role == Role::region && tag.stretch == mention.stretch;
                          });
    std::optional<Topic> topic;
    if (mention.role == Role::topic) topic = mention.topic;
    if (mention.role == Role::shape && !septum_named) topic = Topic::length_width;
    if (!about_image) {
      if (mention.role == Role::region && !(bulge && !regional_finding)) topic = Topic::segment_motion;
      if (mention.role == Role::apex && !bulge) topic = regional ? Topic::segment_motion : Topic::apex_motion;
      if (mention.role == Role::septum && bulge && moves_somehow && !apex_named) topic = Topic::segment_motion;
      if (mention.role == Role::septum && !bulge)
        topic = regional || (moves && !apex_named) ? Topic::segment_motion : Topic::septal_bulge;
    }
    if (topic && std::find(topics.begin(), topics.end(), *topic) == topics.end()) topics.push_back(*topic);
  }
  // "The ventricle contracts well" names no part of the wall.
  const bool placed = any(
      [](const Tag& tag) { return tag.role == Role::septum || tag.role == Role::apex || tag.role == Role::region; });
  if (contracts && !placed && !regional_finding) topics.push_back(Topic::segment_motion);
  return topics;
}

/// What the evaluations say of a topic: words of judgement before directions, those before movement, that before
/// numbers.
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
