#pragma once
// The first layer of an explanation: one plain sentence an attribute, with its value and what it means.

#include <string>
#include <utility>
#include <vector>

#include "systolic/echo/ejection.hpp"
#include "systolic/echo/verdicts.hpp"
#include "systolic/echo/words.hpp"

namespace systolic::echo {

/// What an explanation is about. A topic that is absent from the verdicts is not spoken of.
struct Findings {
  double fraction = 0;  ///< ejection fraction, 0 to 1
  double length_ed_mm = 0;
  Attributes attributes;
  Verdicts verdicts;
};

template <class = void>
inline Findings findings_of(const Ejection& ejection) {
  Findings findings{ejection.fraction, ejection.ed.contour.length(), ejection.attributes, {}};
  findings.verdicts = judge_attributes(findings.attributes, findings.fraction, findings.length_ed_mm);
  return findings;
}

/// "normal", or how far an ejection fraction is reduced (ASE and EACVI, 2015).
template <class = void>
inline std::string fraction_grade(double fraction) {
  return fraction >= normal_fraction ? "normal"
         : fraction >= 0.41          ? "mildly reduced"
         : fraction >= 0.30          ? "moderately reduced"
                                     : "severely reduced";
}

/// Names of the segments that move in a way, in the order of the wall.
template <class = void>
inline std::vector<std::string> segments_that_are(const SegmentMotion& motion, WallMotion kind) {
  std::vector<std::string> names;
  for (std::size_t s = 0; s < segment_count; ++s)
    if (wall_motion(motion.ratio[s], s == 3) == kind)
      names.emplace_back(s == 3 ? "outermost apical" : segment_names[s]);
  return names;
}

/// "the basal septal and mid septal segments are hypokinetic", one clause a kind of motion, the worst first.
template <class = void>
inline std::vector<std::string> motion_clauses(const SegmentMotion& motion) {
  std::vector<std::string> clauses;
  for (const WallMotion kind : {WallMotion::dyskinetic, WallMotion::akinetic, WallMotion::hypokinetic}) {
    const std::vector<std::string> names = segments_that_are(motion, kind);
    if (names.empty()) continue;
    clauses.push_back("the " + listed(names) + (names.size() > 1 ? " segments are " : " segment is ") +
                      std::string(wall_motion_names[static_cast<std::size_t>(kind)]));
  }
  return clauses;
}

/// The sentence of a topic; empty where it is absent.
template <class = void>
inline std::string plain_sentence(const Findings& findings, Topic topic) {
  const Attributes& a = findings.attributes;
  const Verdict verdict = findings.verdicts[topic];
  if (verdict == Verdict::absent) return "";
  const bool ill = verdict == Verdict::pathological;
  const auto choose = [ill](const char* well, const char* bad) { return std::string(ill ? bad : well); };
  switch (topic) {
    case Topic::ejection_fraction:
      return "An ejection fraction of " + percent(findings.fraction) + " is " + fraction_grade(findings.fraction) + ".";
    case Topic::septal_bulge:
      return "A bulge area of " + percent(a.bulge->area_share, 1) + " of the ventricle means that there is " +
             choose("no", "a") + " septal bulge.";
    case Topic::segment_motion:
      if (!ill) return "All segments of the wall contract normally.";
      if (stands_still(*a.motion, findings.length_ed_mm)) return "The wall hardly moves in any segment.";
      return "Of the segments of the wall, " + listed_clauses(motion_clauses(*a.motion)) + ".";
    case Topic::apex_motion:
      return "An apex motion of " + percent(*a.apex_motion_share) + " of the ventricle's length is " +
             choose("small, which is normal.", "too large, which is abnormal.");
    case Topic::length_width:
      return "A length-to-width ratio of " + rounded(*a.length_width_ed, 2) + " means that the ventricle is " +
             choose("not dilated.", "dilated.");
    case Topic::sector_share:
      return "With " + percent(*a.sector_share) + " of the contour inside the sector, the ventricle is " +
             choose("fully visible.", "not fully visible.");
    case Topic::image_quality:
      return "A contrast of " + rounded(*a.wall_contrast, 0) + " grey levels between the wall and the cavity means " +
             choose("good", "poor") + " image quality.";
  }
  return "";
}

/// All of them, in the order of the topics.
template <class = void>
inline std::vector<std::string> plain_sentences(const Findings& findings) {
  std::vector<std::string> sentences;
  for (std::size_t t = 0; t < topic_count; ++t)
    if (std::string sentence = plain_sentence(findings, static_cast<Topic>(t)); !sentence.empty())
      sentences.push_back(std::move(sentence));
  return sentences;
}

}  // namespace systolic::echo
