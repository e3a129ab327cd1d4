#pragma once
// Counters that every benchmark shares: GFLOP/s, and the share of the FMA peak that was measured at the start.

#include <benchmark/benchmark.h>

#include <string>

#include "fma_peak.hpp"

namespace bench {

/// The measured peak of the instruction set in use; measured once.
inline double active_peak() {
  static const double peak = fma_peak(systolic::simd::active_isa());
  return peak;
}

/// States what one iteration costs. `peak` is of one core in FLOP/s, or 0 for the active instruction set's.
inline void count_operations(benchmark::State& state, double operations, double peak = 0) {
  if (peak <= 0) peak = active_peak();
  state.counters["GFLOP/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] = benchmark::Counter(operations / peak, benchmark::Counter::kIsIterationInvariantRate);
}

/// Runs the benchmarks that the command line asks for, with what the machine can do as context; the exit status.
inline int run(int argc, char** argv) {
  benchmark::AddCustomContext("fma_peak", std::to_string(active_peak() * 1e-9) + " GFLOP/s");
  benchmark::AddCustomContext("instruction_set", systolic::simd::isa_name(systolic::simd::active_isa()));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace bench
