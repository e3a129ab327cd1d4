#include "diagnosis_chart.hpp"

#include <algorithm>
#include <array>

#include "output.hpp"
#include "systolic/report/svg.hpp"

namespace program {
namespace {

/// Statements by falling number of training recordings, superclasses behind them.
void sort_by_count(std::vector<ClassFigures>& classes) {
  std::stable_sort(classes.begin(), classes.end(), [](const ClassFigures& a, const ClassFigures& b) {
    if (a.entry.kind != b.entry.kind) return a.entry.kind == systolic::DiagnosisClass::Kind::statement;
    return a.entry.training_count > b.entry.training_count;
  });
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}
std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}
std::string figure(const std::optional<double>& value) { return value ? fixed(*value, 3) : "-"; }

}  // namespace

int tail_of(const systolic::DiagnosisClass& entry) {
  return entry.training_count > 500 ? 0 : entry.training_count >= 50 ? 1 : 2;
}

std::string tail_name(const systolic::DiagnosisClass& entry) {
  if (entry.kind == systolic::DiagnosisClass::Kind::superclass) return "superclass";
  return std::array{"common", "uncommon", "rare"}[static_cast<std::size_t>(tail_of(entry))];
}

std::string class_table(std::vector<ClassFigures> classes) {
  sort_by_count(classes);
  std::string text = "\n  " + padded("code", 9) + right("trained on", 10) + right("positive", 10) + right("AUROC", 8) +
                     "  " + padded("95 %", 13) + right("AUPRC", 7) + right("F1", 7) + right("sens", 7) +
                     right("spec", 7) + "\n";
  for (const ClassFigures& found : classes)
    text += "  " + padded(found.entry.code, 9) + right(std::to_string(found.entry.training_count), 10) +
            right(std::to_string(found.positives), 10) + right(figure(found.auroc), 8) + "  " +
            padded(found.interval ? fixed(found.interval->lower, 3) + "-" + fixed(found.interval->upper, 3) : "-", 13) +
            right(figure(found.auprc), 7) + right(figure(found.f1), 7) + right(figure(found.sensitivity), 7) +
            right(figure(found.specificity), 7) + "\n";
  return text;
}

std::string diagnosis_chart(std::vector<ClassFigures> classes) {
  std::erase_if(classes, [](const ClassFigures& found) { return !found.auroc; });
  sort_by_count(classes);
  constexpr double row = 15, left = 300, right_edge = 860, top = 58, lowest = 0.4;
  const double height = top + row * static_cast<double>(classes.size()) + 24;
  const auto x = [&](double auroc) {
    return left + (right_edge - left) * (std::max(auroc, lowest) - lowest) / (1 - lowest);
  };
  // Okabe and Ito's colours, which the colour-blind tell apart.
  const auto color = [](const ClassFigures& found) {
    if (found.entry.kind == systolic::DiagnosisClass::Kind::superclass) return "#555555";
    return std::array{"#0072b2", "#e69f00", "#d55e00"}[static_cast<std::size_t>(tail_of(found.entry))];
  };
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"" + fixed(height, 0) +
                    "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" "
                    "fill=\"white\"/>\n<text x=\"12\" y=\"20\" font-size=\"14\">AUROC of each class with its "
                    "95 % interval; recordings trained on / positive here</text>\n";
  double legend = left;
  for (const auto& [name, fill] : {std::pair("common (over 500)", "#0072b2"), std::pair("uncommon", "#e69f00"),
                                   std::pair("rare (under 50)", "#d55e00"), std::pair("superclass", "#555555")}) {
    svg += "<rect x=\"" + fixed(legend, 0) + "\" y=\"29\" width=\"10\" height=\"10\" fill=\"" + fill +
           "\"/>\n<text x=\"" + fixed(legend + 14, 0) + "\" y=\"38\">" + name + "</text>\n";
    legend += 140;
  }
  for (int tick = 4; tick <= 10; ++tick) {
    const std::string at = fixed(x(tick / 10.0), 1);
    svg += "<path d=\"M" + at + " " + fixed(top - 4, 0) + "V" + fixed(height - 20, 0) +
           "\" stroke=\"#ddd\"/>\n<text x=\"" + at + "\" y=\"" + fixed(height - 8, 0) + "\" text-anchor=\"middle\">" +
           fixed(tick / 10.0, 1) + "</text>\n";
  }
  double y = top;
  for (const ClassFigures& found : classes) {
    const std::string middle = fixed(y + row / 2, 1);
    svg += "<text x=\"" + fixed(left - 8, 0) + "\" y=\"" + fixed(y + row / 2 + 4, 1) + "\" text-anchor=\"end\">" +
           systolic::report::escape(found.entry.name.substr(0, 38)) + " (" +
           std::to_string(found.entry.training_count) + "/" + std::to_string(found.positives) + ")</text>\n";
    if (found.interval)
      svg += "<path d=\"M" + fixed(x(found.interval->lower), 1) + " " + middle + "H" +
             fixed(x(found.interval->upper), 1) + "\" stroke=\"" + color(found) +
             "\" stroke-width=\"4\" stroke-opacity=\"0.35\"/>\n";
    svg += "<circle cx=\"" + fixed(x(*found.auroc), 1) + "\" cy=\"" + middle + "\" r=\"3.5\" fill=\"" + color(found) +
           "\"/>\n";
    y += row;
  }
  return svg + "</svg>\n";
}

}  // namespace program
