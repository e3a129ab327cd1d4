#pragma once
// What is known about a window, for whatever draws it.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/findings.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/quality.hpp"

namespace systolic::report {

/// An earlier recording of the same patient, beside which this one is shown.
struct Earlier {
  std::string record;  ///< name
  std::string reason;  ///< why it could not be analysed; empty: it was
  std::optional<double> score, percentile;
  std::optional<bool> abnormal;
  Intervals intervals;
  Tensor<double> median_beat;  ///< [575][12] mV, ecg/median_beat.hpp; may be empty
};

/// What a diagnosis network says of one of its classes.
struct Statement {
  std::string code, name;
  double probability = 0, threshold = 0;
  bool present = false;           ///< probability at or above the threshold
  bool superclass = false;        ///< one that gathers statements
  std::vector<Finding> evidence;  ///< stretches that speak for it, strongest first
};

/// What a report shows. Anything may be empty; what is empty is not shown or said to be missing.
struct ReportInput {
  TensorView<const double> samples;      ///< [time][12] mV, canonical order of leads
  double rate = 500;                     ///< samples a second
  TensorView<const float> map;           ///< localization map [time][12], at `rate`
  TensorView<const float> residual;      ///< [time][12] mV, what the restoration leaves, beside `map`
  Index map_start = 100;                 ///< sample of the window where map and residual start
  std::optional<double> map_threshold;   ///< the map's 99th percentile among normal records
  std::vector<Index> r_peaks;            ///< samples of the window
  std::vector<Finding> findings;         ///< most important first
  std::optional<double> score;           ///< of the record
  std::optional<double> threshold;       ///< of the score
  std::optional<double> percentile;      ///< of the score among normal records, 0 to 100
  std::optional<bool> abnormal;          ///< the decision
  std::string score_parts;               ///< what the score is made of, in a few words
  std::vector<double> normal_scores;     ///< ascending quantiles of normal records at equally spaced probabilities
  std::string normal_data;               ///< which records those are
  std::vector<Statement> statements;     ///< most probable first; empty: no diagnosis was made
  std::string diagnosis_weights;         ///< name (and checksum) of the weights that made it
  std::optional<Intervals> intervals;    ///< of the window, at `rate`
  std::optional<WindowQuality> quality;  ///< of the window
  Tensor<double> median_beat;            ///< [575][12] mV; for the comparison
  std::optional<Earlier> earlier;        ///< what to compare with
  std::string reason;                    ///< why the window could not be analysed
  std::string record;                    ///< name; the caller sees to it that it names no person
  std::vector<std::string> identity;     ///< who it is, one fact a line; only where that was asked for
  double from = 0;                       ///< where the window starts in the recording, s
  double mm_per_mv = 10;                 ///< 5 is half standard, for records too tall for the page
  std::string processing;                ///< what was done to the drawn samples, in a few words
  std::vector<std::string> steps;        ///< what was done on the way to the result, a sentence each
  std::vector<std::string> warnings;     ///< what the reader of the file and the checks of the signal complain of
  std::vector<int> missing;              ///< leads (0..11) that the recording does not have
  std::string index;                     ///< address of the overview that it belongs to
  std::string weights;                   ///< name (and checksum) of the weights
  std::string program = "systolic";      ///< name and version
};

}  // namespace systolic::report
