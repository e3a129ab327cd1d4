#pragma once
// An explanation in fluent English. A planner selects what to say, puts the gravest first and joins what belongs
// together; a grammar with several wordings a clause realises it. No language model is involved, so it can say nothing
// that was not measured.

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/formula.hpp"
#include "systolic/core/random.hpp"
#include "systolic/echo/sentences.hpp"

namespace systolic::echo {

/// How far beyond its limit a pathological topic is: 0 at the limit, about 1 where nobody would doubt it.
template <class = void>
inline double severity(const Findings& findings, Topic topic) {
  const Limits limits;
  const Attributes& a = findings.attributes;
  switch (topic) {
    case Topic::ejection_fraction:
      return 2 * (normal_fraction - findings.fraction) / normal_fraction;
    case Topic::septal_bulge:
      return a.bulge ? a.bulge->area_share / limits.bulge_share - 1 : 0;
    case Topic::segment_motion:
      if (!a.motion) return 0;
      return stands_still(*a.motion, findings.length_ed_mm)
                 ? 2
                 : 1 - *std::min_element(a.motion->ratio.begin(), a.motion->ratio.end()) / limits.motion_ratio;
    case Topic::apex_motion:
      return a.apex_motion_share ? *a.apex_motion_share / limits.apex_motion_share - 1 : 0;
    case Topic::length_width:
      return a.length_width_ed ? 2 * (1 - *a.length_width_ed / limits.length_width) : 0;
    case Topic::sector_share:
      return a.sector_share ? (limits.sector_share - *a.sector_share) / limits.sector_share : 0;
    case Topic::image_quality:
      return a.wall_contrast ? 1 - *a.wall_contrast / limits.wall_contrast : 0;
  }
  return 0;
}

/// Writes explanations. The same findings, name and seed give the same text.
class Narrator {
 public:
  template <class = void>
  Narrator(const Findings& findings, std::string_view name, std::uint64_t seed)
      : findings_(findings), random_(seed, formula_stream(name)) {}

  /// Paragraphs with an empty line between: the ejection fraction and what is pathological, the gravest first; what is
  /// normal; what can be said of the image, and what could not be measured.
  template <class = void>
  std::string text() {
    std::vector<Topic> ill, normal;
    for (const Topic topic : {Topic::septal_bulge, Topic::segment_motion, Topic::apex_motion, Topic::length_width}) {
      if (findings_.verdicts[topic] == Verdict::pathological) ill.push_back(topic);
      if (findings_.verdicts[topic] == Verdict::normal) normal.push_back(topic);
    }
    std::stable_sort(ill.begin(), ill.end(),
                     [this](Topic a, Topic b) { return severity(findings_, a) > severity(findings_, b); });
    std::string first = fraction_sentence() + pathological_sentences(ill);
    std::vector<std::string> paragraphs = {first};
    if (const std::string sentence = normal_sentence(normal, !ill.empty()); !sentence.empty())
      paragraphs.push_back(sentence);
    if (const std::string sentence = image_sentences(); !sentence.empty()) paragraphs.push_back(sentence);
    return listed_paragraphs(paragraphs);
  }

 private:
  std::string pick(std::initializer_list<std::string_view> wordings) {
    return std::string(*(wordings.begin() + random_.below(static_cast<std::int64_t>(wordings.size()))));
  }
  template <class = void>
  static std::string listed_paragraphs(const std::vector<std::string>& paragraphs) {
    std::string text;
    for (const std::string& paragraph : paragraphs)
      if (!paragraph.empty()) text += (text.empty() ? "" : "\n\n") + paragraph;
    return text;
  }

  template <class = void>
  std::string fraction_sentence() {
    if (findings_.verdicts[Topic::ejection_fraction] == Verdict::absent) return "";
    const std::string value = percent(findings_.fraction), grade = fraction_grade(findings_.fraction);
    if (grade == "normal")
      return pick({"With each beat the left ventricle ejects ", "The left ventricle ejects "}) + value +
             pick({" of its blood, which is normal.", " of its blood, a normal ejection fraction.",
                   " of its blood: its pump function is preserved."});
    return pick({"The ejection fraction of ", "An ejection fraction of "}) + value + " is " + grade +
           pick({".", ": too little blood leaves the left ventricle with each beat.",
                 ", so the heart pumps less blood than it should."});
  }

  /// The gravest finding in a sentence of its own, the others two by two.
  template <class = void>
  std::string pathological_sentences(const std::vector<Topic>& topics) {
    std::string text;
    for (std::size_t i = 0; i < topics.size();) {
      const bool first = i == 0;
      std::vector<std::string> clauses = {pathological_clause(topics[i++])};
      if (!first && i < topics.size()) clauses.push_back(pathological_clause(topics[i++]));
      const std::string opening = first ? ""
                                  : text.find("In addition") == std::string::npos
                                      ? pick({"In addition, ", "Moreover, ", "Also, "})
                                      : pick({"Furthermore, ", "Finally, "});
      text += " " + capitalized(opening + listed_clauses(clauses)) + ".";
    }
    return text;
  }

  template <class = void>
  std::string pathological_clause(Topic topic) {
    const Attributes& a = findings_.attributes;
    const bool grave = severity(findings_, topic) > 0.6;
    switch (topic) {
      case Topic::septal_bulge:
        return pick({"the septum bulges into the ventricle", "there is a septal bulge",
                     "a bulge of the septum narrows the ventricle"}) +
               (grave ? pick({" by a marked " + bulge_size(), ", with " + bulge_size() + " a pronounced finding"})
                      : " (" + bulge_size() + ")");
      case Topic::segment_motion:
        if (stands_still(*a.motion, findings_.length_ed_mm))
          return pick({"the wall hardly moves in any segment", "there is hardly any wall motion"});
        return listed_clauses(motion_clauses(*a.motion));
      case Topic::apex_motion:
        return pick({"the apex moves too much", "the motion of the apex is too large",
                     "the apex, which should keep its place, is displaced too far"}) +
               " (" + percent(*a.apex_motion_share) + " of the ventricle's length)";
      case Topic::length_width:
        return (grave ? pick({"the ventricle is clearly dilated", "the ventricle is markedly dilated"})
                      : pick({"the ventricle is dilated", "the ventricle is too wide"})) +
               ", with a length-to-width ratio of only " + rounded(*a.length_width_ed, 2);
      default:
        return "";
    }
  }
  std::string bulge_size() const { return percent(findings_.attributes.bulge->area_share, 1) + " of its area"; }

  template <class = void>
  std::string normal_sentence(const std::vector<Topic>& topics, bool beside_pathology) {
    if (topics.empty()) return "";
    std::vector<std::string> clauses;
    for (const Topic topic : topics) clauses.push_back(normal_clause(topic));
    const std::string opening = beside_pathology ? pick({"On the other hand, ", "By contrast, ", ""}) : "";
    return capitalized(opening + listed_clauses(clauses)) + ".";
  }

  template <class = void>
  std::string normal_clause(Topic topic) {
    switch (topic) {
      case Topic::septal_bulge:
        return pick({"the septum does not bulge", "the septum is smooth", "there is no septal bulge"});
      case Topic::segment_motion:
        return pick({"all segments of the wall contract normally", "wall motion is normal in all segments",
                     "no segment of the wall lags behind"});
      case Topic::apex_motion:
        return pick({"the apex hardly moves", "the apex keeps its place", "the motion of the apex is small"});
      case Topic::length_width:
        return pick(
            {"the ventricle is not dilated", "the ventricle has normal proportions",
             "the length-to-width ratio of " + rounded(*findings_.attributes.length_width_ed, 2) + " is normal"});
      default:
        return "";
    }
  }

  template <class = void>
  std::string image_sentences() {
    const Verdict sector = findings_.verdicts[Topic::sector_share], quality = findings_.verdicts[Topic::image_quality];
    std::vector<std::string> clauses, unknown;
    if (sector == Verdict::absent) unknown.emplace_back("how much of the ventricle the sector shows");
    if (sector == Verdict::normal)
      clauses.push_back(
          pick({"the whole ventricle lies inside the sector", "the ventricle is fully visible in the sector"}));
    if (sector == Verdict::pathological)
      clauses.push_back("part of the ventricle lies outside the sector (" +
                        percent(*findings_.attributes.sector_share) + " is seen)");
    if (quality == Verdict::absent) unknown.emplace_back("how good the image is");
    if (quality == Verdict::normal)
      clauses.push_back(pick({"the image quality is good", "the image is of good quality"}));
    if (quality == Verdict::pathological)
      clauses.push_back(pick({"the image quality is poor", "the image is of poor quality"}));
    std::string text = clauses.empty() ? "" : capitalized(listed_clauses(clauses)) + ".";
    if (sector == Verdict::pathological || quality == Verdict::pathological)
      text += pick({" The measurements should be read with caution.", " This limits the trust in the measurements."});
    if (!unknown.empty()) text += (text.empty() ? "" : " ") + capitalized(listed(unknown)) + " could not be assessed.";
    return text;
  }

  Findings findings_;
  Random random_;
};

/// The explanation of findings that belong to `name` (a file).
template <class = void>
inline std::string narrate(const Findings& findings, std::string_view name, std::uint64_t seed) {
  return Narrator(findings, name, seed).text();
}

}  // namespace systolic::echo
