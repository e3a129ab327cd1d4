#include "systolic/train/node_differences.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::train;

TEST_CASE("pairs lead from frame to frame and along one side of a frame") {
  const auto motion = motion_pairs();
  REQUIRE(motion.size() == 40);
  CHECK(motion[39] == NodePair{39, 79});
  const auto shape = shape_pairs();
  REQUIRE(shape.size() == 4 * 17);
  CHECK(shape[16] == NodePair{16, 19});
  CHECK(shape[17] == NodePair{20, 23});
}

TEST_CASE("differences of nodes") {
  const auto x = formula_tensor("x", {2, 80, 2});
  Tensor<float> y({2, 40, 2});
  subtract_nodes(nn::as_sequence(x.view()), motion_pairs(), nn::as_sequence(y.view()));
  CHECK(y(1, 5, 1) == x(1, 45, 1) - x(1, 5, 1));
}
