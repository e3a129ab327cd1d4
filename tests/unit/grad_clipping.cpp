#include "systolic/grad/clipping.hpp"

#include <doctest/doctest.h>

using namespace systolic;

namespace {

struct Pair {
  Tensor<float> a{Shape{2}, {1.0f, 2.0f}}, b{Shape{1}, {3.0f}};
};
template <class Visitor>
void visit_parameters(Pair& model, Visitor&& visitor) {
  visitor("a", model.a);
  visitor("b.running_mean", model.b);
}

}  // namespace

TEST_CASE("a gradient is shortened to the limit, and only when it is longer") {
  Pair model;
  grad::Parameters<float> parameters(model);
  Tensor<float>& gradient = parameters.find(model.a)->gradient;
  gradient(0) = 3;
  gradient(1) = -4;
  CHECK(grad::clip_gradient_norm(parameters, 10) == 5);
  CHECK(gradient(1) == -4);
  CHECK(grad::clip_gradient_norm(parameters, 1) == 5);
  CHECK(gradient(0) == doctest::Approx(0.6));
  CHECK(gradient(1) == doctest::Approx(-0.8));
}

TEST_CASE("a moving average follows the values, statistics included, and can be exchanged with them") {
  Pair model;
  grad::Parameters<float> parameters(model);
  grad::MovingAverage<float> average(parameters, 0.5);
  model.a(0) = 2;
  model.b(0) = 4;
  average.update(0);  // decay 1 / 10: early values are forgotten quickly
  average.swap();
  CHECK(model.a(0) == doctest::Approx(1.9));
  CHECK(model.b(0) == doctest::Approx(3.9));
  average.swap();
  CHECK(model.a(0) == 2);
  model.a(0) = 4;
  average.update(1000);  // decay 1 / 2
  average.swap();
  CHECK(model.a(0) == doctest::Approx(2.95));
}
