// systolic echo judge: what explanations claim, and whether it is so.

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "echo_study.hpp"
#include "systolic/echo/judge.hpp"
#include "systolic/echo/readability.hpp"
#include "systolic/io/file.hpp"

namespace program {
namespace {

namespace echo = systolic::echo;
using systolic::Result;

Result<std::string> read_text(const std::string& path) {
  constexpr std::size_t most = std::size_t{1} << 20;
  if (path != "-") return systolic::io::read_file(path, most);
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return systolic::error_at("standard input", "could not be read", std::strerror(errno));
    if (got == 0) return text;
    text.append(block, static_cast<std::size_t>(got));
    if (text.size() > most) return systolic::error_at("standard input", "", "is longer than a megabyte");
  }
}

/// "0X12.avi" and "folder/0X12.txt" are "0X12".
std::string stem(const std::string& path) {
  const std::string name = systolic::io::split_path(path).second;
  return name.substr(0, name.find('.'));
}

Json names(const std::vector<echo::Topic>& topics) {
  Json list = Json::array();
  for (const echo::Topic topic : topics) list.add(std::string(echo::topic_names[static_cast<std::size_t>(topic)]));
  return list;
}

}  // namespace

int run_echo_judge(const EchoJudgeOptions& options) {
  Printer printer(options.common.quiet);
  std::optional<systolic::io::Tracings> truth;
  if (!options.against.empty()) {
    auto read = systolic::io::read_tracings(options.against);
    if (!read) {
      printer.print_error(read.error());
      return printer.exit_status();
    }
    truth = std::move(*read);
  }
  for (const std::string& path : options.texts) {
    Outcome outcome;
    const auto text = read_text(path);
    const systolic::io::TracedClip* clip = nullptr;
    if (truth && text) {
      for (const systolic::io::TracedClip& candidate : truth->clips)
        if (truth->clips.size() == 1 || stem(candidate.file) == stem(path)) clip = &candidate;
      if (clip == nullptr)
        outcome.fail(systolic::error_at(path, "", "no clip of " + options.against + " has its name"));
    }
    if (!text) outcome.fail(text.error());
    if (outcome.failed) {
      printer.print(outcome);
      continue;
    }
    const echo::Reading reading = echo::read_explanation(*text);
    Json claims = Json::object();
    std::string shown = path + ":\n";
    for (std::size_t t = 0; t < echo::topic_count; ++t) {
      const std::string said =
          (reading.contradictory[t] ? "contradictory, " : "") + std::string(echo::verdict_name(reading.verdicts.of[t]));
      claims.set(std::string(echo::topic_names[t]), said);
      shown += "  " + std::string(echo::topic_names[t]) + ": " + said + "\n";
    }
    Json fields = Json::object();
    fields.set("text", path).set("claims", claims).set("flesch", echo::flesch_reading_ease(*text));
    if (truth) {
      const auto ejection = systolic::io::measure_clip(*clip, {});
      std::optional<echo::Assessment> found;
      if (ejection)
        found = echo::assess(
            reading, echo::judge_attributes(ejection->attributes, ejection->fraction, ejection->ed.contour.length()));
      else
        outcome.note(clip->file + ": not analysable: " + ejection.error().message);
      fields.set("file", clip->file)
          .set("accuracy", found ? Json(found->accuracy) : Json())
          .set("contradictions", found ? names(found->contradictions) : Json())
          .set("hallucinations", found ? names(found->hallucinations) : Json())
          .set("omissions", found ? names(found->omissions) : Json());
      if (found)
        shown += "  accuracy " + fixed(found->accuracy, 2) + ", contradictions " + names(found->contradictions).text() +
                 ", hallucinations " + names(found->hallucinations).text() + ", omissions " +
                 names(found->omissions).text() + "\n";
    }
    outcome.add(options.common.format, fields, shown);
    printer.print(outcome);
  }
  return printer.exit_status();
}

}  // namespace program
