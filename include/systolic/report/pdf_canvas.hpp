#pragma once
// A canvas that writes PDF, with libharu (component systolic::pdf). Letters are Helvetica, which every reader of PDF
// has; characters beyond Windows-1252 become question marks.

#include <hpdf.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/core/result.hpp"
#include "systolic/report/canvas.hpp"

namespace systolic::report {

/// `text` (UTF-8) in Windows-1252: what libharu calls WinAnsiEncoding.
template <class = void>
inline std::string windows_1252(std::string_view text) {
  struct Other {
    unsigned code;
    char byte;
  };
  constexpr std::array<Other, 9> others = {{{0x2013, '\x96'},
                                            {0x2014, '\x97'},
                                            {0x2026, '\x85'},
                                            {0x2022, '\x95'},
                                            {0x2018, '\x91'},
                                            {0x2019, '\x92'},
                                            {0x201C, '\x93'},
                                            {0x201D, '\x94'},
                                            {0x2212, '-'}}};
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    unsigned code = length == 1 ? lead : lead & (0x7Fu >> length);
    bool valid = lead < 0x80 || (length > 1 && i + length <= text.size());
    for (std::size_t k = 1; k < length && valid; ++k) {
      const unsigned next = static_cast<unsigned char>(text[i + k]);
      valid = (next & 0xC0u) == 0x80;
      code = (code << 6) | (next & 0x3Fu);
    }
    char byte = '?';
    if (valid && ((code >= 0x20 && code < 0x7F) || (code >= 0xA0 && code < 0x100))) byte = static_cast<char>(code);
    for (const Other& other : others)
      if (valid && code == other.code) byte = other.byte;
    result += byte;
    i += valid ? length : 1;
  }
  return result;
}

/// The pages of one document. An error of libharu makes finish() fail; what is drawn after it is lost.
class PdfCanvas : public Canvas {
 public:
  template <class = void>
  PdfCanvas() : document_(HPDF_New(&on_error, this)) {
    if (document_ == nullptr) return;
    HPDF_SetCompressionMode(document_, HPDF_COMP_ALL);
    regular_ = HPDF_GetFont(document_, "Helvetica", "WinAnsiEncoding");
    bold_ = HPDF_GetFont(document_, "Helvetica-Bold", "WinAnsiEncoding");
  }
  ~PdfCanvas() override {
    if (document_ != nullptr) HPDF_Free(document_);
  }

  /// Everything that follows is drawn on a new page of `width` x `height` mm.
  template <class = void>
  void add_page(double width, double height) {
    if (!good()) return;
    page_ = HPDF_AddPage(document_);
    height_ = height;
    HPDF_Page_SetWidth(page_, points(width));
    HPDF_Page_SetHeight(page_, points(height));
    HPDF_Page_SetLineJoin(page_, HPDF_ROUND_JOIN);
  }

  /// The file. It holds no date. To be called once.
  template <class = void>
  Result<std::string> finish(const std::string& title) {
    if (document_ == nullptr) return error_at("", "report", "not enough memory for a PDF");
    HPDF_SetInfoAttr(document_, HPDF_INFO_TITLE, windows_1252(title).c_str());
    if (status_ == 0) HPDF_SaveToStream(document_);
    std::string bytes;
    if (status_ == 0) {
      HPDF_ResetStream(document_);
      bytes.resize(HPDF_GetStreamSize(document_));
      HPDF_UINT32 size = static_cast<HPDF_UINT32>(bytes.size());
      HPDF_ReadFromStream(document_, reinterpret_cast<HPDF_BYTE*>(bytes.data()), &size);
      bytes.resize(size);
    }
    if (status_ != 0 || bytes.empty())
      return error_at("", "report", "libharu failed to write the PDF (error " + std::to_string(status_) + ")");
    return bytes;
  }

  void boxes(const std::vector<Box>& shapes, std::string_view fill) override {
    if (!good() || shapes.empty()) return;
    set_fill(fill);
    for (const Box& b : shapes)
      HPDF_Page_Rectangle(page_, points(b.x), points(height_ - b.y - b.height), points(b.width), points(b.height));
    HPDF_Page_Fill(page_);
  }

  void frame(const Box& b, const Stroke& stroke, std::string_view fill) override {
    if (!fill.empty()) boxes({b}, fill);
    const double right = b.x + b.width, bottom = b.y + b.height;
    lines({{{b.x, b.y}, {right, b.y}, {right, bottom}, {b.x, bottom}, {b.x, b.y}}}, stroke, {0, 0});
  }

  void lines(const std::vector<Polyline>& shapes, const Stroke& stroke, Point origin) override {
    if (!good()) return;
    HPDF_Page_GSave(page_);
    const std::array<double, 3> c = color(stroke.color);
    HPDF_Page_SetRGBStroke(page_, real(c[0]), real(c[1]), real(c[2]));
    HPDF_Page_SetLineWidth(page_, points(stroke.width));
    if (stroke.opacity < 1) {
      const HPDF_ExtGState state = HPDF_CreateExtGState(document_);
      HPDF_ExtGState_SetAlphaStroke(state, real(stroke.opacity));
      HPDF_Page_SetExtGState(page_, state);
    }
    if (stroke.dashed) {
      const HPDF_UINT16 pattern[] = {2, 2};  // points; libharu 2.3 takes whole ones only
      HPDF_Page_SetDash(page_, pattern, 2, 0);
    }
    bool any = false;
    for (const Polyline& shape : shapes) {
      if (shape.size() < 2) continue;
      any = true;
      outline(shape, origin);
    }
    if (any) HPDF_Page_Stroke(page_);
    HPDF_Page_GRestore(page_);
  }

  void polygons(const std::vector<Polyline>& shapes, std::string_view fill) override {
    if (!good() || shapes.empty()) return;
    set_fill(fill);
    for (const Polyline& shape : shapes) {
      outline(shape, {0, 0});
      HPDF_Page_ClosePath(page_);
    }
    HPDF_Page_Fill(page_);
  }

  void text(double x, double y, std::string_view words, const TextStyle& style) override {
    if (!good()) return;
    const std::string line = windows_1252(words);
    HPDF_Page_GSave(page_);
    HPDF_Page_SetFontAndSize(page_, style.bold ? bold_ : regular_, points(style.size));
    const std::string_view anchor = style.anchor;
    const double width = static_cast<double>(HPDF_Page_TextWidth(page_, line.c_str())) * 25.4 / 72;
    const double left = x - (anchor == "end" ? width : anchor == "middle" ? width / 2 : 0);
    set_fill(style.fill);
    if (style.halo) {
      HPDF_Page_SetRGBStroke(page_, 1, 1, 1);
      HPDF_Page_SetLineWidth(page_, points(0.7));
      show(left, y, line, HPDF_STROKE);
    }
    show(left, y, line, HPDF_FILL);
    HPDF_Page_GRestore(page_);
  }

 private:
  static HPDF_REAL real(double value) { return static_cast<HPDF_REAL>(value); }
  static HPDF_REAL points(double millimetres) { return real(millimetres * 72 / 25.4); }
  static void on_error(HPDF_STATUS error, HPDF_STATUS, void* canvas) {
    static_cast<PdfCanvas*>(canvas)->status_ = error;
  }
  bool good() const { return document_ != nullptr && status_ == 0; }

  /// "#rgb" or "#rrggbb" as parts from 0 to 1.
  template <class = void>
  static std::array<double, 3> color(std::string_view text) {
    const auto digit = [&](std::size_t i) {
      const char c = i < text.size() ? text[i] : '0';
      return static_cast<double>(c >= 'a' ? c - 'a' + 10 : c - '0');
    };
    std::array<double, 3> parts;
    for (std::size_t i = 0; i < 3; ++i)
      parts[i] = text.size() == 4 ? digit(1 + i) / 15 : (16 * digit(1 + 2 * i) + digit(2 + 2 * i)) / 255;
    return parts;
  }
  void set_fill(std::string_view fill) {
    const std::array<double, 3> c = color(fill);
    HPDF_Page_SetRGBFill(page_, real(c[0]), real(c[1]), real(c[2]));
  }
  template <class = void>
  void outline(const Polyline& shape, Point origin) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const HPDF_REAL x = points(origin.x + shape[i].x), y = points(height_ - origin.y - shape[i].y);
      if (i == 0)
        HPDF_Page_MoveTo(page_, x, y);
      else
        HPDF_Page_LineTo(page_, x, y);
    }
  }
  template <class = void>
  void show(double left, double y, const std::string& line, HPDF_TextRenderingMode mode) {
    HPDF_Page_BeginText(page_);
    HPDF_Page_SetTextRenderingMode(page_, mode);
    HPDF_Page_TextOut(page_, points(left), points(height_ - y), line.c_str());
    HPDF_Page_EndText(page_);
  }

  HPDF_STATUS status_ = 0;
  HPDF_Doc document_;
  HPDF_Page page_ = nullptr;
  HPDF_Font regular_ = nullptr, bold_ = nullptr;
  double height_ = 0;
};

}  // namespace systolic::report
