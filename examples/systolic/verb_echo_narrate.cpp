// systolic echo narrate: the explanation of ventricles, traced or found in clips, and how the judge reads it.

#include <string>
#include <vector>

#include "echo_study.hpp"
#include "systolic/echo/judge.hpp"
#include "systolic/echo/narration.hpp"
#include "systolic/echo/prompt.hpp"
#include "systolic/echo/readability.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;

/// `text` with its lines broken before column 100.
std::string wrapped(const std::string& text) {
  std::string result;
  std::size_t column = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", start), text.size());
    if (column > 0 && column + (end - start) > 98) {
      result.back() = '\n';
      column = 0;
    }
    result += text.substr(start, end - start);
    column += end - start + 1;
    if (end < text.size()) result += text[end];
    if (end < text.size() && text[end] == '\n') column = 0;
    start = end + 1;
  }
  return result;
}

}  // namespace

int run_echo_narrate(const EchoTracingOptions& options) {
  return for_each_study(
      options,
      [&](const EchoStudy& study, Outcome& outcome) {
        Json fields = study_fields(study, options);
        Json judged = Json::object();
        std::string text, prompt;
        std::vector<std::string> sentences;
        if (study.ejection) {
          const echo::Findings findings = echo::findings_of(*study.ejection);
          text = echo::narrate(findings, study.file, options.common.seed);
          sentences = echo::plain_sentences(findings);
          if (options.prompt) prompt = echo::language_model_prompt(findings);
        }
        const echo::Assessment assessment = echo::assess(text, study.verdicts);
        judged.set("accuracy", study.ejection ? Json(assessment.accuracy) : Json())
            .set("contradictions", study.ejection ? Json(assessment.contradictions.size()) : Json())
            .set("hallucinations", study.ejection ? Json(assessment.hallucinations.size()) : Json());
        fields.set("text", study.ejection ? Json(text) : Json())
            .set("sentences", sentences)
            .set("flesch", study.ejection ? Json(echo::flesch_reading_ease(text)) : Json())
            .set("judge", judged);
        if (options.prompt) fields.set("prompt", study.ejection ? Json(prompt) : Json());
        std::string shown = study_line(study);
        if (study.ejection) shown += "\n" + wrapped(text) + "\n\n";
        if (!prompt.empty()) shown += prompt + "\n";
        outcome.add(options.common.format, fields, shown);
      },
      true);
}

}  // namespace program
