#pragma once
// A diagnosis network's statements about windows, with what speaks for them.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "systolic/ecg/diagnoser.hpp"
#include "systolic/ecg/evidence.hpp"
#include "systolic/report/report_input.hpp"

namespace program {

/// Immutable: any number of threads may ask.
class StatementFinder {
 public:
  explicit StatementFinder(systolic::Diagnoser diagnoser);

  const systolic::Diagnoser& diagnoser() const noexcept { return *diagnoser_; }
  /// Name and the first digits of the checksum.
  std::string weights() const {
    return diagnoser_->weights_name() + " " + diagnoser_->weights_checksum().substr(0, 12);
  }

  /// All classes, most probable first. `map` [4800][12] or empty: as systolic::EvidenceFinder wants it. Evidence is
  /// looked for where `evidence`, in statements that are present. Requires a classification without a reason.
  std::vector<systolic::report::Statement> statements(const systolic::Classification& found,
                                                      const systolic::Tensor<float>& map, bool evidence,
                                                      systolic::Workspace& workspace) const;

 private:
  std::unique_ptr<systolic::Diagnoser> diagnoser_;
  std::unique_ptr<systolic::EvidenceFinder> finder_;
};

}  // namespace program
