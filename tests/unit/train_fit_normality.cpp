#include "systolic/train/fit_normality.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "systolic/core/formula.hpp"
#include "systolic/ecg/normality_tensors.hpp"

using namespace systolic;
using namespace systolic::train;

namespace {

constexpr std::array<Index, feature_group_names.size()> counts = {4, 6, 6, 3, 3};

/// Recordings whose features are sums of a few uniform numbers; the first measurement grows with age.
std::vector<NormalExample> examples(Index count) {
  const std::uint64_t stream = formula_stream("examples");
  std::uint64_t next = 0;
  const auto noise = [&] {
    float sum = 0;
    for (int k = 0; k < 3; ++k) sum += formula_unit(stream, next++);
    return sum;
  };
  std::vector<NormalExample> result;
  for (Index i = 0; i < count; ++i) {
    NormalExample example;
    example.age = 20 + static_cast<double>(i % 70);
    for (std::size_t g = 0; g < counts.size(); ++g)
      for (Index k = 0; k < counts[g]; ++k) example.features[g].push_back(noise() * static_cast<float>(k + 1));
    example.features[0][0] = static_cast<float>(*example.age) / 20 + 0.3f * noise();
    result.push_back(example);
  }
  return result;
}

NormalityOptions few_components() {
  NormalityOptions options;
  options.t_components = options.qrs_components = 2;
  return options;
}

}  // namespace

TEST_CASE("among the recordings that it was fitted on, every part has mean 0 and deviation 1") {
  const std::vector<NormalExample> normal = examples(400);
  const auto model = fit_normality(normal, few_components());
  REQUIRE(model);
  CHECK(systolic::detail::normality_problem(*model, counts) == "");
  std::array<double, 6> sum{}, squares{};
  for (const NormalExample& example : normal) {
    const NormalityScore found = score_normality(*model, example.features);
    for (std::size_t part = 0; part < 6; ++part) {
      sum[part] += found.parts[part] / 400;
      squares[part] += found.parts[part] * found.parts[part] / 400;
    }
  }
  for (std::size_t part = 0; part < 6; ++part) {
    CHECK(sum[part] == doctest::Approx(0).epsilon(1e-3).scale(1));
    CHECK(squares[part] == doctest::Approx(1).epsilon(1e-3));
  }
}

TEST_CASE("the age part follows age, and each distance what is unusual in its group") {
  std::vector<NormalExample> normal = examples(400);
  const auto model = fit_normality(normal, few_components());
  REQUIRE(model);
  ScoreFeatures young = normal[0].features, old = young;
  young[0][0] = 1;
  old[0][0] = 4;
  CHECK(score_normality(*model, old).parts[age_part] > score_normality(*model, young).parts[age_part] + 1);
  const NormalityScore usual = score_normality(*model, normal[0].features);
  ScoreFeatures strange = normal[0].features;
  strange[static_cast<std::size_t>(FeatureGroup::latent)][1] = 30;
  const NormalityScore found = score_normality(*model, strange);
  CHECK(found.parts[4] > usual.parts[4] + 1);
  CHECK(found.score > usual.score);
  CHECK(found.parts[2] == usual.parts[2]);
}

TEST_CASE("the same recordings give the same model, bit for bit") {
  const auto a = fit_normality(examples(120), few_components()), b = fit_normality(examples(120), few_components());
  REQUIRE(a);
  REQUIRE(b);
  nn::StateDict first, second;
  set_normality(first, *a);
  set_normality(second, *b);
  REQUIRE(first.tensors.size() == second.tensors.size());
  for (std::size_t i = 0; i < first.tensors.size(); ++i)
    CHECK(std::memcmp(first.tensors[i].tensor.data(), second.tensors[i].tensor.data(),
                      sizeof(float) * static_cast<std::size_t>(first.tensors[i].tensor.size())) == 0);
}

TEST_CASE("without ages there is no age in the score; with too few recordings no score") {
  std::vector<NormalExample> normal = examples(100);
  for (NormalExample& example : normal) example.age.reset();
  const auto model = fit_normality(normal, few_components());
  REQUIRE(model);
  CHECK(systolic::detail::normality_problem(*model, counts) == "");
  CHECK(model->parts(5, 2) == 0);
  CHECK_FALSE(fit_normality(examples(49)));
}

TEST_CASE("features that never change, or were never measured, do no harm") {
  std::vector<NormalExample> normal = examples(80);
  for (NormalExample& example : normal) {
    example.features[0][1] = 7;
    example.features[3][0] = std::numeric_limits<float>::quiet_NaN();
  }
  const auto model = fit_normality(normal, few_components());
  REQUIRE(model);
  CHECK(systolic::detail::normality_problem(*model, counts) == "");
  CHECK(std::isfinite(score_normality(*model, normal[3].features).score));
}

TEST_CASE("quantiles of the standard normal distribution") {
  CHECK(train::detail::normal_quantile(0.5) == doctest::Approx(0).scale(1));
  CHECK(train::detail::normal_quantile(0.975) == doctest::Approx(1.959963985));
  CHECK(train::detail::normal_quantile(0.02) == doctest::Approx(-2.053748911));
}
