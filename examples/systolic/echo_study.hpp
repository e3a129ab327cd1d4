#pragma once
// Traced clips as results: what `echo ef` prints, and `echo narrate` beside its text.

#include <functional>
#include <string>

#include "echo_options.hpp"
#include "json.hpp"
#include "output.hpp"
#include "systolic/echo/ejection.hpp"
#include "systolic/echo/verdicts.hpp"
#include "systolic/io/tracings.hpp"

namespace program {

/// One clip of a table, measured.
struct EchoStudy {
  std::string file;
  systolic::Result<systolic::echo::Ejection> ejection;
  systolic::echo::Verdicts verdicts;  ///< all absent where there is no ejection
};

/// Measures every clip of every table and calls visit(study, outcome), which adds what is to be printed; prints in the
/// order of the tables. Returns the exit status.
/// `clips`: what is no table is a clip, whose contours are found by the network; its ejection fraction is that of the
/// network's head.
int for_each_study(const EchoTracingOptions& options,
                   const std::function<void(const EchoStudy& study, Outcome& outcome)>& visit, bool clips = false);

/// The attributes with their verdicts; null where there are none.
Json attribute_fields(const systolic::echo::Attributes& attributes, const systolic::echo::Verdicts& verdicts);

/// The members of a study's result: the same ones for every study, null where there is nothing.
Json study_fields(const EchoStudy& study, const EchoTracingOptions& options);

/// A line about a study for people.
std::string study_line(const EchoStudy& study);

}  // namespace program
