#pragma once
// A diagnosis network small enough for tests.

#include <string>

#include "support/formula_model.hpp"
#include "systolic/ecg/diagnoser.hpp"

namespace testing {

inline systolic::DiagnosisOptions small_diagnosis() {
  systolic::DiagnosisOptions options;
  options.width = 2;
  options.channels = 6;
  options.measured = 5;
  options.classes = 4;
  return options;
}

/// Three statements and a superclass.
inline systolic::DiagnosisScales small_scales() {
  using systolic::DiagnosisClass;
  systolic::DiagnosisScales scales;
  scales.classes = {{"A", "first, of all", DiagnosisClass::Kind::statement, 700, 1, 0, 0.5},
                    {"B", "second", DiagnosisClass::Kind::statement, 70, 1.5, -0.25, 0.4},
                    {"C", "third", DiagnosisClass::Kind::statement, 7, 1, 0, 0.01},
                    {"S", "group", DiagnosisClass::Kind::superclass, 777, 1, 0, 0.5}};
  scales.measurements.center.assign(static_cast<std::size_t>(systolic::measurement_count), 0.1f);
  scales.measurements.deviation.assign(static_cast<std::size_t>(systolic::measurement_count), 2.0f);
  scales.attribute_mean = {60, 0.5, 70, 160, 400, 420, 95};
  scales.attribute_deviation = {17, 0.5, 15, 30, 40, 30, 18};
  return scales;
}

/// Formula weights, as in the other models' tests.
inline systolic::Diagnosis<float> formula_diagnosis() {
  systolic::Diagnosis<float> network(small_diagnosis());
  set_formula_weights(network);
  return network;
}

}  // namespace testing
