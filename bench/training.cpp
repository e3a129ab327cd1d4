// One step of the published training: forward, backward, AdamW. Beside it in compare.sh: PyTorch's.

#include <array>
#include <memory>

#include "counters.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/train/restoration_trainer.hpp"

namespace {

using namespace systolic;

// 1.794 GFLOP forward and twice as much backward, but for the gradients of the inputs, which nobody wants.
constexpr double step_operations = 172e9 / 32;  // a recording

// Arguments: batch, threads.
void train_step(benchmark::State& state) {
  const Index batch = state.range(0);
  const int threads = static_cast<int>(state.range(1));
  train::RestorationTrainer trainer(train::published_recipe(), threads);
  train::Batch data;
  data.global = formula_tensor("g", {batch, global_length, standard_lead_count});
  data.local = formula_tensor("l", {batch, beat_length, standard_lead_count});
  data.trend = formula_tensor("t", {batch, global_length, standard_lead_count});
  data.masked_global = data.global;
  data.masked_local = data.local;
  data.total = batch;
  trainer.step(data, 1e-4);  // the first step allocates
  for (auto _ : state) benchmark::DoNotOptimize(trainer.step(data, 1e-4).total);
  bench::count_operations(state, step_operations * static_cast<double>(batch),
                          bench::active_peak() * static_cast<double>(threads));
}

BENCHMARK(train_step)
    ->Name("train_step_f32")
    ->ArgNames({"batch", "threads"})
    ->Args({32, 1})
    ->Args({32, 2})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3)
    ->UseRealTime();

}  // namespace

int main(int argc, char** argv) { return bench::run(argc, argv); }
