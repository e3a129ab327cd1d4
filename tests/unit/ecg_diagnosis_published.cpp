#include "systolic/ecg/diagnosis_published.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "support/formula_model.hpp"
#include "support/gradients.hpp"
#include "support/sequences.hpp"
#include "support/shared.hpp"
#include "systolic/ecg/diagnosis_names.hpp"
#include "systolic/grad/norm_activation.hpp"
#include "systolic/grad/objective.hpp"
#include "systolic/grad/pool.hpp"

using namespace systolic;
using testing::largest_difference;

namespace {

template <class T>
using Network = PublishedDiagnosisNetwork<T>;

/// Every part of the large network, and every kind of block, in little: 3 positions, latents of 4 channels.
constexpr PublishedDiagnosisOptions small{
    .backbone = {.leads = 2, .hidden = 4, .width = 2, .length = 544},
    .predictor = {6, 5},
    .classifier = {.filters = 4, .kernel = 5, .groups = 2, .blocks = 5, .halving = 2, .doubling = 3, .classes = 7}};

template <class T>
Network<T> formula_network(const PublishedDiagnosisOptions& options = {}) {
  Network<T> network(options);
  testing::set_formula_weights(network);
  return network;
}

template <class T>
struct Outputs {
  Tensor<T> global, local, trend, attributes, logits;
};

template <class T>
Outputs<T> run(const Network<T>& network, const std::string& inputs, Index batch, int threads = 1) {
  const RestorationOptions& o = network.options.backbone;
  auto global = formula_tensor<T>(inputs + ".global", {batch, o.length, o.leads});
  auto local = formula_tensor<T>(inputs + ".local", {batch, o.beat_length, o.leads});
  auto trend = formula_tensor<T>(inputs + ".trend", {batch, o.length, o.leads});
  Workspace workspace(threads);
  const auto y =
      network(testing::sequence_of(global), testing::sequence_of(local), testing::sequence_of(trend), workspace);
  return {testing::tensor_of(y.global), testing::tensor_of(y.local), testing::tensor_of(y.trend),
          testing::tensor_of(y.attributes), testing::tensor_of(y.logits)};
}

/// Channels [first, first + count) of x [1][time][channels].
Tensor<float> channels_of(const Tensor<float>& x, Index first, Index count) {
  Tensor<float> y({1, x.shape()[1], count});
  for (Index t = 0; t < x.shape()[1]; ++t)
    for (Index c = 0; c < count; ++c) y(0, t, c) = x(0, t, first + c);
  return y;
}

double largest_difference_of(const auto& a, const auto& b) {
  return std::max({largest_difference(a.global, b.global), largest_difference(a.local, b.local),
                   largest_difference(a.trend, b.trend), largest_difference(a.attributes, b.attributes),
                   largest_difference(a.logits, b.logits)});
}

}  // namespace

TEST_CASE("the published network: 26,456,030 parameters under their names, and the published outputs") {
  const auto network = std::make_unique<Network<float>>(formula_network<float>());
  Index parameters = 0, of_classifier = 0;
  std::string names;
  visit_parameters(*network, [&](const std::string& name, const Tensor<float>& tensor) {
    const bool counted = name.find("running_") == std::string::npos;
    parameters += counted ? tensor.size() : 0;
    of_classifier += counted && name.starts_with("class_head.") ? tensor.size() : 0;
    names += name + tensor.shape().text() + " ";
  });
  CHECK(parameters == 26'456'030);
  CHECK(of_classifier == 692'980);
  for (const char* name :
       {"global_encoder.main.0.weight[32, 4, 4]", "predictor.0.weight[1360, 13600]", "predictor.2.bias[136]",
        "predictor.4.weight[7, 136]", "class_head.first_block_conv.conv.weight[128, 100, 16]",
        "class_head.first_block_bn.running_var[128]", "class_head.basicblock_list.0.bn1.weight[128]",
        "class_head.basicblock_list.12.conv1.conv.weight[256, 4, 16]",
        "class_head.basicblock_list.15.conv2.conv.bias[256]", "class_head.final_bn.bias[256]",
        "class_head.dense.weight[116, 256]"}) {
    CAPTURE(name);
    CHECK(names.find(name) != std::string::npos);
  }

  SKIP_WITHOUT_SHARED();
  network->prepare();
  const Outputs<float> y = run(*network, "adclass", 1);
  const auto check = [](const Tensor<float>& computed, const std::string& name) {
    CAPTURE(name);
    CHECK(largest_difference(computed, testing::golden<float>("adclass/eval/" + name)) < 1e-5);
  };
  check(channels_of(y.global, 0, 4), "global_restored");
  check(channels_of(y.global, 4, 1), "global_logvar");
  check(channels_of(y.local, 0, 4), "local_restored");
  check(channels_of(y.local, 4, 1), "local_logvar");
  check(y.trend, "trend_restored");
  check(y.attributes, "attributes");
  check(y.logits, "logits");
}

TEST_CASE("prepared and plain agree, for a batch too; two threads give the same bits as one") {
  const auto exact = run(formula_network<double>(small), "small", 3);
  Network<float> network = formula_network<float>(small);
  CHECK(largest_difference_of(run(network, "small", 3), exact) < 4e-6);
  network.prepare();
  const auto prepared = run(network, "small", 3);
  CHECK(largest_difference_of(prepared, exact) < 4e-6);
  CHECK(largest_difference_of(run(network, "small", 3, 2), prepared) == 0);
  CHECK(prepared.attributes.shape() == Shape{3, 1, 7});
  CHECK(prepared.logits.shape() == Shape{3, 1, 7});
}

TEST_CASE("the gradient of the published loss goes through the whole network, dropout and batch statistics included") {
  Network<double> network = formula_network<double>(small);
  // One tensor of each kind; the finite differences of all would take their time.
  testing::TensorList some;
  visit_parameters(network, [&](const std::string& name, Tensor<double>& tensor) {
    for (const char* chosen :
         {"global_encoder.main.2.weight", "local_encoder.main.3.bias", "trend_encoder.main.14.weight",
          "global_decoder.main.0.weight", "local_mlp.2.weight", "attn.linear_layers.0.weight", "layer_norm.a_2",
          "predictor.0.weight", "predictor.4.bias", "class_head.first_block_conv.conv.weight",
          "class_head.first_block_bn.bias", "class_head.basicblock_list.0.conv2.conv.bias",
          "class_head.basicblock_list.1.conv1.conv.weight", "class_head.basicblock_list.3.bn1.weight",
          "class_head.basicblock_list.3.bn2.weight", "class_head.final_bn.bias", "class_head.dense.weight"})
      if (name == chosen) some.tensors.emplace_back(name, &tensor);
  });
  REQUIRE(some.tensors.size() == 17);
  const RestorationOptions& o = small.backbone;
  const auto local = formula_tensor<double>("local", {2, o.beat_length, o.leads}),
             trend = formula_tensor<double>("trend", {2, o.length, o.leads}),
             target = formula_tensor<double>("target", {2, o.length, o.leads});
  Tensor<double> attributes = formula_tensor<double>("attributes", {2, 1, 7}), classes({2, 1, 7});
  attributes(1, 0, 3) = std::nan("");
  classes(0, 0, 2) = classes(1, 0, 2) = classes(1, 0, 6) = 1;
  const auto view = [](const Tensor<double>& x) { return nn::as_sequence(x.view()); };
  // An input for which no ReLU is at its kink within the differences' step.
  CHECK(testing::worst_gradient_error(
            formula_tensor<double>("signal", {2, o.length, o.leads}), some,
            [&](const grad::Variable<double>& global, grad::Tape<double>& tape) {
              Random random(7, 1);
              tape.set_random(&random);
              const auto y = network(global, tape.input(view(local)), tape.input(view(trend)), tape);
              tape.set_random(nullptr);
              const auto restoration = add(grad::uncertain_restoration_loss(y.global, view(target), tape),
                                           grad::uncertain_restoration_loss(y.local, view(local), tape), tape);
              const auto regression = add(grad::mean_squared_error(y.trend, view(target), tape),
                                          grad::known_mean_squared_error(y.attributes, view(attributes), tape), tape);
              // Without focusing there is no weight that the gradient holds constant.
              const auto diagnosis = grad::asymmetric_loss(y.logits, view(classes), {0, 0, 0.05}, tape);
              return add(add(restoration, regression, tape), diagnosis, tape);
            }) < 1e-5);
}

TEST_CASE("116 names, two of them the same") {
  CHECK(std::string(published_diagnosis_names[0]) == "Normal electrocardiogram");
  CHECK(std::string(published_diagnosis_names[115]) == "Biauricular hypertrophy");
  for (std::size_t i = 0; i < published_diagnosis_names.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      CHECK((std::string(published_diagnosis_names[i]) == published_diagnosis_names[j]) == (j == 60 && i == 86));
}

TEST_CASE("the sizes of a network follow from its tensors; what cannot be is refused by name") {
  PublishedDiagnosisOptions options;
  options.backbone = {.leads = 12, .hidden = 2, .width = 1};
  options.predictor = {4, 3};
  options.classifier.filters = 32;
  options.classifier.classes = 9;
  Network<float> network = formula_network<float>(options);
  nn::StateDict state = nn::save_parameters(network);
  CHECK(is_published_diagnosis(state));
  const auto found = find_published_diagnosis_options(state, "w");
  REQUIRE(found);
  CHECK(found->backbone.leads == 12);
  CHECK(found->backbone.hidden == 2);
  CHECK(found->backbone.width == 1);
  CHECK(found->predictor == options.predictor);
  CHECK(found->classifier.filters == 32);
  CHECK(found->classifier.groups == 32);
  CHECK(found->classifier.classes == 9);
  Network<float> copy(*found);
  CHECK(nn::load_parameters(copy, state, "w"));

  const auto refusal = [&](const char* name, Shape shape) {
    nn::StateDict changed = state;
    for (nn::NamedTensor& entry : changed.tensors)
      if (entry.name == name) entry.tensor = Tensor<float>(shape);
    const auto result = find_published_diagnosis_options(changed, "w");
    return result ? "" : result.error().message;
  };
  CHECK(refusal("global_encoder.main.0.weight", {1, 5, 4}) ==
        "w: weights: the network takes 5 channels, diagnosis needs 4 or 12");
  CHECK(refusal("predictor.0.weight", {4, 500}) == "w: weights: a predictor of [4, 500] and [3, 4] is not possible");
  CHECK(refusal("class_head.basicblock_list.0.conv1.conv.weight", {32, 5, 16}) ==
        "w: weights: a classifier of 32 channels in groups of 5 is not possible");
  CHECK(refusal("predictor.2.weight", {12}) ==
        "w: weights: these are not of the published diagnosis network: predictor.2.weight is missing or of another "
        "shape");
}
