// systolic restore: the network by itself, arrays in and arrays out.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "folders.hpp"
#include "output.hpp"
#include "systolic/core/workspace.hpp"
#include "systolic/io/npy.hpp"
#include "systolic/nn/sequence.hpp"
#include "weights.hpp"

namespace program {
namespace {

using systolic::Shape;
using systolic::Tensor;
using Signal = systolic::nn::Sequence<float>;

/// An input [batch][length][leads]; one without a batch, [length][leads], counts as a batch of one.
systolic::Result<Tensor<float>> read_input(const std::string& path, Index length, Index leads) {
  auto array = systolic::io::read_npy<float>(path);
  if (!array) return array;
  if (array->shape() == Shape{length, leads}) array->reshape({1, length, leads});
  const Shape& shape = array->shape();
  if (shape.rank() != 3 || shape[0] < 1 || shape[1] != length || shape[2] != leads)
    return systolic::error_at(path, "",
                              "has the shape " + shape.text() + ", not [N, " + std::to_string(length) + ", " +
                                  std::to_string(leads) + "] with an N of at least 1");
  for (Index i = 0; i < array->size(); ++i)
    if (!std::isfinite(array->data()[i]))
      return systolic::error_at(path, "element " + std::to_string(i), "is not a finite number");
  return array;
}

/// One of the five outputs: channels [first, first + channels) of what a decoder gives.
struct OutputArray {
  const char* name;
  Tensor<float> values;  // [batch][length][channels]
  Index first;

  void take(const Signal& restored, Index item) {
    const Index length = values.shape()[1], channels = values.shape()[2];
    for (Index t = 0; t < length; ++t)
      std::copy_n(restored.item(0) + t * restored.channels + first, channels,
                  values.data() + (item * length + t) * channels);
  }
};

/// Reads, restores and writes; the shapes written go into `fields` and `text`.
systolic::Status restore(const RestoreOptions& options, Json& fields, std::string& text) {
  if (const auto status = prepare_folder(options.out); !status) return status;
  const auto detector = load_weights(options.common.weights, options.common.precision);
  if (!detector) return detector.error();
  const systolic::Restoration<float>& model = detector->model();
  const systolic::RestorationOptions& size = model.options;
  const auto global = read_input(options.global, size.length, size.leads);
  if (!global) return global.error();
  const auto local = read_input(options.local, size.beat_length, size.leads);
  if (!local) return local.error();
  const auto trend = read_input(options.trend, size.length, size.leads);
  if (!trend) return trend.error();

  const Index batch = std::max({global->shape()[0], local->shape()[0], trend->shape()[0]});
  const std::pair<const std::string&, const Tensor<float>&> inputs[] = {
      {options.global, *global}, {options.local, *local}, {options.trend, *trend}};
  for (const auto& [path, array] : inputs)
    if (array.shape()[0] != batch && array.shape()[0] != 1)
      return systolic::error_at(path, "",
                                "has a batch of " + std::to_string(array.shape()[0]) + ", another input one of " +
                                    std::to_string(batch) + " (a batch of 1 goes with any)");

  const Index leads = size.leads;
  OutputArray outputs[] = {{"global_restored", Tensor<float>({batch, size.length, leads}), 0},
                           {"global_log_variance", Tensor<float>({batch, size.length, 1}), leads},
                           {"local_restored", Tensor<float>({batch, size.beat_length, leads}), 0},
                           {"local_log_variance", Tensor<float>({batch, size.beat_length, 1}), leads},
                           {"trend_restored", Tensor<float>({batch, size.length, leads}), 0}};
  systolic::Workspace workspace(options.common.threads);
  const auto item = [](const Tensor<float>& array, Index i) {
    const Index length = array.shape()[1], channels = array.shape()[2];
    const Index place = array.shape()[0] == 1 ? 0 : i;
    // A Sequence of inputs is only read.
    return Signal{const_cast<float*>(array.data()) + place * length * channels, 1, length, channels, 0};
  };
  for (Index i = 0; i < batch; ++i) {
    systolic::Workspace::Scope scope(workspace);
    const auto restored = model(item(*global, i), item(*local, i), item(*trend, i), workspace);
    const Signal* sources[] = {&restored.global, &restored.global, &restored.local, &restored.local, &restored.trend};
    for (std::size_t k = 0; k < std::size(outputs); ++k) outputs[k].take(*sources[k], i);
  }
  for (const OutputArray& output : outputs) {
    const std::string path = in_folder(options.out, std::string(output.name) + ".npy");
    if (const auto status = systolic::io::write_npy(path, output.values); !status) return status;
    fields.set(output.name, output.values.shape());
    text += path + " " + output.values.shape().text() + "\n";
  }
  return {};
}

}  // namespace

int run_restore(const RestoreOptions& options) {
  Json fields = Json::object();
  std::string text;
  Outcome outcome;
  if (const auto status = restore(options, fields, text); !status)
    outcome.fail(status.error());
  else
    outcome.add(options.common.format, fields, text);
  Printer printer(options.common.quiet);
  printer.print(outcome);
  return printer.exit_status();
}

}  // namespace program
