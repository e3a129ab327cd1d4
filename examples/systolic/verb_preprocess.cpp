// systolic preprocess: what the network gets to see of the first window of a recording, as arrays.

#include <string>
#include <utility>
#include <vector>

#include "batch.hpp"
#include "folders.hpp"
#include "once.hpp"
#include "systolic/ecg/preprocess.hpp"
#include "systolic/ecg/window.hpp"
#include "systolic/io/npy.hpp"
#include "weights.hpp"

namespace program {
namespace {

using systolic::Shape;
using systolic::Tensor;

/// Writes the arrays of one window and names their shapes in the result.
class ArrayWriter {
 public:
  ArrayWriter(std::string folder, Json& fields, std::string& text, Outcome& outcome)
      : folder_(std::move(folder)), fields_(fields), text_(text), outcome_(outcome) {}

  template <class T>
  void write(const std::string& name, const Tensor<T>& array) {
    const std::string path = in_folder(folder_, name + ".npy");
    if (const auto status = systolic::io::write_npy(path, array); !status) return outcome_.fail(status.error());
    fields_.set(name, array.shape());
    text_ += "  " + path + " " + array.shape().text() + "\n";
  }
  /// An array that does not exist for this window.
  void leave_out(const std::string& name) { fields_.set(name, Json()); }

 private:
  std::string folder_;
  Json& fields_;
  std::string& text_;
  Outcome& outcome_;
};

void preprocess_record(const Recording& recording, const systolic::Preparation& preparation, bool allow_missing,
                       const std::string& folder, Format format, Outcome& outcome) {
  const auto first = recording.window(0, allow_missing);
  if (!first) return outcome.fail(first.error());
  const systolic::Window& window = first->window;
  systolic::Preprocessed prepared;
  prepared.reason = window.reason;
  if (window.reason.empty()) prepared = once::preprocess(window.samples, preparation.peaks);

  const bool analysable = prepared.reason.empty();
  Json fields = Json::object();
  fields.set("record", recording.name())
      .set("status", analysable ? "ok" : "not analysable")
      .set("reason", analysable ? Json() : Json(prepared.reason));
  std::string text = recording.name() + ": " + (analysable ? "ok" : "not analysable: " + prepared.reason) + "\n";

  ArrayWriter writer(folder, fields, text, outcome);
  if (!prepared.denoised.empty()) {
    writer.write("denoised", prepared.denoised);
    writer.write("global", systolic::global_signal<float>(prepared, preparation.normalization));
    writer.write("trend", systolic::trend_signal<float>(prepared, preparation.normalization));
  } else {
    for (const char* name : {"denoised", "global", "trend"}) writer.leave_out(name);
  }
  Tensor<std::int64_t> peaks(Shape{static_cast<Index>(prepared.r_peaks.size())});
  std::copy(prepared.r_peaks.begin(), prepared.r_peaks.end(), peaks.begin());
  writer.write("r_peaks", peaks);
  const auto count = static_cast<Index>(prepared.beats.size());
  Tensor<float> beats(Shape{count, systolic::beat_length, systolic::standard_lead_count});
  for (Index b = 0; b < count; ++b)
    systolic::beat_signal<float>(prepared, prepared.beats[static_cast<std::size_t>(b)],
                                 {beats.data() + b * systolic::beat_length * systolic::standard_lead_count,
                                  {systolic::beat_length, systolic::standard_lead_count}});
  writer.write("beats", beats);
  outcome.add(format, fields, text);
}

}  // namespace

int run_preprocess(const PreprocessOptions& options) {
  if (const auto status = prepare_folder(options.out); !status) {
    print_message(status.error().message);
    return exit_failed;
  }
  const auto preparation = find_preparation(options.common);
  if (!preparation) {
    print_message(preparation.error().message);
    return exit_failed;
  }
  const std::vector<Input> inputs = find_inputs(options.records, options.common.rate);
  return run_batch(inputs, options.common, true,
                   [&](const Recording& recording, const std::string& name, int, Outcome& outcome) {
                     const bool alone = inputs.size() == 1 && recording.name() == inputs[0].name;
                     const std::string folder = alone ? options.out : in_folder(options.out, name);
                     if (const auto status = prepare_folder(folder); !status) return outcome.fail(status.error());
                     preprocess_record(recording, *preparation, options.common.allow_missing, folder,
                                       options.common.format, outcome);
                   });
}

}  // namespace program
