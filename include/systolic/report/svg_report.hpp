#pragma once
// The report as one SVG file: its pages one below the other.

#include <string>

#include "systolic/report/report_input.hpp"
#include "systolic/report/sheet_layout.hpp"
#include "systolic/report/sheets.hpp"
#include "systolic/report/svg_canvas.hpp"

namespace systolic::report {

/// UTF-8, true to scale: a millimetre of the drawing is a millimetre of the paper that it is printed on without
/// fitting. All text is escaped; the same bytes in every locale.
/// Requires samples, map and residual that are empty or [time][12], and a rate > 0.
template <class = void>
inline std::string svg_report(const ReportInput& input, Layout layout = Layout::three_by_four) {
  const Sheets sheets(input, layout);
  double height = 0;
  std::string pages;
  for (std::size_t sheet = 0; sheet < sheets.count(); ++sheet) {
    SvgCanvas canvas;
    sheets.draw(canvas, sheet);
    pages += "<g class=\"sheet\" transform=\"translate(0 " + number(height) + ")\">\n" + canvas.elements() + "</g>\n";
    height += sheets.height(sheet);
  }
  const std::string title = "<title>" + escape("Electrocardiogram " + input.record) + "</title>\n";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg_element(sheets.width(), height, title + pages);
}

}  // namespace systolic::report
