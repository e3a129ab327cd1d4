#pragma once
// Names what a recording shows: from a window of ten seconds to the probability of every statement.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "systolic/ecg/diagnosis.hpp"
#include "systolic/ecg/diagnosis_classes.hpp"
#include "systolic/ecg/preprocess.hpp"

namespace systolic {

/// A class with what a recording says for it.
struct ClassProbability {
  std::size_t number;  ///< in Diagnoser::classes()
  double logit, probability;
  bool present;  ///< probability at or above the class's threshold
};

struct Classification {
  std::string reason;                                       ///< why it could not be analysed; empty: it was
  std::vector<ClassProbability> classes;                    ///< in the network's order
  std::array<double, attribute_names.size()> attributes{};  ///< as predicted: years, 0 male to 1 female, bpm, ms
  Intervals intervals;                                      ///< as measured
  Preprocessed record;
  std::vector<float> measurements;  ///< as the network reads them, scaled

  /// The classes of a kind, most probable first.
  template <class = void>
  std::vector<ClassProbability> ranked(const std::vector<DiagnosisClass>& known, DiagnosisClass::Kind kind) const {
    std::vector<ClassProbability> result;
    for (const ClassProbability& entry : classes)
      if (known[entry.number].kind == kind) result.push_back(entry);
    std::stable_sort(result.begin(), result.end(),
                     [](const auto& a, const auto& b) { return a.probability > b.probability; });
    return result;
  }
};

/// A trained diagnosis network with its classes. Immutable once made: any number of threads may call classify(), each
/// with a Workspace of its own.
class Diagnoser {
 public:
  /// Calls network.prepare(). Requires scales of the network's sizes.
  template <class = void>
  Diagnoser(Diagnosis<float> network, DiagnosisScales scales, std::string name = {}, std::string checksum = {})
      : network_(std::move(network)),
        scales_(std::move(scales)),
        weights_name_(std::move(name)),
        weights_checksum_(std::move(checksum)) {
    network_.prepare();
  }

  const Diagnosis<float>& network() const noexcept { return network_; }
  const std::vector<DiagnosisClass>& classes() const noexcept { return scales_.classes; }
  const DiagnosisScales& scales() const noexcept { return scales_; }
  const std::string& weights_name() const noexcept { return weights_name_; }
  const std::string& weights_checksum() const noexcept { return weights_checksum_; }

  /// Analyses a window [5000][12], mV at 500 Hz in canonical lead order (ecg/window.hpp cuts it from a Record). A
  /// window that cannot be analysed is a result with a reason. Finite probabilities and attributes, the same for any
  /// number of threads.
  template <class = void>
  Classification classify(TensorView<const double> window, Workspace& workspace) const {
    Classification result;
    result.record = preprocess(window, signal::PeakMethod::systolic);
    result.reason = result.record.reason;
    if (!result.reason.empty()) return result;
    std::vector<float>& measurements = result.measurements;
    measurements.assign(static_cast<std::size_t>(measurement_count), std::numeric_limits<float>::quiet_NaN());
    if (auto measured = measure_beats(window, result.record.r_peaks)) {
      measurements = std::move(measured->measurements);
      result.intervals = std::move(measured->intervals);
    }
    scales_.measurements(measurements.data(), measurements.data());
    const Tensor<float> global = global_signal(result.record, Normalization::none);
    Workspace::Scope scope(workspace);
    const auto encoded =
        network_.encode(nn::Sequence<const float>{global.data(), 1, global_length, standard_lead_count, 0}, workspace);
    const nn::Sequence<float> measured{measurements.data(), 1, 1, measurement_count, 0};
    const auto read = network_.read(encoded, measured, workspace);
    for (std::size_t c = 0; c < scales_.classes.size(); ++c) {
      const double logit = static_cast<double>(read.logits.data[c]);
      const double probability = scales_.classes[c].probability(logit);
      if (!std::isfinite(probability)) {
        result.classes.clear();
        result.reason = "the probabilities are not finite: amplitudes are beyond what the network can take";
        return result;
      }
      result.classes.push_back({c, logit, probability, probability >= scales_.classes[c].threshold});
    }
    for (std::size_t a = 0; a < attribute_names.size(); ++a)
      result.attributes[a] =
          scales_.attribute_mean[a] + scales_.attribute_deviation[a] * static_cast<double>(read.attributes.data[a]);
    return result;
  }

 private:
  Diagnosis<float> network_;
  DiagnosisScales scales_;
  std::string weights_name_, weights_checksum_;
};

}  // namespace systolic
