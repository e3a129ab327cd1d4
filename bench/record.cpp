// What surrounds the network: the way from the start of a process to a detector that is ready, and a recording's
// preparation and measurement. One thread.
//
//   bench_record WEIGHTS RECORDING [ROUNDS]      (for example weights/restoration.safetensors examples/data/two_pvc 40)
//
// Prints Markdown: of each step the shortest time of all rounds by the clock, and the median.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "systolic/ecg/quality.hpp"
#include "systolic/infer.hpp"

namespace {

using namespace systolic;

void time(const char* name, int rounds, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("| %s | %.3f | %.3f |\n", name, 1e3 * seconds.front(), 1e3 * seconds[seconds.size() / 2]);
}

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: bench_record WEIGHTS RECORDING [ROUNDS]\n", stderr), 2;
  const std::string weights = argv[1];
  const int rounds = argc > 3 ? std::max(1, std::atoi(argv[3])) : 40;

  const auto state = io::read_safetensors(weights);
  if (!state) return fail(state.error());
  const auto options = find_restoration_options(*state, weights);
  if (!options) return fail(options.error());
  const auto detector = io::make_detector(*state, weights);
  if (!detector) return fail(detector.error());
  const auto record = io::read_wfdb(argv[2]);
  if (!record) return fail(record.error());
  const Window window = cut_window(*record, 0);
  if (!window.reason.empty()) return fail({window.reason});

  std::printf("| step | shortest (ms) | median (ms) |\n|---|---|---|\n");
  std::optional<Restoration<float>> model;
  Workspace workspace;
  time("weights: read, checksum, to float", rounds, [&] { (void)io::read_safetensors(weights); });
  time("network: made, tensors copied", rounds, [&] {
    model.emplace(*options);
    (void)nn::load_parameters(*model, *state, weights);
  });
  time("network: packed (f32)", rounds, [&] { model->prepare(Precision::f32); });
  time("score: found among the tensors", rounds,
       [&] { (void)find_normality(*state, feature_counts(*options), weights); });
  time("all of it but the self-check", rounds, [&] { (void)io::load_detector(weights, Precision::f32, false); });
  time("self-check: one forward", rounds, [&] { (void)run_self_check(*state, detector->model(), weights, workspace); });

  const auto peaks = [&](signal::PeakMethod method) { return preprocess(window.samples, method); };
  time("recording: read, windowed", rounds, [&] {
    const auto again = io::read_wfdb(argv[2]);
    (void)cut_window(*again, 0);
  });
  time("preprocess, own peaks", rounds, [&] { (void)peaks(signal::PeakMethod::systolic); });
  time("preprocess, published peaks", rounds, [&] { (void)peaks(signal::PeakMethod::heartpy); });
  time("of it: filters", rounds, [&] {
    Tensor<double> samples = window.samples;
    (void)signal::denoise(samples, analysis_rate);
  });
  time("of it: own peaks", rounds, [&] { (void)signal::systolic_r_peaks(window.samples, analysis_rate); });
  const Preprocessed prepared = peaks(signal::PeakMethod::systolic);
  const DetectOptions ask;
  time("global signal and trend", rounds, [&] {
    (void)global_signal(prepared, detector->normalization(ask));
    (void)trend_signal(prepared, detector->normalization(ask));
  });
  time("quality", rounds, [&] { (void)range_quality(*record, {0, record->length()}); });
  time("beats measured, intervals", rounds, [&] { (void)measure_beats(window.samples, prepared.r_peaks); });
  time("detect, published score and map", std::max(1, rounds / 4),
       [&] { (void)detector->detect(prepared, ask, workspace); });
  time("detect, default score and map", std::max(1, rounds / 4),
       [&] { (void)detector->detect(window.samples, ask, workspace); });
}
