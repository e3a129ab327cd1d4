// The whole network and the whole job: one forward, detect() of a record of 12 beats, and its preprocessing.

#include <cmath>

#include "counters.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/ecg/detect.hpp"
#include "systolic/ecg/synthetic.hpp"
#include "systolic/ecg/window.hpp"

namespace {

using namespace systolic;

constexpr double forward_operations = 1.794e9;  // multiplications and additions of one forward

Restoration<float> formula_model(Precision precision = Precision::f32) {
  Restoration<float> model;
  visit_parameters(model, [](const std::string& name, Tensor<float>& tensor) {
    tensor = formula_tensor(name, tensor.shape());
    const Index fan_in = tensor.shape().rank() > 1 ? tensor.size() / tensor.shape()[0] : 1;
    const float scale = tensor.shape().rank() > 1 ? std::sqrt(3.0f / static_cast<float>(fan_in)) : 0.1f;
    for (float& value : tensor) value = value * scale + (name.ends_with("_var") ? 1.0f : 0.0f);
  });
  model.prepare(precision);
  return model;
}

// Arguments: batch, threads.
void forward(benchmark::State& state) {
  static const Restoration<float> model = formula_model();
  const Index batch = state.range(0);
  auto global = formula_tensor("g", {batch, 4800, 12});
  auto local = formula_tensor("l", {batch, 480, 12});
  auto trend = formula_tensor("t", {batch, 4800, 12});
  Workspace workspace(static_cast<int>(state.range(1)));
  for (auto _ : state) {
    Workspace::Scope scope(workspace);
    const auto restored =
        model(nn::as_sequence(global.view()), nn::as_sequence(local.view()), nn::as_sequence(trend.view()), workspace);
    benchmark::DoNotOptimize(restored.trend.data);
  }
  bench::count_operations(state, forward_operations * static_cast<double>(batch),
                          bench::active_peak() * static_cast<double>(state.range(1)));
}

Tensor<double> twelve_beats() {
  SyntheticOptions options;
  options.heart_rate = 72;
  return cut_window(synthesize(options)->record, 0).samples;
}

// Arguments: beats that are looked at, threads.
void detect(benchmark::State& state, Precision precision) {
  const Detector detector(formula_model(precision), std::nullopt, {}, {}, {}, precision);
  const Tensor<double> window = twelve_beats();
  Preprocessed record = preprocess(window, signal::PeakMethod::heartpy);
  record.beats.resize(12, 2500);  // the same work whatever the peak detector found
  record.reason.clear();
  DetectOptions options;
  options.beats = state.range(0);
  Workspace workspace(static_cast<int>(state.range(1)));
  for (auto _ : state) benchmark::DoNotOptimize(detector.detect(record, options, workspace).score);
}

void preprocess_window(benchmark::State& state) {
  const Tensor<double> window = twelve_beats();
  for (auto _ : state) {
    const Preprocessed record = preprocess(window, signal::PeakMethod::heartpy);
    benchmark::DoNotOptimize(trend_signal(record, Normalization::none).data());
  }
}

BENCHMARK(forward)
    ->Name("forward_f32")
    ->ArgNames({"batch", "threads"})
    ->Args({1, 1})
    ->Args({1, 2})
    ->Args({3, 1})
    ->Args({3, 2})
    ->Args({36, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
// Names say how many of the record's 12 beats are looked at.
BENCHMARK_CAPTURE(detect, f32, Precision::f32)
    ->Name("detect_f32")
    ->ArgNames({"beats", "threads"})
    ->Args({12, 1})
    ->Args({4, 1})
    ->Args({12, 2})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(detect, bf16, Precision::bf16)
    ->Name("detect_bf16")
    ->ArgNames({"beats", "threads"})
    ->Args({12, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(detect, int8, Precision::int8)
    ->Name("detect_int8")
    ->ArgNames({"beats", "threads"})
    ->Args({12, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(preprocess_window)->Name("preprocess/5000x12")->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) { return bench::run(argc, argv); }
