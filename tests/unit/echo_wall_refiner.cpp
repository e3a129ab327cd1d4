#include "systolic/echo/wall_refiner.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"
#include "systolic/nn/parameters.hpp"

using namespace systolic;
using namespace systolic::echo;

namespace {

/// Every weight 0, so that a U-Net gives its last biases everywhere.
WallRefiners<float> constant_refiners(float along) {
  WallRefiners<float> refiners;
  for (const double reach : {0.2, 0.1}) refiners.steps.emplace_back(WallStripOptions{16, reach}, 2);
  visit_parameters(refiners, [](const std::string& name, Tensor<float>& tensor) {
    std::fill(tensor.begin(), tensor.end(), name.ends_with("running_var") ? 1.0f : 0.0f);
  });
  refiners.steps[1].network.last.bias(3) = along;
  refiners.prepare();
  return refiners;
}

/// A triangle.
KeyPoints triangle() {
  KeyPoints points;
  for (std::size_t i = 0; i < chord_count; ++i) {
    const double t = (static_cast<double>(i) + 0.5) / 20;
    points[i] = {50 - 20 * t, 20 + 60 * t};
    points[key_point_count - 1 - i] = {50 + 20 * t, 20 + 60 * t};
  }
  return points;
}

}  // namespace

TEST_CASE("maps without a peak move no point; values move those of their frame along the wall") {
  Tensor<std::uint8_t> image({100, 100});
  Workspace workspace;
  const std::array<KeyPoints, 2> contours = {triangle(), triangle()};
  const auto same = refine(constant_refiners(0), {image.data(), image.data()}, 100, 100, contours, workspace);
  for (std::size_t k = 0; k < key_point_count; ++k) {
    CHECK(distance(same[0][k], contours[0][k]) < 1e-4);
    CHECK(distance(same[1][k], contours[1][k]) < 1e-4);
  }
  const auto moved = refine(constant_refiners(0.5f), {image.data(), image.data()}, 100, 100, contours, workspace);
  for (std::size_t k = 4; k < 16; ++k) {
    CHECK(distance(moved[0][k], contours[0][k]) < 1e-4);
    // Half of the strip's reach, a tenth of the length, up the septum.
    const Point step = moved[1][k] - contours[1][k];
    CHECK(length(step) == doctest::Approx(0.5 * 0.1 * 57).epsilon(1e-4));
    CHECK(dot(step, unit(Point{20, -60})) == doctest::Approx(length(step)).epsilon(1e-4));
  }
  const auto untouched = refine({}, {image.data(), image.data()}, 100, 100, contours, workspace);
  CHECK(untouched == contours);
}

TEST_CASE("parameters are named by step; prepared and unprepared networks agree") {
  WallRefiners<float> refiners = constant_refiners(0);
  std::array<Index, 2> counts{};
  visit_parameters(refiners, [&](const std::string& name, Tensor<float>& tensor) {
    REQUIRE((name.starts_with("refiner.0.") || name.starts_with("refiner.1.")));
    ++counts[name[8] == '0' ? 0 : 1];
    tensor = formula_tensor(name, tensor.shape());
    for (float& value : tensor) value = name.ends_with("running_var") ? value + 1.5f : 0.3f * value;
  });
  CHECK(counts[0] > 0);
  CHECK(counts[0] == counts[1]);
  const auto columns = strip_columns_of_key_points();
  const auto x = formula_tensor("x", {1, 16, strip_columns, 2});
  Workspace workspace;
  const WallRefiner<float>& second = refiners.steps[1];
  WallRefiner<float> plain({16, 0.1}, 2);
  const nn::StateDict state = nn::save_parameters(refiners);
  visit_parameters(plain.network,
                   [&](const std::string& name, Tensor<float>& tensor) { tensor = *state.find("refiner.1." + name); });
  refiners.prepare();
  const auto fast = run_refiner(second, nn::as_image(x.view()), columns, workspace);
  const auto naive = run_refiner(plain, nn::as_image(x.view()), columns, workspace);
  REQUIRE(fast.length == 80);
  for (Index i = 0; i < 160; ++i) CHECK(fast.data[i] == doctest::Approx(naive.data[i]).epsilon(1e-4));
}
