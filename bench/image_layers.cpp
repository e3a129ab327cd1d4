// One training step and one inference of the image networks: the U-Net of the M-mode image and of frames, and a stack
// of 3-D convolutions as the encoder of clips has it. Processor time, so that a busy machine changes little.

#include <algorithm>
#include <vector>

#include "counters.hpp"
#include "systolic/core/formula.hpp"
#include "systolic/echo/unet.hpp"
#include "systolic/grad/conv_transpose2d.hpp"
#include "systolic/grad/heat_map.hpp"
#include "systolic/grad/image_block.hpp"

namespace {

using namespace systolic;

template <class Model>
void fill(Model& model) {
  visit_parameters(model, [](const std::string& name, Tensor<float>& tensor) {
    if (name.ends_with("running_var")) return std::fill(tensor.begin(), tensor.end(), 1.0f);
    tensor = formula_tensor(name, tensor.shape());
    for (float& value : tensor) value *= 0.1f;
  });
}

/// Multiplications and additions of one forward pass of one image.
double unet_operations(const echo::UNetOptions& options, Index rows, Index columns) {
  double sum = 0;
  const auto conv = [&](Index in, Index out, Index taps, Index level) {
    sum += 2.0 * static_cast<double>((rows >> level) * (columns >> level) * in * out * taps);
  };
  for (Index level = 0, in = options.in; level < options.levels; ++level) {
    const Index width = options.width << level;
    conv(in, width, 9, level);
    conv(width, width, 9, level);
    in = width;
    if (level == 0) continue;
    conv(width, width / 2, 4, level);
    conv(width, width / 2, 9, level - 1);
    conv(width / 2, width / 2, 9, level - 1);
  }
  conv(options.width, options.landmarks, 1, 0);
  return sum;
}

// Arguments: width, batch, rows, columns.
void unet_step(benchmark::State& state) {
  const Index width = state.range(0), batch = state.range(1), rows = state.range(2), columns = state.range(3);
  echo::UNet<float> model({.width = width});
  fill(model);
  grad::Parameters<float> parameters(model);
  grad::Tape<float> tape(parameters);
  const Tensor<float> x = formula_tensor("x", {batch, rows * columns, 1}), target({batch, 4, 2});
  const Tensor<float> one({1}, {1.0f});
  const auto step = [&] {
    tape.clear();
    parameters.clear_gradients();
    const grad::ImageVariable<float> image{tape.input(nn::as_sequence(x.view())), {1, rows, columns}};
    const auto points = landmark_coordinates(run_unet(model, image, tape), tape);
    tape.backward(landmark_distance(points, nn::as_sequence(target.view()), tape), one.view());
  };
  for (int i = 0; i < 2; ++i) step();  // the first allocates, the second joins what it allocated
  for (auto _ : state) step();
  bench::count_operations(state, 3 * static_cast<double>(batch) * unet_operations(model.options, rows, columns),
                          bench::active_peak());
}

// Arguments: width, rows, columns.
void unet_inference(benchmark::State& state) {
  const Index width = state.range(0), rows = state.range(1), columns = state.range(2);
  echo::UNet<float> model({.width = width});
  fill(model);
  model.prepare();
  const Tensor<float> x = formula_tensor("x", {1, rows, columns, 1});
  Workspace workspace;
  const auto run = [&] {
    const Workspace::Scope scope(workspace);
    benchmark::DoNotOptimize(run_unet(model, nn::as_image(x.view()), workspace).item(0)[0]);
  };
  for (int i = 0; i < 2; ++i) run();
  for (auto _ : state) run();
  bench::count_operations(state, unet_operations(model.options, rows, columns), bench::active_peak());
}

/// A stem of 3 x 7 x 7 and convolutions of 3 x 3 x 3, each before batch norm and ReLU; every other one halves time,
/// rows and columns, and doubles the channels.
struct Stack {
  std::vector<nn::ImageBlock<float>> layers;

  Stack(Index width, Index stages) {
    add(1, width, {3, 7, 7}, {1, 2, 2}, {1, 3, 3});
    for (Index stage = 0, in = width; stage < stages; ++stage) {
      const Index out = width << stage, stride = stage == 0 ? 1 : 2;
      add(in, out, {3, 3, 3}, {stride, stride, stride}, {1, 1, 1});
      for (int i = 0; i < 3; ++i) add(out, out, {3, 3, 3}, {1, 1, 1}, {1, 1, 1});
      in = out;
    }
  }
  void add(Index in, Index out, kernels::Triple kernel, kernels::Triple stride, kernels::Triple padding) {
    layers.emplace_back(
        nn::Conv3dOptions{.in = in, .out = out, .kernel = kernel, .stride = stride, .padding = padding});
  }
};
template <class Visitor>
void visit_parameters(Stack& stack, Visitor&& visitor) {
  for (std::size_t i = 0; i < stack.layers.size(); ++i) visit_parameters(stack.layers[i], std::to_string(i), visitor);
}

// Arguments: width, stages, batch, frames, rows and columns.
void clip_step(benchmark::State& state) {
  const Index batch = state.range(2);
  const nn::ImageExtent extent{state.range(3), state.range(4), state.range(4)};
  Stack stack(state.range(0), state.range(1));
  fill(stack);
  grad::Parameters<float> parameters(stack);
  grad::Tape<float> tape(parameters);
  const Tensor<float> x = formula_tensor("x", {batch, extent.count(), 1});
  double operations = 0;
  const auto step = [&] {
    tape.clear();
    parameters.clear_gradients();
    operations = 0;
    grad::ImageVariable<float> value{tape.input(nn::as_sequence(x.view())), extent};
    for (const nn::ImageBlock<float>& layer : stack.layers) {
      const bool first = &layer == stack.layers.data();
      value = apply(layer, value, tape);
      operations += (first ? 4.0 : 6.0) * static_cast<double>(value.extent.count() * layer.conv.weight.size() * batch);
    }
    const Tensor<float> seed = formula_tensor("seed", {value.pixels.value.batch * value.pixels.value.batch_stride()});
    tape.backward(value.pixels, seed.view());
  };
  for (int i = 0; i < 2; ++i) step();
  for (auto _ : state) step();
  bench::count_operations(state, operations, bench::active_peak());
}

BENCHMARK(unet_step)
    ->Name("unet_step_f32")
    ->ArgNames({"width", "batch", "rows", "columns"})
    ->Args({8, 4, 128, 64})
    ->Args({16, 4, 128, 64})
    ->Args({8, 4, 128, 128})
    ->Args({16, 4, 128, 128})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK(unet_inference)
    ->Name("unet_inference_f32")
    ->ArgNames({"width", "rows", "columns"})
    ->Args({8, 256, 256})
    ->Args({16, 256, 256})
    ->Args({16, 256, 64})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK(clip_step)
    ->Name("clip_step_f32")
    ->ArgNames({"width", "stages", "batch", "frames", "side"})
    ->Args({16, 4, 2, 16, 112})
    ->Args({16, 4, 4, 16, 56})
    ->Args({8, 4, 4, 16, 56})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

}  // namespace

int main(int argc, char** argv) { return bench::run(argc, argv); }
