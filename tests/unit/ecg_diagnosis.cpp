#include "systolic/ecg/diagnosis.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/diagnosis.hpp"
#include "support/gradients.hpp"
#include "support/pulses.hpp"
#include "systolic/ecg/evidence.hpp"
#include "systolic/io/diagnosis_weights.hpp"

using namespace systolic;

namespace {

/// Ten seconds in which beats stand in every lead, each lead of another height.
Tensor<double> window() {
  const std::vector<double> beats = testing::pulses(5000, {150, 700, 1310, 1900, 2480, 3100, 3660, 4290, 4850});
  Tensor<double> x({5000, 12});
  for (Index t = 0; t < 5000; ++t)
    for (Index lead = 0; lead < 12; ++lead)
      x(t, lead) = (lead == 3 ? -0.7 : 0.4 + 0.1 * static_cast<double>(lead)) * beats[static_cast<std::size_t>(t)] +
                   0.05 * std::sin(0.01 * static_cast<double>(t * (lead + 1)));
  return x;
}

Diagnoser diagnoser() { return {testing::formula_diagnosis(), testing::small_scales(), "test", "sum"}; }

}  // namespace

TEST_CASE("every tensor has one name, and the encoder's are those of the restoration network") {
  Diagnosis<float> network(testing::small_diagnosis());
  Restoration<float> restoration({.width = 2});
  nn::StateDict other = nn::save_parameters(restoration), own = nn::save_parameters(network);
  std::size_t shared = 0;
  for (const nn::NamedTensor& entry : own.tensors) {
    CHECK(own.find(entry.name) == &entry.tensor);
    if (!entry.name.starts_with("global_encoder.")) continue;
    ++shared;
    REQUIRE(other.find(entry.name) != nullptr);
    CHECK(other.find(entry.name)->shape() == entry.tensor.shape());
  }
  CHECK(shared == 5 + 4 * 4);  // five convolutions, four batch norms of four tensors
}

TEST_CASE("the slim network has a 25th of the published one's weights") {
  Diagnosis<float> network;
  Index weights = 0;
  visit_parameters(network, [&](const std::string&, const Tensor<float>& tensor) { weights += tensor.size(); });
  CHECK(weights < 26456030 / 25);
}

TEST_CASE("gradients of the loss agree with finite differences in every tensor") {
  // Shapes are the smallest that the five halvings and two strides leave a few positions of.
  DiagnosisOptions options = testing::small_diagnosis();
  options.measurements = 6;
  Diagnosis<double> network(options);
  testing::set_formula_weights(network);
  testing::TensorList list;
  visit_parameters(network, [&](const std::string& name, Tensor<double>& tensor) {
    if (!name.ends_with("running_mean") && !name.ends_with("running_var")) list.tensors.emplace_back(name, &tensor);
  });
  const Tensor<double> measurements = formula_tensor<double>("measurements", {2, 1, 6});
  const double error = testing::worst_gradient_error(
      formula_tensor<double>("x", {2, 256, 12}), list, [&](const grad::Variable<double>& x, grad::Tape<double>& tape) {
        const auto read = network.read(network.encode(x, tape), tape.input(nn::as_sequence(measurements.view())), tape);
        return concatenate_channels(read.logits, read.attributes, tape);
      });
  CHECK(error < 1e-5);
}

TEST_CASE("a window's probabilities follow from the calibrated logits, the same for any number of threads") {
  const Diagnoser made = diagnoser();
  Workspace one(1), two(2);
  const Classification a = made.classify(window(), one), b = made.classify(window(), two);
  REQUIRE(a.reason.empty());
  REQUIRE(a.classes.size() == 4);
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(a.classes[c].logit == b.classes[c].logit);
    const DiagnosisClass& entry = made.classes()[c];
    CHECK(a.classes[c].probability ==
          doctest::Approx(1 / (1 + std::exp(-(entry.slope * a.classes[c].logit + entry.intercept)))));
    CHECK(a.classes[c].present == (a.classes[c].probability >= entry.threshold));
  }
  CHECK(a.attributes == b.attributes);
  const auto ranked = a.ranked(made.classes(), DiagnosisClass::Kind::statement);
  REQUIRE(ranked.size() == 3);
  CHECK(ranked[0].probability >= ranked[1].probability);
  CHECK(ranked[1].probability >= ranked[2].probability);
}

TEST_CASE("a window that cannot be analysed is a reason, and huge amplitudes give no NaN") {
  const Diagnoser made = diagnoser();
  Workspace workspace;
  CHECK(made.classify(Tensor<double>({5000, 12}), workspace).reason == "no R peak found");
  Tensor<double> x = window();
  x(17, 4) = std::numeric_limits<double>::quiet_NaN();
  CHECK(made.classify(x, workspace).reason == "lead aVL has invalid samples (NaN)");
  x = window();
  for (double& value : x) value *= 1e8;
  const Classification loud = made.classify(x, workspace);
  if (loud.reason.empty())
    for (const ClassProbability& entry : loud.classes) CHECK(std::isfinite(entry.probability));
}

TEST_CASE("weights go to a file's tensors and metadata and come back, and damage is named") {
  Diagnosis<float> network = testing::formula_diagnosis();
  nn::StateDict state = nn::save_parameters(network);
  set_diagnosis_scales(state, testing::small_scales());
  network.prepare();
  Workspace workspace;
  io::set_diagnosis_self_check(state, network, workspace);
  REQUIRE(io::is_diagnosis(state));
  const auto made = io::make_diagnoser(state, "w");
  REQUIRE(made);
  CHECK(made->classes()[0].name == "first, of all");
  CHECK(made->classes()[1].slope == 1.5);
  CHECK(made->classes()[3].kind == DiagnosisClass::Kind::superclass);
  CHECK(made->scales().measurements.deviation[5] == 2.0f);
  CHECK(made->scales().attribute_mean[0] == 60);
  Workspace other;
  CHECK(made->classify(window(), other).classes[2].logit == diagnoser().classify(window(), other).classes[2].logit);

  nn::StateDict damaged = state;
  for (nn::NamedTensor& entry : damaged.tensors)
    if (entry.name == "diagnosis.classes.bias") entry.tensor(0) += 0.01f;
  auto refused = io::make_diagnoser(damaged, "w");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.starts_with("w: self-check: output 0 is "));
  damaged = state;
  damaged.set_metadata("classes.slope", "1 1 -1 1");
  refused = io::make_diagnoser(damaged, "w");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "w: metadata classes.slope: is missing or does not fit the network");
  CHECK_FALSE(io::is_diagnosis(nn::StateDict()));
}

TEST_CASE("folding batch norms leaves the logits what they are") {
  const Diagnoser made = diagnoser();
  Workspace workspace;
  const Classification found = made.classify(window(), workspace);
  Diagnosis<float> folded = detail::without_batch_norm(made.network());
  folded.prepare();
  const Tensor<float> global = global_signal(found.record, Normalization::none);
  Tensor<float> measurements({1, 1, measurement_count});
  std::copy(found.measurements.begin(), found.measurements.end(), measurements.begin());
  const auto read = folded.read(
      folded.encode(nn::Sequence<const float>{global.data(), 1, global_length, standard_lead_count, 0}, workspace),
      nn::as_sequence(measurements.view()), workspace);
  for (std::size_t c = 0; c < 4; ++c)
    CHECK(static_cast<double>(read.logits.data[c]) == doctest::Approx(found.classes[c].logit).epsilon(1e-4));
}

TEST_CASE("evidence lies in the only lead that the network looks at, and where the map is not zero") {
  Diagnosis<float> network = testing::formula_diagnosis();
  Tensor<float>& first = network.encoder.front().layer.weight;  // [width][12][4]
  for (Index o = 0; o < first.shape()[0]; ++o)
    for (Index lead = 0; lead < 12; ++lead)
      for (Index k = 0; k < 4; ++k)
        if (lead != 7) first(o, lead, k) = 0;
  const Diagnoser made(std::move(network), testing::small_scales());
  Workspace workspace;
  const Classification found = made.classify(window(), workspace);
  REQUIRE(found.reason.empty());
  const EvidenceFinder finder(made);
  std::size_t stretches = 0;
  for (std::size_t c = 0; c < 4; ++c)
    for (const Finding& stretch : finder.find(found, c, {}, 3, workspace)) {
      CHECK(stretch.lead == 7);
      CHECK(stretch.from >= 0.2);
      CHECK(stretch.to <= 9.8);
      ++stretches;
    }
  CHECK(stretches > 0);
  Tensor<float> map({4800, 12});
  for (Index t = 1000; t < 2000; ++t) map(t, 7) = 1;
  for (std::size_t c = 0; c < 4; ++c)
    for (const Finding& stretch : finder.find(found, c, map, 3, workspace)) {
      CHECK(stretch.from >= 2.2);
      CHECK(stretch.to <= 4.2);
    }
}
