#pragma once
// A canvas that writes SVG.

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "systolic/report/canvas.hpp"
#include "systolic/report/svg.hpp"
#include "systolic/report/trace.hpp"

namespace systolic::report {

/// Collects elements. Shapes are written in whole hundredths of a millimetre, relative to the point before: no decimal
/// points, and the same bytes in every locale. All text is escaped.
class SvgCanvas : public Canvas {
 public:
  /// What was drawn so far.
  const std::string& elements() const noexcept { return elements_; }
  void append(std::string_view markup) { elements_ += markup; }

  void begin_group(std::string_view name) override {
    elements_ += name.empty() ? "<g>\n" : "<g class=\"" + std::string(name) + "\">\n";
  }
  void end_group() override { elements_ += "</g>\n"; }

  void boxes(const std::vector<Box>& shapes, std::string_view fill) override {
    if (shapes.empty()) return;
    // One path for all: a box in it takes a third of the bytes of an element of its own.
    std::string data;
    for (const Box& b : shapes) {
      const long long x = hundredths(b.x), y = hundredths(b.y), width = hundredths(b.x + b.width) - x;
      data += "M" + std::to_string(x) + " " + std::to_string(y) + "h" + std::to_string(width) + "v" +
              std::to_string(hundredths(b.y + b.height) - y) + "h" + std::to_string(-width) + "z";
    }
    elements_ += "<path transform=\"scale(.01)\" d=\"" + data + "\" fill=\"" + std::string(fill) + "\"/>\n";
  }

  void frame(const Box& b, const Stroke& stroke, std::string_view fill) override {
    elements_ += "<rect x=\"" + number(b.x) + "\" y=\"" + number(b.y) + "\" width=\"" + number(b.width) +
                 "\" height=\"" + number(b.height) + "\" fill=\"" + (fill.empty() ? "none" : std::string(fill)) + "\"" +
                 stroke_attributes(stroke, 1) + "/>\n";
  }

  void lines(const std::vector<Polyline>& shapes, const Stroke& stroke, Point origin) override {
    std::string data;
    for (const Polyline& shape : shapes) data += path_data(shape);
    if (data.empty()) return;
    std::string place = "scale(.01)";
    if (origin.x != 0 || origin.y != 0) place = "translate(" + number(origin.x) + " " + number(origin.y) + ") " + place;
    elements_ +=
        "<path transform=\"" + place + "\" d=\"" + data + "\" fill=\"none\"" + stroke_attributes(stroke, 100) + "/>\n";
  }

  void polygons(const std::vector<Polyline>& shapes, std::string_view fill) override {
    std::string data;
    for (const Polyline& shape : shapes) data += path_data(shape) + "z";
    if (data.empty()) return;
    elements_ += "<path transform=\"scale(.01)\" d=\"" + data + "\" fill=\"" + std::string(fill) + "\"/>\n";
  }

  void text(double x, double y, std::string_view words, const TextStyle& style) override {
    elements_ += text_element(x, y, words, style);
  }

 private:
  static long long hundredths(double length) { return std::llround(100 * length); }

  template <class = void>
  static std::string stroke_attributes(const Stroke& stroke, double scale) {
    std::string text = " stroke=\"" + std::string(stroke.color) + "\" stroke-width=\"" +
                       number(stroke.width * scale, 2) + "\" stroke-linejoin=\"round\"";
    if (stroke.opacity < 1) text += " stroke-opacity=\"" + number(stroke.opacity) + "\"";
    if (stroke.dashed) text += " stroke-dasharray=\"" + number(0.8 * scale) + " " + number(0.6 * scale) + "\"";
    return text;
  }

  std::string elements_;
};

/// An SVG element of `width` x `height` mm around `elements`, true to scale. `more` are further attributes.
template <class = void>
inline std::string svg_element(double width, double height, std::string_view elements, std::string_view more = "") {
  const std::string size = number(width) + "mm\" height=\"" + number(height) + "mm\" viewBox=\"0 0 " + number(width) +
                           " " + number(height) + "\"";
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size +
         " font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\"" +
         (more.empty() ? "" : " " + std::string(more)) + ">\n" + std::string(elements) + "</svg>\n";
}

}  // namespace systolic::report
