#pragma once
// A prompt by which an external language model may word the explanation. No such model is part of this library;
// whatever one answers, echo/judge.hpp can hold it against the measurements.

#include <string>

#include "systolic/echo/sentences.hpp"

namespace systolic::echo {

/// Instructions, how to reason, an example, then the plain sentences of the findings.
template <class = void>
inline std::string language_model_prompt(const Findings& findings) {
  std::string prompt =
      "You are a cardiologist who explains an automatic measurement of the left ventricle (apical four-chamber view) "
      "to "
      "a colleague.\n"
      "Write one or two fluent paragraphs in plain English from the facts below.\n"
      "Rules: mention every fact once; keep each verdict (normal or abnormal) and each number as it is; add no "
      "finding, "
      "diagnosis or advice that is not among the facts; say nothing of what is missing.\n"
      "First decide, without writing it down, which facts are abnormal, which of them is the gravest, and which may "
      "explain the ejection fraction. Then begin with the ejection fraction, go on with the abnormal facts in order of "
      "gravity, and sum up the normal ones at the end.\n"
      "\n"
      "Example of facts:\n"
      "- An ejection fraction of 38 % is moderately reduced.\n"
      "- A bulge area of 0.3 % of the ventricle means that there is no septal bulge.\n"
      "- Of the segments of the wall, the mid lateral segment is akinetic.\n"
      "- An apex motion of 5 % of the ventricle's length is small, which is normal.\n"
      "- A length-to-width ratio of 1.30 means that the ventricle is dilated.\n"
      "Example of an answer:\n"
      "The ejection fraction is moderately reduced, at 38 %. The mid lateral segment of the wall is akinetic, and with "
      "a "
      "length-to-width ratio of 1.30 the ventricle is dilated. The septum does not bulge, and the apex moves little (5 "
      "% "
      "of the length).\n"
      "\n"
      "Facts:\n";
  for (const std::string& sentence : plain_sentences(findings)) prompt += "- " + sentence + "\n";
  return prompt + "Answer:\n";
}

}  // namespace systolic::echo
