#include "train_data.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <utility>

#include "in_order.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "ptbxl.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/ecg/intervals.hpp"
#include "systolic/ecg/window.hpp"

namespace program {
namespace {

using systolic::train::CachedExample;
using systolic::train::ExampleCache;
using systolic::train::ExampleCacheWriter;

struct Prepared {
  std::unique_ptr<CachedExample> example;  ///< nothing: not analysable
  std::string error;
};

/// Age, sex and what the library measures, in the order of attribute_names; ages of 90 and more are stored as 300 in
/// PTB-XL and count as 90.
std::array<float, 7> attributes_of(const PtbxlRecord& record, const systolic::Intervals& intervals) {
  constexpr float unknown = std::numeric_limits<float>::quiet_NaN();
  const auto known = [&](const std::optional<double>& value) { return value ? static_cast<float>(*value) : unknown; };
  return {record.age ? static_cast<float>(std::min(*record.age, 90.0)) : unknown,
          record.sex == "male"     ? 0.0f
          : record.sex == "female" ? 1.0f
                                   : unknown,
          known(intervals.heart_rate),
          known(intervals.pr),
          known(intervals.qt),
          known(intervals.qtc_bazett),
          known(intervals.qrs)};
}

Prepared prepare(const PtbxlRecord& record, const systolic::train::Recipe& recipe) {
  Prepared result;
  const auto window = read_first_window(record);
  if (!window) {
    result.error = window.error().message;
    return result;
  }
  if (!window->reason.empty()) return result;
  const systolic::Preprocessed preprocessed = systolic::preprocess(window->samples, recipe.peaks);
  if (!preprocessed.reason.empty()) return result;
  result.example = std::make_unique<CachedExample>();
  std::memset(result.example.get(), 0, sizeof(CachedExample));
  systolic::train::pack_example(preprocessed, *result.example);
  result.example->id = systolic::number_from_text<std::int64_t>(record.id).value_or(0);
  const std::vector<Index> peaks = recipe.peaks == systolic::signal::PeakMethod::systolic
                                       ? preprocessed.r_peaks
                                       : systolic::signal::systolic_r_peaks(window->samples, systolic::analysis_rate);
  result.example->attributes = attributes_of(record, systolic::measure_intervals(window->samples, peaks));
  return result;
}

}  // namespace

systolic::Result<ExampleCache> prepare_examples(const TrainOptions& options, const systolic::train::Recipe& recipe) {
  auto labelled = read_ptbxl(options.data, options.train_folds);
  if (!labelled) return labelled.error();
  std::erase_if(*labelled, [](const PtbxlRecord& record) { return record.abnormal; });
  if (options.limit > 0 && static_cast<Index>(labelled->size()) > options.limit)
    labelled->resize(static_cast<std::size_t>(options.limit));
  if (labelled->empty()) return systolic::error_at(options.data, "", "has no normal recording in the training folds");

  const std::string cache = options.cache.empty() ? options.out + ".cache" : options.cache;
  std::string content = "denoised microvolts, attributes, peaks " +
                        std::string(systolic::signal::peak_method_name(recipe.peaks)) + ", version 1";
  for (const PtbxlRecord& record : *labelled) content += "\n" + record.path;
  const std::uint64_t fingerprint = systolic::formula_stream(content);
  if (std::error_code error; std::filesystem::exists(cache, error)) {
    auto found = ExampleCache::open(cache, fingerprint);
    if (found) return found;
    if (!options.common.quiet) print_message(found.error().message + "; it is made anew");
  }

  auto writer = ExampleCacheWriter::create(cache);
  if (!writer) return writer.error();
  Progress progress(static_cast<Index>(labelled->size()), options.common.quiet, false);
  systolic::Status status;
  run_in_order(
      static_cast<Index>(labelled->size()), options.common.threads,
      [&](Index i, int) { return prepare((*labelled)[static_cast<std::size_t>(i)], recipe); },
      [&](const Prepared& result) {
        if (!result.error.empty()) status = systolic::Error{result.error};
        if (status && result.example != nullptr) status = writer->append(*result.example);
        progress.advance();
        return status.ok();
      });
  progress.clear();
  if (!status) return status.error();
  const Index left_out = static_cast<Index>(labelled->size()) - writer->count();
  if (left_out > 0 && !options.common.quiet)
    print_message(options.data + ": " + std::to_string(left_out) + " normal recordings cannot be analysed");
  if (writer->count() == 0) return systolic::error_at(options.data, "", "no normal recording could be analysed");
  if (status = writer->finish(fingerprint); !status) return status.error();
  return ExampleCache::open(cache, fingerprint);
}

}  // namespace program
