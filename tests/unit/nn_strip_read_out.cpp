#include "systolic/nn/strip_read_out.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::nn;

TEST_CASE("steps are means of place and value under the softmax of a column") {
  const Index rows = 6, columns = 5;
  const auto x = formula_tensor<double>("x", {2, rows, columns, 4});
  const std::vector<Index> chosen = {3, 0};
  Workspace workspace;
  const auto steps = strip_steps(as_image(x.view()), chosen, workspace);
  REQUIRE(steps.batch == 2);
  REQUIRE(steps.length == 4);
  REQUIRE(steps.channels == 2);
  for (Index b = 0; b < 2; ++b)
    for (Index pair = 0; pair < 2; ++pair)
      for (Index k = 0; k < 2; ++k) {
        double sum = 0, across = 0, along = 0;
        for (Index r = 0; r < rows; ++r) {
          const auto at = [&](Index c) {
            return x.data()[((b * rows + r) * columns + chosen[static_cast<std::size_t>(k)]) * 4 + c];
          };
          const double p = std::exp(at(2 * pair));
          sum += p;
          across += p * (-1 + (2 * static_cast<double>(r) + 1) / static_cast<double>(rows));
          along += p * at(2 * pair + 1);
        }
        const double* step = steps.item(b) + 2 * (2 * pair + k);
        CHECK(step[0] == doctest::Approx(across / sum).epsilon(1e-12));
        CHECK(step[1] == doctest::Approx(along / sum).epsilon(1e-12));
      }
}

TEST_CASE("large logits choose a row") {
  Tensor<float> x({1, 8, 1, 2});
  x.data()[2 * 6] = 1e4f;
  x.data()[2 * 6 + 1] = 0.25f;
  Workspace workspace;
  const auto steps = strip_steps(as_image(std::as_const(x).view()), {0}, workspace);
  CHECK(steps.data[0] == doctest::Approx(strip_place<float>(6, 8)));
  CHECK(steps.data[1] == 0.25f);
  CHECK(strip_place<double>(0, 8) == -strip_place<double>(7, 8));
}

TEST_CASE("points take steps") {
  const Tensor<double> bases({1, 1, 6}, {1, 2, 0.5, 0, 0, -2}), steps({1, 1, 2}, {4, 3});
  Tensor<double> y({1, 1, 2});
  take_steps<double>(as_sequence(bases.view()), as_sequence(steps.view()), as_sequence(y.view()));
  CHECK(y.data()[0] == 3);
  CHECK(y.data()[1] == -4);
}
