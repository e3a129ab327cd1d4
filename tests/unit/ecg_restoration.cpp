#include "systolic/ecg/restoration.hpp"

#include <doctest/doctest.h>

#include "support/formula_model.hpp"
#include "support/sequences.hpp"
#include "support/shared.hpp"

using namespace systolic;
using testing::largest_difference;

namespace {

/// What the network gives, as arrays of their own.
template <class T>
struct Outputs {
  Tensor<T> global, local, trend;
};

template <class T>
Outputs<T> run(const Restoration<T>& model, const std::string& inputs, Index batch, Workspace& workspace) {
  const RestorationOptions& o = model.options;
  auto global = formula_tensor<T>(inputs + ".global", {batch, o.length, o.leads});
  auto local = formula_tensor<T>(inputs + ".local", {batch, o.beat_length, o.leads});
  auto trend = formula_tensor<T>(inputs + ".trend", {batch, o.length, o.leads});
  Workspace::Scope scope(workspace);
  const auto restored =
      model(testing::sequence_of(global), testing::sequence_of(local), testing::sequence_of(trend), workspace);
  return {testing::tensor_of(restored.global), testing::tensor_of(restored.local), testing::tensor_of(restored.trend)};
}

template <class T>
Outputs<T> run(const Restoration<T>& model, const std::string& inputs, Index batch, int threads = 1) {
  Workspace workspace(threads);
  return run(model, inputs, batch, workspace);
}

/// Channels [first, first + count) of x [1][time][channels].
template <class T>
Tensor<T> channels_of(const Tensor<T>& x, Index first, Index count) {
  Tensor<T> y({1, x.shape()[1], count});
  for (Index t = 0; t < x.shape()[1]; ++t)
    for (Index c = 0; c < count; ++c) y(0, t, c) = x(0, t, first + c);
  return y;
}

template <class T>
void check_golden(const Restoration<T>& model) {
  const Outputs<T> y = run(model, "mcf", 1);
  const auto golden = [](const char* name) { return testing::golden<float>(std::string("mcf/eval/") + name); };
  CHECK(largest_difference(channels_of(y.global, 0, 12), golden("global_restored")) <= 2e-6);
  CHECK(largest_difference(channels_of(y.global, 12, 1), golden("global_logvar")) <= 2e-6);
  CHECK(largest_difference(channels_of(y.local, 0, 12), golden("local_restored")) <= 2e-6);
  CHECK(largest_difference(channels_of(y.local, 12, 1), golden("local_logvar")) <= 2e-6);
  CHECK(largest_difference(y.trend, golden("trend_restored")) <= 2e-6);
}

/// A small network with every part of the large one: 3 positions, latents of 6 channels.
template <class T>
Restoration<T> small_model() {
  return testing::formula_model<T>({.leads = 3, .hidden = 6, .width = 4, .length = 544});
}

template <class T>
double largest_difference_of(const Outputs<T>& a, const auto& b) {
  return std::max({largest_difference(a.global, b.global), largest_difference(a.local, b.local),
                   largest_difference(a.trend, b.trend)});
}

}  // namespace

TEST_CASE("the published network, prepared, in float") {
  SKIP_WITHOUT_SHARED();
  Restoration<float> model = testing::formula_model<float>();
  model.prepare();
  check_golden(model);
}

TEST_CASE("the published network by plain loops in double") {
  SKIP_WITHOUT_SHARED();
  check_golden(testing::formula_model<double>());
}

TEST_CASE("prepared and plain agree, for a batch too") {
  Restoration<float> model = small_model<float>();
  const auto exact = run(small_model<double>(), "small", 3);
  CHECK(largest_difference_of(run(model, "small", 3), exact) < 2e-6);
  model.prepare();
  CHECK(largest_difference_of(run(model, "small", 3), exact) < 2e-6);
  model.prepare(Precision::f32, false);  // without the unpacked weights
  CHECK(model.trend_decoder.blocks.front().layer.weight.empty());
  CHECK(largest_difference_of(run(model, "small", 3), exact) < 2e-6);
}

TEST_CASE("outputs have the shapes that the inputs had, one channel more where there is a log-variance") {
  const auto y = run(small_model<float>(), "small", 2);
  CHECK(y.global.shape() == Shape{2, 544, 4});
  CHECK(y.local.shape() == Shape{2, 480, 4});
  CHECK(y.trend.shape() == Shape{2, 544, 3});
}

TEST_CASE("items of a batch do not see each other") {
  Restoration<float> model = small_model<float>();
  model.prepare();
  const auto both = run(model, "small", 2), first = run(model, "small", 1);
  CHECK(std::equal(first.global.begin(), first.global.end(), both.global.begin()));
  CHECK(std::equal(first.local.begin(), first.local.end(), both.local.begin()));
}

TEST_CASE("two threads give the same bits as one") {
  Restoration<float> model = small_model<float>();
  model.prepare();
  CHECK(largest_difference_of(run(model, "small", 2), run(model, "small", 2, 2)) == 0);
}

TEST_CASE("the trend decoder in two halves equals the whole one") {
  Restoration<float> model = small_model<float>();
  model.prepare();
  Workspace workspace;
  Workspace::Scope scope(workspace);
  Tensor<float> global = formula_tensor("latent", {2, 3, 6});
  Tensor<float> trend({2, 3, 6});  // the same for both items
  const Tensor<float> one = formula_tensor("trend", {1, 3, 6});
  for (Index b = 0; b < 2; ++b) std::copy(one.begin(), one.end(), trend.data() + b * one.size());
  const auto whole =
      apply(model.trend_decoder,
            nn::concatenate_channels(testing::sequence_of(global), testing::sequence_of(trend), workspace), workspace);
  const auto share = model.trend_share(testing::sequence_of(one, 0, workspace), workspace);
  const auto halves = model.decode_trend(testing::sequence_of(global), share, workspace);
  CHECK(largest_difference(testing::tensor_of(halves), testing::tensor_of(whole)) < 2e-6);
}

TEST_CASE("the second call takes no memory") {
  Restoration<float> model = small_model<float>();
  model.prepare();
  Workspace workspace;
  run(model, "small", 1, workspace);
  const std::size_t capacity = workspace.capacity();
  run(model, "small", 1, workspace);
  CHECK(workspace.capacity() == capacity);
}

TEST_CASE("a copy of a prepared network works by itself") {
  auto original = std::make_unique<Restoration<float>>(small_model<float>());
  original->prepare();
  const auto expected = run(*original, "small", 1);
  const Restoration<float> copy = *original;
  original.reset();
  CHECK(largest_difference_of(run(copy, "small", 1), expected) == 0);
}

TEST_CASE("prepare again takes up changed weights") {
  Restoration<float> model = small_model<float>();
  model.prepare();
  std::fill(model.trend_decoder.blocks.back().layer.weight.begin(),
            model.trend_decoder.blocks.back().layer.weight.end(), 0.0f);
  model.prepare();
  CHECK(testing::largest(run(model, "small", 1).trend) == 0);
}

TEST_CASE("the published network has 7,085,779 parameters under their published names") {
  Restoration<float> model;
  Index parameters = 0;
  std::string names;
  visit_parameters(model, [&](const std::string& name, const Tensor<float>& tensor) {
    if (name.find("running_") == std::string::npos) parameters += tensor.size();
    names += name + tensor.shape().text() + " ";
  });
  CHECK(parameters == 7'085'779);
  for (const char* name :
       {"global_encoder.main.0.weight[32, 12, 4]", "global_encoder.main.3.running_var[64]",
        "local_encoder.main.14.weight[50, 512, 15]", "trend_decoder.main.0.weight[100, 512, 15]",
        "local_decoder.main.13.bias[32]", "global_decoder.main.15.weight[32, 13, 4]",
        "trend_decoder.main.15.weight[32, 12, 4]", "local_mlp.2.weight[1, 274]", "global_mlp.0.bias[548]",
        "global_mlp.2.weight[136, 548]", "attn.linear_layers.2.weight[50, 50]", "layer_norm.a_2[50]"}) {
    CAPTURE(name);
    CHECK(names.find(name) != std::string::npos);
  }
}

TEST_CASE("NaN in an input is NaN in the output, not a likely number") {
  Restoration<float> model = small_model<float>();
  model.prepare();
  Tensor<float> global({1, 544, 3}), local({1, 480, 3}), trend({1, 544, 3});
  global(0, 100, 1) = std::numeric_limits<float>::quiet_NaN();
  Workspace workspace;
  const auto y =
      model(testing::sequence_of(global), testing::sequence_of(local), testing::sequence_of(trend), workspace);
  CHECK(std::isnan(y.global.data[0]));
}
