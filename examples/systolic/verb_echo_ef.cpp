// systolic echo ef: volumes, ejection fraction and attributes of traced ventricles.

#include "echo_study.hpp"

namespace program {

int run_echo_ef(const EchoTracingOptions& options) {
  bool said = false;
  return for_each_study(options, [&](const EchoStudy& study, Outcome& outcome) {
    if (options.millimetres.empty() && !said && options.common.format == Format::text)
      outcome.note(
          "volumes take a pixel for 1 mm x 1 mm, as long as --mm-per-pixel does not say its size; the ejection "
          "fraction does not depend on it");
    said = true;
    outcome.add(options.common.format, study_fields(study, options), study_line(study));
  });
}

}  // namespace program
