// Each layer of nn/ as the restoration network uses it, prepared, on the instruction set in use.

#include "counters.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/nn/attention.hpp"
#include "systolic/nn/block.hpp"
#include "systolic/nn/layer_norm.hpp"
#include "systolic/nn/pool.hpp"

namespace {

using namespace systolic;
using namespace systolic::nn;

template <class Model>
void fill(Model& model, const char* name) {
  visit_parameters(model, name, [](const std::string& tensor_name, Tensor<float>& tensor) {
    tensor = formula_tensor(tensor_name, tensor.shape());
  });
}

template <class Layer>
void convolution(benchmark::State& state, Layer layer, Index length, double positions) {
  fill(layer, "layer");
  layer.prepare();
  Workspace workspace;
  const auto x = formula_tensor("x", {1, length, layer.options.in});
  const Sequence<const float> input = as_sequence(x.view());
  for (auto _ : state) {
    Workspace::Scope scope(workspace);
    benchmark::DoNotOptimize(layer(input, workspace).data);
  }
  bench::count_operations(state, 2.0 * positions * static_cast<double>(layer.weight.size()));
}

void conv1d_k4s2(benchmark::State& state) {
  convolution(state, Conv1d<float>({.in = 128, .out = 256, .kernel = 4, .stride = 2, .padding = 1}), 600, 300);
}
void conv1d_k15(benchmark::State& state) {
  convolution(state, Conv1d<float>({.in = 512, .out = 50, .kernel = 15}), 150, 136);
}
void conv1d_k16_groups32(benchmark::State& state) {
  convolution(state, Conv1d<float>({.in = 128, .out = 128, .kernel = 16, .groups = 32, .same = true}), 136, 136);
}
void conv_transpose1d_k4s2(benchmark::State& state) {
  convolution(state, ConvTranspose1d<float>({.in = 256, .out = 128, .kernel = 4, .stride = 2, .padding = 1}), 300, 300);
}
void conv_transpose1d_k15(benchmark::State& state) {
  convolution(state, ConvTranspose1d<float>({.in = 50, .out = 512, .kernel = 15}), 136, 136);
}

void linear(benchmark::State& state) {
  Linear<float> layer(137, 548);
  fill(layer, "layer");
  layer.prepare();
  const auto x = formula_tensor("x", {50, 137});
  Tensor<float> y({50, 548});
  for (auto _ : state) {
    layer(x.data(), 50, y.data(), {Activation::Kind::relu});
    benchmark::ClobberMemory();
  }
  bench::count_operations(state, 2.0 * 50 * 137 * 548);
}

void attention(benchmark::State& state) {
  MultiHeadAttention<float> layer(2, 50);
  fill(layer, "layer");
  layer.prepare();
  const auto x = formula_tensor("x", {1, 137, 50});
  Tensor<float> y({1, 137, 50});
  Workspace workspace;
  for (auto _ : state) {
    layer(x.data(), 1, 137, y.data(), workspace);
    benchmark::ClobberMemory();
  }
  bench::count_operations(state, 2.0 * 137 * (4 * 50 * 50 + 2 * 137 * 50));
}

void layer_norm(benchmark::State& state) {
  const LayerNorm<float> layer(50, LayerNormForm::unbiased_std);
  auto x = formula_tensor("x", {137, 50});
  for (auto _ : state) {
    layer(x.data(), 137);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * x.size());
}

void batch_norm(benchmark::State& state) {
  const BatchNorm1d<float> layer(64);
  auto x = formula_tensor("x", {1, 1200, 64});
  for (auto _ : state) {
    layer(as_sequence(x.view()));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * x.size());
}

void max_pool(benchmark::State& state) {
  const auto x = formula_tensor("x", {1, 136, 128});
  const Sequence<const float> input = as_sequence(x.view());
  Workspace workspace;
  for (auto _ : state) {
    Workspace::Scope scope(workspace);
    benchmark::DoNotOptimize(max_pool1d(input, 2, workspace).data);
  }
  state.SetItemsProcessed(state.iterations() * x.size());
}

BENCHMARK(conv1d_k4s2)->Name("conv1d_k4s2_f32/600x128_to_300x256");
BENCHMARK(conv1d_k15)->Name("conv1d_k15_f32/150x512_to_136x50");
BENCHMARK(conv1d_k16_groups32)->Name("conv1d_k16_groups32_f32/136x128");
BENCHMARK(conv_transpose1d_k4s2)->Name("conv_transpose1d_k4s2_f32/300x256_to_600x128");
BENCHMARK(conv_transpose1d_k15)->Name("conv_transpose1d_k15_f32/136x50_to_150x512");
BENCHMARK(linear)->Name("linear_f32/50x137_to_50x548");
BENCHMARK(attention)->Name("attention_f32/137x50_heads2");
BENCHMARK(layer_norm)->Name("layer_norm_f32/137x50");
BENCHMARK(batch_norm)->Name("batch_norm_f32/1200x64");
BENCHMARK(max_pool)->Name("max_pool_f32/136x128");

}  // namespace

int main(int argc, char** argv) { return bench::run(argc, argv); }
