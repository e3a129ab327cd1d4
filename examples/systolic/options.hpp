#pragma once
// What the user asked for, and the verbs that do it. main.cpp fills these structures; each verb is a file of its own.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "systolic/core/tensor.hpp"
#include "systolic/ecg/calibration.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/io/safetensors.hpp"
#include "systolic/kernels/precision.hpp"

namespace program {

using systolic::Index;

enum class Format { text, json, csv };

/// Exit statuses of every verb.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;  ///< a record or file failed; the others were done
inline constexpr int exit_usage = 2;

struct CommonOptions {
  std::string weights;  ///< a file; empty: the shipped weights
  int threads = 1;
  Format format = Format::text;
  bool quiet = false;
  std::uint64_t seed = 1;
  std::optional<systolic::signal::PeakMethod> peaks;         ///< default: what the weights' metadata names
  std::optional<systolic::Normalization> normalization;      ///< the same
  std::optional<systolic::ScoreKind> score;                  ///< default: combined where the weights have it
  Index beats = 0;                                           ///< score at most so many a window; 0: all
  systolic::Precision precision = systolic::Precision::f32;  ///< of the network's wide layers
  bool allow_missing = false;
  double rate = 0;  ///< samples a second, where a recording's file states none; 0: not known
};

/// Which records of a folder: their ecg_id tells.
enum class Ids { all, odd, even };

/// The verbs that read recordings.
struct RecordsOptions {
  CommonOptions common;
  std::vector<std::string> records;  ///< paths of recordings or folders; "-" is a list on standard input
};

struct DetectOptions : RecordsOptions {
  std::string map, report;  ///< a file, or a folder where there are several windows; empty: none
  std::string annotate;     ///< the same for recordings
  std::string layout = "3x4+1", report_format = "html";  ///< of reports; the format of those in a folder
  std::string compare;                                   ///< an earlier recording; empty: none
  std::string diagnosis;  ///< weights that reports name statements with; empty: the shipped ones; "none": no statements
  bool identify = false;  ///< reports may show what the header says of the patient
  bool resume = false;    ///< windows whose results stand in standard output's file already are left out
};

struct PreprocessOptions : RecordsOptions {
  std::string out;
};

struct RestoreOptions {
  CommonOptions common;
  std::string global, local, trend, out;
};

struct EvaluateOptions {
  CommonOptions common;
  std::string data;
  std::vector<int> folds;
  Ids ids = Ids::all;
  Index limit = 0;           ///< 0: all
  std::string scores;        ///< a .csv to write; empty: none
  std::string localization;  ///< a folder of records with point-level truth, in place of `data`; empty: none
  bool diagnose = false;     ///< measures a diagnosis network
  std::string against;       ///< diagnose: other weights to compare with; empty: none
  std::string chart;         ///< diagnose: a .svg to write; empty: none
};

struct ClassifyOptions : RecordsOptions {
  bool all = false;         ///< text: every statement, not only those present and the first few
  bool evidence = false;    ///< also which stretch of the signal speaks for each statement that is present
  std::string restoration;  ///< weights of the map that evidence looks at; empty: the shipped ones
};

struct ConvertOptions {
  CommonOptions common;
  std::string in, out;
  std::optional<systolic::io::DataType> type;  ///< of weights; default f32
};

struct CalibrateOptions {
  CommonOptions common;
  std::string data, out;
  std::vector<int> folds;      ///< to calibrate on
  Ids ids = Ids::all;          ///< of them
  std::vector<int> fit_folds;  ///< to fit the combined score on; empty: it is kept as it is
  Index fit_limit = 0;         ///< at most so many of those recordings, evenly chosen; 0: all
  systolic::io::DataType type = systolic::io::DataType::f32;
  std::string description;                                    ///< of the recordings, for the metadata
  std::vector<std::pair<std::string, std::string>> metadata;  ///< more of it: key and text
};

// Each returns the exit status.
int run_detect(const DetectOptions& options);
int run_peaks(const RecordsOptions& options);
int run_preprocess(const PreprocessOptions& options);
int run_restore(const RestoreOptions& options);
int run_classify(const ClassifyOptions& options);
int run_evaluate(const EvaluateOptions& options);
int run_calibrate(const CalibrateOptions& options);
int run_convert(const ConvertOptions& options);
int run_info(const RecordsOptions& options);

}  // namespace program
