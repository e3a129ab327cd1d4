#pragma once
// The report as a PDF file, a page a sheet, by libharu (component systolic::pdf).

#include <string>

#include "systolic/core/result.hpp"
#include "systolic/report/pdf_canvas.hpp"
#include "systolic/report/report_input.hpp"
#include "systolic/report/sheet_layout.hpp"
#include "systolic/report/sheets.hpp"

namespace systolic::report {

/// The pages of svg_report(), true to scale where they are printed in actual size. The same bytes for the same input.
/// Requires what svg_report() requires. Errors: libharu's, such as not enough memory.
template <class = void>
inline Result<std::string> pdf_report(const ReportInput& input, Layout layout = Layout::three_by_four) {
  const Sheets sheets(input, layout);
  PdfCanvas canvas;
  for (std::size_t sheet = 0; sheet < sheets.count(); ++sheet) {
    canvas.add_page(sheets.width(), sheets.height(sheet));
    sheets.draw(canvas, sheet);
  }
  return canvas.finish("Electrocardiogram " + input.record);
}

}  // namespace systolic::report
