#pragma once
// A report of an echocardiogram with everything that one may have.

#include <cmath>
#include <limits>
#include <string>

#include "systolic/report/echo_report_input.hpp"

namespace testing {

/// `picture` stands for the bytes of a PNG file.
inline systolic::report::EchoReportInput echo_report_example(const std::string& picture = "\x89PNG picture") {
  using namespace systolic::report;
  EchoReportInput input;
  input.file = "<clip> & co.avi";
  input.kind = "Contours";
  input.summary = "32 frames, 112 x 112 pixels";
  input.facts = {{"Ejection fraction", "35.2 %"}, {"EDV", "142 ml"}, {"ESV", ""}};
  EchoPicture frame{"End-diastole, frame 3", picture, 112, 112, 1, {}, "", ""};
  frame.overlays.push_back({EchoOverlay::Kind::line, {{40, 20}, {30, 80}, {60, 90}}, echo_yellow, false, "contour"});
  frame.overlays.push_back({EchoOverlay::Kind::dots, {{40, 20}, {500, -20}}, echo_cyan, false, "key points"});
  frame.overlays.push_back({EchoOverlay::Kind::line, {}, echo_pink, true, ""});
  input.pictures.push_back(frame);
  input.pictures.push_back({"Along the line", picture, 128, 64, 0.62, {}, "64 frames", "128 pixels"});
  EchoCurve curve{"Volume", "ml", {}, {{3, "ED"}, {12, "ES"}, {99, "beyond"}}, 0};
  for (int i = 0; i < 32; ++i) curve.values.push_back(100 + 40 * std::cos(0.2 * i));
  curve.values[7] = std::numeric_limits<double>::quiet_NaN();
  input.curve = curve;
  input.tables = {{"Measurements", {"", "ED", "ES"}, {{"Volume by disks, ml", "142", "92"}}}};
  input.judgements = {{"Septal bulge", "0.4 % of the ventricle", "normal", false},
                      {"Segment motion", "mid septal 0.02", "pathological", true}};
  input.text = "The ejection fraction is reduced. The mid septal segment hardly moves.";
  input.steps = {"All frames were read.", "Something <else> was done."};
  input.weights = "echo_contour 1234";
  input.weights_note = "phantom-trained, for software verification, not for patients";
  input.program = "systolic 1.0";
  return input;
}

}  // namespace testing
