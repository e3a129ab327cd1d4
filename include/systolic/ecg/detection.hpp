#pragma once
// What is asked of a detection, and what it answers.

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/calibration.hpp"
#include "systolic/ecg/findings.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/normality.hpp"

namespace systolic {

struct BeatScore {
  Index r_peak;  ///< sample of the window
  double score;
};

/// One part of the combined score, in standard deviations above the mean of normal recordings.
struct ScorePart {
  const char* name;
  double z;
};

/// What is known about a window after its analysis.
struct Detection {
  std::string reason;  ///< why it could not be analysed; empty: it was
  double score = 0;
  ScoreKind kind = ScoreKind::published;  ///< which score it is
  std::vector<ScorePart> parts;           ///< of the combined score
  std::optional<double> percentile;       ///< share of normal records with a lower score, in percent
  std::optional<double> threshold;        ///< above it a score is called abnormal
  std::optional<bool> abnormal;
  std::vector<Index> r_peaks;             ///< all, samples of the window
  std::vector<BeatScore> beats;           ///< each beat's error; empty where only the combined score was asked for
  std::vector<Finding> findings;          ///< most abnormal first
  Tensor<float> map;                      ///< [4800][12], samples 100..4900 of the window; empty unless asked for
  Tensor<float> residual;                 ///< [4800][12] mV, denoised minus restored signal; empty unless asked for
  std::optional<Intervals> intervals;     ///< where the combined score measured them
  std::optional<ScoreFeatures> features;  ///< where asked for
};

/// Every member has an initializer, so that {.beats = 4} compiles without a warning about the others.
struct DetectOptions {
  std::optional<Normalization> normalization = {};  ///< default: the calibration's
  std::optional<signal::PeakMethod> peaks = {};     ///< default: the calibration's
  std::optional<ScoreKind> score = {};              ///< default: combined where the weights have it
  Index beats = 0;                                  ///< at most so many beats, evenly chosen; 0: all
  bool map = true;                                  ///< findings need it, too
  bool residual = false;                            ///< for drawings of the restored signal
  bool features = false;                            ///< what the combined score is made of; to fit it
  std::vector<int> missing = {};                    ///< leads (0..11) that hold no signal: left out of score and map
};

/// Which of n beats are scored where at most `most` are: number round(k (n - 1) / (most - 1)), k = 0..most-1.
template <class = void>
inline std::vector<Index> choose_beats(const std::vector<Index>& beats, Index most) {
  const Index n = static_cast<Index>(beats.size());
  if (most <= 0 || n <= most) return beats;
  std::vector<Index> chosen;
  for (Index k = 0; k < most; ++k) {
    const double place = most == 1 ? 0.0 : static_cast<double>(k * (n - 1)) / static_cast<double>(most - 1);
    chosen.push_back(beats[static_cast<std::size_t>(std::lround(place))]);
  }
  return chosen;
}

}  // namespace systolic
