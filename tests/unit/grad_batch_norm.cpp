#include "systolic/grad/batch_norm.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"

using namespace systolic;

namespace {

constexpr Index batch = 3, length = 40, channels = 5;

/// Values about `level`, each item about another one.
Tensor<float> values_about(float level) {
  auto x = formula_tensor("x", {batch, length, channels});
  for (Index i = 0; i < x.size(); ++i) x.data()[i] += level + static_cast<float>(i / (length * channels));
  return x;
}

}  // namespace

TEST_CASE("moments of items, joined, are those of the batch, far from zero too") {
  const auto x = values_about(1000);
  const nn::BatchNorm1d<float> layer(channels);
  const auto statistics = grad::measure<float>(layer, nn::as_sequence(x.view()), nullptr, nullptr, 2);
  for (Index c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (Index i = c; i < x.size(); i += channels) sum += static_cast<double>(x.data()[i]);
    const double mean = sum / (batch * length);
    for (Index i = c; i < x.size(); i += channels) {
      const double away = static_cast<double>(x.data()[i]) - mean;
      squares += away * away;
    }
    const auto number = static_cast<std::size_t>(c);
    CHECK(static_cast<double>(statistics.mean[number]) == doctest::Approx(mean).epsilon(1e-7));
    CHECK(
        static_cast<double>(statistics.inverse_spread[number]) ==
        doctest::Approx(1 / std::sqrt(squares / (batch * length) + static_cast<double>(layer.epsilon))).epsilon(1e-4));
  }
}

TEST_CASE("running statistics move by the momentum towards mean and unbiased variance") {
  const auto x = values_about(0);
  nn::BatchNorm1d<float> layer(channels);
  const auto statistics =
      grad::measure<float>(layer, nn::as_sequence(x.view()), layer.running_mean.data(), layer.running_var.data(), 1);
  const double count = batch * length;
  for (Index c = 0; c < channels; ++c) {
    const auto number = static_cast<std::size_t>(c);
    const double spread = 1 / static_cast<double>(statistics.inverse_spread[number]);
    const double variance = (spread * spread - static_cast<double>(layer.epsilon)) * count / (count - 1);
    const double momentum = static_cast<double>(layer.momentum);
    CHECK(static_cast<double>(layer.running_mean(c)) ==
          doctest::Approx(momentum * static_cast<double>(statistics.mean[number])).epsilon(1e-5));
    CHECK(static_cast<double>(layer.running_var(c)) ==
          doctest::Approx(1 - momentum + momentum * variance).epsilon(1e-5));
  }
}

TEST_CASE("a gradient passed back has no mean and nothing along x, whatever came in") {
  const auto x = values_about(2);
  const nn::BatchNorm1d<float> layer(channels);
  const auto view = nn::as_sequence(x.view());
  const auto statistics = grad::measure<float>(layer, view, nullptr, nullptr, 1);
  auto gradient = formula_tensor("dz", {batch, length, channels});
  const auto dz = nn::as_sequence<float>(gradient.view());
  const grad::NormGradient<float> norm(statistics, {}, view, dz, nullptr, nullptr, 1);
  norm.pass_back_all(view, dz, 1);
  for (Index c = 0; c < channels; ++c) {
    double sum = 0, along = 0;
    for (Index i = c; i < x.size(); i += channels) {
      sum += static_cast<double>(gradient.data()[i]);
      along += static_cast<double>(gradient.data()[i]) *
               static_cast<double>(x.data()[i] - statistics.mean[static_cast<std::size_t>(c)]);
    }
    CHECK(std::abs(sum) < 1e-3);
    CHECK(std::abs(along) < 1e-3);
  }
}
