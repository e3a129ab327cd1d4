#include "once.hpp"
#include "systolic/io/diagnosis_weights.hpp"
#include "systolic/io/published_weights.hpp"

namespace program::once {

systolic::Result<systolic::Diagnoser> make_diagnoser(const systolic::nn::StateDict& state, const std::string& file) {
  return systolic::io::make_diagnoser(state, file);
}

systolic::Classification classify(const systolic::Diagnoser& diagnoser, systolic::TensorView<const double> window,
                                  systolic::Workspace& workspace) {
  return diagnoser.classify(window, workspace);
}

void set_self_check(systolic::nn::StateDict& state, const systolic::Diagnoser& diagnoser,
                    systolic::Workspace& workspace) {
  systolic::io::set_diagnosis_self_check(state, diagnoser.network(), workspace);
}

systolic::Result<systolic::PublishedDiagnoser> make_published_diagnoser(const systolic::nn::StateDict& state,
                                                                        const std::string& file) {
  return systolic::io::make_published_diagnoser(state, file);
}

systolic::PublishedDiagnosis classify(const systolic::PublishedDiagnoser& diagnoser, const systolic::Record& record,
                                      const systolic::ClassifyPublishedOptions& options,
                                      systolic::Workspace& workspace) {
  return diagnoser.classify(record, options, workspace);
}

void set_self_check(systolic::nn::StateDict& state, const systolic::PublishedDiagnoser& diagnoser,
                    systolic::Workspace& workspace) {
  systolic::io::set_published_self_check(state, diagnoser.network(), workspace);
}

}  // namespace program::once
