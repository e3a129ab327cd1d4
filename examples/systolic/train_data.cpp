#include "train_data.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <utility>

#include "in_order.hpp"
#include "once.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "ptbxl.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/window.hpp"

namespace program {
namespace {

using systolic::DiagnosisClass;
using systolic::train::BasicExampleCache;
using systolic::train::BasicExampleCacheWriter;
using systolic::train::CachedExample;
using systolic::train::DiagnosisCache;
using systolic::train::DiagnosisExample;
using systolic::train::ExampleCache;

template <class Example>
struct Prepared {
  std::unique_ptr<Example> example;  ///< nothing: not analysable
  std::string error;
};

/// known_attributes() in the cache's numbers.
std::array<float, 7> attributes_of(const PtbxlRecord& record, const systolic::Intervals& intervals) {
  const auto known = known_attributes(record, intervals);
  std::array<float, 7> result{};
  std::transform(known.begin(), known.end(), result.begin(), [](double value) { return static_cast<float>(value); });
  return result;
}

/// Reads and preprocesses a record; fill(example, its window, its preprocessed form) adds what the kind of example has.
template <class Example, class Fill>
Prepared<Example> prepare(const PtbxlRecord& record, systolic::signal::PeakMethod peaks, const Fill& fill) {
  Prepared<Example> result;
  const auto window = read_first_window(record);
  if (!window) {
    result.error = window.error().message;
    return result;
  }
  if (!window->reason.empty()) return result;
  const systolic::Preprocessed preprocessed = once::preprocess(window->samples, peaks);
  if (!preprocessed.reason.empty()) return result;
  auto example = std::make_unique<Example>();
  std::memset(example.get(), 0, sizeof(Example));
  CachedExample& recording = const_cast<CachedExample&>(systolic::train::recording(*example));
  systolic::train::pack_example(preprocessed, recording);
  recording.id = systolic::number_from_text<std::int64_t>(record.id).value_or(0);
  fill(*example, window->samples, preprocessed);
  result.example = std::move(example);
  return result;
}

/// The cache file where it holds just these records, else made anew: `make(record)` gives each its example, `content`
/// says what that is.
template <class Example, class Make>
systolic::Result<BasicExampleCache<Example>> find_or_make(const std::vector<PtbxlRecord>& records,
                                                          const std::string& cache, std::string content,
                                                          const TrainOptions& options, const Make& make) {
  for (const PtbxlRecord& record : records) content += "\n" + record.path;
  const std::uint64_t fingerprint = systolic::formula_stream(content);
  if (std::error_code error; std::filesystem::exists(cache, error)) {
    auto found = BasicExampleCache<Example>::open(cache, fingerprint);
    if (found) return found;
    if (!options.common.quiet) print_message(found.error().message + "; it is made anew");
  }
  auto writer = BasicExampleCacheWriter<Example>::create(cache);
  if (!writer) return writer.error();
  Progress progress(static_cast<Index>(records.size()), options.common.quiet, false);
  systolic::Status status;
  run_in_order(
      static_cast<Index>(records.size()), options.common.threads,
      [&](Index i, int) { return make(records[static_cast<std::size_t>(i)]); },
      [&](const Prepared<Example>& result) {
        if (!result.error.empty()) status = systolic::Error{result.error};
        if (status && result.example != nullptr) status = writer->append(*result.example);
        progress.advance();
        return status.ok();
      });
  progress.clear();
  if (!status) return status.error();
  const Index left_out = static_cast<Index>(records.size()) - writer->count();
  if (left_out > 0 && !options.common.quiet)
    print_message(options.data + ": " + std::to_string(left_out) + " recordings cannot be analysed");
  if (writer->count() == 0) return systolic::error_at(options.data, "", "no recording could be analysed");
  if (status = writer->finish(fingerprint); !status) return status.error();
  return BasicExampleCache<Example>::open(cache, fingerprint);
}

void limit_to(Index limit, std::vector<PtbxlRecord>& records) {
  if (limit > 0 && static_cast<Index>(records.size()) > limit) records.resize(static_cast<std::size_t>(limit));
}

}  // namespace

systolic::Result<ExampleCache> prepare_examples(const TrainOptions& options, const systolic::train::Recipe& recipe) {
  auto labelled =
      read_ptbxl(options.data, options.train_folds, options.all_records ? Labelled::any : Labelled::diagnostic);
  if (!labelled) return labelled.error();
  if (!options.all_records) std::erase_if(*labelled, [](const PtbxlRecord& record) { return record.abnormal; });
  limit_to(options.limit, *labelled);
  if (labelled->empty())
    return systolic::error_at(
        options.data, "",
        std::string("has no ") + (options.all_records ? "" : "normal ") + "recording in the training folds");
  const std::string content = "denoised microvolts, attributes, peaks " +
                              std::string(systolic::signal::peak_method_name(recipe.peaks)) + ", version 1";
  return find_or_make<CachedExample>(
      *labelled, options.cache.empty() ? options.out + ".cache" : options.cache, content, options,
      [&](const PtbxlRecord& record) {
        return prepare<CachedExample>(
            record, recipe.peaks,
            [&](CachedExample& example, const systolic::Tensor<double>& samples,
                const systolic::Preprocessed& preprocessed) {
              const std::vector<Index> peaks = recipe.peaks == systolic::signal::PeakMethod::systolic
                                                   ? preprocessed.r_peaks
                                                   : once::systolic_r_peaks(samples, systolic::analysis_rate);
              example.attributes = attributes_of(record, once::measure_intervals(samples, peaks));
            });
      });
}

systolic::Result<std::vector<DiagnosisClass>> find_classes(const std::string& folder) {
  const auto statements = read_scp_statements(folder);
  if (!statements) return statements.error();
  std::vector<DiagnosisClass> classes;
  for (const ScpStatement& statement : *statements)
    classes.push_back({statement.code, statement.name, DiagnosisClass::Kind::statement});
  for (const auto& [code, name] : superclass_names) classes.push_back({code, name, DiagnosisClass::Kind::superclass});
  if (classes.size() > static_cast<std::size_t>(systolic::train::most_classes))
    return systolic::error_at(folder, "scp_statements.csv",
                              "has " + std::to_string(statements->size()) + " statements; there is room for " +
                                  std::to_string(systolic::train::most_classes - 5));
  return classes;
}

systolic::Result<DiagnosisCache> prepare_diagnosis_examples(const TrainOptions& options, const std::vector<int>& folds,
                                                            const std::vector<DiagnosisClass>& classes,
                                                            const std::string& cache) {
  auto labelled = read_ptbxl(options.data, folds, Labelled::any);
  if (!labelled) return labelled.error();
  limit_to(options.limit, *labelled);
  if (labelled->empty()) return systolic::error_at(options.data, "", "has no recording with statements in these folds");
  std::string content = "denoised microvolts, attributes, measurements, classes, version 1";
  for (const DiagnosisClass& entry : classes) content += "," + entry.code;
  return find_or_make<DiagnosisExample>(*labelled, cache, content, options, [&](const PtbxlRecord& record) {
    return prepare<DiagnosisExample>(
        record, systolic::signal::PeakMethod::systolic,
        [&](DiagnosisExample& example, const systolic::Tensor<double>& samples,
            const systolic::Preprocessed& preprocessed) {
          const auto measured = systolic::measure_beats(samples, preprocessed.r_peaks);
          example.measurements.fill(std::numeric_limits<float>::quiet_NaN());
          systolic::Intervals intervals;
          if (measured) {
            std::copy(measured->measurements.begin(), measured->measurements.end(), example.measurements.begin());
            intervals = measured->intervals;
          }
          example.record.attributes = attributes_of(record, intervals);
          for (std::size_t c = 0; c < classes.size(); ++c) {
            const bool superclass = classes[c].kind == DiagnosisClass::Kind::superclass;
            const auto& known = superclass ? record.superclasses : record.codes;
            const bool applies = std::find(known.begin(), known.end(), classes[c].code) != known.end();
            example.classes[c] = superclass && record.superclasses.empty() ? -1 : applies ? 1 : 0;
          }
        });
  });
}

}  // namespace program
