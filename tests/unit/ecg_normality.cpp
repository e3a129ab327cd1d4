#include "systolic/ecg/normality.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "systolic/ecg/normality_tensors.hpp"

using namespace systolic;

namespace {

constexpr std::array<Index, feature_group_names.size()> counts = {2, 3, 3, 1, 2};

Tensor<float> tensor(const Shape& shape, std::initializer_list<float> values) {
  Tensor<float> result(shape);
  REQUIRE(static_cast<Index>(values.size()) == result.size());
  std::copy(values.begin(), values.end(), result.begin());
  return result;
}

/// A model that can be followed by hand: knots at -1, 0, 1 for every value, distances around 0 without correlation.
NormalityModel small_model() {
  NormalityModel model;
  model.normal_quantiles = tensor({3}, {-1, 0, 1});
  std::array<Index, 5> values = counts;
  for (std::size_t g = 0; g < values.size(); ++g) {
    FeatureScale& scale = model.scales[g];
    if (g == 1 || g == 2) {
      scale.center = tensor({3}, {1, 0, 0});
      scale.basis = tensor({1, 3}, {0, 1, 0});
      values[g] = 2;
    }
    scale.knots = Tensor<float>(Shape{values[g], 3});
    scale.tail = Tensor<float>(Shape{values[g]});
    for (Index i = 0; i < values[g]; ++i) {
      for (Index k = 0; k < 3; ++k) scale.knots(i, k) = static_cast<float>(k - 1);
      scale.tail.data()[i] = 2;
    }
  }
  const auto size = [&](std::size_t part) {
    Index sum = 0;
    for (std::size_t g = 0; g < values.size(); ++g) sum += part_groups[part][g] ? values[g] : 0;
    return sum;
  };
  for (std::size_t part = 0; part < distance_parts; ++part) {
    model.distances[part].mean = Tensor<float>(Shape{size(part)});
    model.distances[part].whitening = Tensor<float>(Shape{size(part), size(part)});
    for (Index i = 0; i < size(part); ++i) model.distances[part].whitening(i, i) = 1;
  }
  model.age = Tensor<float>(Shape{size(age_part)});
  model.age.data()[0] = 10;
  model.parts = tensor({6, 3}, {0, 1, 1, 0, 2, 1, 0, 1, 0, 0, 1, 0, 1, 1, 3, 40, 5, 0.5f});
  return model;
}

ScoreFeatures features() { return {{{0.5f, 3}, {1, 0, 1}, {1, 2, 0}, {-1}, {0, 4}}}; }

}  // namespace

TEST_CASE("a value becomes the one that is as usual among standard normal ones") {
  const Tensor<float> z = tensor({5}, {-2, -1, 0, 1, 2});
  const float knots[] = {0, 1, 1, 1, 3};
  CHECK(standard_value(0, knots, z, 1) == -2);
  CHECK(standard_value(0.5, knots, z, 1) == doctest::Approx(-1.5));
  CHECK(standard_value(1, knots, z, 1) == 0);  // a tie: the mean of its places
  CHECK(standard_value(2, knots, z, 1) == doctest::Approx(1.5));
  CHECK(standard_value(3, knots, z, 1) == 2);
  CHECK(standard_value(4, knots, z, 0.5) == 4);  // linear beyond, in units of the tail
  CHECK(standard_value(-1, knots, z, 0.5) == -4);
  CHECK(standard_value(1e30, knots, z, 1) == largest_standard_value);
  CHECK(standard_value(-1e30, knots, z, 1) == -largest_standard_value);
  CHECK(standard_value(std::numeric_limits<double>::quiet_NaN(), knots, z, 1) == 0);
  CHECK(standard_value(std::numeric_limits<double>::infinity(), knots, z, 1) == 0);
}

TEST_CASE("a shape becomes its coordinates and the logarithm of what they leave") {
  const FeatureScale scale = small_model().scales[1];
  const std::vector<double> found = project(scale, {1, 3, 2});
  REQUIRE(found.size() == 2);
  CHECK(found[0] == 3);
  CHECK(found[1] == doctest::Approx(std::log(4 + 1e-6)));
}

TEST_CASE("the score of a model that can be followed by hand") {
  const NormalityScore found = score_normality(small_model(), features());
  // measurements 0.5 and 2 (3 lies 2 beyond the last knot, a tail of 2); T shape 0 and log(1 + 1e-6) = 0;
  // QRS shape 2 -> 1.5 and log(1e-6) -> -1 - (13.8155 - 1) / 2; restoration -1; latent 0 and 1 + 3 / 2
  const double qrs = -1 - (-std::log(1e-6) - 1) / 2;
  CHECK(found.parts[0] == doctest::Approx(std::log(0.25 + 4)).epsilon(1e-5));
  CHECK(found.parts[1] == doctest::Approx(std::log(1e-9) / 2).epsilon(1e-3));
  CHECK(found.parts[2] == doctest::Approx(std::log(1.5 * 1.5 + qrs * qrs)).epsilon(1e-5));
  CHECK(found.parts[3] == doctest::Approx(0).epsilon(1e-5));
  CHECK(found.parts[4] == doctest::Approx(std::log(2.5 * 2.5) - 1).epsilon(1e-5));
  CHECK(found.parts[5] == doctest::Approx((10 * 0.5 - 40) / 5));
  CHECK(found.score ==
        doctest::Approx(found.parts[0] + found.parts[1] + 3 * found.parts[4] + 0.5 * found.parts[5]).epsilon(1e-9));
}

TEST_CASE("what was not measured counts as usual, and nothing makes the score infinite") {
  ScoreFeatures missing = features();
  missing[0] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  CHECK(score_normality(small_model(), missing).parts[5] == doctest::Approx(-8));
  for (auto& group : missing) std::fill(group.begin(), group.end(), std::numeric_limits<float>::quiet_NaN());
  CHECK(std::isfinite(score_normality(small_model(), missing).score));
  for (auto& group : missing) std::fill(group.begin(), group.end(), 1e30f);
  CHECK(std::isfinite(score_normality(small_model(), missing).score));
}

TEST_CASE("a model goes through a file's tensors") {
  nn::StateDict state;
  state.tensors.push_back({"network.weight", Tensor<float>({2})});
  set_normality(state, small_model());
  set_normality(state, small_model());  // replaces
  const auto found = find_normality(state, counts, "w");
  REQUIRE(found);
  REQUIRE(*found);
  CHECK(score_normality(**found, features()).score == score_normality(small_model(), features()).score);
  CHECK(state.find("network.weight") != nullptr);
}

TEST_CASE("a file without the score has none, and a damaged one is refused") {
  nn::StateDict none;
  REQUIRE(find_normality(none, counts, "w"));
  CHECK_FALSE(*find_normality(none, counts, "w"));

  nn::StateDict whole;
  set_normality(whole, small_model());
  const auto problem = [&](const auto& damage, std::array<Index, 5> sizes = counts) {
    nn::StateDict state = whole;
    damage(state);
    const auto found = find_normality(state, sizes, "w.safetensors");
    return found ? std::string() : found.error().message;
  };
  const auto change = [](nn::StateDict& state, std::string_view name) -> Tensor<float>& {
    for (nn::NamedTensor& entry : state.tensors)
      if (entry.name == name) return entry.tensor;
    FAIL("no tensor of that name");
    return state.tensors.front().tensor;
  };
  CHECK(problem([](nn::StateDict&) {}) == "");
  for (const nn::NamedTensor& entry : whole.tensors) {
    CAPTURE(entry.name);
    const std::string& name = entry.name;
    const std::string missing = problem([&](nn::StateDict& state) {
      std::erase_if(state.tensors, [&](const nn::NamedTensor& other) { return other.name == name; });
    });
    CHECK(missing.find("w.safetensors: combined score: score.") == 0);
    CHECK_FALSE(problem([&](nn::StateDict& state) { change(state, name) = Tensor<float>({7, 7}); }).empty());
    CHECK_FALSE(problem([&](nn::StateDict& state) {
                  change(state, name).data()[0] = std::numeric_limits<float>::quiet_NaN();
                }).empty());
  }
  CHECK_FALSE(problem([&](nn::StateDict& state) { change(state, "score.measurements.knots").data()[0] = 5; }).empty());
  CHECK_FALSE(problem([&](nn::StateDict& state) { change(state, "score.latent.tail").data()[0] = 0; }).empty());
  CHECK_FALSE(problem([&](nn::StateDict& state) { change(state, "score.parts").data()[1] = 0; }).empty());
  CHECK_FALSE(problem([](nn::StateDict&) {}, {2, 3, 3, 1, 7}).empty());  // another network's latents
}
