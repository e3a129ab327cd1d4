#pragma once
// Which evaluations of a clause belong to which topics, and what they mean for them.

#include <algorithm>
#include <optional>
#include <vector>

#include "systolic/echo/judge_negation.hpp"

namespace systolic::echo::detail {

/// What an evaluation says of a topic.
template <class = void>
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
template <class = void>
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
  template <class = void>
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
template <class = void>
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
template <class = void>
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

}  // namespace systolic::echo::detail
