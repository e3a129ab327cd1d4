#include "systolic/echo/contour_network.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::echo;

TEST_CASE("the contour network gives 80 points and a fraction, prepared or not, with either read-out") {
  for (const Index features : {0, 12}) {
    CAPTURE(features);
    ContourNetworkOptions options;
    options.frames = 6;
    options.size = 24;
    options.encoder = {1, {3, 4, 5, 6}, 1};
    options.features = features;
    options.decoder = {4, 6};
    ContourNetwork<float> network(options);
    visit_parameters(network, [](const std::string& name, Tensor<float>& tensor) {
      tensor = formula_tensor(name, tensor.shape());
      for (float& value : tensor) value = name.ends_with("running_var") ? value + 1.5f : 0.3f * value;
    });
    const auto clip = formula_tensor("clip", {2, 6, 24, 24, 1});
    const nn::Image<float> x{{const_cast<float*>(clip.data()), 2, 6 * 24 * 24, 1, 0}, {6, 24, 24}};
    Workspace workspace;
    const auto plain = run_network(network, x, workspace);
    CHECK(plain.points.batch == 2);
    CHECK(plain.points.length == 80);
    CHECK(plain.points.channels == 2);
    CHECK(plain.fraction.channels == 1);
    network.prepare();
    const auto fast = run_network(network, x, workspace);
    for (Index i = 0; i < 2 * 160; ++i)
      REQUIRE(fast.points.data[i] == doctest::Approx(plain.points.data[i]).epsilon(1e-4));
    for (Index i = 0; i < 2; ++i) CHECK(fast.fraction.data[i] == doctest::Approx(plain.fraction.data[i]).epsilon(1e-4));
  }
}
