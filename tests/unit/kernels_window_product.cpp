#include "systolic/kernels/window_product.hpp"

#include <doctest/doctest.h>

#include "systolic/core/formula.hpp"

using namespace systolic;
using kernels::Triple;

namespace {

struct Case {
  Index in, out;
  Triple size, kernel, stride, padding;
};

// Few and many columns, even and odd numbers of windows, no window but the image itself.
const std::vector<Case> cases = {
    {3, 5, {2, 9, 11}, {2, 3, 3}, {1, 2, 1}, {0, 1, 1}}, {4, 8, {1, 6, 8}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}},
    {2, 8, {3, 7, 9}, {3, 3, 3}, {1, 1, 2}, {1, 1, 2}},  {1, 3, {1, 8, 8}, {1, 5, 4}, {1, 1, 2}, {0, 2, 1}},
    {7, 40, {2, 4, 6}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}}, {5, 8, {2, 4, 6}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},
};

kernels::WindowRows windows_of(const Case& c) {
  kernels::WindowRows w;
  w.size = c.size;
  w.kernel = c.kernel;
  w.stride = c.stride;
  w.padding = c.padding;
  w.channels = c.in;
  return w.with_all_outputs();
}

double worst(const Tensor<float>& a, const Tensor<float>& b) {
  double result = 0;
  for (Index i = 0; i < a.size(); ++i)
    result = std::max(result, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
  return result;
}

}  // namespace

TEST_CASE("added to what is there, then a slope, then scale and shift, on any number of threads") {
  for (const Case& c : cases) {
    const kernels::WindowRows w = windows_of(c);
    const Index pixels = w.lines() * w.outputs[2];
    const auto x = formula_tensor("x", {2, c.size[0] * c.size[1] * c.size[2], c.in});
    const auto weight = formula_tensor("w", {c.out, c.in, c.kernel[0], c.kernel[1], c.kernel[2]});
    const auto start = formula_tensor("start", {2, pixels, c.out}), scale = formula_tensor("scale", {c.out}),
               shift = formula_tensor("shift", {c.out});
    Tensor<float> expected({2, pixels, c.out});
    for (Index b = 0; b < 2; ++b)
      kernels::conv3d_reference<float>(x.data() + b * x.size() / 2, c.size, c.in, weight.data(), nullptr, c.kernel,
                                       c.stride, c.padding, {1, 1, 1}, c.out, w.outputs,
                                       expected.data() + b * expected.size() / 2);
    for (Index i = 0; i < expected.size(); ++i) {
      const float sum = expected.data()[i] + start.data()[i];
      expected.data()[i] = (sum > 0 ? sum : 0.2f * sum) * scale(i % c.out) + shift(i % c.out);
    }
    const auto weights = kernels::window_weights(weight.data(), c.out, c.in, c.kernel, c.stride[2]);
    const auto run = [&](int threads) {
      Tensor<float> y = start;
      kernels::WindowProduct<float> product;
      product.windows = w;
      product.x = x.data();
      product.batch = 2;
      product.weights = &weights;
      product.add = true;
      product.slope = 0.2f;
      product.scale = scale.data();
      product.shift = shift.data();
      product.set_dense(y.data());
      Workspace workspace(threads);
      kernels::window_product(product, workspace);
      return y;
    };
    CHECK(worst(run(1), expected) < 1e-5);
    CHECK(worst(run(1), run(3)) == 0);
  }
}

TEST_CASE("the adjoint: the same sum of products from both sides; a bias where no window reaches") {
  for (const Case& c : cases) {
    const kernels::WindowRows w = windows_of(c);
    const Index pixels = c.size[0] * c.size[1] * c.size[2], outputs = w.lines() * w.outputs[2];
    const auto x = formula_tensor<double>("x", {pixels, c.in}), y = formula_tensor<double>("y", {outputs, c.out}),
               weight = formula_tensor<double>("w", {c.out, c.in, c.kernel[0], c.kernel[1], c.kernel[2]}),
               bias = formula_tensor<double>("b", {c.in});
    Tensor<double> forward({outputs, c.out}), back({pixels, c.in});
    kernels::conv3d_reference<double>(x.data(), c.size, c.in, weight.data(), nullptr, c.kernel, c.stride, c.padding,
                                      {1, 1, 1}, c.out, w.outputs, forward.data());
    std::vector<kernels::WindowWeights<double>> weights;
    for (const kernels::WindowPhase& phase : kernels::window_phases(w))
      weights.push_back(kernels::phase_weights(weight.data(), c.out, c.in, c.kernel, phase));
    Workspace workspace(2);
    kernels::window_adjoint<double>(w, weights, y.data(), 1, c.out, c.in, bias.data(), 1, false, back.data(),
                                    workspace);
    double left = 0, right = 0;
    for (Index i = 0; i < forward.size(); ++i) left += forward.data()[i] * y.data()[i];
    for (Index i = 0; i < back.size(); ++i) right += (back.data()[i] - bias(i % c.in)) * x.data()[i];
    CHECK(left == doctest::Approx(right).epsilon(1e-12));
  }
}
