#pragma once
// What the tags of a clause stand for once adverbs, wishes and negations have done their work.

#include <algorithm>
#include <vector>

#include "systolic/echo/judge_words.hpp"

namespace systolic::echo::detail {

inline bool is_mention(Role role) noexcept { return role >= Role::topic && role <= Role::well; }
inline bool is_finding(Role role) noexcept { return role == Role::ill || role == Role::well; }
inline bool is_evaluation(Role role) noexcept { return role >= Role::normal && role <= Role::negligible; }
inline bool is_motion(Role role) noexcept { return role == Role::motion || role == Role::movement; }
inline bool is_separator(Role role) noexcept {
  return role == Role::comma || role == Role::conjunction || role == Role::alternative;
}

/// "clearly reduced", "much too far", "abnormal bulge": what an evaluation or a finding follows at once only colours
/// it; "not completely inside": of two findings on end about the same, the first counts.
template <class = void>
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
template <class = void>
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
template <class = void>
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
template <class = void>
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

}  // namespace systolic::echo::detail
