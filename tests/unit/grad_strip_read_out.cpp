#include "systolic/grad/strip_read_out.hpp"

#include <doctest/doctest.h>

#include "support/gradients.hpp"
#include "systolic/core/formula.hpp"

using namespace systolic;
using namespace systolic::grad;

TEST_CASE("gradients of steps read from strips, and of points that take them") {
  const nn::ImageExtent extent{1, 5, 4};
  const std::vector<Index> columns = {2, 0, 3};
  const auto bases = formula_tensor<double>("bases", {2, 6, 6});
  const auto x = formula_tensor<double>("x", {2, extent.count(), 4});
  CHECK(testing::worst_gradient_error(x, {}, [&](const Variable<double>& pixels, Tape<double>& tape) {
          return strip_steps(ImageVariable<double>{pixels, extent}, columns, tape);
        }) < 1e-6);
  CHECK(testing::worst_gradient_error(x, {}, [&](const Variable<double>& pixels, Tape<double>& tape) {
          const auto steps = strip_steps(ImageVariable<double>{pixels, extent}, columns, tape);
          return take_steps<double>(nn::as_sequence(bases.view()), steps, tape);
        }) < 1e-6);
}
