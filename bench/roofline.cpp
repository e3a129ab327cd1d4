// Where a forward pass spends its time: every layer of the restoration network inside a whole forward, that is, with
// the caches as the layer before it left them.
//
//   bench_roofline [BATCH [WIDTH [f32|bf16|int8 [ROUNDS]]]]      (default: 1 32 f32 20)
//
// Prints Markdown: operations, bytes that must move at least (weights, input and output once), the shortest time of all
// rounds, and the share of the FMA peak that was measured between the rounds.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <vector>

#include "fma_peak.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/ecg/restoration.hpp"

namespace {

using namespace systolic;
using Signal = nn::Sequence<float>;

struct Row {
  std::string name;
  double operations, bytes, seconds;
};

/// The rows of a table, filled again by every round in the same order.
struct Table {
  std::vector<Row> rows;
  std::size_t next = 0;

  template <class Work>
  auto time(const std::string& name, double operations, double bytes, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (next == rows.size()) rows.push_back({name, operations, bytes, seconds});
    rows[next].seconds = std::min(rows[next].seconds, seconds);
    ++next;
    return result;
  }
};

template <class Layer>
Signal run(Table& table, const char* branch, const std::vector<nn::Block<float, Layer>>& blocks, Signal x,
           Workspace& workspace) {
  int number = 0;
  for (const nn::Block<float, Layer>& block : blocks) {
    const Index length = block.layer.output_length(x.length);
    // A weight meets every output of a convolution, every input of a transposed one.
    const Index positions = std::is_same_v<Layer, nn::Conv1d<float>> ? length : x.length;
    const double weights = static_cast<double>(block.layer.weight.size()), batch = static_cast<double>(x.batch);
    const double numbers = static_cast<double>(x.length * x.channels + length * block.layer.out_channels());
    x = table.time(branch + std::string(" ") + std::to_string(++number),
                   2 * batch * static_cast<double>(positions) * weights, 4 * (weights + batch * numbers),
                   [&] { return apply(block, x, workspace); });
  }
  return x;
}

Restoration<float> formula_model(Index width, Precision precision) {
  Restoration<float> model({.width = width});
  visit_parameters(model, [](const std::string& name, Tensor<float>& tensor) {
    tensor = formula_tensor(name, tensor.shape());
    const Index fan_in = tensor.shape().rank() > 1 ? tensor.size() / tensor.shape()[0] : 1;
    const float scale = tensor.shape().rank() > 1 ? std::sqrt(3.0f / static_cast<float>(fan_in)) : 0.1f;
    for (float& value : tensor) value = value * scale + (name.ends_with("_var") ? 1.0f : 0.0f);
  });
  model.prepare(precision);
  return model;
}

Signal input(Tensor<float>& x) { return nn::as_sequence(x.view()); }

}  // namespace

int main(int count, char** arguments) {
  const Index batch = count > 1 ? std::atoi(arguments[1]) : 1, width = count > 2 ? std::atoi(arguments[2]) : 32;
  const auto precision = parse_precision(count > 3 ? arguments[3] : "f32");
  const int rounds = count > 4 ? std::atoi(arguments[4]) : 20;
  if (batch < 1 || width < 1 || !precision || rounds < 1) {
    std::fprintf(stderr, "usage: %s [BATCH [WIDTH [f32|bf16|int8 [ROUNDS]]]]\n", arguments[0]);
    return 2;
  }
  const Restoration<float> model = formula_model(width, *precision);
  auto global = formula_tensor("g", {batch, 4800, 12}), local = formula_tensor("l", {batch, 480, 12}),
       trend = formula_tensor("t", {batch, 4800, 12});
  Workspace workspace;
  Table table;
  double peak = 0;
  for (int round = 0; round < rounds; ++round) {
    peak = std::max(peak, bench::fma_peak(simd::active_isa()));
    Workspace::Scope scope(workspace);
    table.next = 0;
    const Signal of_trend = run(table, "trend encoder", model.trend_encoder.blocks, input(trend), workspace);
    const Signal of_global = run(table, "global encoder", model.global_encoder.blocks, input(global), workspace);
    const Signal of_local = run(table, "local encoder", model.local_encoder.blocks, input(local), workspace);
    const double tokens = static_cast<double>(of_global.length + 1), hidden = static_cast<double>(of_global.channels);
    const double attention =
        tokens * (4 * hidden * hidden + 2 * tokens * hidden) + hidden * tokens * (8 * tokens + 2 * tokens);
    const auto latents = table.time("attention, MLPs", 2 * static_cast<double>(batch) * attention, 0,
                                    [&] { return model.cross_attend(of_global, of_local, workspace); });
    run(table, "global decoder", model.global_decoder.blocks, latents.global, workspace);
    run(table, "local decoder", model.local_decoder.blocks, latents.local, workspace);
    const Signal both = concatenate_channels(latents.global, of_trend, workspace);
    run(table, "trend decoder", model.trend_decoder.blocks, both, workspace);
  }

  std::printf("| layer | MFLOP | MB | ms | GFLOP/s | of the FMA peak | GB/s |\n|---|---|---|---|---|---|---|\n");
  Row sum{"**all**", 0, 0, 0};
  const auto print = [&](const Row& row) {
    std::printf("| %s | %.1f | %.2f | %.3f | %.0f | %.0f %% | %.1f |\n", row.name.c_str(), row.operations * 1e-6,
                row.bytes * 1e-6, row.seconds * 1e3, row.operations / row.seconds * 1e-9,
                100 * row.operations / row.seconds / peak, row.bytes / row.seconds * 1e-9);
  };
  for (const Row& row : table.rows) {
    print(row);
    sum.operations += row.operations;
    sum.bytes += row.bytes;
    sum.seconds += row.seconds;
  }
  print(sum);
  std::printf("\nFMA peak of this run: %.0f GFLOP/s (%s)\n", peak * 1e-9, simd::isa_name(simd::active_isa()));
}
