#pragma once
// The name under which the report was drawn before it had several pages; report/svg_report.hpp draws it.

#include <string>

#include "systolic/report/svg_report.hpp"

namespace systolic::report {

inline std::string ecg_paper_svg(const ReportInput& input) { return svg_report(input); }

}  // namespace systolic::report
