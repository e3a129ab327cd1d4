#include "statements.hpp"

#include <algorithm>

namespace program {

StatementFinder::StatementFinder(systolic::Diagnoser diagnoser)
    : diagnoser_(std::make_unique<systolic::Diagnoser>(std::move(diagnoser))),
      finder_(std::make_unique<systolic::EvidenceFinder>(*diagnoser_)) {}

std::vector<systolic::report::Statement> StatementFinder::statements(const systolic::Classification& found,
                                                                     const systolic::Tensor<float>& map, bool evidence,
                                                                     systolic::Workspace& workspace) const {
  constexpr std::size_t most_stretches = 3;
  std::vector<systolic::report::Statement> result;
  for (const systolic::ClassProbability& entry : found.classes) {
    const systolic::DiagnosisClass& known = diagnoser_->classes()[entry.number];
    const bool superclass = known.kind == systolic::DiagnosisClass::Kind::superclass;
    result.push_back({known.code, known.name, entry.probability, known.threshold, entry.present, superclass, {}});
    // What speaks for a normal heart is not where the map finds something unusual.
    const bool normal = known.code == "NORM" || known.code == "SR";
    if (evidence && entry.present && !superclass)
      result.back().evidence =
          finder_->find(found, entry.number, normal ? systolic::Tensor<float>() : map, most_stretches, workspace);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.probability > b.probability; });
  return result;
}

}  // namespace program
